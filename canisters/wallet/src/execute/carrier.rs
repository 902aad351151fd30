//! What comes next for a proposal that is being carried out: a pure function of its stage and of the last answer.
//!
//! - What it does: [`Carrier::first`] tells the call that a stage asks for; [`Carrier::after`] records what follows of an answer, and tells the
//!   next call. Nothing here awaits.
//! - An answer that proves that nothing happened releases what was reserved; an answer that proves nothing leaves it, and is marked lost. After a
//!   loss only three things end a transfer: the ledger says that it was made, its log shows it, or its log shows that it never can be.
//! - A run that finds a stage which an interrupted one left treats that one's answer as lost.

use super::bitcoin::{Coins, Why};
use super::reserve;
use crate::account::icrc::IcrcAccount;
use crate::account::path::Purpose;
use crate::asset::Amount;
use crate::chain::ethereum::hash::SigningHash;
use crate::chain::icrc::{IcrcPlan, Search, TransferArg, TransferError, search};
use crate::event::WalletEvent;
use crate::intent::{IcrcTransfer, Intent};
use crate::policy::{Approved, Verdict};
use crate::prepare::root_keys;
use crate::proposal::{Plan, Proposal, ProposalId, Receipt, Setback, Stage};
use crate::propose::verdict;
use crate::runtime::{BitcoinFacts, CallError, LEDGER_CALL, LedgerFacts, LogPart, Outside};
use crate::signing::SigningRequest;
use crate::state::WalletKit;
use candid::Principal;
use canister_kit::encoding::{Cycles, Timestamp};
use canister_kit::stable::Memory;
use canister_kit::{Admitted, Caller, Stamp};

/// How often one run asks for blocks: each time for at most 100, and perhaps an archive.
pub const LOOKS: u32 = 20;

/// More than the clocks of two subnets are ever apart: an hour.
const CLOCKS_APART: u64 = 3_600 * Timestamp::SECOND;

/// The call to make next.
pub enum Step {
    /// None.
    Rest,
    /// A ledger's fee and log.
    AskLedger(Principal),
    /// A transfer.
    Transfer {
        /// The ledger.
        ledger: Principal,
        /// The same in every attempt.
        arguments: TransferArg,
    },
    /// Blocks of a ledger.
    Look {
        /// The ledger.
        ledger: Principal,
        /// From this one on.
        from: u64,
    },
    /// A signature.
    Sign(SigningRequest),
    /// The coins of an account on Bitcoin.
    AskCoins {
        /// Its addresses.
        addresses: Coins<String>,
        /// What for.
        why: Why,
    },
    /// A transaction to broadcast.
    Broadcast(Vec<u8>),
}

/// What a call brought.
pub enum Answer {
    /// To [`Step::AskLedger`].
    Facts(Result<LedgerFacts, CallError>),
    /// To [`Step::Transfer`].
    Transfer(Result<Result<u128, TransferError>, CallError>),
    /// To [`Step::Look`].
    Log(Result<LogPart, CallError>),
    /// To [`Step::Sign`].
    Signature(SigningRequest, Result<Vec<u8>, CallError>),
    /// To [`Step::AskCoins`].
    Coins(Why, Result<Coins<BitcoinFacts>, CallError>),
    /// To [`Step::Broadcast`].
    Broadcast(Result<(), CallError>),
}

impl Answer {
    /// What the calls to ledgers cost that brought it.
    fn ledger_fee(&self) -> Cycles {
        let calls = match self {
            Self::Facts(_) | Self::Log(_) => 2,
            Self::Transfer(_) => 1,
            Self::Signature(..) | Self::Coins(..) | Self::Broadcast(_) => 0,
        };
        LEDGER_CALL.times(calls)
    }
}

/// A proposal between two calls.
pub struct Carrier<'a, M: Memory, W: Outside> {
    /// The kit, lent for this message.
    pub kit: &'a mut WalletKit<M>,
    /// The world.
    pub world: &'a W,
    /// Who carries it out.
    pub caller: Caller,
    /// Which proposal.
    pub id: ProposalId,
    /// What the run was admitted beside what it began with.
    pub further: &'a mut Option<(Admitted, Cycles)>,
    /// What the run has cost so far, beside signatures and broadcasting.
    pub spent: &'a mut Cycles,
    /// How often the run has asked for blocks.
    pub looks: &'a mut u32,
}

impl<M: Memory, W: Outside> Carrier<'_, M, W> {
    /// The call that the stage asks for.
    pub fn first(&mut self) -> Step {
        let Some(proposal) = self.proposal() else {
            return Step::Rest;
        };
        match (&proposal.stage, &proposal.intent) {
            (Stage::Open, Intent::IcrcTransfer(transfer)) => Step::AskLedger(transfer.ledger.0),
            (Stage::Open, Intent::BtcSend(_)) => self.ask_coins(Why::Plan),
            (Stage::Reserved(Plan::Bitcoin(_)), _) => {
                self.record(WalletEvent::SigningBegun { id: self.id });
                self.sign_input()
            }
            (Stage::Signing(Plan::Bitcoin(_)), _) => self.sign_input(),
            (
                Stage::Sent {
                    plan: Plan::Bitcoin(_),
                    ..
                },
                _,
            ) => self.ask_coins(Why::Settle),
            (Stage::Open, Intent::RawSign(_) | Intent::Eip191(_) | Intent::Eip712(_)) => {
                match self.approved() {
                    Some(approved) => self.reserve(approved, Plan::Message),
                    None => Step::Rest,
                }
            }
            (Stage::Reserved(Plan::Icrc(_)), _) => {
                self.record(WalletEvent::Sent { id: self.id });
                self.transfer()
            }
            (Stage::Reserved(Plan::Message), _) => {
                self.record(WalletEvent::SigningBegun { id: self.id });
                self.sign()
            }
            (Stage::Signing(_), _) => self.sign(),
            (Stage::Sent { looking, .. }, _) => {
                self.lose();
                match looking {
                    Some(next) => self.look(*next),
                    None => self.transfer(),
                }
            }
            (Stage::Open | Stage::Ended(_), _) => Step::Rest,
        }
    }

    /// Records what follows of an answer.
    pub fn after(&mut self, answer: Answer) -> Step {
        *self.spent = self.spent.plus(answer.ledger_fee());
        match answer {
            Answer::Facts(facts) => self.after_facts(facts),
            Answer::Transfer(outcome) => self.after_transfer(outcome),
            Answer::Log(part) => self.after_log(part),
            Answer::Signature(request, signature) => match self.work() {
                Some(work) => self.after_input(&work, signature),
                None => self.after_signature(&request, signature),
            },
            Answer::Coins(why, coins) => self.after_coins(why, coins),
            Answer::Broadcast(outcome) => self.after_broadcast(outcome),
        }
    }

    fn after_facts(&mut self, facts: Result<LedgerFacts, CallError>) -> Step {
        let Some(proposal) = self.proposal() else {
            return Step::Rest;
        };
        let Intent::IcrcTransfer(transfer) = &proposal.intent else {
            return Step::Rest;
        };
        let facts = match facts {
            Ok(facts) => facts,
            Err(error) => return self.stop(Setback::LedgerSilent(error)),
        };
        let (fee, max_fee) = (facts.fee, transfer.max_fee.0);
        if fee > max_fee {
            return self.stop(Setback::FeeAboveCap { fee, max_fee });
        }
        // Members, policy and history may have changed during the call.
        let Some(approved) = self.approved() else {
            return Step::Rest;
        };
        let version = self.kit.product().get(proposal.wallet);
        let Some(version) = version.map(|wallet| wallet.policy_version) else {
            return Step::Rest;
        };
        let plan = IcrcPlan {
            fee: Amount(fee),
            created_at: self.world.now(),
            memo: proposal.intent.digest(self.id, proposal.wallet, version),
            first_block: facts.log_length,
        };
        self.reserve(approved, Plan::Icrc(plan))
    }

    fn after_transfer(&mut self, outcome: Result<Result<u128, TransferError>, CallError>) -> Step {
        let Some((lost, plan, ..)) = self.sent() else {
            return Step::Rest;
        };
        match outcome {
            Ok(Ok(block))
            | Ok(Err(TransferError::Duplicate {
                duplicate_of: block,
            })) => {
                // No ledger has 2^64 blocks.
                let block = u64::try_from(block).unwrap_or(u64::MAX);
                self.done(Receipt::Block(block))
            }
            Ok(Err(refusal)) if !lost => self.release(Setback::LedgerRefused(refusal)),
            Ok(Err(refusal)) if refusal == TransferError::TooOld || self.is_too_old(&plan) => {
                match plan.first_block {
                    Some(next) => {
                        self.record(WalletEvent::Looking { id: self.id, next });
                        self.look(next)
                    }
                    None => {
                        let error = CallError::new(0, "the ledger has shown no log with ICRC-3");
                        self.stop(Setback::LogUnreadable(error))
                    }
                }
            }
            Ok(Err(refusal)) => self.stop(Setback::RefusedAfterLoss(refusal)),
            Err(error) if !lost && error.surely_without_effect() => {
                self.release(Setback::NotReached(error))
            }
            Err(error) => {
                self.lose();
                self.stop(Setback::OutcomeLost(error))
            }
        }
    }

    fn after_log(&mut self, part: Result<LogPart, CallError>) -> Step {
        let Some((_, plan, Some(start), transfer)) = self.sent() else {
            return Step::Rest;
        };
        let part = match part {
            Ok(part) => part,
            Err(error) => return self.stop(Setback::LogUnreadable(error)),
        };
        let from = self.account(&transfer);
        let next = match search(&plan, &from, start, &part.blocks) {
            Search::Found(block) => return self.done(Receipt::Block(block)),
            Search::Absent => return self.release(Setback::NeverHappened),
            // The ledger takes it no more (`TooOld`, or much later), so it is in no block that is still to come.
            Search::GoOn(next) if next >= part.log_length => {
                return self.release(Setback::NeverHappened);
            }
            Search::GoOn(next) if next == start => {
                let error = CallError::new(0, format!("block {start} was not shown"));
                return self.stop(Setback::LogUnreadable(error));
            }
            Search::GoOn(next) => next,
        };
        self.record(WalletEvent::Looking { id: self.id, next });
        // A run ends now and then, so that no call goes on for ever.
        match *self.looks < LOOKS {
            true => self.look(next),
            false => self.stop(Setback::StillLooking { next }),
        }
    }

    fn after_signature(
        &mut self,
        request: &SigningRequest,
        signature: Result<Vec<u8>, CallError>,
    ) -> Step {
        let signature = match signature {
            Ok(signature) => signature,
            Err(error) => return self.stop(Setback::NotSigned(error)),
        };
        let roots = root_keys(self.kit).ok();
        match roots.and_then(|roots| request.receipt(&roots, &signature)) {
            Some(receipt) => self.done(receipt),
            None => self.stop(Setback::BadSignature),
        }
    }

    /// What the policy says now.
    pub(super) fn approved(&self) -> Option<Approved> {
        match verdict(self.kit, self.world, self.id) {
            Some(Verdict::Approved(approved)) if self.is_open() => Some(approved),
            _ => None,
        }
    }

    fn is_open(&self) -> bool {
        let proposal = self.proposal();
        proposal.is_some_and(|proposal| proposal.is_open(self.world.now()))
    }

    pub(super) fn reserve(&mut self, approved: Approved, plan: Plan) -> Step {
        reserve::reserve(self.kit, self.world, self.caller, approved, plan);
        self.first()
    }

    /// Whether no ledger takes the transfer any more, whatever it says: most look at the fee before they look at the time.
    fn is_too_old(&self, plan: &IcrcPlan) -> bool {
        self.world.now() > plan.taken_until().after(CLOCKS_APART)
    }

    /// From now on a refusal proves nothing.
    fn lose(&mut self) {
        if let Some((false, ..)) = self.sent() {
            self.record(WalletEvent::OutcomeLost { id: self.id });
        }
    }

    fn transfer(&self) -> Step {
        match self.sent() {
            Some((_, plan, _, transfer)) => Step::Transfer {
                ledger: transfer.ledger.0,
                arguments: plan.arguments(&self.account(&transfer), &transfer),
            },
            None => Step::Rest,
        }
    }

    fn look(&mut self, from: u64) -> Step {
        *self.looks += 1;
        match self.sent() {
            Some((.., transfer)) => Step::Look {
                ledger: transfer.ledger.0,
                from,
            },
            None => Step::Rest,
        }
    }

    fn sign(&self) -> Step {
        let Some(Proposal { wallet, intent, .. }) = self.proposal() else {
            return Step::Rest;
        };
        let evm = |from, hash: SigningHash| (Purpose::Evm, from, hash.0.to_vec());
        let (purpose, index, message) = match intent {
            Intent::RawSign(sign) => (Purpose::Raw(sign.key), sign.index, sign.message),
            Intent::Eip191(sign) => evm(sign.from, sign.signing_hash()),
            Intent::Eip712(sign) => evm(sign.from, sign.data().signing_hash()),
            _ => return Step::Rest,
        };
        Step::Sign(SigningRequest::new(wallet, purpose, index, message))
    }

    fn account(&self, transfer: &IcrcTransfer) -> IcrcAccount {
        let wallet = self.proposal().map(|proposal| proposal.wallet);
        match wallet {
            Some(wallet) => IcrcAccount::of(self.world.canister(), wallet, transfer.from),
            None => panic!("proposal {} is not there", self.id.number()),
        }
    }

    /// A transfer that was sent: whether an outcome got lost, the plan, where its search stands, and the intent.
    fn sent(&self) -> Option<(bool, IcrcPlan, Option<u64>, IcrcTransfer)> {
        let proposal = self.proposal()?;
        let Some(Plan::Icrc(plan)) = proposal.plan().cloned() else {
            return None;
        };
        match (proposal.stage, proposal.intent) {
            (Stage::Sent { lost, looking, .. }, Intent::IcrcTransfer(transfer)) => {
                Some((lost, plan, looking, transfer))
            }
            _ => None,
        }
    }

    pub(super) fn proposal(&self) -> Option<Proposal> {
        self.kit.product().proposal(self.id)
    }

    pub(super) fn done(&mut self, receipt: Receipt) -> Step {
        let id = self.id;
        self.record(WalletEvent::Done { id, receipt });
        Step::Rest
    }

    fn release(&mut self, setback: Setback) -> Step {
        let id = self.id;
        self.record(WalletEvent::Released { id, setback });
        Step::Rest
    }

    pub(super) fn stop(&mut self, setback: Setback) -> Step {
        let id = self.id;
        self.record(WalletEvent::Stopped { id, setback });
        Step::Rest
    }

    pub(super) fn record(&mut self, event: WalletEvent) {
        let stamp = Stamp::new(self.world, self.caller.identity());
        self.kit.record(stamp, event);
    }
}
