//! PUBLISHED TEST SECRETS, WORTHLESS: the secret master keys that PocketIC is known to use.
//!
//! - What it does: makes the secret scalars anew from the published recipe, so that a test network whose dealer shares them among its nodes
//!   has the master public keys of [`crate::masters::Network::PocketIc`] that client libraries carry.
//! - Source: the documentation of `ic-secp256k1`, `ic-secp256r1`, `ic-ed25519` and `ic-vetkeys`. Recipe: docs/protocols/key-derivation.md,
//!   steps 12 to 15. In: the key's name; any name has a key. Out: scalars, 32 bytes, big endian.
//! - Security: everybody knows these secrets. They are not erased, for there is nothing to protect. Canisters have no use for this
//!   module.

use crate::derive::{MASTER_CHAIN_CODE, Scheme, derive};
use crate::path::Path;
use crate::{ed25519, vetkd};
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::{Scalar as Ed25519Scalar, clamp_integer};
use k256::elliptic_curve::PrimeField;
use k256::elliptic_curve::ops::Reduce;
use k256::elliptic_curve::sec1::ToEncodedPoint;
use sha2::{Digest, Sha256, Sha512};

/// The seed of the keys on secp256k1 and Ed25519.
const SEED: [u8; 32] = [42; 32];
/// The seed of the keys on secp256r1.
const NUMBER: u64 = 42;
/// Separates the hash that makes vetKD's keys.
const VETKD_DST: &[u8] = b"ic-crypto-vetkd-test-utils-generate-test-key";

/// The secret master key of a signature scheme.
pub fn secret_key(scheme: Scheme, name: &str) -> [u8; 32] {
    match scheme {
        Scheme::EcdsaSecp256k1 | Scheme::Bip340Secp256k1 => secp256k1(name),
        Scheme::EcdsaSecp256r1 => secp256r1(name),
        Scheme::Ed25519 => edwards25519(name),
    }
}

/// The secret master key of vetKD.
pub fn vetkd_secret_key(name: &str) -> [u8; 32] {
    vetkd::to_big_endian(&vetkd::hash_to_scalar(name.as_bytes(), VETKD_DST))
}

fn secp256k1(name: &str) -> [u8; 32] {
    let seed = Sha256::digest(SEED);
    let root = <k256::Scalar as Reduce<k256::U256>>::reduce_bytes(&seed);
    let public = (k256::ProjectivePoint::GENERATOR * root).to_affine();
    let public = public.to_encoded_point(true);
    let tweak = tweak(Scheme::EcdsaSecp256k1, public.as_bytes(), name);
    let tweak = k256::Scalar::from_repr(tweak.into()).expect("a tweak is below the order");
    (root + tweak).to_bytes().into()
}

fn secp256r1(name: &str) -> [u8; 32] {
    // The first 32 bytes of the stream are below the order; otherwise the next 32 would be taken.
    let root = p256::Scalar::from_repr(first_of_chacha20_rng(NUMBER).into())
        .expect("the published key is below the order");
    let public = (p256::ProjectivePoint::GENERATOR * root).to_affine();
    let public = public.to_encoded_point(true);
    let tweak = tweak(Scheme::EcdsaSecp256r1, public.as_bytes(), name);
    let tweak = p256::Scalar::from_repr(tweak.into()).expect("a tweak is below the order");
    (root + tweak).to_bytes().into()
}

fn edwards25519(name: &str) -> [u8; 32] {
    // An RFC 8032 secret key, and its expansion.
    let key = &Sha512::digest(SEED)[..32];
    let mut low = [0; 32];
    low.copy_from_slice(&Sha512::digest(key)[..32]);
    let root = Ed25519Scalar::from_bytes_mod_order(clamp_integer(low));
    let public = EdwardsPoint::mul_base(&root).compress();
    let mut tweak = tweak(Scheme::Ed25519, public.as_bytes(), name);
    tweak.reverse();
    ed25519::to_big_endian(&(root + Ed25519Scalar::from_bytes_mod_order(tweak)))
}

/// What derivation with the name as its only element adds.
fn tweak(scheme: Scheme, public_key: &[u8], name: &str) -> [u8; 32] {
    let path = Path::below([name.as_bytes().to_vec()]).expect("one element is not too many");
    derive(scheme, public_key, &MASTER_CHAIN_CODE, &path)
        .expect("a multiple of the generator is a key")
        .tweak
}

/// The first 32 bytes of the generator `ChaCha20Rng::seed_from_u64` of the packages rand_core 0.6 and rand_chacha 0.3: the number is
/// stretched to a key by PCG-XSH-RR (O'Neill, 2014), and the key makes the first block of ChaCha20 (Bernstein, 2008; RFC 8439, with counter and nonce 0).
fn first_of_chacha20_rng(number: u64) -> [u8; 32] {
    let mut state = number;
    let key: [u32; 8] = std::array::from_fn(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(11_634_580_027_462_260_723);
        let mixed = (((state >> 18) ^ state) >> 27) as u32;
        mixed.rotate_right((state >> 59) as u32)
    });
    let mut start = [0; 16];
    start[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
    start[4..12].copy_from_slice(&key);
    let block = chacha20_rounds(start);
    let mut bytes = [0; 32];
    for ((chunk, mixed), first) in bytes.chunks_exact_mut(4).zip(block).zip(start) {
        chunk.copy_from_slice(&mixed.wrapping_add(first).to_le_bytes());
    }
    bytes
}

/// Ten double rounds of ChaCha20.
fn chacha20_rounds(mut block: [u32; 16]) -> [u32; 16] {
    const COLUMNS_AND_DIAGONALS: [[usize; 4]; 8] = [
        [0, 4, 8, 12],
        [1, 5, 9, 13],
        [2, 6, 10, 14],
        [3, 7, 11, 15],
        [0, 5, 10, 15],
        [1, 6, 11, 12],
        [2, 7, 8, 13],
        [3, 4, 9, 14],
    ];
    for _ in 0..10 {
        for [a, b, c, d] in COLUMNS_AND_DIAGONALS {
            for (into, from, target, bits) in
                [(a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)]
            {
                block[into] = block[into].wrapping_add(block[from]);
                block[target] = (block[target] ^ block[into]).rotate_left(bits);
            }
        }
    }
    block
}
