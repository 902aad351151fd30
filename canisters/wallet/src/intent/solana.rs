//! Payments on Solana, as intents.
//!
//! - What it does: checks what a caller wrote so far as it can be checked without asking the chain. Sol and tokens come to one [`SolanaSend`].
//! - `max_fee` is the most that leaves beside the amount: fees of all transactions, and the rent of accounts that have to be created.
//! - Stored as CBOR with numbered fields.

use super::{IntentError, RawIntent};
use crate::account::path::AccountIndex;
use crate::account::solana::SolanaAddress;
use crate::chain::solana::{Lamports, Payment, TokenProgram, UnitPrice, What};
use candid::CandidType;
use minicbor::{Decode, Encode};
use serde::Deserialize;

/// A payment out of one of the wallet's accounts.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct SolanaSend {
    /// From which of the wallet's accounts.
    #[n(0)]
    pub from: AccountIndex,
    /// To whom, and what it may cost.
    #[n(1)]
    pub payment: Payment,
}

/// A payment of sol, as callers write it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RawSolTransfer {
    /// From which of the wallet's accounts.
    pub from_index: u32,
    /// An address in base58.
    pub to: String,
    /// What arrives.
    pub lamports: u64,
    /// Whether `to` may be an address that no key signs for: one that a program has derived.
    pub off_curve: bool,
    /// What is offered for a compute unit, in millionths of a lamport.
    pub compute_unit_price: u64,
    /// The most that leaves beside the amount, in lamports: fees, and the rent of accounts that have to be created.
    pub max_fee: u64,
}

/// A payment of a token, as callers write it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RawSplTransfer {
    /// From which of the wallet's accounts.
    pub from_index: u32,
    /// The token's mint, in base58.
    pub mint: String,
    /// The program that keeps it.
    pub token_program: TokenProgram,
    /// The owner who is paid, in base58; not the owner's token account.
    pub to: String,
    /// What leaves, in the token's smallest unit.
    pub amount: u64,
    /// How many decimals the token has.
    pub decimals: u8,
    /// Whether `to` may be an address that no key signs for: one that a program has derived.
    pub off_curve: bool,
    /// What is offered for a compute unit, in millionths of a lamport.
    pub compute_unit_price: u64,
    /// The most that leaves of sol, in lamports: fees, and the rent of accounts that have to be created.
    pub max_fee: u64,
}

fn address(text: String) -> Result<SolanaAddress, IntentError> {
    SolanaAddress::parse(&text).ok_or(IntentError::BadDestination(text))
}

fn amount(amount: u64) -> Result<u64, IntentError> {
    match amount {
        0 => Err(IntentError::NothingSent),
        amount => Ok(amount),
    }
}

impl RawSolTransfer {
    /// Checks it.
    ///
    /// # Errors
    /// The address, the amount, or the fee.
    pub fn parse(self) -> Result<SolanaSend, IntentError> {
        let (price, max_fee) = (UnitPrice(self.compute_unit_price), Lamports(self.max_fee));
        let what = What::Sol {
            to: address(self.to)?,
            lamports: Lamports(amount(self.lamports)?),
        };
        Ok(SolanaSend {
            from: AccountIndex(self.from_index),
            payment: Payment::new(what, price, max_fee, self.off_curve)?,
        })
    }
}

impl RawSplTransfer {
    /// Checks it.
    ///
    /// # Errors
    /// The addresses, the amount, or the fee.
    pub fn parse(self) -> Result<SolanaSend, IntentError> {
        let (price, max_fee) = (UnitPrice(self.compute_unit_price), Lamports(self.max_fee));
        let what = What::Token {
            mint: address(self.mint)?,
            program: self.token_program,
            to: address(self.to)?,
            amount: amount(self.amount)?,
            decimals: self.decimals,
        };
        Ok(SolanaSend {
            from: AccountIndex(self.from_index),
            payment: Payment::new(what, price, max_fee, self.off_curve)?,
        })
    }
}

impl From<&SolanaSend> for RawIntent {
    fn from(send: &SolanaSend) -> Self {
        let payment = &send.payment;
        let (from_index, off_curve) = (send.from.0, payment.off_curve());
        let (compute_unit_price, max_fee) = (payment.price().0, payment.max_fee().0);
        match *payment.what() {
            What::Sol { to, lamports } => Self::SolTransfer(RawSolTransfer {
                from_index,
                to: to.to_string(),
                lamports: lamports.0,
                off_curve,
                compute_unit_price,
                max_fee,
            }),
            What::Token {
                mint,
                program,
                to,
                amount,
                decimals,
            } => Self::SplTransfer(RawSplTransfer {
                from_index,
                mint: mint.to_string(),
                token_program: program,
                to: to.to_string(),
                amount,
                decimals,
                off_curve,
                compute_unit_price,
                max_fee,
            }),
        }
    }
}
