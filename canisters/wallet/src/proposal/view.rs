//! A proposal as members see it.
//!
//! - Out: Candid records.

use super::stage::{Outcome, Receipt, Stage};
use super::{BitcoinView, EvmEnd, EvmView, Proposal, ProposalId, Setback, SolanaEnd, SolanaView};
use crate::intent::RawIntent;
use crate::policy::{Denial, Verdict};
use crate::wallet::Wallet;
use candid::{CandidType, Principal};
use canister_kit::encoding::Timestamp;
use serde::Deserialize;
use serde_bytes::ByteBuf;

/// How far a proposal is.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub enum StageView {
    /// Members decide; and what the policy says now.
    Open(Standing),
    /// It can be resumed: what it takes is reserved.
    Reserved,
    /// It can be resumed: signatures are being asked for.
    Signing,
    /// It can be resumed: it was sent, and may have happened.
    Sent,
    /// A ledger has made the transfer, in this block.
    Transferred {
        /// Its index.
        block: u64,
    },
    /// The signature.
    Signed {
        /// 64 bytes, or 65 for messages of Ethereum's kind.
        signature: ByteBuf,
    },
    /// Its chain has confirmed it, finally.
    Confirmed,
    /// Its chain has taken it, finally, and it had no effect: its fee has left.
    Reverted,
    /// The cancellation has taken its nonce, finally: a fee has left, and it never takes effect.
    Replaced,
    /// Its nonce was used, finally, and for a day no version of it had a receipt. One of them may have landed all the same.
    Superseded,
    /// Its nonce was used, finally, and for a day its receipt could not be read.
    OutcomeUnread,
    /// The wallet has been changed.
    Changed,
    /// Members have rejected it.
    Rejected,
    /// Its proposer has cancelled it.
    Cancelled,
    /// Its time is over.
    Expired,
}

/// What the policy says about an open proposal.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It can be executed.
    Ready,
    /// Members have still to approve.
    NeedsApprovals {
        /// How many count so far.
        given: u32,
        /// How many it needs.
        quorum: u32,
    },
    /// It can be executed later, unless a member rejects it.
    Waits {
        /// From when on, in nanoseconds since 1970.
        until: u64,
    },
    /// It is rejected, and ends with the next call that looks at it.
    Rejected,
    /// Not as long as the policy is this one.
    Denied(Vec<Denial>),
}

impl From<&Verdict> for Standing {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Approved(_) => Self::Ready,
            Verdict::NeedsApprovals { given, quorum } => Self::NeedsApprovals {
                given: *given,
                quorum: *quorum,
            },
            Verdict::Waits { until } => Self::Waits { until: until.0 },
            Verdict::Rejected => Self::Rejected,
            Verdict::Denied(denials) => Self::Denied(denials.clone()),
        }
    }
}

/// A proposal.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ProposalView {
    /// Its number.
    pub id: u64,
    /// Whose.
    pub wallet: u64,
    /// What is to happen.
    pub intent: RawIntent,
    /// What an approval names: 32 bytes. It changes with the policy.
    pub intent_digest: ByteBuf,
    /// Who proposed it.
    pub proposed_by: Principal,
    /// When, in nanoseconds since 1970.
    pub proposed_at: u64,
    /// Until when it is open.
    pub expires_at: u64,
    /// What the proposer wrote.
    pub note: String,
    /// Who has approved. Approvals of former members, and those under an earlier policy, do not count.
    pub approvals: Vec<Principal>,
    /// Who has rejected.
    pub rejections: Vec<Principal>,
    /// How far it is.
    pub stage: StageView,
    /// Its transaction on Bitcoin, from its reservation on.
    pub bitcoin: Option<BitcoinView>,
    /// Its transaction on a chain of Ethereum's kind, from its reservation on.
    pub evm: Option<EvmView>,
    /// Its transactions on Solana, from its reservation on.
    pub solana: Option<Box<SolanaView>>,
    /// Why the last attempt stopped, if it did.
    pub setback: Option<Setback>,
}

impl ProposalView {
    /// A proposal of a wallet, with what the policy says now, which is asked only if it is open.
    pub fn of(
        id: ProposalId,
        proposal: &Proposal,
        wallet: &Wallet,
        standing: impl FnOnce() -> Standing,
        now: Timestamp,
    ) -> Self {
        let shown = match proposal.has_expired(now) {
            true => StageView::Expired,
            false => stage(&proposal.stage, standing),
        };
        let digest = proposal
            .intent
            .digest(id, proposal.wallet, wallet.policy_version);
        Self {
            id: id.number(),
            wallet: proposal.wallet.number(),
            intent: (&proposal.intent).into(),
            intent_digest: ByteBuf::from(digest),
            proposed_by: proposal.proposed_by.0,
            proposed_at: proposal.proposed_at.0,
            expires_at: proposal.expires_at.0,
            note: proposal.note.as_str().to_owned(),
            approvals: proposal.approvals.keys().map(|who| who.0).collect(),
            rejections: proposal.rejections.iter().map(|who| who.0).collect(),
            stage: shown,
            bitcoin: proposal.bitcoin().map(BitcoinView::from),
            evm: proposal.evm().map(EvmView::from),
            solana: proposal.solana().map(|work| Box::new(work.into())),
            setback: proposal.setback.clone(),
        }
    }
}

fn stage(stage: &Stage, standing: impl FnOnce() -> Standing) -> StageView {
    match stage {
        Stage::Open => StageView::Open(standing()),
        Stage::Reserved(_) => StageView::Reserved,
        Stage::Signing(_) => StageView::Signing,
        Stage::Sent { .. } => StageView::Sent,
        Stage::Ended(Outcome::Rejected) => StageView::Rejected,
        Stage::Ended(Outcome::Cancelled) => StageView::Cancelled,
        Stage::Ended(Outcome::Expired) => StageView::Expired,
        Stage::Ended(Outcome::Done(receipt)) => match receipt {
            Receipt::Block(block) => StageView::Transferred { block: *block },
            Receipt::Signature(signature) => StageView::Signed {
                signature: ByteBuf::from(signature.0),
            },
            Receipt::EvmSignature(signature) => StageView::Signed {
                signature: ByteBuf::from(*signature),
            },
            Receipt::Changed => StageView::Changed,
            Receipt::Bitcoin(_) => StageView::Confirmed,
            Receipt::Evm(work) => match &work.end {
                Some(EvmEnd::Mined { cancels: true, .. }) => StageView::Replaced,
                Some(EvmEnd::Mined {
                    succeeded: false, ..
                }) => StageView::Reverted,
                Some(EvmEnd::Mined { .. }) => StageView::Confirmed,
                Some(EvmEnd::Unread) => StageView::OutcomeUnread,
                Some(EvmEnd::Superseded) | None => StageView::Superseded,
            },
            Receipt::Solana(work) => match work.end {
                Some(SolanaEnd::Landed {
                    succeeded: true, ..
                }) => StageView::Confirmed,
                Some(SolanaEnd::Landed { .. }) => StageView::Reverted,
                Some(SolanaEnd::Superseded) | None => StageView::Superseded,
            },
        },
    }
}
