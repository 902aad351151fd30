//! The whole life of many payments on Bitcoin in the fake world, step by step beside a plain model.
//!
//! - What it does: from a printed seed it draws [`Op`]s (wishes, approvals, runs whose calls meet every fate, bumps, upgrades, time, coins, blocks,
//!   blocks that replace others, earlier versions that are mined); after each, [`watch`] looks at everything that was signed, broadcast and shown.
//! - The model knows two wallets: one has tiers and a limit for bitcoin, the other has no rules. Changes of policies and members are in `life`.
//! - `CHAINKEY_WALLET_STEPS` sets the number of steps of both lives.

mod watch;

use super::life::dice::Dice;
use super::life::{OF_ONE, Running};
use super::{Started, Wanted, begin, bump, drive, resume};
use crate::account::Addresses;
use crate::account::path::AccountIndex;
use crate::asset::RawAsset;
use crate::error::WalletError;
use crate::fake::person;
use crate::intent::{BtcOutput, RawIntent};
use crate::policy::{RawLimit, RawPolicy, RawRequirement, RawRules, RawTier};
use crate::proposal::ProposalId;
use crate::propose::{Wish, approve, propose, view};
use crate::runtime::fake::Fate;
use crate::scene::{Scene, policy};
use crate::wallet::WalletId;
use canister_kit::Environment;
use canister_kit::encoding::Timestamp;
use canister_kit::runtime::Runtime;
use std::collections::{BTreeMap, BTreeSet};
use std::task::{Context, Poll, Waker};

/// Steps of all lives together, unless the environment says otherwise.
const STEPS: u64 = 10_000;

/// A recipient: the key hash of BIP-173's examples, in regtest.
const TO: &str = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080";

const HOUR: u64 = 3_600 * Timestamp::SECOND;

/// Above it, the first wallet needs two members.
const SMALL: u64 = 60_000;

/// What may leave the first wallet in its window.
const LIMIT: u64 = 400_000;
const WINDOW: u64 = 12 * HOUR;

/// Members of both wallets.
const MEMBERS: [u32; 3] = [1, 2, 3];

/// What can happen.
#[derive(Clone, Debug)]
enum Op {
    Propose {
        by: u32,
        wallet: u64,
        amount: u64,
        fee_rate: u64,
        max_fee: u64,
    },
    Approve {
        by: u32,
        id: u64,
    },
    Execute {
        by: u32,
        id: u64,
        fates: Vec<Fate>,
    },
    Resume {
        by: u32,
        id: u64,
        fates: Vec<Fate>,
    },
    Bump {
        by: u32,
        id: u64,
        fee_rate: u64,
        fates: Vec<Fate>,
    },
    /// A slow call gets on.
    Deliver(usize),
    Upgrade,
    Pass(u64),
    Coins {
        wallet: u64,
        taproot: bool,
        values: Vec<u64>,
    },
    Mine(u32),
    /// A miner still has an earlier version.
    MineEarlier,
    Reorganise {
        blocks: usize,
        forgotten: bool,
    },
}

/// A payment in plain values.
#[derive(Clone, Debug)]
struct Payment {
    wallet: u64,
    amount: u64,
    max_fee: u64,
    expires_at: u64,
    approvals: BTreeSet<u32>,
    begun: bool,
    settled: Option<u64>,
}

impl Payment {
    fn counted(&self) -> u64 {
        self.amount + self.max_fee
    }

    fn quorum(&self) -> usize {
        match self.wallet == 1 && self.counted() <= SMALL {
            true => 1,
            false => 2,
        }
    }
}

/// One canister, its world and the model of both.
struct Life<'a> {
    scene: &'a Scene,
    dice: Dice,
    own: [Addresses; 2],
    payments: BTreeMap<u64, Payment>,
    running: Vec<(u64, Running<'a>)>,
    requests: u64,
    watched: watch::Watched,
    tally: BTreeMap<&'static str, u64>,
}

fn needs(quorum: u32) -> RawRequirement {
    RawRequirement {
        quorum,
        delay_seconds: 0,
    }
}

fn limited() -> RawPolicy {
    let tier = |up_to, quorum| RawTier {
        up_to,
        needs: needs(quorum),
    };
    let mut policy = without_rules();
    policy.assets.push(RawRules {
        asset: RawAsset::Btc,
        tiers: vec![tier(Some(u128::from(SMALL)), 1), tier(None, 2)],
        limit: Some(RawLimit {
            amount: u128::from(LIMIT),
            window_seconds: WINDOW / Timestamp::SECOND,
        }),
        allow_list: None,
    });
    policy
}

fn without_rules() -> RawPolicy {
    let mut policy = policy();
    policy.highest = needs(2);
    policy
}

fn world() -> Scene {
    let scene = Scene::rich(Environment::Local);
    for (id, policy) in [(1, limited()), (2, without_rules())] {
        let members = MEMBERS.map(person).to_vec();
        scene.create_with(1, id, "house", members, policy).unwrap();
    }
    scene.prepare(1).unwrap();
    scene
}

impl<'a> Life<'a> {
    fn new(scene: &'a Scene, seed: u64) -> Self {
        let addresses = |wallet| {
            scene.call_as(1);
            let kit = scene.kit.borrow();
            let id = WalletId::new(wallet);
            crate::read::addresses(&kit, &scene.world, id, AccountIndex(0)).unwrap()
        };
        Self {
            scene,
            dice: Dice::new(seed),
            own: [1, 2].map(addresses),
            payments: BTreeMap::new(),
            running: Vec::new(),
            requests: 0,
            watched: watch::Watched::default(),
            tally: BTreeMap::new(),
        }
    }

    fn now(&self) -> u64 {
        self.scene.world.now().0
    }

    fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    /// Whether the rules let a payment begin now.
    fn is_ready(&self, id: u64) -> bool {
        let (now, payment) = (self.now(), &self.payments[&id]);
        let counts = |other: &&Payment| {
            let counted = other.settled.is_none_or(|at| at + WINDOW > now);
            other.wallet == 1 && other.begun && counted
        };
        let spent = self.payments.values().filter(counts);
        let left: u64 = spent.map(Payment::counted).sum();
        let fits = payment.wallet != 1 || left + payment.counted() <= LIMIT;
        fits && payment.approvals.len() >= payment.quorum() && now < payment.expires_at
    }

    fn draw(&mut self) -> Op {
        let by = self.dice.one_of(&MEMBERS);
        let some = self.some_payment();
        match (self.dice.below(100), some) {
            (0..14, _) | (14..60, None) => Op::Propose {
                by,
                wallet: 1 + self.dice.below(2),
                amount: 5_000 + self.dice.below(90_000),
                fee_rate: self.dice.one_of(&[1_000, 2_000, 5_000]),
                max_fee: self.dice.one_of(&[300, 2_000, 10_000, 10_000]),
            },
            (14..28, Some(id)) => Op::Approve { by, id },
            (28..44, Some(id)) => Op::Execute {
                by,
                id,
                fates: self.fates(),
            },
            (44..54, Some(id)) => Op::Resume {
                by,
                id: self.begun_one().unwrap_or(id),
                fates: self.fates(),
            },
            (54..60, Some(id)) => Op::Bump {
                by,
                id: self.begun_one().unwrap_or(id),
                fee_rate: 1_000 + self.dice.below(30_000),
                fates: self.fates(),
            },
            (60..70, _) => Op::Deliver(self.dice.below(8) as usize),
            (70..72, _) => Op::Upgrade,
            (72..78, _) => Op::Pass(self.dice.one_of(&[HOUR / 4, HOUR, 4 * HOUR, 13 * HOUR])),
            (78..83, _) => Op::Coins {
                wallet: 1 + self.dice.below(2),
                taproot: self.dice.percent(50),
                values: (0..1 + self.dice.below(3))
                    .map(|_| 1_000 + self.dice.below(120_000))
                    .collect(),
            },
            (83..93, _) => Op::Mine(self.dice.one_of(&[1, 1, 3, 6])),
            (93..96, _) => Op::MineEarlier,
            _ => Op::Reorganise {
                blocks: 1 + self.dice.below(5) as usize,
                forgotten: self.dice.percent(30),
            },
        }
    }

    /// Fates of the many calls of one run.
    fn fates(&mut self) -> Vec<Fate> {
        match self.dice.percent(40) {
            true => Vec::new(),
            false => [self.dice.fates(), self.dice.fates()].concat(),
        }
    }

    /// One of the last that have not ended.
    fn some_payment(&mut self) -> Option<u64> {
        let alive = self.payments.iter().rev();
        let alive = alive.filter(|(_, payment)| payment.settled.is_none());
        let alive: Vec<u64> = alive.map(|(id, _)| *id).take(12).collect();
        (!alive.is_empty()).then(|| self.dice.one_of(&alive))
    }

    fn begun_one(&mut self) -> Option<u64> {
        let begun = self.payments.iter();
        let begun = begun.filter(|(_, payment)| payment.begun && payment.settled.is_none());
        let begun: Vec<u64> = begun.map(|(id, _)| *id).collect();
        (!begun.is_empty()).then(|| self.dice.one_of(&begun))
    }

    fn step(&mut self) -> Result<(), String> {
        let pause = self.dice.below(120) * Timestamp::SECOND;
        self.scene.world.world.pass(pause);
        let op = self.draw();
        let told = format!("{op:?}");
        let touched = self.act(op).map_err(|why| format!("{told}: {why}"))?;
        self.watch(touched).map_err(|why| format!("{told}: {why}"))
    }

    /// Does a step. Out: the payment that it may have begun.
    fn act(&mut self, op: Op) -> Result<Option<u64>, String> {
        let scene = self.scene;
        match op {
            Op::Propose { .. } => return self.propose(op),
            Op::Approve { by, id } => self.approve(by, id)?,
            Op::Execute { by, id, fates } => return self.execute(by, id, fates),
            Op::Resume { by, id, fates } => return self.resume(by, id, fates),
            Op::Bump {
                by,
                id,
                fee_rate,
                fates,
            } => return self.bump(by, id, fee_rate, fates),
            Op::Deliver(which) => {
                if which < self.running.len() {
                    let (id, run) = self.running.swap_remove(which);
                    self.poll(id, run);
                    return Ok(Some(id));
                }
            }
            Op::Upgrade => {
                self.running.clear();
                scene.upgrade();
            }
            Op::Pass(time) => scene.world.world.pass(time),
            Op::Coins {
                wallet,
                taproot,
                values,
            } => {
                let own = &self.own[wallet as usize - 1];
                let address = if taproot { &own.p2tr } else { &own.p2wpkh };
                scene.world.bitcoin.borrow_mut().give(address, &values);
            }
            Op::Mine(blocks) => scene.world.bitcoin.borrow_mut().mine(blocks),
            Op::MineEarlier => self.mine_earlier(),
            Op::Reorganise { blocks, forgotten } => {
                let mut chain = scene.world.bitcoin.borrow_mut();
                chain.reorganise(blocks, forgotten);
                drop(chain);
                self.count("reorganised");
            }
        }
        Ok(None)
    }

    fn propose(&mut self, op: Op) -> Result<Option<u64>, String> {
        let Op::Propose {
            by,
            wallet,
            amount,
            fee_rate,
            max_fee,
        } = op
        else {
            return Ok(None);
        };
        let outputs = vec![BtcOutput {
            address: TO.to_owned(),
            amount,
        }];
        let intent = RawIntent::BtcSend {
            from_index: 0,
            outputs,
            fee_rate,
            max_fee,
        };
        let expires_at = self.now() + 10 * Timestamp::DAY;
        let (request, id) = (self.request(), WalletId::new(wallet));
        let wish = Wish::of(id, request, intent, expires_at, "life".to_owned());
        let caller = self.scene.call_as(by);
        let mut kit = self.scene.kit.borrow_mut();
        let made = match propose(&mut kit, &self.scene.world, caller, wish) {
            Ok(made) => made.id,
            Err(WalletError::Refused(_) | WalletError::TooManyProposals { .. }) => return Ok(None),
            Err(error) => return Err(format!("nobody expected {error:?}")),
        };
        drop(kit);
        let payment = Payment {
            wallet,
            amount,
            max_fee,
            expires_at,
            approvals: BTreeSet::from([by]),
            begun: false,
            settled: None,
        };
        self.payments.insert(made, payment);
        Ok(None)
    }

    fn request(&mut self) -> Vec<u8> {
        self.requests += 1;
        self.requests.to_be_bytes().to_vec()
    }

    fn approve(&mut self, by: u32, id: u64) -> Result<(), String> {
        let (caller, number) = (self.scene.call_as(by), ProposalId::new(id));
        let mut kit = self.scene.kit.borrow_mut();
        let digest = view(&kit, &self.scene.world, number).intent_digest;
        match approve(&mut kit, &self.scene.world, caller, number, &digest) {
            Ok(_) => {
                let payment = self.payments.get_mut(&id).ok_or("no such payment")?;
                payment.approvals.insert(by);
                Ok(())
            }
            Err(WalletError::Refused(_) | WalletError::NotOpen) => Ok(()),
            Err(error) => Err(format!("nobody expected {error:?}")),
        }
    }

    fn execute(&mut self, by: u32, id: u64, fates: Vec<Fate>) -> Result<Option<u64>, String> {
        let (scene, request, ready) = (self.scene, self.request(), self.is_ready(id));
        *scene.world.fates.borrow_mut() = fates.into();
        let (caller, number) = (scene.call_as(by), ProposalId::new(id));
        let mut kit = scene.kit.borrow_mut();
        let begun = begin(&mut kit, &scene.world, caller, request, number);
        drop(kit);
        match begun {
            Ok(Started::Run(_)) if !ready => Err("it runs, but it is not approved".to_owned()),
            Ok(Started::Run(run)) => {
                self.poll(id, Box::pin(drive(scene, &scene.world, run)));
                Ok(Some(id))
            }
            Err(WalletError::NotReady(_)) if ready => Err("refused, but it is approved".to_owned()),
            Err(WalletError::NotReady(_)) => {
                self.count("not ready");
                Ok(None)
            }
            Ok(Started::Ended(_)) => Err("it has ended at once".to_owned()),
            Err(WalletError::Refused(_) | WalletError::NotOpen | WalletError::BeingCarriedOut) => {
                Ok(None)
            }
            Err(error) => Err(format!("nobody expected {error:?}")),
        }
    }

    fn resume(&mut self, by: u32, id: u64, fates: Vec<Fate>) -> Result<Option<u64>, String> {
        let scene = self.scene;
        *scene.world.fates.borrow_mut() = fates.into();
        let caller = scene.call_as(by);
        let mut kit = scene.kit.borrow_mut();
        let run = resume(&mut kit, &scene.world, caller, ProposalId::new(id));
        drop(kit);
        match run {
            Ok(run) => self.poll(id, Box::pin(drive(scene, &scene.world, run))),
            Err(
                WalletError::Refused(_)
                | WalletError::NothingToResume
                | WalletError::BeingCarriedOut,
            ) => {}
            Err(error) => return Err(format!("nobody expected {error:?}")),
        }
        Ok(None)
    }

    fn bump(
        &mut self,
        by: u32,
        id: u64,
        fee_rate: u64,
        fates: Vec<Fate>,
    ) -> Result<Option<u64>, String> {
        let scene = self.scene;
        *scene.world.fates.borrow_mut() = fates.into();
        let wanted = Wanted::of(ProposalId::new(id), self.request(), fee_rate);
        let caller = scene.call_as(by);
        let mut kit = scene.kit.borrow_mut();
        let started = bump(&mut kit, &scene.world, caller, wanted);
        drop(kit);
        match started {
            Ok(Started::Run(run)) => self.poll(id, Box::pin(drive(scene, &scene.world, run))),
            Ok(Started::Ended(_)) => return Err("a new request has ended".to_owned()),
            Err(
                WalletError::Refused(_) | WalletError::NothingToBump | WalletError::BeingCarriedOut,
            ) => {}
            Err(error) => return Err(format!("nobody expected {error:?}")),
        }
        Ok(None)
    }

    /// Lets a run get on. What waits for an answer that never comes is dropped, as the network does after a trap.
    fn poll(&mut self, id: u64, mut run: Running<'a>) {
        self.scene.world.comes_later.set(false);
        let polled = run.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        match (polled, self.scene.world.comes_later.get()) {
            (Poll::Pending, true) => {
                self.count("slow");
                self.running.push((id, run));
            }
            (Poll::Pending, false) => self.count("interrupted"),
            (Poll::Ready(_), _) => {}
        }
    }

    /// Mines some version of a payment that can still be mined.
    fn mine_earlier(&mut self) {
        let mut chain = self.scene.world.bitcoin.borrow_mut();
        let payable = chain.seen.iter().filter(|seen| chain.is_payable(seen));
        let payable: Vec<_> = payable.cloned().collect();
        if payable.is_empty() {
            return;
        }
        let earlier = self.dice.one_of(&payable);
        let waited = chain.pool.contains(&earlier);
        chain.wait(earlier);
        chain.mine(1);
        drop(chain);
        if !waited {
            self.count("an earlier version was mined");
        }
    }

    /// Nothing goes wrong any more: everything that was begun is confirmed.
    fn end(&mut self) -> Result<(), String> {
        self.running.clear();
        for _ in 0..3 {
            for id in self.payments.keys().copied().collect::<Vec<u64>>() {
                if !self.payments[&id].begun || self.payments[&id].settled.is_some() {
                    continue;
                }
                self.scene.world.world.pass(120 * Timestamp::SECOND);
                self.resume(1, id, Vec::new())?;
                self.watch(None)?;
            }
            self.scene.world.bitcoin.borrow_mut().mine(7);
        }
        let open = |payment: &Payment| payment.begun && payment.settled.is_none();
        match self.payments.values().find(|payment| open(payment)) {
            Some(payment) => Err(format!("never confirmed: {payment:?}")),
            None => Ok(()),
        }
    }
}

/// What must not be rare, of [`STEPS`].
const AT_LEAST: [(&str, u64); 8] = [
    ("confirmed", 150),
    ("begun", 150),
    ("bumped", 5),
    ("reorganised", 150),
    ("an earlier version was mined", 5),
    ("slow", 120),
    ("interrupted", 60),
    ("not ready", 350),
];

#[test]
fn no_coin_is_spent_by_two_payments_and_none_is_signed_that_was_not_approved() {
    let steps = super::life::steps_or(STEPS);
    let mut tally = BTreeMap::<&str, u64>::new();
    for seed in 1..=steps.div_ceil(OF_ONE) {
        let scene = world();
        let mut life = Life::new(&scene, seed);
        for number in 0..OF_ONE {
            if let Err(why) = life.step() {
                panic!("seed {seed}, step {number}: {why}")
            }
        }
        life.end()
            .unwrap_or_else(|why| panic!("seed {seed}, at the end: {why}"));
        for (what, count) in life.tally {
            *tally.entry(what).or_default() += count;
        }
    }
    println!("{steps} steps: {tally:#?}");
    // What a short run sees is chance.
    if steps < STEPS {
        return;
    }
    for (what, least) in &AT_LEAST {
        let count = tally.get(what).copied().unwrap_or(0);
        assert!(count >= *least * (steps / STEPS), "{what}: {count}");
    }
}
