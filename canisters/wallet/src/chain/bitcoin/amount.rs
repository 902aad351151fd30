//! Amounts of bitcoin and rates of fees.
//!
//! - In and out: newtypes; stored as unsigned integers.
//! - A rate has the unit in which the Bitcoin canister tells the rates of recent transactions. Fees are rounded up, so that the rate
//!   that a transaction really has is never below the one that was asked for.

use super::size::VirtualBytes;
use candid::CandidType;
use minicbor::{Decode, Encode};
use serde::Deserialize;
use std::fmt;

/// An amount of bitcoin; 100 000 000 satoshi are one bitcoin.
#[derive(
    CandidType, Deserialize, Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
#[cbor(transparent)]
pub struct Satoshi(#[n(0)] pub u64);

impl Satoshi {
    /// As much as there can ever be: 21 million bitcoin.
    pub const SUPPLY: Self = Self(2_100_000_000_000_000);
}

impl fmt::Display for Satoshi {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} satoshi", self.0)
    }
}

/// A rate of fees: thousandths of a satoshi for each virtual byte.
#[derive(
    CandidType, Deserialize, Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
#[cbor(transparent)]
pub struct FeeRate(#[n(0)] pub u64);

impl FeeRate {
    /// What every node relays: one satoshi for each virtual byte. It is also what a replacement pays more for each of its own
    /// (Bitcoin Core's `minrelaytxfee` and `incrementalrelayfee`; newer versions ask for less).
    pub const RELAY: Self = Self(1_000);

    /// The fee of so many virtual bytes, rounded up; `u64::MAX` where it is more than that.
    pub fn fee(self, size: VirtualBytes) -> Satoshi {
        let thousandths = u128::from(self.0) * u128::from(size.0);
        Satoshi(u64::try_from(thousandths.div_ceil(1_000)).unwrap_or(u64::MAX))
    }
}

impl fmt::Display for FeeRate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, thousandths) = (self.0 / 1_000, self.0 % 1_000);
        write!(out, "{whole}.{thousandths:03} satoshi per virtual byte")
    }
}
