//! The three points that an encrypted key and its shares consist of, and the equations between them.
//!
//! docs/protocols/vetkd.md, steps 4 and 6. A ciphertext is of a key k H under randomness r: C1 = r g1, C2 = r g2, C3 = r tpk + k H, where k g2 is known. Both
//! equations, e(C1, g2) = e(g1, C2) and e(C3, g2) = e(tpk, C2) e(H, k g2), are checked as one with a weight.

use crate::error::VetKdError;
use crate::request::Request;
use blstrs::{Bls12, G1Affine, G1Projective, G2Affine, G2Prepared, Gt, Scalar};
use chainkey_algebra::{BlsG1, BlsG2, Curve, Domain, Oracle};
use group::prime::PrimeCurveAffine;
use pairing::{MillerLoopResult, MultiMillerLoop};
use std::sync::LazyLock;

static MINUS_GENERATOR: LazyLock<G2Prepared> =
    LazyLock::new(|| G2Prepared::from(-G2Affine::generator()));

/// C1, C2 and C3; not checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ciphertext {
    pub c1: G1Affine,
    pub c2: G2Affine,
    pub c3: G1Affine,
}

impl Ciphertext {
    /// C1 || C2 || C3; refuses points outside the prime-order subgroups and identities.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VetKdError> {
        let bytes: &[u8; 192] = bytes
            .try_into()
            .map_err(|_| VetKdError::Length(bytes.len()))?;
        let (c1, rest) = bytes.split_at(48);
        let (c2, c3) = rest.split_at(96);
        Ok(Ciphertext {
            c1: BlsG1::point_from_bytes(c1)?.into(),
            c2: BlsG2::point_from_bytes(c2)?.into(),
            c3: BlsG1::point_from_bytes(c3)?.into(),
        })
    }

    /// C1 || C2 || C3.
    pub fn to_bytes(self) -> [u8; 192] {
        let mut bytes = [0; 192];
        bytes[..48].copy_from_slice(&self.c1.to_compressed());
        bytes[48..144].copy_from_slice(&self.c2.to_compressed());
        bytes[144..].copy_from_slice(&self.c3.to_compressed());
        bytes
    }

    /// A weight for the two equations that its maker could not choose the ciphertext by.
    pub fn weight(&self, request: &Request) -> Scalar {
        request
            .absorbed_by(Oracle::new(Domain::BatchWeights))
            .bytes("ciphertext", self.to_bytes())
            .stream()
            .weight::<BlsG1>()
    }

    /// By how much the weighted equations fail in the target group, for a key whose public key is `key` with `message` in the place
    /// of H; the identity if both hold.
    pub fn mismatch(
        &self,
        request: &Request,
        weight: &Scalar,
        message: &G1Affine,
        key: &G2Prepared,
    ) -> Gt {
        let left = G1Projective::from(self.c3) + self.c1 * weight;
        let right = G1Projective::from(request.transport().point())
            + G1Projective::from(G1Affine::generator()) * weight;
        Bls12::multi_miller_loop(&[
            (&left.into(), &MINUS_GENERATOR),
            (&right.into(), &G2Prepared::from(self.c2)),
            (message, key),
        ])
        .final_exponentiation()
    }
}
