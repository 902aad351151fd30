//! What is to be paid, and what that may cost.
//!
//! - In: a destination with an amount, a price of compute units, the most that may leave beside the amount. Out: a [`Payment`], or why not.
//! - That most counts everything: the fees of all transactions, and the rent of accounts that have to be created.
//! - Stored as CBOR: {0: what, 1: price, 2: the most beside the amount, 3: whether the destination may be off the curve}.

use super::amount::{Lamports, UnitPrice, Units};
use super::derive::{associated, nonce_account};
use super::error::PaymentError;
use super::instruction::TokenPlace;
use super::program::{RENT, TokenProgram};
use crate::account::solana::SolanaAddress;
use minicbor::{Decode, Encode};

/// What is paid.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Sol.
    #[n(0)]
    Sol {
        /// Who gets it.
        #[n(0)]
        to: SolanaAddress,
        /// How much.
        #[n(1)]
        lamports: Lamports,
    },
    /// A token.
    #[n(1)]
    Token {
        /// Which.
        #[n(0)]
        mint: SolanaAddress,
        /// The program that keeps it.
        #[n(1)]
        program: TokenProgram,
        /// The owner of the account that gets it.
        #[n(2)]
        to: SolanaAddress,
        /// How much, in the smallest unit.
        #[n(3)]
        amount: u64,
        /// How many decimals the mint has.
        #[n(4)]
        decimals: u8,
    },
}

impl What {
    /// Who gets it.
    pub fn to(&self) -> SolanaAddress {
        match self {
            Self::Sol { to, .. } | Self::Token { to, .. } => *to,
        }
    }

    /// The limit of compute units of a payment, several times of what it takes. Creating a token account takes more with every address
    /// that is tried for it.
    pub(super) fn limit(&self, creates: bool) -> Units {
        match (self, creates) {
            (Self::Sol { .. }, _) => Units(2_000),
            (Self::Token { .. }, false) => Units(50_000),
            (Self::Token { .. }, true) => Units(150_000),
        }
    }

    /// What leaves in lamports.
    pub(super) fn lamports(&self) -> Lamports {
        match self {
            Self::Sol { lamports, .. } => *lamports,
            Self::Token { .. } => Lamports::ZERO,
        }
    }
}

/// A checked payment.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Payment {
    #[n(0)]
    what: What,
    #[n(1)]
    price: UnitPrice,
    #[n(2)]
    max_fee: Lamports,
    #[n(3)]
    off_curve: bool,
}

impl Payment {
    /// Checks a payment.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn new(
        what: What,
        price: UnitPrice,
        max_fee: Lamports,
        off_curve: bool,
    ) -> Result<Self, PaymentError> {
        if !off_curve && !what.to().is_on_curve() {
            return Err(PaymentError::OffCurve);
        }
        let payment = Self {
            what,
            price,
            max_fee,
            off_curve,
        };
        payment.with_price(price)
    }

    /// The same payment with another price: what a replacement is checked against.
    ///
    /// # Errors
    /// [`PaymentError::FeeAboveCap`].
    pub fn with_price(self, price: UnitPrice) -> Result<Self, PaymentError> {
        let (fee, max_fee) = (price.fee(self.what.limit(false)), self.max_fee);
        match fee > max_fee {
            true => Err(PaymentError::FeeAboveCap { fee, max_fee }),
            false => Ok(Self { price, ..self }),
        }
    }

    /// What is paid.
    pub fn what(&self) -> &What {
        &self.what
    }

    /// What a compute unit costs.
    pub fn price(&self) -> UnitPrice {
        self.price
    }

    /// The most that may leave beside the amount.
    pub fn max_fee(&self) -> Lamports {
        self.max_fee
    }

    /// Whether the destination may be one that no key signs for.
    pub fn off_curve(&self) -> bool {
        self.off_curve
    }

    /// The accounts that the chain is asked for before anything is planned, in the order in which [`super::Facts::read`] takes them.
    pub fn accounts(&self, own: &SolanaAddress) -> Vec<SolanaAddress> {
        let mut accounts = vec![nonce_account(own), *own, RENT];
        match self.what {
            What::Sol { to, .. } => accounts.push(to),
            What::Token { mint, .. } => {
                let places = [self.place(own), self.place(&self.what.to())];
                accounts.push(mint);
                accounts.extend(places.iter().flatten().map(|place| place.account));
            }
        }
        accounts
    }

    /// Where an owner keeps the token that is paid.
    pub(super) fn place(&self, owner: &SolanaAddress) -> Option<TokenPlace> {
        match self.what {
            What::Sol { .. } => None,
            What::Token { mint, program, .. } => Some(TokenPlace {
                program,
                mint,
                owner: *owner,
                account: associated(owner, program, &mint),
            }),
        }
    }
}
