//! Payments on Solana, as intents.
//!
//! - What it does: checks what a caller wrote so far as it can be checked without asking the chain. Sol and tokens come to one [`SolanaSend`].
//! - `max_fee` is the most that leaves beside the amount: fees of all transactions, and the rent of accounts that have to be created.
//! - Stored as CBOR with numbered fields.

use super::{IntentError, RawIntent};
use crate::account::path::AccountIndex;
use crate::account::solana::SolanaAddress;
use crate::chain::solana::{Lamports, Payment, TokenProgram, UnitPrice, What};
use minicbor::{Decode, Encode};

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

/// What both kinds of payments have.
pub struct Terms {
    /// From which of the wallet's accounts.
    pub from_index: u32,
    /// Whether the destination may be an address that no key signs for.
    pub off_curve: bool,
    /// In millionths of a lamport.
    pub compute_unit_price: u64,
    /// In lamports.
    pub max_fee: u64,
}

/// Which token, as callers write it.
pub struct Token {
    /// The mint in base58.
    pub mint: String,
    /// The program that keeps it.
    pub program: TokenProgram,
    /// How many decimals it has.
    pub decimals: u8,
}

fn address(text: String) -> Result<SolanaAddress, IntentError> {
    SolanaAddress::parse(&text).ok_or(IntentError::BadDestination(text))
}

impl Terms {
    /// A payment of sol.
    ///
    /// # Errors
    /// The address, the amount, or the fee.
    pub fn sol(self, to: String, lamports: u64) -> Result<SolanaSend, IntentError> {
        let (to, lamports) = (address(to)?, Lamports(lamports));
        self.of(What::Sol { to, lamports }, lamports.0)
    }

    /// A payment of a token to an owner.
    ///
    /// # Errors
    /// The addresses, the amount, or the fee.
    pub fn token(self, token: Token, to: String, amount: u64) -> Result<SolanaSend, IntentError> {
        let what = What::Token {
            mint: address(token.mint)?,
            program: token.program,
            to: address(to)?,
            amount,
            decimals: token.decimals,
        };
        self.of(what, amount)
    }

    fn of(self, what: What, amount: u64) -> Result<SolanaSend, IntentError> {
        if amount == 0 {
            return Err(IntentError::NothingSent);
        }
        let (price, max_fee) = (UnitPrice(self.compute_unit_price), Lamports(self.max_fee));
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
            What::Sol { to, lamports } => Self::SolTransfer {
                from_index,
                to: to.to_string(),
                lamports: lamports.0,
                off_curve,
                compute_unit_price,
                max_fee,
            },
            What::Token {
                mint,
                program,
                to,
                amount,
                decimals,
            } => Self::SplTransfer {
                from_index,
                mint: mint.to_string(),
                token_program: program,
                to: to.to_string(),
                amount,
                decimals,
                off_curve,
                compute_unit_price,
                max_fee,
            },
        }
    }
}
