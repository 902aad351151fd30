//! Why the ledger refuses, for itself and as the standards say it.
//!
//! - What it does: [`Refused`] is what every method can answer; [`MoveRefused`] adds what only transfers can. They become
//!   [`TransferError`], [`TransferFromError`] and [`ApproveError`], the Candid variants of ICRC-1 and ICRC-2.
//! - Out: where the standards have no variant, `GenericError` with a code of [`Other`]: 1 memo too long, 2 both ends are the minting
//!   account, 3 an approval for oneself, 4 an approval by the minting account, 5 more tokens than the ledger can count.

use crate::tokens::Tokens;
use candid::{CandidType, Nat};
use serde::Deserialize;
use thiserror::Error;

/// What ICRC-1 and ICRC-2 have no error for.
#[derive(Error, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Other {
    /// A memo is too long.
    #[error("a memo of {bytes} bytes, at most {most}")]
    MemoTooLong {
        /// Its length.
        bytes: usize,
        /// The longest.
        most: usize,
    },
    /// Both ends of a transfer are the minting account.
    #[error("a transfer from the minting account to itself")]
    MintingToItself,
    /// Somebody approves a transfer by himself.
    #[error("an approval for an account of the same owner")]
    SelfApproval,
    /// The minting account approves that others mint.
    #[error("the minting account does not approve")]
    MintingApproval,
    /// All accounts together would hold more than can be counted.
    #[error("more than {} tokens", Tokens::MOST.0)]
    SupplyExhausted,
}

impl Other {
    /// The number in `GenericError`.
    pub fn code(self) -> u8 {
        match self {
            Self::MemoTooLong { .. } => 1,
            Self::MintingToItself => 2,
            Self::SelfApproval => 3,
            Self::MintingApproval => 4,
            Self::SupplyExhausted => 5,
        }
    }
}

/// Why any transaction is refused.
#[derive(Error, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The caller named another fee than the ledger's.
    #[error("the fee is {}", expected.0)]
    BadFee {
        /// The ledger's.
        expected: Tokens,
    },
    /// The account does not hold amount and fee.
    #[error("the balance is {}", balance.0)]
    InsufficientFunds {
        /// What it holds.
        balance: Tokens,
    },
    /// The time of creation is before the window.
    #[error("created too long ago")]
    TooOld,
    /// The time of creation is after the window.
    #[error("created in the future of {ledger_time}")]
    CreatedInFuture {
        /// The ledger's time.
        ledger_time: u64,
    },
    /// The same transaction is in a block.
    #[error("a duplicate of {of}")]
    Duplicate {
        /// The block.
        of: u64,
    },
    /// The ledger was told to fail.
    #[error("temporarily unavailable")]
    TemporarilyUnavailable,
    /// Something else.
    #[error(transparent)]
    Other(#[from] Other),
}

/// Why a transfer is refused.
#[derive(Error, Clone, Copy, Debug, PartialEq, Eq)]
pub enum MoveRefused {
    /// As every transaction.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Less is burned than may be.
    #[error("at least {} are burned", least.0)]
    BadBurn {
        /// The least.
        least: Tokens,
    },
    /// The approval does not cover amount and fee.
    #[error("the allowance is {}", allowance.0)]
    InsufficientAllowance {
        /// What it covers.
        allowance: Tokens,
    },
}

/// Why `icrc1_transfer` is refused.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The standard's names and meanings.
pub enum TransferError {
    BadFee { expected_fee: Nat },
    BadBurn { min_burn_amount: Nat },
    InsufficientFunds { balance: Nat },
    TooOld,
    CreatedInFuture { ledger_time: u64 },
    Duplicate { duplicate_of: Nat },
    TemporarilyUnavailable,
    GenericError { error_code: Nat, message: String },
}

/// Why `icrc2_transfer_from` is refused.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The standard's names and meanings.
pub enum TransferFromError {
    BadFee { expected_fee: Nat },
    BadBurn { min_burn_amount: Nat },
    InsufficientFunds { balance: Nat },
    InsufficientAllowance { allowance: Nat },
    TooOld,
    CreatedInFuture { ledger_time: u64 },
    Duplicate { duplicate_of: Nat },
    TemporarilyUnavailable,
    GenericError { error_code: Nat, message: String },
}

/// Why `icrc2_approve` is refused.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // The standard's names and meanings.
pub enum ApproveError {
    BadFee { expected_fee: Nat },
    InsufficientFunds { balance: Nat },
    AllowanceChanged { current_allowance: Nat },
    Expired { ledger_time: u64 },
    TooOld,
    CreatedInFuture { ledger_time: u64 },
    Duplicate { duplicate_of: Nat },
    TemporarilyUnavailable,
    GenericError { error_code: Nat, message: String },
}

/// Says [`Refused`] in the words of one of the three.
macro_rules! says_refused {
    ($error:ident) => {
        impl From<Refused> for $error {
            fn from(refused: Refused) -> Self {
                match refused {
                    Refused::BadFee { expected } => Self::BadFee {
                        expected_fee: expected.into(),
                    },
                    Refused::InsufficientFunds { balance } => Self::InsufficientFunds {
                        balance: balance.into(),
                    },
                    Refused::TooOld => Self::TooOld,
                    Refused::CreatedInFuture { ledger_time } => {
                        Self::CreatedInFuture { ledger_time }
                    }
                    Refused::Duplicate { of } => Self::Duplicate {
                        duplicate_of: of.into(),
                    },
                    Refused::TemporarilyUnavailable => Self::TemporarilyUnavailable,
                    Refused::Other(other) => Self::GenericError {
                        error_code: other.code().into(),
                        message: other.to_string(),
                    },
                }
            }
        }
    };
}

says_refused!(TransferError);
says_refused!(TransferFromError);
says_refused!(ApproveError);

impl From<MoveRefused> for TransferFromError {
    fn from(refused: MoveRefused) -> Self {
        match refused {
            MoveRefused::Refused(refused) => refused.into(),
            MoveRefused::BadBurn { least } => Self::BadBurn {
                min_burn_amount: least.into(),
            },
            MoveRefused::InsufficientAllowance { allowance } => Self::InsufficientAllowance {
                allowance: allowance.into(),
            },
        }
    }
}

impl From<MoveRefused> for TransferError {
    fn from(refused: MoveRefused) -> Self {
        match refused {
            MoveRefused::Refused(refused) => refused.into(),
            MoveRefused::BadBurn { least } => Self::BadBurn {
                min_burn_amount: least.into(),
            },
            // Only a spender has an allowance, and this method has no spender.
            MoveRefused::InsufficientAllowance { .. } => {
                panic!("an allowance was asked for without a spender")
            }
        }
    }
}
