//! Why a Bitcoin payment is not made: one enum for each step of its way.
//!
//! - Out: Candid variants that say what to do, for the wallet's one error to carry.

use super::amount::{FeeRate, Satoshi};
use super::payment::MAX_OUTPUTS;
use super::select::MAX_INPUTS;
use candid::CandidType;
use serde::Deserialize;
use thiserror::Error;

/// Why an address is refused.
#[derive(CandidType, Deserialize, Error, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DestinationError {
    /// It is no address: a letter is wrong, or its checksum.
    #[error("this is no Bitcoin address; copy it again")]
    Malformed,
    /// It belongs to another network.
    #[error("this address belongs to another Bitcoin network than the wallet")]
    OtherNetwork,
    /// It is for a kind of output that has no meaning yet.
    #[error("this kind of Bitcoin address is not supported; ask for one that is")]
    Unsupported,
    /// It is a Taproot address, but what it names is no key, so nobody could spend what is sent there.
    #[error("nobody could spend what is sent to this Taproot address; ask for another one")]
    NoKey,
}

/// Why a payment is refused before any coin is looked at.
#[derive(CandidType, Deserialize, Error, Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentError {
    /// It pays nobody.
    #[error("name at least one destination")]
    NoOutputs,
    /// It pays too many.
    #[error("split {outputs} outputs into payments with at most {MAX_OUTPUTS}")]
    TooManyOutputs {
        /// How many.
        outputs: u64,
    },
    /// An output has less than nodes relay, or nothing.
    #[error("raise output {output} from {value} to at least {at_least}")]
    Dust {
        /// Which, from 0.
        output: u32,
        /// Its amount.
        value: Satoshi,
        /// The smallest amount.
        at_least: Satoshi,
    },
    /// The outputs together are more than there is bitcoin.
    #[error("the outputs together are more bitcoin than exist")]
    MoreThanExists,
    /// Nodes would not relay it.
    #[error("raise the fee rate from {rate} to at least {at_least}")]
    RateTooLow {
        /// The rate.
        rate: FeeRate,
        /// The lowest rate.
        at_least: FeeRate,
    },
}

/// Why there is no transaction for a payment.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// The coins that are worth their own fee do not suffice.
    #[error("{required} are needed with the fee, {available} are there")]
    InsufficientFunds {
        /// All coins that are worth more than spending them costs at this rate.
        available: Satoshi,
        /// The outputs, and the fee of a transaction that spends these coins.
        required: Satoshi,
    },
    /// The fee would be above what may be paid.
    #[error("the fee would be {fee}, and at most {max_fee} are allowed")]
    FeeAboveCap {
        /// The lowest fee that was found.
        fee: Satoshi,
        /// The highest allowed fee.
        max_fee: Satoshi,
    },
    /// Only more coins than a transaction may spend would suffice.
    #[error("more than {MAX_INPUTS} coins would be spent; pay less, or gather coins first")]
    TooManyInputs,
    /// A coin was given twice, is worth nothing or more than exists, or is made by the transaction that is to be replaced.
    #[error("{outpoint} is given twice or is not a coin that can be spent; report this")]
    BadCoin {
        /// Its transaction and place, as people write them.
        outpoint: String,
    },
}

/// Why a transaction is not replaced.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum BumpError {
    /// The signed transaction is not the plan's.
    #[error("the signed transaction is not the one of this plan; report this")]
    OtherTransaction,
    /// The rate is not above the one that the transaction has.
    #[error("give a fee rate above {above}; {rate} is not")]
    RateNotHigher {
        /// The rate that was asked for.
        rate: FeeRate,
        /// The rate that the transaction has, rounded down.
        above: FeeRate,
    },
    /// There is no such replacement.
    #[error(transparent)]
    Plan(#[from] PlanError),
}

/// What is wrong with a plan that does not do what was approved.
#[derive(CandidType, Deserialize, Error, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// It is for the keys of another account.
    #[error("the plan is for the keys of another account; report this")]
    Keys,
    /// It spends nothing, too much, or a coin twice.
    #[error("the plan spends no coin, too many, or one twice; report this")]
    Inputs,
    /// An output of the payment is not in it.
    #[error("the plan leaves out output {output} of the payment; report this")]
    OutputMissing {
        /// Which output of the payment, from 0.
        output: u32,
    },
    /// It pays somebody else.
    #[error("the plan pays somebody whom the payment does not name; report this")]
    OutputUnknown,
    /// Its change would be dust.
    #[error("the plan's change is dust; report this")]
    Change,
    /// Its fee is not what is left, below the rate, or above the highest allowed one.
    #[error("the plan's fee is not the approved one; report this")]
    Fee,
}

/// Why signatures do not make a transaction.
#[derive(CandidType, Deserialize, Error, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureError {
    /// There is not one for each input.
    #[error("{inputs} signatures are needed, {signatures} were given")]
    Count {
        /// How many were given.
        signatures: u64,
        /// How many inputs there are.
        inputs: u64,
    },
    /// One is not a signature of its input by its key.
    #[error("the signature of input {input} does not verify; sign it again")]
    Invalid {
        /// Which input, from 0.
        input: u32,
    },
}
