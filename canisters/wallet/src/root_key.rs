//! The canister's own public keys, from which all of its wallets' keys are derived.
//!
//! - What it does: a [`RootKey`] is made only of bytes that were checked to be a key of its kind with a chain code; [`RootKeys`] holds one of
//!   each kind, once all are cached, and [`CachedKeys`] those that are cached so far. Nothing replaces a cached key.
//! - Specification: IC interface specification, `ecdsa_public_key` and `schnorr_public_key` with an empty path.
//! - Stored as CBOR: a key is {0: public key, 1: chain code, 2: kind}; cached keys are {0: ECDSA, 1: BIP-340, 2: Ed25519}.
//! - Security: public keys and chain codes are no secrets.

use candid::CandidType;
use key_path::{Path, Scheme};
use minicbor::{Decode, Encode};
use serde::Deserialize;
use thiserror::Error;

/// A kind of key that the canister has one of.
#[derive(
    CandidType, Deserialize, Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
#[cbor(index_only)]
pub enum KeyKind {
    /// ECDSA on secp256k1.
    #[n(0)]
    Ecdsa,
    /// Schnorr of BIP-340 on secp256k1.
    #[n(1)]
    Bip340,
    /// Ed25519.
    #[n(2)]
    Ed25519,
}

impl KeyKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Ecdsa, Self::Bip340, Self::Ed25519];

    const fn scheme(self) -> Scheme {
        match self {
            Self::Ecdsa => Scheme::EcdsaSecp256k1,
            Self::Bip340 => Scheme::Bip340Secp256k1,
            Self::Ed25519 => Scheme::Ed25519,
        }
    }
}

/// The bytes are not a key of this kind with a chain code of 32 bytes.
#[derive(Error, Clone, Copy, Debug, PartialEq, Eq)]
#[error("the bytes are not a {0:?} key with a chain code of 32 bytes")]
pub struct KeyMalformed(pub KeyKind);

/// A public key and its chain code as somebody sent them.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RawKey {
    /// 33 bytes (compressed), or 32 for Ed25519.
    #[serde(with = "serde_bytes")]
    pub public_key: Vec<u8>,
    /// 32 bytes.
    #[serde(with = "serde_bytes")]
    pub chain_code: Vec<u8>,
}

/// A checked public key of the canister.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct RootKey {
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    public_key: Vec<u8>,
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    chain_code: [u8; 32],
    #[n(2)]
    kind: KeyKind,
}

impl RootKey {
    /// Checks that the bytes are a key of the kind: right length, on the curve, in the group of prime order, not the identity.
    ///
    /// # Errors
    /// They are not, or the chain code has not 32 bytes.
    pub fn parse(kind: KeyKind, raw: RawKey) -> Result<Self, KeyMalformed> {
        let malformed = KeyMalformed(kind);
        let chain_code = raw.chain_code.try_into().map_err(|_| malformed)?;
        let key = Self {
            public_key: raw.public_key,
            chain_code,
            kind,
        };
        let itself = Path::below([]).map_err(|_| malformed)?;
        match key.below(&itself)? == key.public_key {
            true => Ok(key),
            false => Err(malformed),
        }
    }

    /// The kind.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The public key that a path leads to.
    ///
    /// # Errors
    /// Never for a parsed key.
    pub fn below(&self, path: &Path) -> Result<Vec<u8>, KeyMalformed> {
        let scheme = self.kind.scheme();
        let derived = key_path::derive(scheme, &self.public_key, &self.chain_code, path);
        let malformed = KeyMalformed(self.kind);
        derived.map(|key| key.public_key).map_err(|_| malformed)
    }
}

impl From<&RootKey> for RawKey {
    fn from(key: &RootKey) -> Self {
        Self {
            public_key: key.public_key.clone(),
            chain_code: key.chain_code.to_vec(),
        }
    }
}

/// The keys that are cached so far.
#[derive(Encode, Decode, Clone, Debug, Default, PartialEq, Eq)]
#[cbor(map)]
pub struct CachedKeys {
    #[n(0)]
    ecdsa: Option<RootKey>,
    #[n(1)]
    bip340: Option<RootKey>,
    #[n(2)]
    ed25519: Option<RootKey>,
}

impl CachedKeys {
    /// The key of a kind.
    pub fn get(&self, kind: KeyKind) -> Option<&RootKey> {
        match kind {
            KeyKind::Ecdsa => self.ecdsa.as_ref(),
            KeyKind::Bip340 => self.bip340.as_ref(),
            KeyKind::Ed25519 => self.ed25519.as_ref(),
        }
    }

    /// The kinds without a key.
    pub fn missing(&self) -> Vec<KeyKind> {
        let missing = |kind: &KeyKind| self.get(*kind).is_none();
        KeyKind::ALL.into_iter().filter(missing).collect()
    }

    /// The same with one key more; a key that is there stays.
    #[must_use]
    pub fn with(mut self, key: &RootKey) -> Self {
        let place = match key.kind {
            KeyKind::Ecdsa => &mut self.ecdsa,
            KeyKind::Bip340 => &mut self.bip340,
            KeyKind::Ed25519 => &mut self.ed25519,
        };
        place.get_or_insert_with(|| key.clone());
        self
    }

    /// All keys, or nothing while one is missing.
    pub fn complete(&self) -> Option<RootKeys> {
        Some(RootKeys {
            ecdsa: self.ecdsa.clone()?,
            bip340: self.bip340.clone()?,
            ed25519: self.ed25519.clone()?,
        })
    }
}

canister_kit::stored!(CachedKeys, "the canister's own keys");

/// One key of each kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootKeys {
    ecdsa: RootKey,
    bip340: RootKey,
    ed25519: RootKey,
}

impl RootKeys {
    /// The key of a kind.
    pub fn get(&self, kind: KeyKind) -> &RootKey {
        match kind {
            KeyKind::Ecdsa => &self.ecdsa,
            KeyKind::Bip340 => &self.bip340,
            KeyKind::Ed25519 => &self.ed25519,
        }
    }
}

/// The canister's own keys as callers see them: whoever has them derives every wallet's addresses offline.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct PublicKeys {
    /// ECDSA on secp256k1: Bitcoin's P2WPKH, Ethereum.
    pub ecdsa: RawKey,
    /// BIP-340: Bitcoin's P2TR.
    pub bip340: RawKey,
    /// Ed25519: Solana.
    pub ed25519: RawKey,
}

impl From<&RootKeys> for PublicKeys {
    fn from(keys: &RootKeys) -> Self {
        Self {
            ecdsa: (&keys.ecdsa).into(),
            bip340: (&keys.bip340).into(),
            ed25519: (&keys.ed25519).into(),
        }
    }
}
