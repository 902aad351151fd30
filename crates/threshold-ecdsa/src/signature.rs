//! ECDSA signatures: encoding and verification.
//!
//! Source: FIPS 186-5, section 6.4.2 (verification); BIP-62 for the rule that s is at most half the order. In: public values. Out: 64 bytes, r and s,
//! 32 bytes big endian each. Curves: secp256k1 and secp256r1, whose SEC 1 encodings hold the x-coordinate behind the first byte.

use crate::error::EcdsaError;
use chainkey_algebra::Curve;
use chainkey_algebra::codec::Reader;
use chainkey_algebra::ff::Field;
use chainkey_algebra::group::Group;

/// A signature: r and s, neither zero, s at most half the order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature<C: Curve> {
    r: C::Scalar,
    s: C::Scalar,
}

impl<C: Curve> Signature<C> {
    /// Bytes of an encoded signature.
    pub const BYTES: usize = 64;

    /// Of both (r, s) and (r, -s), which verify alike, the one with the lower s.
    pub(crate) fn low(r: C::Scalar, s: C::Scalar) -> Self {
        if C::scalar_to_bytes(&s) > C::scalar_to_bytes(&-s) {
            Signature { r, s: -s }
        } else {
            Signature { r, s }
        }
    }

    /// r || s.
    pub fn to_bytes(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&C::scalar_to_bytes(&self.r));
        bytes[32..].copy_from_slice(&C::scalar_to_bytes(&self.s));
        bytes
    }

    /// Reads r || s; refuses zeros, values that are not reduced, and the higher s.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, EcdsaError> {
        let mut reader = Reader::new(bytes);
        let r = reader.scalar::<C>()?;
        let s = reader.scalar::<C>()?;
        reader.finish()?;
        let signature = Signature::low(r, s);
        if bool::from(r.is_zero() | s.is_zero()) || signature.s != s {
            return Err(EcdsaError::BadSignature);
        }
        Ok(signature)
    }

    /// Verifies the signature of a message's hash under a public key.
    pub fn verify(&self, key: &C::Point, message_hash: &[u8; 32]) -> Result<(), EcdsaError> {
        let inverse = Option::<C::Scalar>::from(self.s.invert()).ok_or(EcdsaError::BadSignature)?;
        let nonce =
            C::mul_base(&(reduce::<C>(message_hash) * inverse)) + C::mul(key, &(self.r * inverse));
        let is_nonce = !bool::from(nonce.is_identity())
            && !bool::from(key.is_identity())
            && reduce::<C>(&x_coordinate::<C>(&nonce)) == self.r;
        if is_nonce {
            Ok(())
        } else {
            Err(EcdsaError::BadSignature)
        }
    }
}

/// 32 bytes, big endian, modulo the order.
pub(crate) fn reduce<C: Curve>(bytes: &[u8; 32]) -> C::Scalar {
    let mut wide = [0; 64];
    wide[32..].copy_from_slice(bytes);
    C::scalar_from_wide(&wide)
}

/// The x-coordinate of a point that is not the identity.
pub(crate) fn x_coordinate<C: Curve>(point: &C::Point) -> [u8; 32] {
    let mut x = [0; 32];
    x.copy_from_slice(&C::point_to_bytes(point)[1..]);
    x
}
