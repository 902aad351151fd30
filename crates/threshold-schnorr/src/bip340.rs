//! BIP-340: Schnorr signatures over secp256k1 with x-only keys; optionally under a BIP-341 output key.
//!
//! Source: BIP-340, sections "Default signing" (negation for odd y, challenge) and "Verification". In: points and messages of any length. Out:
//! 64 bytes, x(R) || s, big endian. Unlike BIP-340's default signing the nonce is not derived from the key and the message: nobody has the key.

use crate::error::SchnorrError;
use crate::scheme::{OutputKey, Scheme};
use crate::taproot::TaprootRoot;
use chainkey_algebra::group::Group;
use chainkey_algebra::{Curve, Secp256k1};
use sha2::{Digest, Sha256};

type Scalar = <Secp256k1 as Curve>::Scalar;
type Point = <Secp256k1 as Curve>::Point;

/// BIP-340, with BIP-341 if a root is given (an empty root counts).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bip340;

impl Scheme for Bip340 {
    type Curve = Secp256k1;
    type Aux = Option<TaprootRoot>;
    const NAME: &'static str = "bip340";

    fn aux_bytes(aux: &Self::Aux) -> Vec<u8> {
        match aux {
            None => vec![0],
            Some(root) => [&[1], root.as_bytes()].concat(),
        }
    }

    fn output_key(derived: &Point, aux: &Self::Aux) -> Result<OutputKey<Self>, SchnorrError> {
        let (sign, point) = even(derived);
        let internal = OutputKey {
            point,
            sign,
            addend: Scalar::ZERO,
        };
        let Some(root) = aux else {
            return Ok(internal);
        };
        let tweak = root.tweak(&Self::key_to_bytes(&internal.point))?;
        let output = internal.point + Secp256k1::mul_base(&tweak);
        if bool::from(output.is_identity()) {
            return Err(SchnorrError::TaprootTweak);
        }
        let (sign, point) = even(&output);
        Ok(OutputKey {
            point,
            sign: sign * internal.sign,
            addend: sign * tweak,
        })
    }

    fn negates(nonce: &Point) -> bool {
        is_odd(nonce)
    }

    fn challenge(nonce: &Point, key: &Point, message: &[u8]) -> Scalar {
        challenge(&x_only(nonce), &x_only(key), message)
    }

    fn key_to_bytes(key: &Point) -> [u8; 32] {
        x_only(key)
    }

    fn key_from_bytes(bytes: &[u8]) -> Result<Point, SchnorrError> {
        // Of both points with this x, the even one.
        Ok(Secp256k1::point_from_bytes(&[&[2], bytes].concat())?)
    }

    fn encode(nonce: &Point, s: &Scalar) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&x_only(nonce));
        bytes[32..].copy_from_slice(&Secp256k1::scalar_to_bytes(s));
        bytes
    }

    fn verify(key: &Point, message: &[u8], signature: &[u8; 64]) -> Result<(), SchnorrError> {
        let (nonce, s) = signature.split_at(32);
        let s = Secp256k1::scalar_from_bytes(s).map_err(|_| SchnorrError::BadSignature)?;
        let (_, key) = even(key);
        let mut x = [0; 32];
        x.copy_from_slice(nonce);
        let e = challenge(&x, &x_only(&key), message);
        let expected =
            Secp256k1::point_to_bytes(&(Secp256k1::mul_base(&s) - Secp256k1::mul(&key, &e)));
        // The identity's encoding begins with 0.
        if expected[0] == 2 && expected[1..] == *nonce {
            Ok(())
        } else {
            Err(SchnorrError::BadSignature)
        }
    }
}

fn challenge(nonce: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    reduce(&tagged_hash(b"BIP0340/challenge", &[nonce, key, message]))
}

/// BIP-340's hash: SHA-256 behind two digests of the tag.
pub(crate) fn tagged_hash(tag: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let tag = Sha256::digest(tag);
    let hash = Sha256::new().chain_update(tag).chain_update(tag);
    let hash = parts
        .iter()
        .fold(hash, |hash, part| hash.chain_update(part));
    hash.finalize().into()
}

/// 32 bytes, big endian, modulo the order.
fn reduce(bytes: &[u8; 32]) -> Scalar {
    let mut wide = [0; 64];
    wide[32..].copy_from_slice(bytes);
    Secp256k1::scalar_from_wide(&wide)
}

fn x_only(point: &Point) -> [u8; 32] {
    let mut x = [0; 32];
    x.copy_from_slice(&Secp256k1::point_to_bytes(point)[1..]);
    x
}

fn is_odd(point: &Point) -> bool {
    Secp256k1::point_to_bytes(point)[0] == 3
}

/// Of a point and its negative the one with even y, and which of both it is.
fn even(point: &Point) -> (Scalar, Point) {
    if is_odd(point) {
        (-Scalar::ONE, -*point)
    } else {
        (Scalar::ONE, *point)
    }
}
