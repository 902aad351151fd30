//! The whole life of many proposals in the fake world, step by step beside a plain model.
//!
//! - What it does: from a printed seed it draws [`Op`]s (wishes, approvals, vetoes, runs whose calls meet every fate, upgrades, time), does each
//!   to a canister and, if the rules of docs/wallet.md allow it, to the [`model`]; after each, [`watch`] compares the two, and the ledgers
//!   and signatures with what the model has approved.
//! - A run whose call is slow stays open while other messages come, and is dropped by an upgrade.
//! - `CHAINKEY_WALLET_STEPS` sets the number of steps.

mod act;
mod chain;
pub(super) mod dice;
mod model;
mod watch;

use crate::account::ethereum::EvmAddress;
use crate::asset::RawAsset;
use crate::create::{NewWallet, create};
use crate::fake::person;
use crate::policy::{RawAllowList, RawLimit, RawPolicy, RawRequirement, RawRules, RawTier};
use crate::proposal::ProposalView;
use crate::propose::tests::{assert_same, replayed};
use crate::runtime::CallError;
use crate::runtime::fake::{FakeLedger, Fate};
use crate::scene::Scene;
use candid::Principal;
use canister_kit::Environment;
use canister_kit::runtime::Runtime;
use dice::{DESTINATIONS, Dice};
use model::{Person, Phase, Proposal, SECOND, Says, Wallet, Want};
use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::Pin;

/// How many assets there are: two ledgers' tokens, and Ether.
const ASSETS: usize = 3;

/// Which of them are ledgers' tokens.
const LEDGERS: usize = 2;

/// Which one is Ether.
const ETHER: usize = 2;

/// Assets in the order in which a policy is shown.
const ORDER: [usize; ASSETS] = [ETHER, 0, 1];

/// The chain of Ethereum's kind.
const CHAIN: u64 = 31_337;

/// What a transfer of Ether takes, and so the unit in which its amounts are drawn: a fee per unit of gas is as much as one of a ledger.
const GAS: u64 = 21_000;

/// Steps of all lives together, unless the environment says otherwise.
const STEPS: u64 = 100_000;

/// Steps of one life.
pub(super) const OF_ONE: u64 = 2_000;

const WALLETS: u64 = 3;

/// Those who are members now and then.
const PEOPLE: u64 = 6;

const HOUR: u64 = 3_600 * SECOND;

fn ledger(number: usize) -> Principal {
    Principal::from_slice(&[0, 0, 0, 0, 0, 0, number as u8, 9, 1, 1])
}

fn asset(number: usize) -> RawAsset {
    match number {
        ETHER => RawAsset::Eth { chain_id: CHAIN },
        _ => RawAsset::Icrc(ledger(number)),
    }
}

/// In how many smallest units an asset's amounts are drawn.
fn unit(number: usize) -> u128 {
    match number {
        ETHER => GAS.into(),
        _ => 1,
    }
}

/// Where a person receives an asset.
fn destination(number: usize, who: Person) -> String {
    match number {
        ETHER => format!("0x{who:040x}"),
        _ => person(who).to_text(),
    }
}

/// What can happen.
#[derive(Clone, Debug)]
enum Op {
    Propose {
        by: Person,
        wallet: u64,
        want: Want,
        open_for: u64,
    },
    /// The last wish comes once more.
    Again,
    Approve {
        by: Person,
        id: u64,
        /// With a digest that was right under an earlier policy.
        stale: bool,
    },
    Reject {
        by: Person,
        id: u64,
    },
    Cancel {
        by: Person,
        id: u64,
    },
    Execute {
        by: Person,
        id: u64,
        fates: Vec<Fate>,
    },
    /// The last request to execute comes once more.
    ExecuteAgain {
        fates: Vec<Fate>,
    },
    Resume {
        by: Person,
        id: u64,
        fates: Vec<Fate>,
    },
    /// Higher fees for a transaction of Ether, or its cancellation.
    Raise {
        by: Person,
        id: u64,
        cancels: bool,
        fee: u128,
        fates: Vec<Fate>,
    },
    /// Blocks of the chain.
    Mine {
        blocks: u64,
        /// Of the transactions that wait for one nonce, an earlier one, if there is any.
        earlier: bool,
    },
    BaseFee(u128),
    /// A slow call gets on.
    Deliver {
        which: usize,
    },
    Upgrade,
    Pass(u64),
    Fee {
        asset: usize,
        fee: u128,
    },
    Balance {
        asset: usize,
        balance: u128,
    },
    Log {
        asset: usize,
        shown: bool,
    },
}

pub(super) type Running<'a> = Pin<Box<dyn Future<Output = ProposalView> + 'a>>;

/// One canister, its world and the model of both.
struct Life<'a> {
    scene: &'a Scene,
    dice: Dice,
    wallets: BTreeMap<u64, Wallet>,
    proposals: BTreeMap<u64, Proposal>,
    /// Every digest that was ever right, and whose it is.
    digests: BTreeMap<Vec<u8>, u64>,
    /// The wallets' accounts on the chain.
    accounts: BTreeMap<EvmAddress, u64>,
    running: Vec<(u64, Running<'a>)>,
    requests: u64,
    last: Option<act::Asked>,
    executed: Option<(Person, u64, Vec<u8>)>,
    watched: watch::Watched,
    tally: BTreeMap<&'static str, u64>,
}

/// A canister for everyone, with two ledgers.
fn world() -> Scene {
    let scene = Scene::rich(Environment::Local);
    scene.world.evm.borrow_mut().priority_fee = 2;
    scene.world.evm.borrow_mut().base_fee = 4;
    for number in 0..LEDGERS {
        let ledgers = &mut scene.world.ledgers.borrow_mut();
        ledgers.insert(ledger(number), FakeLedger::default());
    }
    scene.prepare(40).unwrap();
    scene
}

impl<'a> Life<'a> {
    fn new(scene: &'a Scene, seed: u64) -> Self {
        let mut life = Self {
            scene,
            dice: Dice::new(seed),
            wallets: BTreeMap::new(),
            proposals: BTreeMap::new(),
            digests: BTreeMap::new(),
            accounts: BTreeMap::new(),
            running: Vec::new(),
            requests: 0,
            last: None,
            executed: None,
            watched: watch::Watched::default(),
            tally: BTreeMap::new(),
        };
        for id in 1..=WALLETS {
            life.found(id);
        }
        life
    }

    fn found(&mut self, id: u64) {
        let members = self.people();
        let policy = self.dice.policy(members.len() as u32);
        let principals = members.iter().map(|who| person(*who)).collect();
        let by = *members.first().unwrap();
        let caller = self.scene.call_as(by);
        let request = id.to_be_bytes().to_vec();
        let wish = NewWallet::of(request, format!("wallet {id}"), principals, policy.clone());
        let made = create(
            &mut self.scene.kit.borrow_mut(),
            &self.scene.world,
            caller,
            wish,
        );
        assert_eq!(made.unwrap().id, id);
        let wallet = Wallet {
            members,
            policy,
            version: 1,
            active_from: BTreeMap::new(),
            spent: Vec::new(),
        };
        self.wallets.insert(id, wallet);
        self.fund(id);
    }

    /// Three or more of them.
    fn people(&mut self) -> BTreeSet<Person> {
        let mut people = BTreeSet::new();
        while people.len() < 3 {
            for number in 1..=PEOPLE as Person {
                if self.dice.percent(55) {
                    people.insert(number);
                }
            }
        }
        people
    }

    fn now(&self) -> u64 {
        self.scene.world.now().0
    }

    fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    /// What the model says about an open proposal now.
    fn says(&self, id: u64) -> Says {
        let proposal = &self.proposals[&id];
        self.wallets[&proposal.wallet].says(proposal, self.now())
    }

    fn draw(&mut self) -> Op {
        let weight = self.dice.below(100);
        match (weight, self.some_proposal()) {
            (22..41, Some(id)) => {
                let (by, id) = match self.missing_one() {
                    Some(useful) if self.dice.percent(65) => useful,
                    _ => (self.somebody(self.proposals[&id].wallet), id),
                };
                let stale = self.dice.percent(6);
                Op::Approve { by, id, stale }
            }
            (41..44, Some(id)) => Op::Reject {
                by: self.somebody(self.proposals[&id].wallet),
                id,
            },
            (44..46, Some(id)) => Op::Cancel {
                by: match self.dice.percent(60) {
                    true => self.proposals[&id].by,
                    false => self.somebody(self.proposals[&id].wallet),
                },
                id,
            },
            (46..68, Some(id)) => {
                let id = self.ready_one().unwrap_or(id);
                Op::Execute {
                    by: self.somebody(self.proposals[&id].wallet),
                    id,
                    fates: self.fates(id),
                }
            }
            (68..78, Some(id)) => {
                let id = self.begun_one().unwrap_or(id);
                self.wish_to_go_on(id)
            }
            (78..88, _) => match self.running.len() {
                0 => self.wish(),
                running => Op::Deliver {
                    which: self.dice.below(running as u64) as usize,
                },
            },
            (88..89, _) => self.upgrade_or_fee(),
            (96..97, _) => self.blocks(),
            (89..96, _) => Op::Pass(self.dice.one_of(&[
                HOUR / 2,
                HOUR,
                HOUR,
                2 * HOUR,
                3 * HOUR,
                12 * HOUR,
                25 * HOUR,
            ])),
            (97..98, _) => self.change_of_a_ledger(),
            (98..99, _) => Op::Again,
            (99..100, _) => Op::ExecuteAgain {
                fates: self.dice.fates(),
            },
            _ => self.wish(),
        }
    }

    fn change_of_a_ledger(&mut self) -> Op {
        let asset = self.dice.below(LEDGERS as u64) as usize;
        match self.dice.below(8) {
            0 => Op::Balance {
                asset,
                balance: 100,
            },
            1..4 => Op::Balance {
                asset,
                balance: u128::MAX / 2,
            },
            4 => Op::Log {
                asset,
                shown: false,
            },
            5 => Op::Log { asset, shown: true },
            _ => Op::Fee {
                asset,
                fee: self.dice.one_of(&[10, 10, 10, 12, 25]),
            },
        }
    }

    fn wish(&mut self) -> Op {
        let wallet = 1 + self.dice.below(WALLETS);
        let by = self.somebody(wallet);
        let want = match self.dice.below(100) {
            0..5 => Want::Sign(
                (0..4)
                    .flat_map(|_| self.dice.roll().to_be_bytes())
                    .collect(),
            ),
            5..17 => {
                let current = self.wallets[&wallet].clone();
                Want::Policy(match self.dice.percent(75) {
                    true => self.dice.altered(&current.policy),
                    false => self.dice.policy(current.members.len() as u32),
                })
            }
            17..23 => Want::Members(self.people()),
            _ => {
                let asset = self.dice.below(ASSETS as u64) as usize;
                Want::Pay {
                    asset,
                    to: self.dice.one_of(&DESTINATIONS),
                    amount: unit(asset) * (1 + u128::from(self.dice.below(700))),
                    max_fee: unit(asset) * self.dice.one_of(&[9, 12, 12, 12, 30, 30]),
                }
            }
        };
        let open_for = match self.dice.percent(4) {
            true => self.dice.one_of(&[0, 91 * 24 * HOUR]),
            false => 3 * HOUR + self.dice.below(15 * 24) * HOUR,
        };
        Op::Propose {
            by,
            wallet,
            want,
            open_for,
        }
    }

    /// Mostly a member.
    fn somebody(&mut self, wallet: u64) -> Person {
        let members: Vec<Person> = self.wallets[&wallet].members.iter().copied().collect();
        match self.dice.percent(93) {
            true => self.dice.one_of(&members),
            false => 1 + self.dice.below(PEOPLE) as Person,
        }
    }

    /// Mostly one of the last that are not over.
    fn some_proposal(&mut self) -> Option<u64> {
        let alive = |proposal: &Proposal| matches!(proposal.phase, Phase::Open | Phase::Begun);
        let last = self.proposals.iter().rev();
        let last = match self.dice.percent(90) {
            true => last
                .filter(|(_, proposal)| alive(proposal))
                .map(|(id, _)| *id)
                .take(20)
                .collect(),
            false => last.map(|(id, _)| *id).take(60).collect::<Vec<u64>>(),
        };
        (!last.is_empty()).then(|| self.dice.one_of(&last))
    }

    /// The last open ones and what the model says about each.
    fn open_ones(&self) -> Vec<(u64, Says)> {
        let now = self.now();
        let open = self
            .proposals
            .iter()
            .rev()
            .take(60)
            .filter(|(_, proposal)| proposal.phase == Phase::Open && now < proposal.expires_at);
        open.take(25).map(|(id, _)| (*id, self.says(*id))).collect()
    }

    /// Now and then one that can be carried out.
    fn ready_one(&mut self) -> Option<u64> {
        if self.dice.percent(40) {
            return None;
        }
        let mut open = self.open_ones();
        open.retain(|(_, says)| *says == Says::Ready);
        (!open.is_empty()).then(|| self.dice.one_of(&open).0)
    }

    /// A member whose approval is missing, and where.
    fn missing_one(&mut self) -> Option<(Person, u64)> {
        let mut open = self.open_ones();
        open.retain(|(_, says)| matches!(says, Says::Needs { .. }));
        if open.is_empty() {
            return None;
        }
        let (id, _) = self.dice.one_of(&open);
        let proposal = &self.proposals[&id];
        let wallet = &self.wallets[&proposal.wallet];
        let counts = |who: &Person| {
            let given = proposal.approvals.get(who);
            given.is_some_and(|(_, version)| *version == wallet.version)
        };
        let missing = wallet.members.iter().copied().filter(|who| !counts(who));
        let missing: Vec<Person> = missing.collect();
        Some((self.dice.one_of(&missing), id))
    }

    fn begun_one(&mut self) -> Option<u64> {
        let begun = self
            .proposals
            .iter()
            .filter(|(_, proposal)| proposal.phase == Phase::Begun);
        let begun: Vec<u64> = begun.map(|(id, _)| *id).collect();
        (self.dice.percent(85) && !begun.is_empty()).then(|| self.dice.one_of(&begun))
    }

    fn step(&mut self) -> Result<(), String> {
        let pause = self.dice.below(90) * SECOND;
        self.scene.world.world.pass(pause);
        let op = self.draw();
        let told = format!("{op:?}");
        let touched = self.act(op).map_err(|why| format!("{told}: {why}"))?;
        self.watch(touched).map_err(|why| format!("{told}: {why}"))
    }
}

/// What must not be rare, of 100 000 steps.
const AT_LEAST: [(&str, u64); 34] = [
    ("confirmed", 500),
    ("replaced", 20),
    ("cancellation mined", 30),
    ("raised", 800),
    ("transferred", 2_500),
    ("signed", 250),
    ("policy changed", 600),
    ("policy loosened", 200),
    ("members changed", 250),
    ("released", 100),
    ("released: never happened", 250),
    ("sent and not known", 1_000),
    ("made, but the answer lost", 400),
    ("begun and ended in different steps", 500),
    ("rejected", 700),
    ("cancelled", 500),
    ("expired", 3_000),
    ("not ready: over a limit", 200),
    ("not ready: not listed", 300),
    ("not ready: not active", 5),
    ("not ready: waits", 150),
    ("not ready: needs approvals", 1_500),
    ("not a member", 1_000),
    ("not open", 1_000),
    ("not the proposer", 150),
    ("other digest", 400),
    ("being carried out", 200),
    ("slow", 1_000),
    ("approval that does not count: former member", 60),
    ("approval that does not count: former policy", 150),
    ("again", 400),
    ("executed again", 200),
    ("expiry", 700),
    ("upgraded in a run", 30),
];

/// How many steps the environment wants.
pub(super) fn steps_or(usually: u64) -> u64 {
    match std::env::var("CHAINKEY_WALLET_STEPS") {
        Ok(number) => number.parse().unwrap(),
        Err(_) => usually,
    }
}

#[test]
fn nothing_happens_that_the_rules_do_not_allow() {
    let (steps, mut tally) = (steps_or(STEPS), BTreeMap::<&str, u64>::new());
    for seed in 1..=steps.div_ceil(OF_ONE) {
        let scene = world();
        let mut life = Life::new(&scene, seed);
        for number in 0..OF_ONE {
            if let Err(why) = life.step() {
                panic!("seed {seed}, step {number}: {why}")
            }
        }
        for (what, count) in life.tally {
            *tally.entry(what).or_default() += count;
        }
    }
    println!("{steps} steps: {tally:#?}");
    let of = |what: &str| tally.get(what).copied().unwrap_or(0);
    // What a short run sees is chance.
    if steps < STEPS {
        return;
    }
    assert!(
        of("refused by the kit") * 20 < steps,
        "most steps are not refused"
    );
    for (what, least) in &AT_LEAST {
        assert!(of(what) >= *least * (steps / STEPS), "{what}: {}", of(what));
    }
}

#[test]
fn replaying_the_log_of_a_life_gives_its_state() {
    let scene = world();
    let mut life = Life::new(&scene, 77);
    for number in 0..300 {
        if let Err(why) = life.step() {
            panic!("step {number}: {why}")
        }
    }
    let ledgers: Vec<Principal> = (0..LEDGERS).map(ledger).collect();
    let kit = scene.kit.borrow();
    assert_same(&replayed(&scene), kit.product(), &ledgers);
    assert!(kit.product().next_proposal().number() > 50);
}
