//! A proposal: an intent on its way from a member's wish to a settled payment.
//!
//! - What it does: keeps who has approved and rejected, and the stage of carrying it out. Whether approvals suffice is no stage: it depends
//!   on the policy and the members at the time of asking ([`crate::policy::check`]).
//! - The stages, each recorded before the call that it stands for:
//!   [`Stage::Open`], [`Stage::Reserved`], [`Stage::Signing`], [`Stage::Sent`], [`Stage::Ended`]. Only an open proposal can be
//!   approved, rejected, cancelled, or expire. What was surely without effect goes back to open, approvals kept.
//! - Stored as CBOR with numbered fields, under the id. Shown as [`ProposalView`], to members only; but what members write is also in the audit
//!   log, which everyone can read.

mod bitcoin;
mod ethereum;
mod note;
mod solana;
mod stage;
mod view;

pub use bitcoin::{BitcoinView, BitcoinWork};
pub use ethereum::{EvmEnd, EvmVersion, EvmView, EvmWork, MAX_VERSIONS, Missing};
pub use note::{Note, NoteError};
pub use solana::{SolanaEnd, SolanaKind, SolanaVersion, SolanaView, SolanaWork};
pub use stage::{Outcome, Plan, Receipt, Setback, Signature, Stage};
#[cfg(test)]
pub use view::StageView;
pub use view::{ProposalView, Standing};

use crate::intent::Intent;
use crate::wallet::{PolicyVersion, WalletId};
use canister_kit::encoding::{Identity, Timestamp};
use minicbor::{Decode, Encode};
use std::collections::{BTreeMap, BTreeSet};

/// The number of a proposal.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct ProposalId(#[n(0)] u64);

impl ProposalId {
    /// As a caller wrote it; there may be no such proposal.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number; the first proposal's is 1.
    pub fn number(self) -> u64 {
        self.0
    }
}

/// That a member has approved.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Approval {
    /// When.
    #[n(0)]
    pub at: Timestamp,
    /// Under which policy.
    #[n(1)]
    pub policy_version: PolicyVersion,
}

/// A proposal.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Proposal {
    /// Whose.
    #[n(0)]
    pub wallet: WalletId,
    /// What is to happen.
    #[n(1)]
    pub intent: Intent,
    /// Who proposed it.
    #[n(2)]
    pub proposed_by: Identity,
    /// When.
    #[n(3)]
    pub proposed_at: Timestamp,
    /// Until when it is open.
    #[n(4)]
    pub expires_at: Timestamp,
    /// What the proposer wrote.
    #[n(5)]
    pub note: Note,
    /// Who has approved; the proposer has by proposing.
    #[n(6)]
    pub approvals: BTreeMap<Identity, Approval>,
    /// Who has rejected.
    #[n(7)]
    pub rejections: BTreeSet<Identity>,
    /// How far it is.
    #[n(8)]
    pub stage: Stage,
    /// Why the last attempt to carry it out stopped, if it did.
    #[n(9)]
    pub setback: Option<Setback>,
}

canister_kit::stored!(Proposal, "a proposal");

impl Proposal {
    /// Whether members can still decide about it.
    pub fn is_open(&self, now: Timestamp) -> bool {
        self.stage == Stage::Open && now < self.expires_at
    }

    /// What is being done for it, if it is being carried out.
    pub fn plan(&self) -> Option<&Plan> {
        match &self.stage {
            Stage::Reserved(plan) | Stage::Signing(plan) | Stage::Sent { plan, .. } => Some(plan),
            Stage::Open | Stage::Ended(_) => None,
        }
    }

    /// The work on a transaction on Bitcoin, if there is or was any.
    pub fn bitcoin(&self) -> Option<&BitcoinWork> {
        match &self.stage {
            Stage::Ended(Outcome::Done(Receipt::Bitcoin(work))) => Some(work),
            _ => self.plan()?.bitcoin(),
        }
    }

    /// The work on a transaction on a chain of Ethereum's kind, if there is or was any.
    pub fn evm(&self) -> Option<&EvmWork> {
        match &self.stage {
            Stage::Ended(Outcome::Done(Receipt::Evm(work))) => Some(work),
            _ => self.plan()?.evm(),
        }
    }

    /// The work on a payment on Solana, if there is or was any.
    pub fn solana(&self) -> Option<&SolanaWork> {
        match &self.stage {
            Stage::Ended(Outcome::Done(Receipt::Solana(work))) => Some(work),
            _ => self.plan()?.solana(),
        }
    }

    /// Whether its time is over before anything has begun.
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.stage == Stage::Open && now >= self.expires_at
    }
}
