//! The key to which a derived key is encrypted.

use crate::error::VetKdError;
use blstrs::G1Affine;
use chainkey_algebra::{BlsG1, Curve, DecodeError};
use group::prime::PrimeCurveAffine;

/// A transport public key: any point of G1's prime-order subgroup.
///
/// The identity is one too, as it is for the management canister: then C3 is the derived key itself, readable by everyone, which is how
/// canisters make BLS signatures and verifiable randomness. Whoever needs secrecy asks [`TransportPublicKey::hides`] first.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TransportPublicKey {
    point: G1Affine,
}

impl TransportPublicKey {
    /// A key of 48 bytes, compressed.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VetKdError> {
        let point = match BlsG1::point_from_bytes(bytes) {
            Ok(point) => point.into(),
            Err(DecodeError::Identity(_)) => G1Affine::identity(),
            Err(refused) => return Err(refused.into()),
        };
        Ok(TransportPublicKey { point })
    }

    /// The key as 48 bytes, compressed.
    pub fn to_bytes(&self) -> [u8; 48] {
        self.point.to_compressed()
    }

    /// Whether what is encrypted to this key is hidden: not so under the identity.
    pub fn hides(&self) -> bool {
        !bool::from(self.point.is_identity())
    }

    pub(crate) fn point(&self) -> &G1Affine {
        &self.point
    }
}
