//! Addresses of Solana.
//!
//! - Specification: Solana's documentation, "Accounts": an address is 32 bytes, an Ed25519 key for an account that signs, in base58
//!   with Bitcoin's alphabet. Addresses that programs derive are no points of the curve, so that no key signs for them.
//! - In: a key (32 bytes), or an address as text. Out: 32 bytes, or text.

use crate::root_key::{KeyKind, KeyMalformed};
use ed25519_dalek::VerifyingKey;
use minicbor::{Decode, Encode};
use std::fmt;

/// An address of 32 bytes.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct SolanaAddress(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    [u8; 32],
);

impl SolanaAddress {
    /// An address of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether it is a point of the curve, so that a key can sign for it.
    pub fn is_on_curve(&self) -> bool {
        VerifyingKey::from_bytes(&self.0).is_ok()
    }

    /// The address of a key.
    ///
    /// # Errors
    /// Not 32 bytes.
    pub fn of(key: &[u8]) -> Result<Self, KeyMalformed> {
        let malformed = KeyMalformed(KeyKind::Ed25519);
        key.try_into().map(Self).map_err(|_| malformed)
    }

    /// Reads an address in base58. Nothing for every other text.
    pub fn parse(text: &str) -> Option<Self> {
        let mut address = [0; 32];
        let length = bs58::decode(text).onto(&mut address).ok()?;
        (length == address.len()).then_some(Self(address))
    }
}

impl fmt::Display for SolanaAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&bs58::encode(&self.0).into_string())
    }
}
