//! Why an intent is refused, and what to write instead.
//!
//! - Out: a Candid variant.

use crate::chain::bitcoin::PaymentError;
use crate::chain::ethereum::error::{MessageTooLong, TransactionError, TypedDataError};
use crate::chain::solana;
use crate::members::MembersError;
use crate::policy::PolicyError;
use crate::root_key::KeyKind;
use candid::{CandidType, Principal};
use serde::Deserialize;
use thiserror::Error;

/// Why an intent is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum IntentError {
    /// No canister has this principal.
    #[error("name the ledger's canister instead of {0}")]
    NoLedger(Principal),
    /// The destination is malformed, or for another network.
    #[error("write {0} as its chain does, for the right network; check it for typing errors")]
    BadDestination(String),
    /// The amount is zero.
    #[error("send more than nothing")]
    NothingSent,
    /// The message has the wrong length for its key.
    #[error(
        "give 32 bytes to sign with ECDSA or BIP-340, and at most 4096 with Ed25519, not {bytes}"
    )]
    MessageLength {
        /// The kind of key.
        key: KeyKind,
        /// How long the message is.
        bytes: u64,
    },
    /// The payment on Bitcoin.
    #[error(transparent)]
    Payment(#[from] PaymentError),
    /// No chain of Ethereum's kind with this number can be asked from here.
    #[error(
        "pay on Ethereum (1), Sepolia, Arbitrum One, Base or OP Mainnet, not on chain {chain_id}"
    )]
    NoSuchChain {
        /// EIP-155's number.
        chain_id: u64,
    },
    /// The transaction on a chain of Ethereum's kind.
    #[error(transparent)]
    Transaction(#[from] TransactionError),
    /// The payment on Solana.
    #[error(transparent)]
    Solana(#[from] solana::PaymentError),
    /// The message.
    #[error(transparent)]
    MessageTooLong(#[from] MessageTooLong),
    /// The typed data.
    #[error(transparent)]
    TypedData(#[from] TypedDataError),
    /// The new policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The new members.
    #[error(transparent)]
    Members(#[from] MembersError),
}
