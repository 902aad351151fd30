//! G1 of BLS12-381: signatures, and encrypted keys of vetKD.
//!
//! Points in the compressed form of Zcash's BLS12-381 convention (48 bytes). H is made by RFC 9380.

use crate::curve::{Curve, CurveId, DecodeError};
use crate::domain::Domain;
use crate::fixed_base::FixedBase;
use blstrs::{G1Affine, G1Projective, Scalar};
use group::prime::PrimeCurveAffine;
use group::{Curve as _, Group};
use std::sync::LazyLock;

/// G1 of BLS12-381: signatures, and encrypted keys of vetKD.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct BlsG1;

/// The suite by which the second generator is hashed to the curve.
const SUITE: &[u8] = b"CHAINKEY-V01-with-BLS12381G1_XMD:SHA-256_SSWU_RO_";

static SECOND: LazyLock<G1Projective> = LazyLock::new(|| {
    G1Projective::hash_to_curve(Domain::SecondGenerator.tag().as_bytes(), SUITE, &[])
});
static SECOND_TABLE: LazyLock<FixedBase<BlsG1>> = LazyLock::new(|| FixedBase::new(*SECOND));
static BASE_TABLE: LazyLock<FixedBase<BlsG1>> =
    LazyLock::new(|| FixedBase::new(G1Projective::generator()));

impl Curve for BlsG1 {
    const ID: CurveId = CurveId::BlsG1;
    const POINT_BYTES: usize = 48;

    type Scalar = Scalar;
    type Point = G1Projective;

    fn scalar_to_bytes(scalar: &Scalar) -> [u8; 32] {
        scalar.to_bytes_be()
    }

    fn scalar_from_bytes(bytes: &[u8]) -> Result<Scalar, DecodeError> {
        super::bls_scalar(Self::ID, bytes)
    }

    fn encode_all(points: &[G1Projective]) -> Vec<Vec<u8>> {
        // Normalizing all at once fails on the identity, which has no affine coordinates.
        if points.iter().any(|point| bool::from(point.is_identity())) {
            return points.iter().map(Self::point_to_bytes).collect();
        }
        let mut affine = vec![G1Affine::identity(); points.len()];
        G1Projective::batch_normalize(points, &mut affine);
        affine
            .iter()
            .map(|point| point.to_compressed().to_vec())
            .collect()
    }

    fn point_from_bytes(bytes: &[u8]) -> Result<G1Projective, DecodeError> {
        let bytes = super::exactly::<48>(Self::ID, bytes)?;
        let point: G1Affine = Option::from(G1Affine::from_compressed_unchecked(&bytes))
            .ok_or(DecodeError::NotOnCurve(Self::ID))?;
        if bool::from(point.is_identity()) {
            return Err(DecodeError::Identity(Self::ID));
        }
        if !bool::from(point.is_torsion_free()) {
            return Err(DecodeError::NotInSubgroup(Self::ID));
        }
        Ok(point.into())
    }

    fn mul_base(scalar: &Scalar) -> G1Projective {
        BASE_TABLE.mul(scalar)
    }

    fn second_generator() -> G1Projective {
        *SECOND
    }

    fn mul_second(scalar: &Scalar) -> G1Projective {
        SECOND_TABLE.mul(scalar)
    }
}
