//! What a call or typed data spends, for a policy.
//!
//! - What it does: [`call`] reads what a transaction does, [`typed`] what a signature of typed data allows. Whoever may take something counts as paid
//!   already: an approval is a spend of the approved amount to the spender, an unlimited one of the largest amount.
//! - In: calls as bytes, typed data as read. Out: a [`Meaning`].
//! - Never a guess: what is not exactly the standard's encoding or structure is [`Meaning::Unknown`]. What a call does is what the standard says for a
//!   contract that keeps it; so it is worth as much as the knowledge which contract that is. An ERC-721 contract has functions that read the
//!   same and take an item's number where ERC-20 has the amount: only contracts that are tokens with amounts may get rules by amount.
//! - Left out: the chain, which stands beside the call, and in the domain of typed data; what the amounts are worth.

pub mod call;
pub mod typed;

#[cfg(test)]
mod tests;

use crate::account::ethereum::EvmAddress;
use crate::asset::Amount;
use alloy_primitives::{Address, U256};

/// Permit2, at the same address on nearly every chain. One at another address is not known to be it.
pub const PERMIT2: EvmAddress = EvmAddress::new([
    0x00, 0x00, 0x00, 0x00, 0x00, 0x22, 0xd4, 0x73, 0x03, 0x0f, 0x11, 0x6d, 0xde, 0xe9, 0xf6, 0xb4,
    0x3a, 0xc7, 0x8b, 0xa3,
]);

/// What a chain of Ethereum's kind counts in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Currency {
    /// The chain's own.
    Native,
    /// Tokens of a contract.
    Token(EvmAddress),
}

/// What leaves, or may be taken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spend {
    /// Ether or a token.
    pub asset: Currency,
    /// How much; all items of a collection, and all from 2^128 - 1 on, are the largest amount.
    pub amount: Amount,
    /// Who gets it, or may take it.
    pub to: EvmAddress,
}

impl Spend {
    fn of_token(token: EvmAddress, amount: U256, to: EvmAddress) -> Self {
        Self {
            asset: Currency::Token(token),
            amount: Amount(amount.saturating_to()),
            to,
        }
    }
}

/// What a call or typed data means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// It spends this and nothing else; one asset can stand in it several times.
    Spends(Vec<Spend>),
    /// Nobody knows.
    Unknown {
        /// What it calls, if it is a call with data of four bytes or more.
        selector: Option<[u8; 4]>,
        /// What it spends at least: the value sent along.
        at_least: Vec<Spend>,
    },
}

impl Meaning {
    /// What is known to be spent.
    pub fn spends(&self) -> &[Spend] {
        match self {
            Self::Spends(spends) => spends,
            Self::Unknown { at_least, .. } => at_least,
        }
    }
}

fn evm(address: Address) -> EvmAddress {
    EvmAddress::new(address.into_array())
}

/// The amount of an approval of all or nothing.
fn all_or_nothing(all: bool) -> U256 {
    match all {
        true => U256::MAX,
        false => U256::ZERO,
    }
}
