//! The standards' own vectors. Each file in `vectors` names its source.

mod dealer;

use chainkey_algebra::{Curve, Secp256k1, Secret};
use chainkey_threshold_schnorr::{Bip340, Ed25519, Scheme, TaprootRoot};
use dealer::{Dealer, combiner};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use serde::Deserialize;

#[derive(Deserialize)]
struct Vectors<V> {
    vectors: Vec<V>,
}

#[derive(Deserialize)]
struct Bip340Vector {
    index: u32,
    #[serde(with = "hex")]
    secret_key: Vec<u8>,
    #[serde(with = "hex")]
    public_key: Vec<u8>,
    #[serde(with = "hex")]
    message: Vec<u8>,
    #[serde(with = "hex")]
    signature: [u8; 64],
    valid: bool,
    comment: String,
}

fn bip340() -> Vec<Bip340Vector> {
    let text = include_str!("vectors/bip340.json");
    let file: Vectors<Bip340Vector> = serde_json::from_str(text).unwrap();
    file.vectors
}

#[test]
fn bip340_vectors_verify_as_they_should() {
    let vectors = bip340();
    assert_eq!(vectors.len(), 15);
    for vector in vectors {
        let verified = Bip340::key_from_bytes(&vector.public_key)
            .and_then(|key| Bip340::verify(&key, &vector.message, &vector.signature));
        assert_eq!(
            verified.is_ok(),
            vector.valid,
            "{}: {}",
            vector.index,
            vector.comment
        );
    }
}

#[test]
fn shared_keys_of_bip340_vectors_sign_for_their_public_keys() {
    for vector in bip340().iter().filter(|v| !v.secret_key.is_empty()) {
        let secret = Secp256k1::scalar_from_bytes(&vector.secret_key).unwrap();
        let rng = ChaCha20Rng::seed_from_u64(u64::from(vector.index));
        let mut dealer = Dealer::<Bip340>::with_key(4, rng, Secret::new(secret));
        let (dealing, request) = (
            dealer.deal(),
            dealer.request_with_tweak(&vector.message, 0u64.into()),
        );
        let (session, shares) = dealer.signed_with(&dealing, request);
        let signature = combiner(&session, shares).combine().unwrap();
        let key = Bip340::key_from_bytes(&vector.public_key).unwrap();
        assert_eq!(*session.output_key(), key);
        Bip340::verify(&key, &vector.message, &signature).unwrap();
    }
}

#[derive(Deserialize)]
struct OutputKey {
    #[serde(with = "hex")]
    internal_key: Vec<u8>,
    #[serde(with = "hex")]
    merkle_root: Vec<u8>,
    #[serde(with = "hex")]
    tweak: Vec<u8>,
    #[serde(with = "hex")]
    output_key: [u8; 32],
}

#[derive(Deserialize)]
struct SecretKey {
    #[serde(with = "hex")]
    internal_secret_key: Vec<u8>,
    #[serde(with = "hex")]
    merkle_root: Vec<u8>,
    #[serde(with = "hex")]
    tweaked_secret_key: Vec<u8>,
}

#[derive(Deserialize)]
struct Bip341Vectors {
    output_keys: Vec<OutputKey>,
    secret_keys: Vec<SecretKey>,
}

fn bip341() -> Bip341Vectors {
    serde_json::from_str(include_str!("vectors/bip341.json")).unwrap()
}

#[test]
fn bip341_wallet_vectors_give_their_tweaks_and_output_keys() {
    let vectors = bip341().output_keys;
    assert_eq!(vectors.len(), 6);
    for vector in vectors {
        let internal = Bip340::key_from_bytes(&vector.internal_key).unwrap();
        let root = TaprootRoot::new(&vector.merkle_root).unwrap();
        // The parity of the derived key does not matter.
        for derived in [internal, -internal] {
            let output = Bip340::output_key(&derived, &Some(root.clone())).unwrap();
            assert_eq!(Bip340::key_to_bytes(&output.point), vector.output_key);
            let tweak = Secp256k1::scalar_to_bytes(&(output.addend)).to_vec();
            let negated = Secp256k1::scalar_to_bytes(&-output.addend).to_vec();
            assert!(tweak == vector.tweak || negated == vector.tweak);
            let secret = derived * output.sign + Secp256k1::mul_base(&output.addend);
            assert_eq!(secret, output.point);
        }
    }
}

#[test]
fn bip341_wallet_vectors_sign_for_their_tweaked_keys() {
    let vectors = bip341().secret_keys;
    assert_eq!(vectors.len(), 2);
    for vector in vectors {
        let secret = Secp256k1::scalar_from_bytes(&vector.internal_secret_key).unwrap();
        let rng = ChaCha20Rng::seed_from_u64(1);
        let mut dealer = Dealer::<Bip340>::with_key(4, rng, Secret::new(secret));
        let mut request = dealer.request_with_tweak(b"spend", 0u64.into());
        request.aux = Some(TaprootRoot::new(&vector.merkle_root).unwrap());
        let dealing = dealer.deal();
        let (session, shares) = dealer.signed_with(&dealing, request);
        let signature = combiner(&session, shares).combine().unwrap();
        let tweaked = Secp256k1::scalar_from_bytes(&vector.tweaked_secret_key).unwrap();
        let key = Secp256k1::mul_base(&tweaked);
        assert_eq!(
            Bip340::key_to_bytes(session.output_key()),
            Bip340::key_to_bytes(&key)
        );
        Bip340::verify(&key, b"spend", &signature).unwrap();
    }
}

#[derive(Deserialize)]
struct Rfc8032Vector {
    #[serde(with = "hex")]
    public_key: Vec<u8>,
    #[serde(with = "hex")]
    message: Vec<u8>,
    #[serde(with = "hex")]
    signature: [u8; 64],
}

#[test]
fn rfc8032_vectors_verify() {
    let text = include_str!("vectors/rfc8032.json");
    let file: Vectors<Rfc8032Vector> = serde_json::from_str(text).unwrap();
    assert_eq!(file.vectors.len(), 3);
    for vector in file.vectors {
        let key = Ed25519::key_from_bytes(&vector.public_key).unwrap();
        Ed25519::verify(&key, &vector.message, &vector.signature).unwrap();
        for place in [0, 31, 32, 63] {
            let mut wrong = vector.signature;
            wrong[place] ^= 1;
            assert!(Ed25519::verify(&key, &vector.message, &wrong).is_err());
        }
    }
}

/// s plus the order is the same number, but no encoding of it.
#[test]
fn refuses_a_second_encoding_of_s() {
    let mut dealer = Dealer::<Ed25519>::new(4, 1);
    let (session, shares) = dealer.signed(b"message");
    let signature = combiner(&session, shares).combine().unwrap();
    let order =
        hex::decode("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010").unwrap();
    let mut other = signature;
    let mut carry = 0;
    for (byte, addend) in other[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(addend) + carry;
        *byte = sum as u8;
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    Ed25519::verify(session.output_key(), b"message", &signature).unwrap();
    assert!(Ed25519::verify(session.output_key(), b"message", &other).is_err());
}

#[test]
fn refuses_keys_that_are_no_points_or_of_small_order() {
    let identity = [&[1u8][..], &[0; 31]].concat();
    for bytes in [identity, vec![0; 32], vec![0xff; 32], vec![1; 31]] {
        assert!(Ed25519::key_from_bytes(&bytes).is_err());
    }
    for bytes in [vec![0; 32], vec![0xff; 32], vec![1; 33], vec![]] {
        assert!(Bip340::key_from_bytes(&bytes).is_err());
    }
}
