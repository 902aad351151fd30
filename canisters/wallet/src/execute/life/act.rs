//! One step: done to the canister, and to the model if the rules allow it.
//!
//! - What the canister refuses, the model must refuse for the same reason. The kit's refusals (quota and the like) may always come.

use super::model::{Phase, Proposal, SECOND, Says, Want};
use super::{CHAIN, ETHER, GAS, Life, Op, Person, destination, ledger};
use crate::error::WalletError;
use crate::execute::RaiseWanted;
use crate::execute::{self, Started};
use crate::fake::person;
use crate::intent::{RawEvmTransfer, RawIntent};
use crate::proposal::{ProposalId, ProposalView};
use crate::propose::{LONGEST_OPEN, MAX_UNENDED, Wish, approve, cancel, propose, reject, view};
use crate::root_key::KeyKind;
use crate::runtime::fake::Fate;
use crate::wallet::WalletId;
use serde_bytes::ByteBuf;
use std::collections::{BTreeMap, BTreeSet};
use std::task::{Context, Poll, Waker};

/// A wish that was granted, to be repeated.
pub struct Asked {
    by: Person,
    wallet: u64,
    request: Vec<u8>,
    want: Want,
    expires_at: u64,
    id: u64,
    at: u64,
}

/// Why a step is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
enum No {
    NotMember,
    Expiry,
    TooMany,
    NotOpen,
    NotProposer,
    OtherDigest,
    NothingToResume,
    BeingCarriedOut,
    NotReady(Says),
}

type Touched = Vec<u64>;

impl No {
    /// Nothing for a refusal of the kit.
    fn of(error: &WalletError) -> Result<Option<Self>, String> {
        Ok(Some(match error {
            WalletError::Refused(_) => return Ok(None),
            WalletError::NoSuchWallet | WalletError::NoSuchProposal => Self::NotMember,
            WalletError::Expiry { .. } => Self::Expiry,
            WalletError::TooManyProposals { .. } => Self::TooMany,
            WalletError::NotOpen => Self::NotOpen,
            WalletError::NotProposer => Self::NotProposer,
            WalletError::OtherDigest => Self::OtherDigest,
            WalletError::NothingToResume => Self::NothingToResume,
            WalletError::BeingCarriedOut => Self::BeingCarriedOut,
            WalletError::NotReady(standing) => Self::NotReady(standing.into()),
            other => return Err(format!("nobody expected {other:?}")),
        }))
    }
}

impl<'a> Life<'a> {
    /// Does a step. Out: the proposals that it may have changed.
    pub(super) fn act(&mut self, op: Op) -> Result<Touched, String> {
        match op {
            Op::Propose {
                by,
                wallet,
                want,
                open_for,
            } => self.propose(by, wallet, want, open_for),
            Op::Again => self.again(),
            Op::Approve { by, id, stale } => self.approve(by, id, stale),
            Op::Reject { by, id } => self.reject(by, id),
            Op::Cancel { by, id } => self.cancel(by, id),
            Op::Execute { by, id, fates } => self.execute(by, id, fates),
            Op::ExecuteAgain { fates } => self.execute_again(fates),
            Op::Resume { by, id, fates } => self.resume(by, id, fates),
            Op::Raise {
                by,
                id,
                cancels,
                fee,
                fates,
            } => self.raise(by, id, (cancels, fee), fates),
            Op::Mine { blocks, earlier } => {
                self.mine(blocks, earlier);
                Ok(vec![])
            }
            Op::BaseFee(fee) => {
                self.scene.world.evm.borrow_mut().base_fee = fee;
                Ok(vec![])
            }
            Op::Deliver { which } => {
                let (id, run) = self.running.swap_remove(which);
                self.poll(id, run);
                Ok(vec![id])
            }
            Op::Upgrade => {
                if !self.running.is_empty() {
                    self.count("upgraded in a run");
                }
                self.running.clear();
                self.scene.upgrade();
                Ok(self.proposals.keys().rev().take(50).copied().collect())
            }
            Op::Pass(time) => {
                self.scene.world.world.pass(time);
                Ok(self.proposals.keys().rev().take(10).copied().collect())
            }
            Op::Fee { asset, fee } => {
                self.scene
                    .world
                    .with_ledger(ledger(asset), |ledger| ledger.fee = fee);
                Ok(vec![])
            }
            Op::Balance { asset, balance } => {
                let set = |ledger: &mut crate::runtime::fake::FakeLedger| ledger.balance = balance;
                self.scene.world.with_ledger(ledger(asset), set);
                Ok(vec![])
            }
            Op::Log { asset, shown } => {
                self.scene
                    .world
                    .with_ledger(ledger(asset), |ledger| ledger.shows_log = shown);
                Ok(vec![])
            }
        }
    }

    fn is_member(&self, by: Person, wallet: u64) -> bool {
        self.wallets[&wallet].members.contains(&by)
    }

    /// Compares a refusal with what the model expects; whether it was done.
    fn judged<T>(
        &mut self,
        result: Result<T, WalletError>,
        expected: Option<No>,
    ) -> Result<Option<T>, String> {
        let refusal = match &result {
            Ok(_) => None,
            Err(error) => match No::of(error)? {
                Some(no) => Some(no),
                None => {
                    self.count("refused by the kit");
                    return Ok(None);
                }
            },
        };
        if refusal != expected {
            return Err(format!("{refusal:?}, but the model says {expected:?}"));
        }
        if let Some(no) = refusal {
            self.count(no.name());
        }
        Ok(result.ok())
    }

    fn propose(
        &mut self,
        by: Person,
        wallet: u64,
        want: Want,
        open_for: u64,
    ) -> Result<Touched, String> {
        let now = self.now();
        let earliest = now + self.wallets[&wallet].needs(&want).delay_seconds * SECOND;
        let expires_at = earliest + open_for;
        let out_of_time = open_for == 0 || open_for > LONGEST_OPEN;
        let expected = match self.is_member(by, wallet) {
            false => Some(No::NotMember),
            true if out_of_time => Some(No::Expiry),
            true if !self.has_room(wallet) => Some(No::TooMany),
            true => None,
        };
        self.requests += 1;
        let request = self.requests.to_be_bytes().to_vec();
        let asked = Asked {
            by,
            wallet,
            request,
            want,
            expires_at,
            id: 0,
            at: now,
        };
        let result = self.ask(&asked);
        let Some(made) = self.judged(result, expected)? else {
            return Ok(vec![]);
        };
        let id = self.proposals.len() as u64 + 1;
        if made.id != id {
            return Err(format!("the next proposal is {id}, not {}", made.id));
        }
        let version = self.wallets[&wallet].version;
        let proposal = Proposal {
            wallet,
            want: asked.want.clone(),
            by,
            expires_at,
            approvals: BTreeMap::from([(by, (now, version))]),
            rejections: BTreeSet::new(),
            phase: Phase::Open,
            begun: None,
            paid: 0,
            signed: 0,
        };
        self.proposals.insert(id, proposal);
        self.last = Some(Asked { id, ..asked });
        Ok(vec![id])
    }

    fn ask(&self, asked: &Asked) -> Result<ProposalView, WalletError> {
        let intent = match &asked.want {
            Want::Pay {
                asset: ETHER,
                to,
                amount,
                max_fee,
            } => RawIntent::EvmTransfer(RawEvmTransfer {
                chain_id: CHAIN,
                from_index: 0,
                to: destination(ETHER, *to),
                value: *amount,
                gas_limit: GAS,
                max_fee_per_gas: max_fee / u128::from(GAS),
                max_priority_fee_per_gas: max_fee / u128::from(GAS),
            }),
            Want::Pay {
                asset,
                to,
                amount,
                max_fee,
            } => RawIntent::IcrcTransfer {
                ledger: ledger(*asset),
                from_index: 0,
                to: person(*to).to_text(),
                amount: *amount,
                max_fee: *max_fee,
            },
            Want::Sign(message) => RawIntent::RawSign {
                key: KeyKind::ALL[usize::from(message[0] % 3)],
                index: 0,
                message: ByteBuf::from(message.clone()),
            },
            Want::Policy(policy) => RawIntent::PolicyChange(policy.clone()),
            Want::Members(members) => {
                RawIntent::MemberChange(members.iter().map(|who| person(*who)).collect())
            }
        };
        let caller = self.scene.call_as(asked.by);
        let wallet = WalletId::new(asked.wallet);
        let note = "life".to_owned();
        let wish = Wish::of(
            wallet,
            asked.request.clone(),
            intent,
            asked.expires_at,
            note,
        );
        propose(
            &mut self.scene.kit.borrow_mut(),
            &self.scene.world,
            caller,
            wish,
        )
    }

    /// The same wish comes once more within the time in which requests are kept.
    fn again(&mut self) -> Result<Touched, String> {
        let Some(last) = self.last.take() else {
            return Ok(vec![]);
        };
        let kept = self.now() < last.at + 23 * 3_600 * SECOND;
        if kept && self.is_member(last.by, last.wallet) && matches!(last.want, Want::Pay { .. }) {
            let found = self.ask(&last).map_err(|error| format!("{error:?}"))?;
            if found.id != last.id {
                return Err(format!("request of {} made {}", last.id, found.id));
            }
            self.count("again");
        }
        let id = last.id;
        Ok(vec![id])
    }

    /// Whether a wallet may have one more; what is over makes room first.
    fn has_room(&mut self, wallet: u64) -> bool {
        let now = self.now();
        let unended = |life: &Self| {
            let phases = life
                .proposals
                .values()
                .filter(|proposal| proposal.wallet == wallet);
            phases
                .filter(|proposal| matches!(proposal.phase, Phase::Open | Phase::Begun))
                .count()
        };
        if unended(self) >= MAX_UNENDED {
            for proposal in self.proposals.values_mut() {
                let over = proposal.phase == Phase::Open && proposal.expires_at <= now;
                if proposal.wallet == wallet && over {
                    proposal.phase = Phase::Expired;
                }
            }
        }
        unended(self) < MAX_UNENDED
    }

    /// Why nobody, or not this one, may decide about a proposal now.
    fn closed_to(&self, by: Person, id: u64) -> Option<No> {
        let proposal = &self.proposals[&id];
        let open = proposal.phase == Phase::Open && self.now() < proposal.expires_at;
        match (self.is_member(by, proposal.wallet), open) {
            (false, _) => Some(No::NotMember),
            (true, false) => Some(No::NotOpen),
            (true, true) => None,
        }
    }

    fn approve(&mut self, by: Person, id: u64, stale: bool) -> Result<Touched, String> {
        let shown = view(
            &self.scene.kit.borrow(),
            &self.scene.world,
            ProposalId::new(id),
        );
        let right = shown.intent_digest.into_vec();
        let old = self
            .digests
            .iter()
            .find(|(digest, whose)| **whose == id && **digest != right);
        let digest = match (stale, old) {
            (true, Some((old, _))) => old.clone(),
            (true, None) => vec![7; 32],
            (false, _) => right,
        };
        let expected = self.closed_to(by, id).or(stale.then_some(No::OtherDigest));
        let caller = self.scene.call_as(by);
        let number = ProposalId::new(id);
        let kit = &self.scene.kit;
        let world = &self.scene.world;
        let result = approve(&mut kit.borrow_mut(), world, caller, number, &digest);
        if self.judged(result, expected)?.is_some() {
            let now = self.now();
            let proposal = &self.proposals[&id];
            let version = self.wallets[&proposal.wallet].version;
            let proposal = self.proposals.get_mut(&id).unwrap();
            let given = proposal.approvals.get(&by);
            if given.is_none_or(|(_, under)| *under != version) {
                proposal.approvals.insert(by, (now, version));
                proposal.rejections.remove(&by);
            }
        }
        Ok(vec![id])
    }

    fn reject(&mut self, by: Person, id: u64) -> Result<Touched, String> {
        let expected = self.closed_to(by, id);
        let caller = self.scene.call_as(by);
        let number = ProposalId::new(id);
        let result = reject(
            &mut self.scene.kit.borrow_mut(),
            &self.scene.world,
            caller,
            number,
        );
        if self.judged(result, expected)?.is_some() {
            let proposal = self.proposals.get_mut(&id).unwrap();
            proposal.approvals.remove(&by);
            proposal.rejections.insert(by);
            if self.says(id) == Says::Rejected {
                self.proposals.get_mut(&id).unwrap().phase = Phase::Rejected;
                self.count("rejected");
            }
        }
        Ok(vec![id])
    }

    fn cancel(&mut self, by: Person, id: u64) -> Result<Touched, String> {
        let not_own = self.proposals[&id].by != by;
        let expected = self
            .closed_to(by, id)
            .or(not_own.then_some(No::NotProposer));
        let caller = self.scene.call_as(by);
        let number = ProposalId::new(id);
        let result = cancel(
            &mut self.scene.kit.borrow_mut(),
            &self.scene.world,
            caller,
            number,
        );
        if self.judged(result, expected)?.is_some() {
            self.proposals.get_mut(&id).unwrap().phase = Phase::Cancelled;
            self.count("cancelled");
        }
        Ok(vec![id])
    }

    fn execute(&mut self, by: Person, id: u64, fates: Vec<Fate>) -> Result<Touched, String> {
        let says = self.says(id);
        let expected = match self.closed_to(by, id) {
            Some(no) => Some(no),
            None if self.runs(id) => Some(No::BeingCarriedOut),
            None => (says != Says::Ready).then_some(No::NotReady(says)),
        };
        self.requests += 1;
        let request = self.requests.to_be_bytes().to_vec();
        self.executed = Some((by, id, request.clone()));
        *self.scene.world.fates.borrow_mut() = fates.into();
        let scene = self.scene;
        let (caller, number) = (scene.call_as(by), ProposalId::new(id));
        let begun = execute::begin(
            &mut scene.kit.borrow_mut(),
            &scene.world,
            caller,
            request,
            number,
        );
        if let Some(Started::Run(run)) = self.judged(begun, expected)? {
            self.poll(id, Box::pin(execute::drive(scene, &scene.world, run)));
        }
        Ok(vec![id])
    }

    /// Whatever became of the request before: [`super::watch`] tells whether this may begin or go on with anything.
    fn execute_again(&mut self, fates: Vec<Fate>) -> Result<Touched, String> {
        let Some((by, id, request)) = self.executed.clone() else {
            return Ok(vec![]);
        };
        *self.scene.world.fates.borrow_mut() = fates.into();
        let scene = self.scene;
        let (caller, number) = (scene.call_as(by), ProposalId::new(id));
        let begun = execute::begin(
            &mut scene.kit.borrow_mut(),
            &scene.world,
            caller,
            request,
            number,
        );
        self.count("executed again");
        match begun {
            Ok(Started::Run(run)) => {
                self.poll(id, Box::pin(execute::drive(scene, &scene.world, run)))
            }
            Ok(Started::Ended(_)) => {}
            Err(error) => drop(No::of(&error)?),
        }
        Ok(vec![id])
    }

    fn resume(&mut self, by: Person, id: u64, fates: Vec<Fate>) -> Result<Touched, String> {
        let proposal = &self.proposals[&id];
        let begun = proposal.phase == Phase::Begun;
        let expected = match self.is_member(by, proposal.wallet) {
            false => Some(No::NotMember),
            true if !begun => Some(No::NothingToResume),
            true => self.runs(id).then_some(No::BeingCarriedOut),
        };
        *self.scene.world.fates.borrow_mut() = fates.into();
        let scene = self.scene;
        let (caller, number) = (scene.call_as(by), ProposalId::new(id));
        let run = execute::resume(&mut scene.kit.borrow_mut(), &scene.world, caller, number);
        if let Some(run) = self.judged(run, expected)? {
            self.poll(id, Box::pin(execute::drive(scene, &scene.world, run)));
        }
        Ok(vec![id])
    }

    /// Another version of a transaction of Ether. Whether there is one to replace, its stage decides, which the model does not know.
    fn raise(
        &mut self,
        by: Person,
        id: u64,
        (cancels, fee): (bool, u128),
        fates: Vec<Fate>,
    ) -> Result<Touched, String> {
        let proposal = &self.proposals[&id];
        let (begun, member) = (
            proposal.phase == Phase::Begun,
            self.is_member(by, proposal.wallet),
        );
        self.requests += 1;
        let (number, request) = (ProposalId::new(id), self.requests.to_be_bytes().to_vec());
        let wanted = match cancels {
            true => RaiseWanted::cancellation(number, request, (fee, fee)),
            false => RaiseWanted::fees(number, request, (fee, fee)),
        };
        *self.scene.world.fates.borrow_mut() = fates.into();
        let scene = self.scene;
        let caller = scene.call_as(by);
        let started = execute::raise(&mut scene.kit.borrow_mut(), &scene.world, caller, wanted);
        match started {
            Ok(Started::Run(run)) if begun && member && !self.runs(id) => {
                self.count("raised");
                self.poll(id, Box::pin(execute::drive(scene, &scene.world, run)));
            }
            Ok(_) => return Err("a raise that the model does not allow".to_owned()),
            Err(WalletError::NothingToBump) => {}
            Err(error) => {
                let no = No::of(&error)?;
                let expected = match member {
                    false => No::NotMember,
                    true => No::BeingCarriedOut,
                };
                if no.is_some_and(|no| no != expected) {
                    return Err(format!("{error:?}"));
                }
            }
        }
        Ok(vec![id])
    }

    /// Blocks with what waits; perhaps with an earlier version of something.
    fn mine(&mut self, blocks: u64, earlier: bool) {
        let chain = &self.scene.world.evm;
        if earlier {
            let chain = &mut *chain.borrow_mut();
            let waiting = chain.pool.values().next().cloned();
            let older = waiting.and_then(|waiting| {
                let same = |seen: &&crate::runtime::fake::Seen| {
                    seen.from == waiting.from && seen.raw.nonce == waiting.raw.nonce
                };
                chain.sent.iter().find(same).cloned()
            });
            if let Some(older) = older {
                let next = chain.counts.get(&older.from).copied().unwrap_or(0);
                if older.raw.nonce.0 == next {
                    chain.mine_only(older);
                }
            }
        }
        chain.borrow_mut().mine(blocks);
    }

    fn runs(&self, id: u64) -> bool {
        self.running.iter().any(|(running, _)| *running == id)
    }

    /// Lets a run get on. What waits for an answer that never comes is dropped, as the network does after a trap.
    fn poll(&mut self, id: u64, mut run: super::Running<'a>) {
        self.scene.world.comes_later.set(false);
        let polled = run.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        if let (Poll::Pending, true) = (polled, self.scene.world.comes_later.get()) {
            self.count("slow");
            self.running.push((id, run));
        }
    }
}

impl No {
    fn name(&self) -> &'static str {
        use super::model::Reason;
        match self {
            Self::NotMember => "not a member",
            Self::Expiry => "expiry",
            Self::TooMany => "too many proposals",
            Self::NotOpen => "not open",
            Self::NotProposer => "not the proposer",
            Self::OtherDigest => "other digest",
            Self::NothingToResume => "nothing to resume",
            Self::BeingCarriedOut => "being carried out",
            Self::NotReady(Says::Ready) => "ready",
            Self::NotReady(Says::Needs { .. }) => "not ready: needs approvals",
            Self::NotReady(Says::Waits(_)) => "not ready: waits",
            Self::NotReady(Says::Rejected) => "not ready: rejected",
            Self::NotReady(Says::Denied(reasons)) => match reasons.last() {
                Some(Reason::OverLimit { .. }) => "not ready: over a limit",
                Some(Reason::NotListed) => "not ready: not listed",
                Some(Reason::NotActive(_)) => "not ready: not active",
                Some(Reason::Unreachable) | None => "not ready: quorum out of reach",
            },
        }
    }
}
