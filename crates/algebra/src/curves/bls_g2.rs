//! G2 of BLS12-381: public keys.
//!
//! Points in the compressed form of Zcash's BLS12-381 convention (96 bytes). H is made by RFC 9380.

use crate::curve::{Curve, CurveId, DecodeError};
use crate::domain::Domain;
use crate::fixed_base::FixedBase;
use blstrs::{G2Affine, G2Projective, Scalar};
use group::prime::PrimeCurveAffine;
use group::{Curve as _, Group};
use std::sync::LazyLock;

/// G2 of BLS12-381: public keys.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct BlsG2;

/// The suite by which the second generator is hashed to the curve.
const SUITE: &[u8] = b"CHAINKEY-V01-with-BLS12381G2_XMD:SHA-256_SSWU_RO_";

static SECOND: LazyLock<G2Projective> = LazyLock::new(|| {
    G2Projective::hash_to_curve(Domain::SecondGenerator.tag().as_bytes(), SUITE, &[])
});
static SECOND_TABLE: LazyLock<FixedBase<BlsG2>> = LazyLock::new(|| FixedBase::new(*SECOND));
static BASE_TABLE: LazyLock<FixedBase<BlsG2>> =
    LazyLock::new(|| FixedBase::new(G2Projective::generator()));

impl Curve for BlsG2 {
    const ID: CurveId = CurveId::BlsG2;
    const POINT_BYTES: usize = 96;

    type Scalar = Scalar;
    type Point = G2Projective;

    fn scalar_to_bytes(scalar: &Scalar) -> [u8; 32] {
        scalar.to_bytes_be()
    }

    fn scalar_from_bytes(bytes: &[u8]) -> Result<Scalar, DecodeError> {
        super::bls_scalar(Self::ID, bytes)
    }

    fn encode_all(points: &[G2Projective]) -> Vec<Vec<u8>> {
        // Normalizing all at once fails on the identity, which has no affine coordinates.
        if points.iter().any(|point| bool::from(point.is_identity())) {
            return points.iter().map(Self::point_to_bytes).collect();
        }
        let mut affine = vec![G2Affine::identity(); points.len()];
        G2Projective::batch_normalize(points, &mut affine);
        affine
            .iter()
            .map(|point| point.to_compressed().to_vec())
            .collect()
    }

    fn point_from_bytes(bytes: &[u8]) -> Result<G2Projective, DecodeError> {
        let bytes = super::exactly::<96>(Self::ID, bytes)?;
        let point: G2Affine = Option::from(G2Affine::from_compressed_unchecked(&bytes))
            .ok_or(DecodeError::NotOnCurve(Self::ID))?;
        if bool::from(point.is_identity()) {
            return Err(DecodeError::Identity(Self::ID));
        }
        if !bool::from(point.is_torsion_free()) {
            return Err(DecodeError::NotInSubgroup(Self::ID));
        }
        Ok(point.into())
    }

    fn mul_base(scalar: &Scalar) -> G2Projective {
        BASE_TABLE.mul(scalar)
    }

    fn second_generator() -> G2Projective {
        *SECOND
    }

    fn mul_second(scalar: &Scalar) -> G2Projective {
        SECOND_TABLE.mul(scalar)
    }
}
