//! A node's share of a signature.
//!
//! docs/protocols/threshold-bls.md, step 3. In: the node's share of the key, and a message. Out: 48 bytes.

use crate::error::BlsError;
use crate::message::Message;
use blstrs::G1Affine;
use chainkey_algebra::commitment::SimpleShare;
use chainkey_algebra::{BlsG1, BlsG2, Curve};

/// A share of a signature: a point of G1, not verified.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SignatureShare {
    point: G1Affine,
}

impl SignatureShare {
    /// Signs with a share of the key, in constant time.
    pub fn sign(key_share: &SimpleShare<BlsG2>, message: &Message) -> Self {
        let product = BlsG1::mul(&message.point().into(), key_share.value.expose());
        SignatureShare {
            point: product.into(),
        }
    }

    /// A share of 48 bytes, compressed; refuses points outside the prime-order subgroup and the identity.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BlsError> {
        Ok(SignatureShare {
            point: BlsG1::point_from_bytes(bytes)?.into(),
        })
    }

    /// The share as 48 bytes, compressed.
    pub fn to_bytes(&self) -> [u8; 48] {
        self.point.to_compressed()
    }

    pub(crate) fn point(&self) -> &G1Affine {
        &self.point
    }
}
