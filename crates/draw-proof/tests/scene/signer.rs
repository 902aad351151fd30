//! vetKeys as a network makes them that shares PocketIC's published secret, which anybody may use.
//!
//! - The package's tests use it, and those of canisters take it in by `#[path]` under `#[cfg(test)]`; no build for production contains it.

// Each test uses a part of it.
#![allow(dead_code)]

use draw_proof::vrf::VrfKey;
use ic_bls12_381::hash_to_curve::{ExpandMsgXmd, HashToCurve};
use ic_bls12_381::{G1Affine, G1Projective, Scalar};
use key_path::masters::{Network, vetkd_public_key};
use key_path::published_test_keys;
use sha2::Sha256;

pub const KEY_NAME: &str = "test_key_1";

/// The master key under which [`sign`] signs.
pub fn master() -> &'static [u8; 96] {
    vetkd_public_key(Network::PocketIc, KEY_NAME).unwrap()
}

/// A canister's key for a context.
pub fn key(canister: &[u8], context: &[u8]) -> VrfKey {
    VrfKey::derive(master(), canister, context).unwrap()
}

/// The signature that the network would make.
pub fn sign(canister: &[u8], context: &[u8], input: &[u8]) -> [u8; 48] {
    let scalar = |mut bytes: [u8; 32]| {
        bytes.reverse();
        Scalar::from_bytes(&bytes).unwrap()
    };
    let derived = key_path::vetkd::derive(master(), canister, context).unwrap();
    let secret = scalar(published_test_keys::vetkd_secret_key(KEY_NAME));
    let hashed = <G1Projective as HashToCurve<ExpandMsgXmd<Sha256>>>::hash_to_curve(
        [&derived.public_key, input].concat(),
        b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_AUG_",
    );
    G1Affine::from(hashed * (secret + scalar(derived.delta))).to_compressed()
}
