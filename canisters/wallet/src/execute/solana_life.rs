//! Many payments on Solana at once, with everything that can go wrong drawn by chance: whatever happens, each is made at most once.
//!
//! - What it does: from a printed seed it draws proposals of two accounts, runs whose calls meet every fate, upgrades, time, transactions that land, are lost or
//!   become final, nodes that forget or disagree. After every step it looks at the chain.
//! - Every payment has an amount of its own, by which the chain tells how often it was made.

use super::life::dice::Dice;
use super::solana_tests::{own, prepared, send};
use crate::chain::solana::TransactionId;
use crate::chain::solana::tests::stage::plain;
use crate::chain::solana::tests::wire::Wire;
use crate::intent::RawIntent;
use crate::proposal::{ProposalId, StageView};
use crate::runtime::CallError;
use crate::runtime::fake::Fate;
use crate::scene::{Scene, policy};
use canister_kit::Environment;
use canister_kit::encoding::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

const LIVES: u64 = 40;
const STEPS: u64 = 250;

/// What the amounts of proposals begin with.
const BASE: u64 = 1_000_000;

/// Who signs, and the nonce's value.
type Nonce = ([u8; 32], [u8; 32]);

struct Life {
    scene: Scene,
    dice: Dice,
    proposals: u64,
    requests: u64,
    ended: BTreeMap<u64, StageView>,
}

fn fate(dice: &mut Dice) -> Fate {
    let error = |code| CallError::new(code, "as the dice fell");
    match dice.below(14) {
        0 => Fate::Rejected(error(2)),
        1 => Fate::Rejected(error(5)),
        2 => Fate::AnswerLost(error(6)),
        3 => Fate::EffectAndSilence,
        4 => Fate::Silence,
        _ => Fate::Answered,
    }
}

/// The amount that a transaction pays, unless it only opens a nonce account.
fn amount(wire: &Wire) -> Option<u64> {
    let spends = wire.calls[0].data == [4, 0, 0, 0];
    let last = wire.calls.last()?;
    spends.then(|| u64::from_le_bytes(last.data[4..12].try_into().unwrap()))
}

impl Life {
    fn new(seed: u64) -> Self {
        // Runs that are interrupted give nothing of what they were admitted to back.
        let scene = Scene::with_budget(Environment::Local, u128::MAX / 4);
        let scene = prepared(scene, policy());
        let other = own(&scene, 1);
        scene
            .world
            .solana
            .borrow_mut()
            .put(other, plain(2_000_000_000));
        Self {
            scene,
            dice: Dice::new(seed),
            proposals: 0,
            requests: 0,
            ended: BTreeMap::new(),
        }
    }

    fn step(&mut self) {
        let chance = self.dice.below(100);
        let fates: Vec<Fate> = (0..self.dice.below(12))
            .map(|_| fate(&mut self.dice))
            .collect();
        let going_on: Vec<u64> = (1..=self.proposals)
            .filter(|id| !self.ended.contains_key(id))
            .collect();
        let some = match going_on.is_empty() {
            true => 1,
            false => self.dice.one_of(&going_on),
        };
        match chance {
            0..10 => self.propose(),
            10..30 => {
                *self.scene.world.fates.borrow_mut() = fates.into();
                self.execute(some);
            }
            30..60 => {
                *self.scene.world.fates.borrow_mut() = fates.into();
                self.scene.resume(2, some).ok();
            }
            60..75 => self.scene.world.solana.borrow_mut().land(),
            75..85 => self.scene.world.solana.borrow_mut().finalize(),
            85..88 => self.scene.world.solana.borrow_mut().pool.clear(),
            88..91 => self.scene.world.solana.borrow_mut().height += self.dice.below(200),
            91..93 => {
                let disagrees = self.dice.percent(30);
                self.scene.world.solana.borrow_mut().disagrees = disagrees;
            }
            93..96 => self.scene.upgrade(),
            _ => self
                .scene
                .world
                .world
                .pass(self.dice.below(1_000) * Timestamp::SECOND),
        }
        self.scene.world.fates.borrow_mut().clear();
        self.scene.world.world.pass(20 * Timestamp::SECOND);
    }

    fn propose(&mut self) {
        // Two wait for each account's nonce at most, so that each gets on.
        if self.proposals >= self.ended.len() as u64 + 4 {
            return;
        }
        let mut intent = send(BASE + self.proposals + 1);
        if let RawIntent::SolTransfer(transfer) = &mut intent {
            transfer.from_index = self.dice.below(2) as u32;
        }
        // No other call of the scene has such a request id.
        let request = self.proposals as u8 + 50;
        if self.scene.propose(1, request, 1, intent).is_ok() {
            self.proposals += 1;
        }
    }

    fn execute(&mut self, id: u64) {
        self.requests += 1;
        let caller = self.scene.call_as(1);
        let request = [b"run", &self.requests.to_be_bytes()[..]].concat();
        let begun = super::begin(
            &mut self.scene.kit.borrow_mut(),
            &self.scene.world,
            caller,
            request,
            ProposalId::new(id),
        );
        if let Ok(super::Started::Run(run)) = begun {
            crate::scene::at_once(super::drive(&self.scene, &self.scene.world, run));
        }
    }

    /// Nothing was paid twice, nothing that ended changes, and what members see is what the chain has.
    fn look(&mut self) {
        let chain = self.scene.world.solana.borrow();
        let mut signed: BTreeMap<Nonce, BTreeSet<Vec<u8>>> = BTreeMap::new();
        let mut paid: BTreeMap<u64, u32> = BTreeMap::new();
        let mut counted = BTreeSet::new();
        for wire in &chain.seen {
            let Some(amount) = amount(wire) else { continue };
            let nonce = (wire.signers[0], wire.recent);
            signed
                .entry(nonce)
                .or_default()
                .insert(wire.message.clone());
            let id = TransactionId(wire.signatures[0]);
            let landed = chain.statuses.get(&id).is_some_and(|it| it.succeeded);
            if landed && counted.insert(id) {
                *paid.entry(amount).or_default() += 1;
            }
        }
        assert!(
            signed.values().all(|messages| messages.len() == 1),
            "one nonce, one payment"
        );
        assert!(
            paid.values().all(|times| *times == 1),
            "paid twice: {paid:?}"
        );
        let received: u64 = paid.keys().sum();
        assert_eq!(chain.lamports(&super::solana_tests::to()), received);
        drop(chain);
        for id in 1..=self.proposals {
            self.scene.call_as(1);
            let kit = self.scene.kit.borrow();
            let id = ProposalId::new(id);
            let shown = crate::read::proposal(&kit, &self.scene.world, id).unwrap();
            let made = paid.contains_key(&(BASE + shown.id));
            match &shown.stage {
                StageView::Open(_) => assert!(!made, "paid, and open again: {}", shown.id),
                StageView::Confirmed => assert!(made, "never paid: {}", shown.id),
                StageView::Superseded => panic!("this chain forgets nothing"),
                _ => {}
            }
            let ends = matches!(shown.stage, StageView::Confirmed | StageView::Reverted);
            let before = self.ended.get(&shown.id);
            assert!(before.is_none_or(|before| *before == shown.stage));
            if ends {
                self.ended.insert(shown.id, shown.stage);
            }
        }
    }

    /// With everything answered, whatever was begun ends.
    fn finish(&mut self) {
        self.scene.world.solana.borrow_mut().disagrees = false;
        self.scene.upgrade();
        let day = 86_400 * Timestamp::SECOND;
        self.scene.world.world.pass(day);
        for _ in 0..8 {
            for id in 1..=self.proposals {
                self.scene.world.world.pass(60 * Timestamp::SECOND);
                self.scene.resume(2, id).ok();
                let mut chain = self.scene.world.solana.borrow_mut();
                chain.land();
                chain.finalize();
            }
        }
        self.look();
        for id in 1..=self.proposals {
            self.scene.call_as(1);
            let kit = self.scene.kit.borrow();
            let shown = crate::read::proposal(&kit, &self.scene.world, ProposalId::new(id));
            let stage = shown.unwrap().stage;
            let going_on = matches!(
                stage,
                StageView::Reserved | StageView::Signing | StageView::Sent
            );
            assert!(!going_on, "{id} hangs: {stage:?}");
        }
    }
}

#[test]
fn whatever_chance_does_to_payments_each_is_made_at_most_once_and_ends() {
    let (mut confirmed, mut runs) = (0, 0);
    for seed in 0..LIVES {
        println!("seed {seed}");
        let mut life = Life::new(seed);
        for _ in 0..STEPS {
            life.step();
            life.look();
        }
        life.finish();
        confirmed += life.ended.len();
        runs += life.requests;
    }
    println!("{confirmed} payments, {runs} runs");
    assert!(confirmed > LIVES as usize, "chance makes payments");
}
