//! The work on one payment on Solana: the transaction that opens the nonce account, if one has to, the versions of the payment, and how it ended.
//!
//! - Stored as CBOR with numbered fields, inside the proposal.
//! - All versions of the payment spend one value of the nonce account, so only one of them can ever land, and only once. The opening may
//!   land until its block hash expires; the payment is planned only when the nonce account is there.

use crate::account::solana::SolanaAddress;
use crate::chain::solana::{
    Blockhash, Lamports, Plan, Signed, TransactionId, UnitPrice, nonce_account,
};
use candid::CandidType;
use canister_kit::encoding::Timestamp;
use minicbor::{Decode, Encode};
use serde::Deserialize;

/// What a transaction is for.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SolanaKind {
    /// It opens the account's nonce account.
    #[n(0)]
    Opening {
        /// The block hash.
        #[n(0)]
        recent: Blockhash,
        /// The height of the last block in which it can land.
        #[n(1)]
        valid_until: u64,
    },
    /// It pays.
    #[n(1)]
    Payment {
        /// The value of the nonce account that it spends.
        #[n(0)]
        nonce: Blockhash,
    },
}

/// A transaction.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct SolanaVersion {
    /// What is signed.
    #[n(0)]
    pub plan: Plan,
    /// What for.
    #[n(1)]
    pub kind: SolanaKind,
    /// What it offers for a compute unit.
    #[n(2)]
    pub price: UnitPrice,
    /// Its signature, which was verified, and is its id.
    #[n(3)]
    pub id: Option<TransactionId>,
}

impl SolanaVersion {
    /// Without a signature.
    pub fn new(plan: Plan, kind: SolanaKind, price: UnitPrice) -> Self {
        Self {
            plan,
            kind,
            price,
            id: None,
        }
    }

    /// As it is broadcast, once it is signed.
    pub fn signed(&self) -> Option<Signed> {
        Some(self.plan.with_signature(self.id?))
    }
}

/// How a payment ended.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SolanaEnd {
    /// A version is final.
    #[n(0)]
    Landed {
        /// Which.
        #[n(0)]
        id: TransactionId,
        /// In which slot.
        #[n(1)]
        slot: u64,
        /// Whether it has paid; where not, only its fee has left.
        #[n(2)]
        succeeded: bool,
    },
    /// The nonce is spent, finally, and the chain's history shows no version.
    #[n(1)]
    Superseded,
}

/// The work on one payment.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct SolanaWork {
    /// Who pays.
    #[n(0)]
    pub account: SolanaAddress,
    /// The transaction that opened the nonce account for it.
    #[n(1)]
    pub opened: Option<SolanaVersion>,
    /// Earlier versions of the payment.
    #[n(2)]
    pub earlier: Vec<SolanaVersion>,
    /// The last transaction.
    #[n(3)]
    pub current: SolanaVersion,
    /// Since when the nonce is known to be spent, and no version known.
    #[n(4)]
    pub missing_since: Option<Timestamp>,
    /// How it ended.
    #[n(5)]
    pub end: Option<SolanaEnd>,
}

impl SolanaWork {
    /// At its beginning.
    pub fn new(account: SolanaAddress, current: SolanaVersion) -> Self {
        Self {
            account,
            opened: None,
            earlier: Vec::new(),
            current,
            missing_since: None,
            end: None,
        }
    }

    /// With its next transaction.
    #[must_use]
    pub fn followed_by(mut self, version: SolanaVersion) -> Self {
        let former = std::mem::replace(&mut self.current, version);
        match former.kind {
            SolanaKind::Opening { .. } => self.opened = Some(former),
            SolanaKind::Payment { .. } => self.earlier.push(former),
        }
        self
    }

    /// What has left before the payment.
    pub fn before(&self) -> Lamports {
        let opened = self.opened.as_ref();
        opened.map_or(Lamports::ZERO, |opened| opened.plan.cost())
    }

    /// The versions of the payment that may have been broadcast, the last one first.
    pub fn signed(&self) -> Vec<TransactionId> {
        let versions = std::iter::once(&self.current).chain(self.earlier.iter().rev());
        let payments = versions.filter(|it| matches!(it.kind, SolanaKind::Payment { .. }));
        payments.filter_map(|version| version.id).collect()
    }

    /// Whether it has landed without paying.
    pub fn has_failed(&self) -> bool {
        let failed = |end| {
            matches!(
                end,
                SolanaEnd::Landed {
                    succeeded: false,
                    ..
                }
            )
        };
        self.end.is_some_and(failed)
    }

    /// What has left where not the payment itself has: what opening the nonce account took, and of a version that landed only its fee.
    pub fn cost(&self) -> Lamports {
        if matches!(self.current.kind, SolanaKind::Opening { .. }) {
            return self.current.plan.cost();
        }
        let mut versions = std::iter::once(&self.current).chain(&self.earlier);
        let fee = match self.end {
            Some(SolanaEnd::Landed { id, .. }) => versions
                .find(|version| version.id == Some(id))
                .map_or(Lamports::ZERO, |version| version.plan.fee()),
            Some(SolanaEnd::Superseded) | None => Lamports::ZERO,
        };
        self.before().plus(fee)
    }
}

/// The transaction of a proposal, as members see it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct SolanaView {
    /// The account that pays.
    pub account: String,
    /// Its nonce account.
    pub nonce_account: String,
    /// The transaction that opens the nonce account, once it is signed, if one does.
    pub opening: Option<String>,
    /// The payment's transaction, once it is signed.
    pub transaction: Option<String>,
    /// Earlier versions of it, of which any may land instead.
    pub replaced: Vec<String>,
    /// The price of a compute unit that the last transaction offers, in millionths of a lamport.
    pub compute_unit_price: u64,
    /// The fees of the opening and the payment, as far as they are planned, in lamports.
    pub fee: u64,
    /// What accounts that they create get, in lamports.
    pub rent: u64,
    /// The slot in which it has landed.
    pub slot: Option<u64>,
}

impl From<&SolanaWork> for SolanaView {
    fn from(work: &SolanaWork) -> Self {
        let text = |version: &SolanaVersion| version.id.map(|id| id.to_string());
        let pays = matches!(work.current.kind, SolanaKind::Payment { .. });
        let opening = match pays {
            true => work.opened.as_ref(),
            false => Some(&work.current),
        };
        let planned: Vec<&Plan> = work
            .opened
            .iter()
            .chain([&work.current])
            .map(|version| &version.plan)
            .collect();
        Self {
            account: work.account.to_string(),
            nonce_account: nonce_account(&work.account).to_string(),
            opening: opening.and_then(text),
            transaction: pays.then(|| text(&work.current)).flatten(),
            replaced: work.earlier.iter().filter_map(text).collect(),
            compute_unit_price: work.current.price.0,
            fee: planned.iter().map(|plan| plan.fee().0).sum(),
            rent: planned.iter().map(|plan| plan.rent().0).sum(),
            slot: match work.end {
                Some(SolanaEnd::Landed { slot, .. }) => Some(slot),
                Some(SolanaEnd::Superseded) | None => None,
            },
        }
    }
}
