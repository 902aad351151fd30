//! Buckets: one key for each minute.
//!
//! - A bucket's number counts minutes since 1970; it opens when that minute begins, which is never before the time that it stands for.
//! - Its key is derived under one context, [`CONTEXT`], under which nothing is derived but keys of buckets that are open; the input is [`Bucket::input`], which
//!   is the identity that messages are encrypted to.

use canister_kit::encoding::Timestamp;
use canister_kit::own_key::joined;
use minicbor::{Decode, Encode};

/// Nanoseconds of a minute.
pub const MINUTE: u64 = 60 * Timestamp::SECOND;

/// The context of the keys that open messages.
pub const CONTEXT: &[u8] = b"timelock/ibe/1";

/// The number of a bucket.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct Bucket(#[n(0)] u64);

impl Bucket {
    /// As a caller wrote it; perhaps nobody has sealed to it.
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The first one that opens at a time or later.
    pub fn for_time(time: Timestamp) -> Self {
        Self(time.0.div_ceil(MINUTE))
    }

    /// The number.
    pub fn number(self) -> u64 {
        self.0
    }

    /// When it opens; the end of time for numbers beyond it.
    pub fn opens_at(self) -> Timestamp {
        Timestamp(self.0.saturating_mul(MINUTE))
    }

    /// What its key is derived from: the number, 8 bytes big endian, after its length.
    pub fn input(self) -> Vec<u8> {
        joined(&[&self.0.to_be_bytes()])
    }
}

/// The key of a bucket that is open: 48 bytes that everyone may know, checked.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(transparent)]
pub struct VetKey(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 48]);

/// What is known of a bucket that somebody has sealed to.
#[derive(Encode, Decode, Clone, Debug, Default, PartialEq, Eq)]
#[cbor(map)]
pub struct Known {
    /// How many messages it has.
    #[n(0)]
    pub messages: u64,
    /// When its key was asked for last.
    #[n(1)]
    pub asked_at: Option<Timestamp>,
    /// Its key, once it is open and somebody has released it.
    #[n(2)]
    pub key: Option<VetKey>,
    /// When that was.
    #[n(3)]
    pub released_at: Option<Timestamp>,
}

canister_kit::stored!(Known, "a bucket");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_opens_at_its_time_or_up_to_a_minute_later_and_never_before() {
        for (time, number) in [
            (0, 0),
            (1, 1),
            (MINUTE, 1),
            (MINUTE + 1, 2),
            (90 * MINUTE, 90),
        ] {
            let bucket = Bucket::for_time(Timestamp(time));
            assert_eq!(bucket.number(), number);
            let opens = bucket.opens_at().0;
            assert!((time..time + MINUTE).contains(&opens));
        }
        let last = Bucket::for_time(Timestamp(u64::MAX));
        assert_eq!(last.opens_at(), Timestamp(u64::MAX));
        assert_eq!(Bucket::new(u64::MAX).opens_at(), Timestamp(u64::MAX));
    }

    #[test]
    fn every_bucket_has_an_input_of_its_own() {
        let expected = b"\0\0\0\x08\0\0\0\0\0\0\x01\x02";
        assert_eq!(Bucket::new(258).input(), expected);
    }
}
