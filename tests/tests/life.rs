//! The whole life of many proposals through the client, step by step beside the plain model of the wallet's own tests.
//!
//! - What it does: from a printed seed it draws steps (wishes, approvals, vetoes, runs whose transfers meet faults, upgrades, time) and does each to
//!   the canister and, if the model allows it, to the model. After each it compares what is shown and what the ledgers have in their blocks:
//!   every transfer belongs to one proposal, is made once, pays what was approved, and only after the model has let it begin; so no window
//!   ever sees more than its limit, which the model counts; no signature is shown that was not approved.
//! - The model and the dice are the files of `canisters/wallet/src/execute/life`, where 100 000 steps in a fake world also meet messages that overlap.
//! - `CHAINKEY_WALLET_CLIENT_STEPS` sets the number of steps.

#[path = "../../canisters/wallet/src/execute/life/dice.rs"]
mod dice;
// The rest of both serves the other life.
#[allow(dead_code)]
#[path = "../../canisters/wallet/src/execute/life/model.rs"]
mod model;
#[path = "payments/value.rs"]
mod value;

use candid::Principal;
use chainkey_tests::token::{Token, token_args};
use chainkey_tests::wallet::WalletCanister;
use chainkey_tests::wallet::interface::{
    AllowList as RawAllowList, Answer, Asset, Denial, Intent, KeyKind, Limit as RawLimit,
    Policy as RawPolicy, Proposal as Shown, Requirement as RawRequirement, Rules as RawRules,
    Setback, Stage, Standing, Tier as RawTier, WalletError,
};
use chainkey_tests::world::{World, local_args};
use dice::{DESTINATIONS, Dice};
use ledger::fault::Fault;
use model::{NO_POLICY, Person, Phase, Proposal, Reason, SECOND, Says, Spent, Wallet, Want};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use std::time::Duration;
use value::{blob, field};

/// How many ledgers there are.
const ASSETS: usize = 2;

/// Assets in the order in which a policy is shown.
const ORDER: [usize; ASSETS] = [0, 1];

/// How many steps, unless the environment says otherwise.
const STEPS: u64 = 300;

const WALLETS: u64 = 2;

/// Those who are members now and then.
const PEOPLE: Person = 5;

const HOUR: u64 = 3_600;

/// What the ledgers take for a transfer.
const FEE: u128 = 10;

/// The ledgers, once they are installed.
static LEDGERS: OnceLock<[Principal; ASSETS]> = OnceLock::new();

fn asset(number: usize) -> Asset {
    Asset::Icrc(ledger(number))
}

fn ledger(number: usize) -> Principal {
    LEDGERS.get().expect("they are installed")[number]
}

fn person(number: Person) -> Principal {
    chainkey_tests::wallet::person(&format!("person {number}"))
}

/// In how many smallest units amounts are drawn: one of a ledger is one.
fn unit(_: usize) -> u128 {
    1
}

/// Where a person receives what a ledger has.
fn destination(_: usize, who: Person) -> String {
    person(who).to_text()
}

/// What happens to a transfer, as far as a ledger can be told to let it happen.
#[derive(Clone, Debug)]
enum Fate {
    Answered,
    Rejected(CallError),
    AnswerLost(CallError),
    EffectAndSilence,
    Silence,
    Slow(Box<Fate>),
}

/// An error of the fake world; a ledger says its own.
#[derive(Clone, Debug)]
struct CallError;

impl CallError {
    fn new(_: u32, _: &str) -> Self {
        Self
    }
}

impl Fate {
    fn fault(&self) -> Option<Fault> {
        match self {
            Self::Answered => None,
            Self::Rejected(_) => Some(Fault::TemporarilyUnavailable),
            Self::AnswerLost(_) | Self::EffectAndSilence => Some(Fault::TrapAfter),
            Self::Silence => Some(Fault::TrapBefore),
            Self::Slow(fate) => fate.fault(),
        }
    }
}

impl From<&Standing> for Says {
    fn from(standing: &Standing) -> Self {
        let reason = |denial: &Denial| match denial {
            Denial::OverLimit { spent, fits_at, .. } => Reason::OverLimit {
                spent: *spent,
                fits_at: *fits_at,
            },
            Denial::NotListed { .. } => Reason::NotListed,
            Denial::NotActive { active_from, .. } => Reason::NotActive(*active_from),
            Denial::QuorumUnreachable { .. } => Reason::Unreachable,
        };
        match standing {
            Standing::Ready => Self::Ready,
            Standing::NeedsApprovals { given, quorum } => Self::Needs {
                given: *given,
                quorum: *quorum,
            },
            Standing::Waits { until } => Self::Waits(*until),
            Standing::Rejected => Self::Rejected,
            Standing::Denied(denials) => Self::Denied(denials.iter().map(reason).collect()),
        }
    }
}

/// The same with times in whole seconds: from outside, nobody knows in which nanosecond a message is handled.
fn rough(says: Says) -> Says {
    let seconds = |time: u64| time / SECOND;
    match says {
        Says::Waits(until) => Says::Waits(seconds(until)),
        Says::Denied(reasons) => {
            let rough = |reason| match reason {
                Reason::OverLimit { spent, fits_at } => Reason::OverLimit {
                    spent,
                    fits_at: fits_at.map(seconds),
                },
                Reason::NotActive(from) => Reason::NotActive(seconds(from)),
                other => other,
            };
            Says::Denied(reasons.into_iter().map(rough).collect())
        }
        other => other,
    }
}

/// The canister, its ledgers and the model of both.
struct Life<'a> {
    world: &'a World,
    canister: WalletCanister<'a>,
    tokens: [Token<'a>; ASSETS],
    dice: Dice,
    wallets: BTreeMap<u64, Wallet>,
    proposals: BTreeMap<u64, Proposal>,
    /// Every digest that was ever right, and whose it is.
    digests: BTreeMap<Vec<u8>, u64>,
    /// Blocks of the ledgers that were looked at.
    seen: [u64; ASSETS],
    requests: u64,
    tally: BTreeMap<&'static str, u64>,
}

impl<'a> Life<'a> {
    fn new(world: &'a World, seed: u64) -> Self {
        let canister = WalletCanister::install(world, &local_args()).unwrap();
        world
            .network()
            .add_cycles(canister.canister(), 1_000_000_000_000_000);
        let funds: Vec<_> = (1..=WALLETS)
            .map(|id| (canister.account(id, 0), u64::MAX / 8))
            .collect();
        let token = || {
            let args = ledger::config::InitArgs {
                fee: FEE.into(),
                ..token_args(&funds)
            };
            Token::install(world, &args).unwrap()
        };
        let tokens = [token(), token()];
        LEDGERS.get_or_init(|| tokens.map(|token| token.canister()));
        canister.prepare_keys(person(1)).unwrap();
        let mut life = Self {
            world,
            canister,
            tokens,
            dice: Dice::new(seed),
            wallets: BTreeMap::new(),
            proposals: BTreeMap::new(),
            digests: BTreeMap::new(),
            seen: [WALLETS; ASSETS],
            requests: 0,
            tally: BTreeMap::new(),
        };
        (1..=WALLETS).for_each(|id| life.found(id));
        life
    }

    fn found(&mut self, id: u64) {
        let members = self.people();
        let policy = self.dice.policy(members.len() as u32);
        let principals: Vec<Principal> = members.iter().map(|who| person(*who)).collect();
        let request = id.to_be_bytes();
        let made = self
            .canister
            .create(principals[0], &request, &principals, policy.clone());
        assert_eq!(made.unwrap().id, id);
        let wallet = Wallet {
            members,
            policy,
            version: 1,
            active_from: BTreeMap::new(),
            spent: Vec::new(),
        };
        self.wallets.insert(id, wallet);
    }

    /// Three or more of them.
    fn people(&mut self) -> BTreeSet<Person> {
        let mut people = BTreeSet::new();
        while people.len() < 3 {
            people.extend((1..=PEOPLE).filter(|_| self.dice.percent(55)));
        }
        people
    }

    fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    fn request(&mut self) -> Vec<u8> {
        self.requests += 1;
        self.requests.to_be_bytes().to_vec()
    }

    fn pass(&self, seconds: u64) {
        let network = self.world.network();
        network.advance_time(Duration::from_secs(seconds));
        network.tick();
    }

    fn says(&self, id: u64) -> Says {
        let proposal = &self.proposals[&id];
        self.wallets[&proposal.wallet].says(proposal, self.canister.now())
    }

    /// Mostly a member.
    fn somebody(&mut self, wallet: u64) -> Person {
        let members: Vec<Person> = self.wallets[&wallet].members.iter().copied().collect();
        match self.dice.percent(95) {
            true => self.dice.one_of(&members),
            false => 1 + self.dice.below(u64::from(PEOPLE)) as Person,
        }
    }

    /// One of the last in a phase.
    fn some(&mut self, phase: Phase) -> Option<u64> {
        let own = self.proposals.iter().rev();
        let own = own.filter(|(_, proposal)| proposal.phase == phase);
        let own: Vec<u64> = own.map(|(id, _)| *id).take(8).collect();
        (!own.is_empty()).then(|| self.dice.one_of(&own))
    }

    /// Mostly one that can be carried out.
    fn ready(&mut self) -> Option<u64> {
        let open = self.proposals.iter();
        let open = open.filter(|(_, proposal)| proposal.phase == Phase::Open);
        let mut ready: Vec<u64> = open.map(|(id, _)| *id).collect();
        ready.retain(|id| self.says(*id) == Says::Ready);
        match !ready.is_empty() && self.dice.percent(75) {
            true => Some(self.dice.one_of(&ready)),
            false => self.some(Phase::Open),
        }
    }

    fn step(&mut self) {
        let pause = 1 + self.dice.below(120);
        self.pass(pause);
        self.expire();
        let (open, begun) = (self.some(Phase::Open), self.some(Phase::Begun));
        match (self.dice.below(100), open, begun) {
            (22..47, Some(id), _) => self.approve(id),
            (47..51, Some(id), _) => self.reject(id),
            (51..53, Some(id), _) => self.cancel(id),
            (53..80, Some(_), _) => self.execute(),
            (80..90, _, Some(id)) => self.resume(id),
            (90..92, ..) => {
                let canister = self.canister.canister();
                self.world.upgrade(canister, "wallet").unwrap();
                self.count("upgraded");
            }
            (92..97, ..) => {
                let hours = self.dice.one_of(&[1, 1, 2, 2, 3, 25]);
                self.pass(hours * HOUR);
            }
            _ => self.propose(),
        }
        self.compare();
    }

    fn expire(&mut self) {
        let now = self.canister.now();
        for proposal in self.proposals.values_mut() {
            if proposal.phase == Phase::Open && proposal.expires_at <= now {
                proposal.phase = Phase::Expired;
            }
        }
    }

    fn want(&mut self, wallet: u64) -> Want {
        match self.dice.below(100) {
            0..15 => Want::Sign((0..32).map(|_| self.dice.below(256) as u8).collect()),
            15..33 => {
                let current = self.wallets[&wallet].policy.clone();
                Want::Policy(self.dice.altered(&current))
            }
            33..40 => Want::Members(self.people()),
            _ => Want::Pay {
                asset: self.dice.below(ASSETS as u64) as usize,
                to: self.dice.one_of(&DESTINATIONS),
                amount: 1 + u128::from(self.dice.below(700)),
                max_fee: self.dice.one_of(&[9, 12, 12, 30]),
            },
        }
    }

    fn propose(&mut self) {
        let wallet = 1 + self.dice.below(WALLETS);
        let (by, want) = (self.somebody(wallet), self.want(wallet));
        let intent = match &want {
            Want::Pay {
                asset,
                to,
                amount,
                max_fee,
            } => Intent::IcrcTransfer {
                ledger: ledger(*asset),
                from_index: 0,
                to: person(*to).to_text(),
                amount: *amount,
                max_fee: *max_fee,
            },
            Want::Sign(message) => Intent::RawSign {
                key: KeyKind::Ed25519,
                index: 0,
                message: message.clone(),
            },
            Want::Policy(policy) => Intent::PolicyChange(policy.clone()),
            Want::Members(members) => {
                Intent::MemberChange(members.iter().map(|who| person(*who)).collect())
            }
        };
        let (request, now) = (self.request(), self.canister.now());
        let delay = self.wallets[&wallet].needs(&want).delay_seconds;
        let hours = 3 + self.dice.below(10 * 24);
        let expires_at = now + (delay + hours * HOUR) * SECOND;
        let made = self
            .canister
            .propose_until(person(by), &request, wallet, &intent, expires_at);
        let is_member = self.wallets[&wallet].members.contains(&by);
        let none = WalletError::NoSuchWallet;
        let Some(made) = self.judged(made, (!is_member).then_some(none)) else {
            return;
        };
        let version = self.wallets[&wallet].version;
        let proposal = Proposal {
            wallet,
            want,
            by,
            expires_at,
            approvals: BTreeMap::from([(by, (now, version))]),
            rejections: BTreeSet::new(),
            phase: Phase::Open,
            begun: None,
            paid: 0,
            signed: 0,
        };
        assert_eq!(made.id, self.proposals.len() as u64 + 1);
        self.proposals.insert(made.id, proposal);
    }

    /// Compares a refusal with the one that the model expects; the kit's may always come.
    fn judged(&mut self, answer: Answer<Shown>, expected: Option<WalletError>) -> Option<Shown> {
        match (answer, expected) {
            (Err(WalletError::Refused(_)), _) => {
                self.count("refused by the kit");
                None
            }
            (Ok(shown), None) => Some(shown),
            (Err(error), Some(expected)) if error == expected => {
                self.count("refused");
                None
            }
            (answer, expected) => panic!("{answer:?}, but the model says {expected:?}"),
        }
    }

    /// Why somebody may not decide about an open proposal.
    fn stranger(&self, by: Person, id: u64) -> Option<WalletError> {
        let wallet = &self.wallets[&self.proposals[&id].wallet];
        (!wallet.members.contains(&by)).then_some(WalletError::NoSuchProposal)
    }

    /// Mostly a member whose approval is missing.
    fn missing(&mut self, id: u64) -> Person {
        let proposal = &self.proposals[&id];
        let wallet = &self.wallets[&proposal.wallet];
        let counts = |who: &&Person| {
            let given = proposal.approvals.get(who);
            given.is_some_and(|(_, version)| *version == wallet.version)
        };
        let missing = wallet.members.iter().filter(|who| !counts(who));
        let missing: Vec<Person> = missing.copied().collect();
        match !missing.is_empty() && self.dice.percent(80) {
            true => self.dice.one_of(&missing),
            false => self.somebody(self.proposals[&id].wallet),
        }
    }

    fn approve(&mut self, id: u64) {
        let wallet = self.proposals[&id].wallet;
        let (by, now) = (self.missing(id), self.canister.now());
        let (expected, member) = (self.stranger(by, id), self.member(wallet));
        let shown = self.canister.proposal(member, id).unwrap();
        let approved = self
            .canister
            .approve_digest(person(by), id, &shown.intent_digest);
        if self.judged(approved, expected).is_none() {
            return;
        }
        let version = self.wallets[&wallet].version;
        let proposal = self.proposals.get_mut(&id).unwrap();
        let given = proposal.approvals.get(&by);
        if given.is_none_or(|(_, under)| *under != version) {
            proposal.approvals.insert(by, (now, version));
            proposal.rejections.remove(&by);
        }
    }

    fn reject(&mut self, id: u64) {
        let by = self.somebody(self.proposals[&id].wallet);
        let expected = self.stranger(by, id);
        let rejected = self.canister.reject(person(by), id);
        if self.judged(rejected, expected).is_none() {
            return;
        }
        let proposal = self.proposals.get_mut(&id).unwrap();
        proposal.approvals.remove(&by);
        proposal.rejections.insert(by);
        if self.says(id) == Says::Rejected {
            self.proposals.get_mut(&id).unwrap().phase = Phase::Rejected;
            self.count("rejected");
        }
    }

    fn cancel(&mut self, id: u64) {
        let by = self.somebody(self.proposals[&id].wallet);
        let not_own = (self.proposals[&id].by != by).then_some(WalletError::NotProposer);
        let expected = self.stranger(by, id).or(not_own);
        let cancelled = self.canister.cancel(person(by), id);
        if self.judged(cancelled, expected).is_some() {
            self.proposals.get_mut(&id).unwrap().phase = Phase::Cancelled;
            self.count("cancelled");
        }
    }

    /// The next transfer of a proposal meets its fate; the first of the fates is of the question for the fee.
    fn order(&mut self, id: u64) {
        let fate = self.dice.fates().into_iter().nth(1);
        let fault = fate.and_then(|fate| fate.fault());
        if let (Want::Pay { asset, .. }, Some(fault)) = (&self.proposals[&id].want, fault) {
            let token = self.tokens[*asset];
            let ordered = token.fail_next_transfers(Principal::anonymous(), 1, fault);
            ordered.unwrap().unwrap();
        }
    }

    /// Takes back what was ordered and not met.
    fn relent(&self) {
        for token in &self.tokens {
            let fault = Fault::TemporarilyUnavailable;
            let ordered = token.fail_next_transfers(Principal::anonymous(), 0, fault);
            ordered.unwrap().unwrap();
        }
    }

    fn execute(&mut self) {
        let Some(id) = self.ready() else {
            return;
        };
        let by = self.somebody(self.proposals[&id].wallet);
        let (says, request) = (self.says(id), self.request());
        self.order(id);
        let answer = self.canister.execute(person(by), &request, id);
        self.relent();
        let stranger = self.stranger(by, id);
        match (answer, stranger) {
            (Err(WalletError::NotReady(standing)), None) => {
                assert_eq!(rough(Says::from(&standing)), rough(says.clone()));
                assert_ne!(says, Says::Ready);
                self.count("not ready");
            }
            (answer, stranger) => {
                if let Some(shown) = self.judged(answer, stranger) {
                    assert_eq!(says, Says::Ready, "{id} was carried out: {shown:?}");
                    self.follow(id, &shown);
                }
            }
        }
    }

    fn resume(&mut self, id: u64) {
        let by = self.somebody(self.proposals[&id].wallet);
        let expected = self.stranger(by, id);
        self.order(id);
        let answer = self.canister.resume(person(by), id);
        self.relent();
        if let Some(shown) = self.judged(answer, expected) {
            self.follow(id, &shown);
        }
    }

    /// A payment counts from the moment it begins.
    fn reserve(&mut self, id: u64) {
        let proposal = &self.proposals[&id];
        let wallet = self.wallets.get_mut(&proposal.wallet).unwrap();
        let counted = wallet.spent.iter().any(|spent| spent.proposal == id);
        let Want::Pay {
            asset,
            amount,
            max_fee,
            ..
        } = proposal.want
        else {
            return;
        };
        if !counted {
            wallet.spent.push(Spent {
                proposal: id,
                asset,
                amount: amount + max_fee,
                settled: None,
            });
        }
    }

    /// Where a run has stopped.
    fn follow(&mut self, id: u64, shown: &Shown) {
        self.reserve(id);
        let now = self.canister.now();
        let mut proposal = self.proposals[&id].clone();
        let wallet = self.wallets.get_mut(&proposal.wallet).unwrap();
        let told = match (&shown.stage, &proposal.want) {
            (Stage::Transferred { .. }, Want::Pay { .. }) => {
                let own = wallet.spent.iter_mut().filter(|spent| spent.proposal == id);
                own.for_each(|spent| spent.settled = Some(now));
                proposal.phase = Phase::Done;
                "transferred"
            }
            (Stage::Signed { .. }, Want::Sign(_)) => {
                proposal.phase = Phase::Done;
                "signed"
            }
            (Stage::Changed, Want::Policy(policy)) => {
                proposal.phase = Phase::Done;
                wallet.change_policy(policy, now);
                "policy changed"
            }
            (Stage::Changed, Want::Members(members)) => {
                proposal.phase = Phase::Done;
                let out: Vec<Person> = wallet.members.difference(members).copied().collect();
                wallet.members = members.clone();
                self.cross_out(proposal.wallet, &out);
                "members changed"
            }
            (Stage::Sent, Want::Pay { .. }) => {
                proposal.phase = Phase::Begun;
                "sent and not known"
            }
            (Stage::Open(_) | Stage::Expired, Want::Pay { .. }) => {
                let surely = matches!(
                    shown.setback,
                    Some(
                        Setback::LedgerRefused(_)
                            | Setback::FeeAboveCap { .. }
                            | Setback::NeverHappened
                    )
                );
                assert!(surely, "{shown:?}");
                wallet.spent.retain(|spent| spent.proposal != id);
                proposal.phase = Phase::Open;
                "open again"
            }
            (stage, want) => panic!("{want:?} has come to {stage:?}, {:?}", shown.setback),
        };
        self.count(told);
        if let Some(own) = self.proposals.get_mut(&id) {
            own.phase = proposal.phase;
        }
        self.expire();
    }

    /// What people approved who are put out never counts again, also if they come back.
    fn cross_out(&mut self, wallet: u64, out: &[Person]) {
        let same = self.proposals.values_mut().filter(|it| it.wallet == wallet);
        for approvals in same.map(|proposal| &mut proposal.approvals) {
            let of_them = approvals.iter_mut().filter(|(who, _)| out.contains(who));
            of_them.for_each(|(_, given)| given.1 = NO_POLICY);
        }
    }

    fn member(&self, wallet: u64) -> Principal {
        let first = self.wallets[&wallet].members.first();
        person(*first.expect("a wallet has members"))
    }

    /// Compares the last proposals and all new blocks with the model.
    fn compare(&mut self) {
        self.expire();
        let last: Vec<u64> = self.proposals.keys().rev().take(12).copied().collect();
        for id in last {
            let proposal = &self.proposals[&id];
            let member = self.member(proposal.wallet);
            let shown = self.canister.proposal(member, id).unwrap();
            let approvals: Vec<Principal> =
                proposal.approvals.keys().map(|who| person(*who)).collect();
            let same: BTreeSet<_> = shown.approvals.iter().collect();
            assert_eq!(same, approvals.iter().collect(), "{id}");
            match (&shown.stage, proposal.phase) {
                (Stage::Open(standing), Phase::Open) => {
                    let says = rough(Says::from(standing));
                    assert_eq!(says, rough(self.says(id)), "{id}: {proposal:?}");
                    assert_eq!(proposal.paid, 0, "{id} is open, but paid");
                }
                (Stage::Sent, Phase::Begun)
                | (Stage::Rejected, Phase::Rejected)
                | (Stage::Cancelled, Phase::Cancelled)
                | (Stage::Expired, Phase::Expired) => {}
                (Stage::Transferred { .. }, Phase::Done) => {}
                (Stage::Signed { .. } | Stage::Changed, Phase::Done) => {}
                (stage, phase) => panic!("{id} is {stage:?}, not {phase:?}"),
            }
            self.digests.insert(shown.intent_digest, id);
        }
        (0..ASSETS).for_each(|number| self.new_blocks(number));
        for proposal in self.proposals.values() {
            let paid = u32::from(
                proposal.phase == Phase::Done && matches!(proposal.want, Want::Pay { .. }),
            );
            let begun = proposal.phase == Phase::Begun;
            assert!(proposal.paid == paid || begun, "{proposal:?}");
        }
    }

    /// Every transfer is of one proposal that may be on its way, made once, and what it says.
    fn new_blocks(&mut self, number: usize) {
        let page = self.tokens[number].blocks(self.seen[number], 100).unwrap();
        for block in page.blocks {
            self.seen[number] += 1;
            let transfer = field(&block.block, "tx");
            let whose = self.digests.iter();
            let mut whose = whose.filter(|(digest, _)| field(&transfer, "memo") == blob(digest));
            let (_, id) = whose.next().expect("a transfer of a proposal");
            let proposal = self.proposals.get_mut(id).unwrap();
            proposal.paid += 1;
            assert_eq!(proposal.paid, 1, "{id} is paid twice");
            assert!(matches!(proposal.phase, Phase::Begun | Phase::Done));
            let Want::Pay {
                asset, to, amount, ..
            } = proposal.want
            else {
                panic!("{proposal:?} is no payment");
            };
            assert_eq!(asset, number);
            let to = value::account_value(person(to).into());
            assert_eq!(field(&transfer, "to"), to);
            let amount = ledger::value::Value::Nat(amount.into());
            assert_eq!(field(&transfer, "amt"), amount);
        }
    }
}

#[test]
fn what_happens_through_the_client_is_what_the_model_allows() {
    let steps = match std::env::var("CHAINKEY_WALLET_CLIENT_STEPS") {
        Ok(number) => number.parse().unwrap(),
        Err(_) => STEPS,
    };
    let world = World::new().unwrap();
    let mut life = Life::new(&world, 1);
    for number in 0..steps {
        println!("seed 1, step {number}");
        life.step();
    }
    println!("{:#?}", life.tally);
    if steps < STEPS {
        return;
    }
    for what in [
        "transferred",
        "signed",
        "policy changed",
        "sent and not known",
        "not ready",
    ] {
        let count = life.tally.get(what).copied().unwrap_or(0);
        assert!(count > 2, "{what}: {count}");
    }
}
