//! A transfer on a ledger between two calls: planning, sending, and finding out what became of it.
//!
//! - What it does: asks for fee and log, reserves, sends; where an answer got lost, sends the very same transfer again, and once the ledger takes it no
//!   more, reads the ledger's log.
//! - After a loss only three things end a transfer: the ledger says that it was made, its log shows it, or its log shows that it never can be.

use super::carrier::{Carrier, Step};
use crate::account::icrc::IcrcAccount;
use crate::asset::Amount;
use crate::chain::icrc::{IcrcPlan, Search, TransferArg, TransferError, search};
use crate::event::WalletEvent;
use crate::intent::{IcrcTransfer, Intent};
use crate::proposal::{Plan, Receipt, Setback, Stage};
use crate::runtime::{CallError, LEDGER_CALL, LedgerFacts, LogPart, Outside};
use candid::Principal;
use canister_kit::encoding::{Cycles, Timestamp};
use canister_kit::stable::Memory;

/// How often one run asks for blocks: each time for at most 100, and perhaps an archive.
pub const LOOKS: u32 = 20;

/// More than the clocks of two subnets are ever apart: an hour.
const CLOCKS_APART: u64 = 3_600 * Timestamp::SECOND;

/// A call to a ledger.
pub enum Ask {
    /// Its fee and log.
    Facts(Principal),
    /// A transfer.
    Transfer {
        /// The ledger.
        ledger: Principal,
        /// The same in every attempt.
        arguments: TransferArg,
    },
    /// Blocks of its log.
    Look {
        /// The ledger.
        ledger: Principal,
        /// From this one on.
        from: u64,
    },
}

/// What a call to a ledger brought.
pub enum Told {
    /// To [`Ask::Facts`].
    Facts(Result<LedgerFacts, CallError>),
    /// To [`Ask::Transfer`].
    Transfer(Result<Result<u128, TransferError>, CallError>),
    /// To [`Ask::Look`].
    Log(Result<LogPart, CallError>),
}

impl Ask {
    /// Makes the call.
    pub async fn make(self, world: &impl Outside) -> Told {
        match self {
            Self::Facts(ledger) => Told::Facts(world.ledger_facts(ledger).await),
            Self::Transfer { ledger, arguments } => {
                Told::Transfer(world.transfer(ledger, &arguments).await)
            }
            Self::Look { ledger, from } => Told::Log(world.ledger_blocks(ledger, from).await),
        }
    }
}

impl Told {
    /// What the calls cost that brought it.
    fn cost(&self) -> Cycles {
        LEDGER_CALL.times(match self {
            Self::Facts(_) | Self::Log(_) => 2,
            Self::Transfer(_) => 1,
        })
    }
}

impl<M: Memory, W: Outside> Carrier<'_, M, W> {
    /// The call that the stage of a transfer asks for.
    pub(super) fn first_of_icrc(&mut self, transfer: &IcrcTransfer, stage: &Stage) -> Step {
        match stage {
            Stage::Open => Step::Icrc(Ask::Facts(transfer.ledger.0)),
            Stage::Reserved(_) => {
                self.record(WalletEvent::Sent { id: self.id });
                self.transfer()
            }
            Stage::Sent { looking, .. } => {
                self.lose();
                match looking {
                    Some(next) => self.look(*next),
                    None => self.transfer(),
                }
            }
            Stage::Signing(_) | Stage::Ended(_) => Step::Rest,
        }
    }

    /// Records what follows of an answer.
    pub(super) fn after_icrc(&mut self, told: Told) -> Step {
        *self.spent = self.spent.plus(told.cost());
        match told {
            Told::Facts(facts) => self.after_facts(facts),
            Told::Transfer(outcome) => self.after_transfer(outcome),
            Told::Log(part) => self.after_log(part),
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
            Some((_, plan, _, transfer)) => Step::Icrc(Ask::Transfer {
                ledger: transfer.ledger.0,
                arguments: plan.arguments(&self.account(&transfer), &transfer),
            }),
            None => Step::Rest,
        }
    }

    fn look(&mut self, from: u64) -> Step {
        *self.looks += 1;
        match self.sent() {
            Some((.., transfer)) => Step::Icrc(Ask::Look {
                ledger: transfer.ledger.0,
                from,
            }),
            None => Step::Rest,
        }
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
}
