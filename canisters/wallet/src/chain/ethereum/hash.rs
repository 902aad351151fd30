//! Keccak-256, and a type for each thing that is hashed, so that none is taken for another.

use data_encoding::HEXLOWER;
use minicbor::{Decode, Encode};
use sha3::{Digest, Keccak256};
use std::fmt;

/// What the management canister signs: the hash of a transaction, a personal message or typed data.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct SigningHash(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 32],
);

/// By which nodes know a signed transaction.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct TransactionHash(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub [u8; 32],
);

/// `0x` and 64 small hexadecimal digits.
impl fmt::Display for TransactionHash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "0x{}", HEXLOWER.encode(&self.0))
    }
}

/// The hash of parts, one behind the other.
pub(super) fn keccak<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut hasher = Keccak256::new();
    parts.into_iter().for_each(|part| hasher.update(part));
    hasher.finalize().into()
}
