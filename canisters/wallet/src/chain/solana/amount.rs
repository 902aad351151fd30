//! Amounts of sol and prices of compute units.
//!
//! - Specification: Solana's documentation, "Transaction fees": 5000 lamports for each signature, and for priority the limit of compute units times
//!   their price, rounded up to a lamport.
//! - In and out: newtypes; stored as unsigned integers.

use candid::CandidType;
use minicbor::{Decode, Encode};
use serde::Deserialize;
use std::fmt;

/// An amount of sol; 1 000 000 000 lamports are one sol.
#[derive(
    CandidType, Deserialize, Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
#[cbor(transparent)]
pub struct Lamports(#[n(0)] pub u64);

impl Lamports {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// What a transaction with one signature costs without priority.
    pub const SIGNATURE: Self = Self(5_000);

    /// The sum, or the largest amount where the sum is larger.
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// What is left, or nothing.
    pub fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Lamports {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} lamports", self.0)
    }
}

/// A limit of compute units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Units(pub u32);

/// What a compute unit costs: millionths of a lamport.
#[derive(
    CandidType, Deserialize, Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
#[cbor(transparent)]
pub struct UnitPrice(#[n(0)] pub u64);

impl UnitPrice {
    /// The whole fee of a transaction with one signature and this limit; the largest amount where it is more than that.
    pub fn fee(self, limit: Units) -> Lamports {
        let millionths = u128::from(self.0) * u128::from(limit.0);
        let priority = u64::try_from(millionths.div_ceil(1_000_000)).unwrap_or(u64::MAX);
        Lamports::SIGNATURE.plus(Lamports(priority))
    }
}
