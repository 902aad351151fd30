//! One request in the journal: its key, its arguments' digest, and how far it has come.
//!
//! - In: bytes from callers, checked once. Out: values with one stored form each: the key as principal and request
//!   id, the entry as CBOR with numbered fields.
//! - Left out: time and order; see the module above.

use crate::admission::Reservation;
use crate::domain::{Domain, Hash};
use crate::encoding::Timestamp;
use crate::refusal::Refusal;
use ic_stable_structures::storable::{Bound, Storable};
use minicbor::{Decode, Encode};
use std::borrow::Cow;

/// Longest request id, in bytes.
pub const MAX_REQUEST_ID_BYTES: usize = 64;

/// What a caller names one request with: 1 to 64 bytes, unique among the caller's own for at least a day.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestId(Vec<u8>);

impl RequestId {
    /// Checks an id that came from outside.
    ///
    /// # Errors
    /// [`Refusal::RequestIdLength`].
    pub fn parse(bytes: Vec<u8>) -> Result<Self, Refusal> {
        match bytes.len() {
            1..=MAX_REQUEST_ID_BYTES => Ok(Self(bytes)),
            length => Err(Refusal::RequestIdLength {
                bytes: length as u64,
            }),
        }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Before every other id; no caller's id is empty.
    pub(super) fn lowest() -> Self {
        Self(Vec::new())
    }
}

impl Storable for RequestId {
    const BOUND: Bound = Bound::Bounded {
        max_size: MAX_REQUEST_ID_BYTES as u32,
        is_fixed_size: false,
    };

    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.0)
    }

    fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn from_bytes(bytes: Cow<'_, [u8]>) -> Self {
        Self(bytes.into_owned())
    }
}

/// The digest by which a repeated request is recognised: of the method's name and the encoded arguments.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(transparent)]
pub struct ArgumentsDigest(#[cbor(n(0), with = "minicbor::bytes")] Hash);

impl ArgumentsDigest {
    /// The digest of a call. The arguments are in an encoding with one form for each value.
    pub fn of(method: &str, arguments: &[u8]) -> Self {
        let method = Domain::Method.hash(&[method.as_bytes()]);
        Self(Domain::Arguments.hash(&[&method, arguments]))
    }
}

/// How far a request has come.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// Begun. Without a call that works on it, its outcome is unknown.
    #[n(0)]
    Begun,
    /// Ended, with the result that repeated calls get.
    #[n(1)]
    Done {
        #[n(0)]
        at: Timestamp,
        #[n(1)]
        #[cbor(with = "minicbor::bytes")]
        result: Vec<u8>,
    },
}

/// What the journal keeps of one request.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub(super) struct Entry {
    #[n(0)]
    pub arguments: ArgumentsDigest,
    #[n(1)]
    pub begun_at: Timestamp,
    #[n(2)]
    pub reservation: Reservation,
    #[n(3)]
    pub stage: Stage,
}

crate::stored!(Entry, "a request");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_have_1_to_64_bytes() {
        let refused = |length: usize| Refusal::RequestIdLength {
            bytes: length as u64,
        };
        assert_eq!(RequestId::parse(vec![]), Err(refused(0)));
        assert_eq!(RequestId::parse(vec![1; 65]), Err(refused(65)));
        assert!(RequestId::parse(vec![1; 64]).is_ok());
    }

    #[test]
    fn no_other_method_or_argument_has_the_same_digest() {
        let digest = ArgumentsDigest::of("ab", b"c");
        assert_ne!(digest, ArgumentsDigest::of("a", b"bc"));
        assert_ne!(digest, ArgumentsDigest::of("ab", b"d"));
        assert_eq!(digest, ArgumentsDigest::of("ab", b"c"));
    }

    #[test]
    fn a_digest_is_stored_as_a_byte_string_of_32_bytes() {
        let bytes = minicbor::to_vec(ArgumentsDigest([7; 32])).unwrap();
        assert_eq!(bytes, [&[0x58, 32][..], &[7; 32]].concat());
        let read: ArgumentsDigest = minicbor::decode(&bytes).unwrap();
        assert_eq!(read, ArgumentsDigest([7; 32]));
        let short = [&[0x58, 31][..], &[7; 31]].concat();
        assert!(minicbor::decode::<ArgumentsDigest>(&short).is_err());
    }
}
