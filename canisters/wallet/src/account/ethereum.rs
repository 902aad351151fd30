//! Addresses of Ethereum and its like.
//!
//! - Specification: Yellow Paper, section 4.1 (the last 20 bytes of Keccak-256 of the key without its prefix); EIP-55 (checksum).
//! - In: a compressed key on secp256k1 (33 bytes), or an address as text. Out: 20 bytes, or text with the checksum.

use crate::root_key::{KeyKind, KeyMalformed};
use data_encoding::{HEXLOWER, HEXLOWER_PERMISSIVE};
use k256::PublicKey;
use k256::elliptic_curve::sec1::ToEncodedPoint;
use minicbor::{Decode, Encode};
use sha3::{Digest, Keccak256};
use std::fmt;

/// An address of 20 bytes.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct EvmAddress(
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    [u8; 20],
);

impl EvmAddress {
    /// An address of these bytes.
    pub const fn new(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub const fn bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// The address of a key.
    ///
    /// # Errors
    /// The bytes are not a key.
    pub fn of(key: &[u8]) -> Result<Self, KeyMalformed> {
        let malformed = KeyMalformed(KeyKind::Ecdsa);
        let point = PublicKey::from_sec1_bytes(key).map_err(|_| malformed)?;
        let hash = Keccak256::digest(&point.to_encoded_point(false).as_bytes()[1..]);
        let mut address = [0; 20];
        address.copy_from_slice(&hash[12..]);
        Ok(Self(address))
    }

    /// Reads an address: `0x` and 40 hexadecimal digits, all letters small, or with EIP-55's checksum, which must then be right.
    /// Nothing for every other text.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix("0x")?;
        let bytes = HEXLOWER_PERMISSIVE.decode(digits.as_bytes()).ok()?;
        let address = Self(bytes.try_into().ok()?);
        let small = digits == digits.to_ascii_lowercase();
        (small || address.to_string() == text).then_some(address)
    }
}

impl fmt::Display for EvmAddress {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = HEXLOWER.encode(&self.0);
        let hash = HEXLOWER.encode(&Keccak256::digest(&digits));
        let cased = digits.chars().zip(hash.chars());
        let cased = cased.map(|(digit, mark)| match mark >= '8' {
            true => digit.to_ascii_uppercase(),
            false => digit,
        });
        write!(out, "0x{}", cased.collect::<String>())
    }
}
