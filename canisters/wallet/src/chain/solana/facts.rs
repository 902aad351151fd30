//! What the chain tells before a payment is planned.
//!
//! - In: accounts in the order of [`Payment::accounts`]. Out: [`Facts`] for the plan, or nothing where there are too few.

use super::amount::Lamports;
use super::payment::{Payment, What};
use super::state::{NonceState, Rent};
use crate::account::solana::SolanaAddress;

/// An account as the chain shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What it has.
    pub lamports: Lamports,
    /// The program that it belongs to.
    pub owner: SolanaAddress,
    /// Whether it is a program.
    pub executable: bool,
    /// How much data it has, of which perhaps only the beginning was shown.
    pub space: u64,
    /// The data.
    pub data: Vec<u8>,
}

/// What a payment's accounts are.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The nonce account.
    pub nonce: Option<Account>,
    /// The account that pays.
    pub own: Option<Account>,
    /// The rents, if they read.
    pub rent: Option<Rent>,
    /// About who is paid.
    pub about: About,
}

/// About who is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// With sol: the destination.
    Sol(Option<Account>),
    /// With a token.
    Token {
        /// The mint.
        mint: Option<Account>,
        /// Out of which account.
        from: Option<Account>,
        /// Into which account.
        to: Option<Account>,
    },
}

impl Facts {
    /// Puts answers in order.
    pub fn read(payment: &Payment, mut accounts: Vec<Option<Account>>) -> Option<Self> {
        let last = match payment.what() {
            What::Sol { .. } => About::Sol(accounts.pop()?),
            What::Token { .. } => {
                let (to, from) = (accounts.pop()?, accounts.pop()?);
                let mint = accounts.pop()?;
                About::Token { mint, from, to }
            }
        };
        let [nonce, own, rent] = <[_; 3]>::try_from(accounts).ok()?;
        Some(Self {
            nonce,
            own,
            rent: rent.as_ref().and_then(Rent::read),
            about: last,
        })
    }

    /// The opened nonce account, if it is.
    pub fn nonce_state(&self) -> Option<NonceState> {
        self.nonce.as_ref().and_then(NonceState::read)
    }
}
