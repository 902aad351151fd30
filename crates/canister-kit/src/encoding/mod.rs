//! How values that several stored records share are written as CBOR, and how stable memory keeps whole records.
//!
//! - What it does: principals as byte strings, times as unsigned integers, cycles and other amounts ([`u128_bytes`]) as byte strings
//!   of 16 bytes, big-endian, because CBOR's plain integers end at 64 bits. [`to_cbor`], [`from_cbor`] and [`crate::stored!`] are for whole records.
//! - In and out: newtypes with one encoding each; decoding refuses every other length or kind.
//! - The caller may rely on the encodings: they stand in stable memory and in audit logs.

mod stored;
pub mod u128_bytes;

pub use stored::{from_cbor, to_cbor};

use candid::Principal;
use minicbor::decode::Error as DecodeError;
use minicbor::encode::{Error as EncodeError, Write};
use minicbor::{Decode, Decoder, Encode, Encoder};
use std::fmt;

/// A principal in a stored record: a byte string of at most 29 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Identity(pub Principal);

impl<C> Encode<C> for Identity {
    fn encode<W: Write>(
        &self,
        out: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        out.bytes(self.0.as_slice())?.ok()
    }
}

impl<'b, C> Decode<'b, C> for Identity {
    fn decode(bytes: &mut Decoder<'b>, _: &mut C) -> Result<Self, DecodeError> {
        let principal = Principal::try_from_slice(bytes.bytes()?);
        principal
            .map(Self)
            .map_err(|_| DecodeError::message("a principal of more than 29 bytes"))
    }
}

/// An amount of cycles.
#[derive(Encode, Decode, Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct Cycles(#[cbor(n(0), with = "u128_bytes")] pub u128);

impl Cycles {
    /// No cycles.
    pub const ZERO: Self = Self(0);

    /// The sum, or the largest amount where the sum is larger.
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// So many times as much, or the largest amount where that is more.
    pub fn times(self, count: u32) -> Self {
        Self(self.0.saturating_mul(count.into()))
    }

    /// What is left, or nothing where `other` is more.
    pub fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Cycles {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} cycles", self.0)
    }
}

/// A point in time: nanoseconds since 1970, as the network counts them.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct Timestamp(#[n(0)] pub u64);

impl Timestamp {
    /// Nanoseconds of a second.
    pub const SECOND: u64 = 1_000_000_000;
    /// Nanoseconds of a day.
    pub const DAY: u64 = 86_400 * Self::SECOND;

    /// The time that many nanoseconds later; the end of time where that is beyond it.
    pub fn after(self, nanoseconds: u64) -> Self {
        Self(self.0.saturating_add(nanoseconds))
    }

    /// The number of the day in UTC, from 1970.
    pub fn day(self) -> u64 {
        self.0 / Self::DAY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_the_module_says() {
        let principal = Identity(Principal::from_slice(&[7, 8]));
        assert_eq!(minicbor::to_vec(principal).unwrap(), [0x42, 7, 8]);
        let mut expected = vec![0x50];
        expected.extend_from_slice(&[0; 15]);
        expected.push(9);
        assert_eq!(minicbor::to_vec(Cycles(9)).unwrap(), expected);
        assert_eq!(minicbor::to_vec(Timestamp(10)).unwrap(), [10]);
        assert_eq!(minicbor::decode::<Cycles>(&expected).unwrap(), Cycles(9));
    }

    #[test]
    fn other_lengths_are_refused() {
        let long = minicbor::to_vec(minicbor::bytes::ByteVec::from(vec![0; 30])).unwrap();
        assert!(minicbor::decode::<Identity>(&long).is_err());
        assert!(minicbor::decode::<Cycles>(&long).is_err());
        assert!(minicbor::decode::<Cycles>(&[0x41, 1]).is_err());
        assert!(minicbor::decode::<Cycles>(&[9]).is_err());
    }
}
