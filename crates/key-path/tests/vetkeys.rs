//! Published vetKeys are checked as the official library checks them, and nothing else passes.

use ic_bls12_381::hash_to_curve::{ExpandMsgXmd, HashToCurve};
use ic_bls12_381::{G1Affine, G1Projective, Scalar};
use key_path::masters::{Network, vetkd_public_key};
use key_path::{KeyPathError, published_test_keys, vetkd};
use sha2::Sha256;

const CANISTER: [u8; 10] = [0, 0, 0, 0, 0, 0, 0, 5, 1, 1];

/// A canister's public key for a context, and the key of an input, made of PocketIC's published secret.
fn key_of(context: &[u8], input: &[u8]) -> ([u8; 96], [u8; 48]) {
    let scalar = |mut bytes: [u8; 32]| {
        bytes.reverse();
        Scalar::from_bytes(&bytes).unwrap()
    };
    let master = vetkd_public_key(Network::PocketIc, "test_key_1").unwrap();
    let derived = vetkd::derive(master, &CANISTER, context).unwrap();
    let secret = scalar(published_test_keys::vetkd_secret_key("test_key_1"));
    let message = [&derived.public_key, input].concat();
    let hashed = <G1Projective as HashToCurve<ExpandMsgXmd<Sha256>>>::hash_to_curve(
        message,
        b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_AUG_",
    );
    let key = G1Affine::from(hashed * (secret + scalar(derived.delta)));
    (derived.public_key, key.to_compressed())
}

#[test]
fn the_key_of_an_input_passes_here_and_in_the_official_library() {
    for input in [&b""[..], b"round 7", &[0xff; 300]] {
        let (public, key) = key_of(b"context", input);
        assert_eq!(vetkd::check_key(&public, input, &key), Ok(()));
        let theirs = ic_vetkeys::DerivedPublicKey::deserialize(&public).unwrap();
        assert!(ic_vetkeys::verify_bls_signature(&theirs, input, &key));
    }
}

#[test]
fn refuses_the_key_of_another_input_context_or_shape() {
    let refused = Err(KeyPathError::OtherVetKey);
    let (public, key) = key_of(b"context", b"round 7");
    let (other, other_key) = key_of(b"another context", b"round 7");
    assert_eq!(vetkd::check_key(&public, b"round 8", &key), refused);
    assert_eq!(vetkd::check_key(&other, b"round 7", &key), refused);
    assert_eq!(vetkd::check_key(&public, b"round 7", &other_key), refused);
    for bit in [0, 7, 100, 383] {
        let mut changed = key;
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(vetkd::check_key(&public, b"round 7", &changed), refused);
    }
    let mut identity = [0; 48];
    identity[0] = 0xc0;
    assert_eq!(vetkd::check_key(&public, b"round 7", &identity), refused);
    assert_eq!(vetkd::check_key(&public, b"round 7", &key[..47]), refused);
    let bad = vetkd::check_key(&public[..95], b"round 7", &key);
    assert_eq!(bad, Err(KeyPathError::BadVetKdKey));
}
