//! Public keys, and signatures that were verified under them.

use crate::error::BlsError;
use crate::message::Message;
use crate::pairing_product::mismatch;
use blstrs::{G1Affine, G2Affine, G2Prepared, G2Projective};
use chainkey_algebra::{BlsG1, BlsG2, Curve};
use group::Group;
use std::fmt;

/// A public key: a point of G2 that is not the identity.
#[derive(Clone)]
pub struct PublicKey {
    point: G2Affine,
    prepared: G2Prepared,
}

impl PublicKey {
    /// A key of 96 bytes, compressed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BlsError> {
        Ok(Self::of_point(BlsG2::point_from_bytes(bytes)?))
    }

    /// The key as 96 bytes, compressed.
    pub fn to_bytes(&self) -> [u8; 96] {
        self.point.to_compressed()
    }

    /// Lets only bytes through that are a signature of the message.
    pub fn verify(&self, message: &Message, signature: &[u8]) -> Result<Signature, BlsError> {
        let point = G1Affine::from(BlsG1::point_from_bytes(signature)?);
        let mismatch = mismatch(&point, message.point(), &self.prepared);
        if bool::from(mismatch.is_identity()) {
            Ok(Signature::of_verified(&point))
        } else {
            Err(BlsError::WrongSignature)
        }
    }

    /// The caller must have refused the identity.
    pub(crate) fn of_point(point: G2Projective) -> Self {
        let point = G2Affine::from(point);
        PublicKey {
            point,
            prepared: point.into(),
        }
    }

    pub(crate) fn prepared(&self) -> &G2Prepared {
        &self.prepared
    }
}

impl PartialEq for PublicKey {
    fn eq(&self, other: &Self) -> bool {
        self.point == other.point
    }
}

impl Eq for PublicKey {}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey(")?;
        for byte in self.to_bytes() {
            write!(f, "{byte:02x}")?;
        }
        write!(f, ")")
    }
}

/// A signature that was verified; there is one for each key and message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Signature {
    bytes: [u8; 48],
}

impl Signature {
    pub(crate) fn of_verified(point: &G1Affine) -> Self {
        Signature {
            bytes: point.to_compressed(),
        }
    }

    /// The signature as 48 bytes, compressed.
    pub fn to_bytes(&self) -> [u8; 48] {
        self.bytes
    }
}
