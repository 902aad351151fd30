//! The work on one transaction on a chain of Ethereum's kind: its versions, all with one nonce, and how it ended.
//!
//! - Stored as CBOR with numbered fields, inside the proposal.
//! - All versions have the nonce of the first one, so only one of them can ever take effect. Each is either what the intent says, with other fees, or the
//!   cancellation: nothing, sent to the account itself.

use crate::account::ethereum::EvmAddress;
use crate::chain::ethereum::hash::TransactionHash;
use crate::chain::ethereum::quantity::{Nonce, Wei};
use crate::chain::ethereum::transaction::{SignedTransaction, Transaction};
use candid::CandidType;
use canister_kit::encoding::Timestamp;
use minicbor::{Decode, Encode};
use serde::Deserialize;

/// Most versions of a transaction: with raises of a tenth the last one pays more than twice what the first one did.
pub const MAX_VERSIONS: usize = 10;

/// A version of a transaction.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct EvmVersion {
    /// What is signed.
    #[n(0)]
    pub transaction: Transaction,
    /// Whether it takes the intent's place.
    #[n(1)]
    pub cancels: bool,
    /// With its signature.
    #[n(2)]
    pub signed: Option<SignedTransaction>,
}

/// How a transaction ended.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub enum EvmEnd {
    /// A version is final.
    #[n(0)]
    Mined {
        /// Which.
        #[n(0)]
        hash: TransactionHash,
        /// Whether that is the cancellation.
        #[n(1)]
        cancels: bool,
        /// In which block.
        #[n(2)]
        block: u64,
        /// Whether it took effect; where not, only its fee has left.
        #[n(3)]
        succeeded: bool,
        /// Its fee, but for what some chains take for Ethereum's own gas.
        #[n(4)]
        fee: Wei,
    },
    /// The nonce was used, finally, and no version had a receipt for as long as that was waited for.
    #[n(1)]
    Superseded,
    /// The nonce was used, finally, and for as long no receipt could be read.
    #[n(2)]
    Unread,
}

/// The nonce is used, finally, and no receipt of a version was told.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Missing {
    /// Since when.
    #[n(0)]
    pub since: Timestamp,
    /// Whether some receipt could not be read; otherwise there was none.
    #[n(1)]
    pub unread: bool,
}

/// The work on one transaction.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct EvmWork {
    /// Whose transaction it is.
    #[n(0)]
    pub account: EvmAddress,
    /// Earlier versions.
    #[n(1)]
    pub earlier: Vec<EvmVersion>,
    /// The last version.
    #[n(2)]
    pub current: EvmVersion,
    /// Whether an attempt to sign was interrupted, so that a signature may exist that nobody has got.
    #[n(3)]
    pub in_doubt: bool,
    /// How it ended.
    #[n(4)]
    pub end: Option<EvmEnd>,
    /// That its receipt is missing, if it is.
    #[n(5)]
    pub missing: Option<Missing>,
}

impl EvmWork {
    /// At its beginning.
    pub fn new(account: EvmAddress, transaction: Transaction) -> Self {
        Self {
            account,
            earlier: Vec::new(),
            current: EvmVersion {
                transaction,
                cancels: false,
                signed: None,
            },
            in_doubt: false,
            end: None,
            missing: None,
        }
    }

    /// The nonce of all versions.
    pub fn nonce(&self) -> Nonce {
        self.current.transaction.raw().nonce
    }

    /// The same work with another version.
    #[must_use]
    pub fn replaced_by(mut self, version: EvmVersion) -> Self {
        let former = std::mem::replace(&mut self.current, version);
        self.earlier.push(former);
        self
    }

    /// All versions, the last one first.
    pub fn versions(&self) -> impl Iterator<Item = &EvmVersion> {
        std::iter::once(&self.current).chain(self.earlier.iter().rev())
    }

    /// Those that may be on the chain, the last one first.
    pub fn signed(&self) -> impl Iterator<Item = (&EvmVersion, &SignedTransaction)> {
        self.versions()
            .filter_map(|version| Some((version, version.signed.as_ref()?)))
    }

    /// Whether nothing was ever signed, nor can have been.
    pub fn is_untouched(&self) -> bool {
        !self.in_doubt && self.earlier.is_empty() && self.current.signed.is_none()
    }
}

/// A version, as members see it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct EvmVersionView {
    /// Its hash, once it is signed.
    pub hash: Option<String>,
    /// In wei.
    pub max_fee_per_gas: u128,
    /// In wei.
    pub max_priority_fee_per_gas: u128,
    /// Whether it sends nothing to the account itself instead of what the intent says.
    pub cancels: bool,
}

/// The version that is final.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct MinedView {
    /// Its hash.
    pub hash: String,
    /// Its block.
    pub block: u64,
    /// What it paid for gas, in wei.
    pub fee: u128,
}

/// The transaction of a proposal, as members see it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct EvmView {
    /// The account that pays.
    pub account: String,
    /// EIP-155's number of the chain.
    pub chain_id: u64,
    /// The nonce of all versions.
    pub nonce: u64,
    /// The last one first.
    pub versions: Vec<EvmVersionView>,
    /// The version that took the nonce.
    pub mined: Option<MinedView>,
}

impl From<&EvmVersion> for EvmVersionView {
    fn from(version: &EvmVersion) -> Self {
        let fees = version.transaction.raw().fees;
        Self {
            hash: version.signed.as_ref().map(|it| it.hash().to_string()),
            max_fee_per_gas: fees.max_fee_per_gas.0,
            max_priority_fee_per_gas: fees.max_priority_fee_per_gas.0,
            cancels: version.cancels,
        }
    }
}

impl From<&EvmWork> for EvmView {
    fn from(work: &EvmWork) -> Self {
        let mined = match &work.end {
            Some(EvmEnd::Mined {
                hash, block, fee, ..
            }) => Some(MinedView {
                hash: hash.to_string(),
                block: *block,
                fee: fee.0,
            }),
            Some(EvmEnd::Superseded | EvmEnd::Unread) | None => None,
        };
        Self {
            account: work.account.to_string(),
            chain_id: work.current.transaction.raw().chain_id.0,
            nonce: work.nonce().0,
            versions: work.versions().map(EvmVersionView::from).collect(),
            mined,
        }
    }
}
