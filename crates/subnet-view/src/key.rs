//! The names of master keys.
//!
//! Source: interface specification, `ecdsa_curve`, `schnorr_algorithm`, `vetkd_curve`. In and out: names. Leaves out: which subnet holds which key.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The schemes of keys that a subnet holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyScheme {
    /// ECDSA on secp256k1.
    EcdsaSecp256k1,
    /// ECDSA on secp256r1.
    EcdsaSecp256r1,
    /// Schnorr, BIP-340.
    Bip340Secp256k1,
    /// Schnorr, Ed25519.
    Ed25519,
    /// vetKD on BLS12-381.
    VetKd,
}

impl fmt::Display for KeyScheme {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            KeyScheme::EcdsaSecp256k1 => "ecdsa:secp256k1",
            KeyScheme::EcdsaSecp256r1 => "ecdsa:secp256r1",
            KeyScheme::Bip340Secp256k1 => "schnorr:bip340secp256k1",
            KeyScheme::Ed25519 => "schnorr:ed25519",
            KeyScheme::VetKd => "vetkd:bls12_381_g2",
        })
    }
}

/// A master key's name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct KeyId {
    /// The scheme.
    pub scheme: KeyScheme,
    /// Such as `key_1`.
    pub name: String,
}

impl fmt::Display for KeyId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.scheme, self.name)
    }
}
