//! The work on one payment on Bitcoin: its transaction, the signatures that there are, and the transactions that it replaces.
//!
//! - Stored as CBOR with numbered fields, inside the proposal.
//! - All versions spend the coins of the first one, so only one of them can ever be confirmed.

use super::stage::Signature;
use crate::chain::bitcoin::{Plan, Satoshi, SignedTransaction, Txid};
use candid::CandidType;
use minicbor::{Decode, Encode};
use serde::Deserialize;

/// The work on one payment.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct BitcoinWork {
    /// The transaction.
    #[n(0)]
    pub plan: Plan,
    /// Signatures of its first inputs, as far as they have come.
    #[n(1)]
    pub signatures: Vec<Signature>,
    /// The transaction with all of them.
    #[n(2)]
    pub signed: Option<SignedTransaction>,
    /// Earlier versions, which this one replaces.
    #[n(3)]
    pub replaced: Vec<Txid>,
    /// The height of the chain's tip when the coins were seen to be spent for the first time.
    #[n(4)]
    pub spent_at: Option<u32>,
}

impl BitcoinWork {
    /// At its beginning.
    pub fn new(plan: Plan) -> Self {
        Self {
            plan,
            signatures: Vec::new(),
            signed: None,
            replaced: Vec::new(),
            spent_at: None,
        }
    }

    /// The work on a version with a higher fee.
    pub fn replaced_by(&self, plan: Plan) -> Self {
        let mut replaced = self.replaced.clone();
        replaced.push(self.plan.txid());
        Self {
            replaced,
            ..Self::new(plan)
        }
    }
}

/// The transaction of a payment, as members see it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct BitcoinView {
    /// Its id, as explorers write it.
    pub txid: String,
    /// The fee.
    pub fee: Satoshi,
    /// How large it is, in virtual bytes; at most that before it is signed.
    pub vsize: u64,
    /// How many of its inputs are signed, and how many there are.
    pub signatures: u32,
    /// The same.
    pub inputs: u32,
    /// The ids of earlier versions that it replaces.
    pub replaced: Vec<String>,
}

impl From<&BitcoinWork> for BitcoinView {
    fn from(work: &BitcoinWork) -> Self {
        let size = work.signed.as_ref().map(|signed| signed.vsize);
        Self {
            txid: work.plan.txid().to_string(),
            fee: work.plan.fee(),
            vsize: size.unwrap_or_else(|| work.plan.size()).0,
            signatures: work.signatures.len() as u32,
            inputs: work.plan.inputs().len() as u32,
            replaced: work.replaced.iter().map(ToString::to_string).collect(),
        }
    }
}
