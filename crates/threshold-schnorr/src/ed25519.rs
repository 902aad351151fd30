//! Ed25519: signatures that RFC 8032's verifiers accept.
//!
//! Source: RFC 8032, section 5.1 (5.1.7 for verification). In: points of the prime-order subgroup and messages of any length. Out: 64 bytes,
//! R || s, s little endian. No clamping, and the nonce is not a hash of the key: nobody has the key, so two signatures of
//! one message differ.

use crate::error::SchnorrError;
use crate::scheme::{OutputKey, Scheme};
use chainkey_algebra::Curve;
use sha2::{Digest, Sha512};

type Group = chainkey_algebra::Ed25519;
type Scalar = <Group as Curve>::Scalar;
type Point = <Group as Curve>::Point;

/// Ed25519 of RFC 8032, not pre-hashed, without context. There is no auxiliary input:
///
/// ```compile_fail,E0308
/// use chainkey_threshold_schnorr::{Ed25519, Scheme, TaprootRoot};
/// let aux: <Ed25519 as Scheme>::Aux = Some(TaprootRoot::new(&[])?);
/// # Ok::<(), chainkey_threshold_schnorr::SchnorrError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ed25519;

impl Scheme for Ed25519 {
    type Curve = Group;
    type Aux = ();
    const NAME: &'static str = "ed25519";

    fn aux_bytes((): &()) -> Vec<u8> {
        Vec::new()
    }

    fn output_key(derived: &Point, (): &()) -> Result<OutputKey<Self>, SchnorrError> {
        Ok(OutputKey {
            point: *derived,
            sign: Scalar::ONE,
            addend: Scalar::ZERO,
        })
    }

    fn negates(_: &Point) -> bool {
        false
    }

    fn challenge(nonce: &Point, key: &Point, message: &[u8]) -> Scalar {
        challenge(&encoded(nonce), &encoded(key), message)
    }

    fn key_to_bytes(key: &Point) -> [u8; 32] {
        encoded(key)
    }

    fn key_from_bytes(bytes: &[u8]) -> Result<Point, SchnorrError> {
        Ok(Group::point_from_bytes(bytes)?)
    }

    fn encode(nonce: &Point, s: &Scalar) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&encoded(nonce));
        bytes[32..].copy_from_slice(&s.to_bytes());
        bytes
    }

    fn verify(key: &Point, message: &[u8], signature: &[u8; 64]) -> Result<(), SchnorrError> {
        let (nonce, s) = signature.split_at(32);
        let mut big_endian = s.to_vec();
        big_endian.reverse();
        let s = Group::scalar_from_bytes(&big_endian).map_err(|_| SchnorrError::BadSignature)?;
        // The nonce has to be a point as strictly as a key has.
        let nonce = Group::point_from_bytes(nonce).map_err(|_| SchnorrError::BadSignature)?;
        let e = Self::challenge(&nonce, key, message);
        if Group::mul_base(&s) == nonce + Group::mul(key, &e) {
            Ok(())
        } else {
            Err(SchnorrError::BadSignature)
        }
    }
}

fn challenge(nonce: &[u8; 32], key: &[u8; 32], message: &[u8]) -> Scalar {
    let hash = Sha512::new()
        .chain_update(nonce)
        .chain_update(key)
        .chain_update(message);
    // The digest is a little-endian number.
    let mut wide: [u8; 64] = hash.finalize().into();
    wide.reverse();
    Group::scalar_from_wide(&wide)
}

fn encoded(point: &Point) -> [u8; 32] {
    point.compress().to_bytes()
}
