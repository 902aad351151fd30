//! Why a transaction, a signature or typed data is refused.
//!
//! - Out: Candid variants with what to do about it.

use candid::CandidType;
use serde::Deserialize;
use thiserror::Error;

/// Why a transaction is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum TransactionError {
    /// Without a chain the signature would be valid on every one.
    #[error("name a chain; 0 is none")]
    NoChain,
    /// No account gets that far.
    #[error("a nonce is less than 2^64 - 1")]
    NonceTooLarge,
    /// Nodes refuse it.
    #[error("raise the maximum fee, {maximum}, to the priority fee, {priority}, or above")]
    PriorityAboveMaximum {
        /// The priority fee per unit of gas, in wei.
        priority: u128,
        /// The maximum fee per unit of gas, in wei.
        maximum: u128,
    },
    /// Nobody has so much.
    #[error("value and maximum fee together are 2^128 wei or more")]
    CostTooLarge,
    /// The data is too long.
    #[error("send at most {at_most} bytes of data, not {bytes}")]
    DataTooLong {
        /// How many there are.
        bytes: u64,
        /// The most.
        at_most: u64,
    },
    /// No transaction with its data gets by with so little.
    #[error("allow at least {at_least} units of gas, not {gas}")]
    GasTooLow {
        /// The limit.
        gas: u64,
        /// The least.
        at_least: u64,
    },
    /// Nodes take none that allows so much.
    #[error("allow at most {at_most} units of gas, not {gas}")]
    GasTooHigh {
        /// The limit.
        gas: u64,
        /// The most.
        at_most: u64,
    },
    /// Nodes take none without a priority fee, and another one instead only with a higher one.
    #[error("raise the priority fee to {at_least} wei or above, not {priority}")]
    PriorityTooLow {
        /// The priority fee per unit of gas, in wei.
        priority: u128,
        /// The least.
        at_least: u128,
    },
    /// Nodes refuse it, taking it for a mistake.
    #[error("gas limit times maximum fee is {fee} wei, above {at_most}; lower one of them")]
    FeeTooHigh {
        /// The highest fee, in wei.
        fee: u128,
        /// The most.
        at_most: u128,
    },
    /// Nodes keep the previous transaction.
    #[error("raise the fees to at least {priority} (priority) and {maximum} (maximum)")]
    RaiseTooSmall {
        /// The least priority fee per unit of gas, in wei.
        priority: u128,
        /// The least maximum fee per unit of gas, in wei.
        maximum: u128,
    },
}

/// Why a signature is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// It is not two numbers of 32 bytes, from 1 to the group's order less 1.
    #[error("this is no ECDSA signature on secp256k1")]
    Malformed,
    /// It is another key's, or of something else.
    #[error("the signature is not one of {account} for this hash")]
    NotOfAccount {
        /// Whose it should be.
        account: String,
    },
}

/// Why a personal message is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
#[error("sign at most {at_most} bytes, not {bytes}")]
pub struct MessageTooLong {
    /// How many there are.
    pub bytes: u64,
    /// The most.
    pub at_most: u64,
}

/// Why typed data is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum TypedDataError {
    /// The text is too long.
    #[error("write at most {at_most} bytes, not {bytes}")]
    TooLong {
        /// How long it is.
        bytes: u64,
        /// The most.
        at_most: u64,
    },
    /// It is not JSON, or nested too deeply.
    #[error("no JSON at line {line}, column {column}")]
    Json {
        /// From 1.
        line: u64,
        /// From 0.
        column: u64,
    },
    /// Readers would differ in which of them counts.
    #[error("a name stands twice in an object that ends at line {line}, column {column}")]
    NameTwice {
        /// From 1.
        line: u64,
        /// From 0.
        column: u64,
    },
    /// The types are not as EIP-712 has them.
    #[error("types: {0}")]
    Schema(#[from] SchemaError),
    /// What is signed must be a declared structure, and not the domain.
    #[error("`{0}` is none of the declared types")]
    PrimaryType(String),
    /// A part is not what its type says.
    #[error("{at}: {reason}")]
    Value {
        /// Where, for example `message.to.wallets[1]`.
        at: String,
        /// Why.
        reason: ValueError,
    },
}

/// Why the types of typed data are refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum SchemaError {
    /// Too many types, or members of one.
    #[error("declare at most {at_most} types and members of each, not {declared}")]
    TooMany {
        /// How many there are.
        declared: u64,
        /// The most.
        at_most: u64,
    },
    /// Not a name of Solidity, or one that Solidity has given away.
    #[error("`{0}` cannot be the name of a type")]
    TypeName(String),
    /// A member is not an object of `name` and `type`, with a name of Solidity that no other member of the type has.
    #[error("member {place} of `{of}` is not {{name, type}} with a name of its own")]
    Member {
        /// The type.
        of: String,
        /// Counted from 0.
        place: u64,
    },
    /// Neither a type of Solidity that EIP-712 has, nor a declared one, nor an array of them.
    #[error("`{of}` has a member of type `{written}`, which is none")]
    MemberType {
        /// The type.
        of: String,
        /// What its member should be.
        written: String,
    },
    /// The domain's type is missing, or has other members or another order than EIP-712.
    #[error("declare EIP712Domain with members of EIP-712, in its order")]
    Domain,
}

/// Why a part of typed data is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum ValueError {
    /// It is not there.
    #[error("is missing")]
    Missing,
    /// No type names it, so that it would be shown but not signed.
    #[error("belongs to no declared member; it would not be signed")]
    Undeclared,
    /// It is something else.
    #[error("is not a value of type {0}")]
    Not(String),
    /// Arrays and structures stand too deep in each other.
    #[error("is nested deeper than {0}")]
    TooDeep(u64),
}
