//! What comes next for a proposal that is being carried out: a pure function of its stage and of the last answer.
//!
//! - What it does: [`Carrier::first`] tells the call that a stage asks for; [`Carrier::after`] records what follows of an answer, and tells the
//!   next call. Only [`Step::make`] awaits. What is peculiar to a chain stands in a file of its own ([`icrc`], [`bitcoin`], [`ethereum`],
//!   [`solana`]); messages stand here.
//! - An answer that proves that nothing happened releases what was reserved; an answer that proves nothing leaves it, and is marked lost.
//! - A run that finds a stage which an interrupted one left treats that one's answer as lost.

use super::{bitcoin, ethereum, icrc, reserve, solana};
use crate::account::path::Purpose;
use crate::chain::ethereum::hash::SigningHash;
use crate::event::WalletEvent;
use crate::intent::Intent;
use crate::policy::{Approved, Verdict};
use crate::prepare::root_keys;
use crate::proposal::{Plan, Proposal, ProposalId, Receipt, Setback, Stage};
use crate::propose::verdict;
use crate::runtime::{CallError, Outside};
use crate::signing::SigningRequest;
use crate::state::WalletKit;
use canister_kit::encoding::Cycles;
use canister_kit::stable::Memory;
use canister_kit::{Admitted, Caller, Environment, KeyName, Stamp};

/// The call to make next.
pub enum Step {
    /// None.
    Rest,
    /// A signature.
    Sign(SigningRequest),
    /// To a ledger.
    Icrc(icrc::Ask),
    /// To the Bitcoin canister.
    Bitcoin(bitcoin::Ask),
    /// About a chain of Ethereum's kind.
    Evm(ethereum::Ask),
    /// To the SOL RPC canister.
    Solana(solana::Ask),
}

/// What a call brought.
pub enum Answer {
    /// To [`Step::Sign`].
    Signature(SigningRequest, Result<Vec<u8>, CallError>),
    /// To [`Step::Icrc`].
    Icrc(icrc::Told),
    /// To [`Step::Bitcoin`].
    Bitcoin(bitcoin::Told),
    /// To [`Step::Evm`].
    Evm(ethereum::Told),
    /// To [`Step::Solana`].
    Solana(solana::Told),
}

impl Step {
    /// Makes the call, signatures under the master key of this name; nothing where there is none to make.
    pub async fn make(
        self,
        world: &impl Outside,
        environment: Environment,
        name: &KeyName,
    ) -> Option<Answer> {
        Some(match self {
            Self::Rest => return None,
            Self::Sign(request) => {
                let signature = world.sign(&request, name).await;
                Answer::Signature(request, signature)
            }
            Self::Icrc(ask) => Answer::Icrc(ask.make(world).await),
            Self::Bitcoin(ask) => Answer::Bitcoin(ask.make(world, environment).await),
            Self::Evm(ask) => Answer::Evm(ask.make(world).await),
            Self::Solana(ask) => Answer::Solana(ask.make(world, environment).await),
        })
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
        let Some(Proposal { intent, stage, .. }) = self.proposal() else {
            return Step::Rest;
        };
        match &intent {
            Intent::IcrcTransfer(transfer) => self.first_of_icrc(transfer, &stage),
            Intent::BtcSend(_) => self.first_of_bitcoin(&stage),
            Intent::EvmTransfer(_) | Intent::Erc20Transfer(_) | Intent::EvmCall(_) => {
                self.first_of_evm(&stage)
            }
            Intent::SolTransfer(_) | Intent::SplTransfer(_) => self.first_of_solana(&stage),
            Intent::RawSign(_) | Intent::Eip191(_) | Intent::Eip712(_) => {
                self.first_of_message(&stage)
            }
            Intent::PolicyChange(_) | Intent::MemberChange(_) => Step::Rest,
        }
    }

    /// Records what follows of an answer.
    pub fn after(&mut self, answer: Answer) -> Step {
        match answer {
            Answer::Signature(request, signature) => match self.plan() {
                Some(Plan::Bitcoin(work)) => self.after_input(&work, signature),
                Some(Plan::Evm(work)) => self.after_evm_signature(&work, signature),
                Some(Plan::Solana(work)) => self.after_solana_signature(&work, signature),
                Some(Plan::Message | Plan::Icrc(_)) | None => {
                    self.after_signature(&request, signature)
                }
            },
            Answer::Icrc(told) => self.after_icrc(told),
            Answer::Bitcoin(told) => self.after_bitcoin(told),
            Answer::Evm(told) => self.after_evm(told),
            Answer::Solana(told) => self.after_solana(told),
        }
    }

    /// The call that the stage of a message asks for.
    fn first_of_message(&mut self, stage: &Stage) -> Step {
        match stage {
            Stage::Open => match self.approved() {
                Some(approved) => self.reserve(approved, Plan::Message),
                None => Step::Rest,
            },
            Stage::Reserved(_) => {
                self.record(WalletEvent::SigningBegun { id: self.id });
                self.sign()
            }
            Stage::Signing(_) => self.sign(),
            Stage::Sent { .. } | Stage::Ended(_) => Step::Rest,
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

    /// Admits the caller to fees that are paid beside what the run began with.
    ///
    /// # Errors
    /// These fees, if the caller's admission does not cover them.
    pub(super) fn cover_fees(&mut self, most: Cycles) -> Result<(), Cycles> {
        let active = self.kit.active().map_err(|_| most)?;
        let admitted = self.kit.admit(self.world, active, self.caller, most);
        *self.further = Some((admitted.map_err(|_| most)?, most));
        Ok(())
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

    pub(super) fn proposal(&self) -> Option<Proposal> {
        self.kit.product().proposal(self.id)
    }

    fn plan(&self) -> Option<Plan> {
        self.proposal()?.plan().cloned()
    }

    pub(super) fn done(&mut self, receipt: Receipt) -> Step {
        let id = self.id;
        self.record(WalletEvent::Done { id, receipt });
        Step::Rest
    }

    pub(super) fn release(&mut self, setback: Setback) -> Step {
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
