//! Why a Solana payment is not made: one enum for each step of its way.
//!
//! - Out: what to do, in words; the first enum also as a Candid variant, for the wallet's one error to carry.

use super::amount::Lamports;
use crate::account::solana::SolanaAddress;
use candid::CandidType;
use serde::Deserialize;
use thiserror::Error;

/// Why a payment is refused before anything is asked of the chain.
#[derive(CandidType, Deserialize, Error, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentError {
    /// No key can sign for the destination: what is sent there is lost, unless a program pays it out again.
    #[error(
        "no key signs for this address; if a program's own account is to be paid, say so with `off_curve`"
    )]
    OffCurve,
    /// Not even the transaction's own fee is within what may be paid.
    #[error("the fee is at least {fee}, and at most {max_fee} are allowed")]
    FeeAboveCap {
        /// The fee at this price, without any account that would have to be created.
        fee: Lamports,
        /// The highest allowed.
        max_fee: Lamports,
    },
}

/// Why there is no transaction for a payment.
#[derive(Error, Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// What the chain tells of its own accounts does not read.
    #[error("the chain's rents cannot be read")]
    Rent,
    /// The address of the nonce account has something else.
    #[error("{0} is no nonce account of this account; use another index")]
    Nonce(SolanaAddress),
    /// Fees, and rent of new accounts, are above what may be paid beside the amount.
    #[error("fees and the rent of new accounts are {required}, and at most {max_fee} are allowed")]
    FeeAboveCap {
        /// All of them.
        required: Lamports,
        /// The highest allowed.
        max_fee: Lamports,
    },
    /// The account has too little.
    #[error("{required} are needed with fees and rent, {available} are there")]
    InsufficientFunds {
        /// Amount, fees and rent.
        required: Lamports,
        /// What the account has.
        available: Lamports,
    },
    /// What would be left is less than an account may have.
    #[error("{left} would be left: leave nothing, or at least {at_least}")]
    Remainder {
        /// So little.
        left: Lamports,
        /// The least that an account has.
        at_least: Lamports,
    },
    /// A new account would get less than an account may have.
    #[error("the destination would have {would_have}; an account has at least {at_least}")]
    TooLittle {
        /// With the payment.
        would_have: Lamports,
        /// The least that it has.
        at_least: Lamports,
    },
    /// The destination cannot be paid.
    #[error("the destination is {0}")]
    Destination(&'static str),
    /// There is no such mint under this program.
    #[error("there is no such mint under the token program that the intent names")]
    NoMint,
    /// The intent has other decimals than the mint.
    #[error("the mint has {mint} decimals, not {intent}")]
    Decimals {
        /// The mint's.
        mint: u8,
        /// The intent's.
        intent: u8,
    },
    /// The mint has an extension under which an ordinary transfer fails, or one that is not known.
    #[error("tokens of this mint cannot be sent by a plain transfer: {0}")]
    Extension(String),
    /// The account's own tokens cannot be sent.
    #[error("the account's tokens are {0}")]
    Source(&'static str),
    /// The account has too few tokens.
    #[error("{required} of the token are needed, {available} are there")]
    InsufficientTokens {
        /// The amount.
        required: u64,
        /// What there is.
        available: u64,
    },
}

/// In what a transaction that was planned differs from what was approved.
#[derive(Error, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// It is no message, or too long.
    #[error("the transaction does not read")]
    Unreadable,
    /// Another account pays, or others sign.
    #[error("the transaction is not the account's alone")]
    Payer,
    /// It begins otherwise, or with another nonce.
    #[error("the transaction does not spend the nonce")]
    Nonce,
    /// The fee is another one.
    #[error("the transaction's fee is not the planned one")]
    Fee,
    /// It costs more than was approved.
    #[error("the transaction costs more than was approved")]
    AboveCap,
    /// What it does is not what was approved.
    #[error("the transaction does something else")]
    Act,
}

/// The signature is not one of the account over the message.
#[derive(Error, Clone, Copy, Debug, PartialEq, Eq)]
#[error("the signature is not one of the account")]
pub struct BadSignature;
