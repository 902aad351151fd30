//! secp256k1, SEC 2, section 2.4.1.
//!
//! Points in SEC 1 compressed form (33 bytes). H is made by RFC 9380 (`CHAINKEY-V01-with-secp256k1_XMD:SHA-256_SSWU_RO_`).

use crate::curve::{Curve, CurveId, DecodeError};
use crate::domain::Domain;
use crate::fixed_base::FixedBase;
use ff::PrimeField;
use group::GroupEncoding;
use k256::elliptic_curve::group::Curve as _;
use k256::elliptic_curve::hash2curve::{ExpandMsgXmd, GroupDigest};
use k256::elliptic_curve::ops::MulByGenerator;
use k256::{AffinePoint, FieldBytes, ProjectivePoint, Scalar};
use sha2::Sha256;
use std::sync::LazyLock;

/// secp256k1, SEC 2, section 2.4.1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Secp256k1;

/// The suite by which the second generator is hashed to the curve.
const SUITE: &[u8] = b"CHAINKEY-V01-with-secp256k1_XMD:SHA-256_SSWU_RO_";

static SECOND: LazyLock<ProjectivePoint> = LazyLock::new(|| {
    k256::Secp256k1::hash_from_bytes::<ExpandMsgXmd<Sha256>>(
        &[Domain::SecondGenerator.tag().as_bytes()],
        &[SUITE],
    )
    .expect("the suite and the tag are shorter than 256 bytes")
});
static SECOND_TABLE: LazyLock<FixedBase<Secp256k1>> = LazyLock::new(|| FixedBase::new(*SECOND));

impl Curve for Secp256k1 {
    const ID: CurveId = CurveId::Secp256k1;
    const POINT_BYTES: usize = 33;

    type Scalar = Scalar;
    type Point = ProjectivePoint;

    fn scalar_to_bytes(scalar: &Scalar) -> [u8; 32] {
        scalar.to_repr().into()
    }

    fn scalar_from_bytes(bytes: &[u8]) -> Result<Scalar, DecodeError> {
        let bytes = super::exactly::<32>(Self::ID, bytes)?;
        Option::from(Scalar::from_repr(FieldBytes::from(bytes)))
            .ok_or(DecodeError::ScalarNotReduced(Self::ID))
    }

    fn encode_all(points: &[ProjectivePoint]) -> Vec<Vec<u8>> {
        let mut affine = vec![AffinePoint::default(); points.len()];
        ProjectivePoint::batch_normalize(points, &mut affine);
        affine
            .iter()
            .map(|point| point.to_bytes().to_vec())
            .collect()
    }

    fn point_from_bytes(bytes: &[u8]) -> Result<ProjectivePoint, DecodeError> {
        let bytes = super::exactly::<33>(Self::ID, bytes)?;
        if bytes == [0; 33] {
            return Err(DecodeError::Identity(Self::ID));
        }
        // The group has prime order: on the curve is in the subgroup.
        Option::from(ProjectivePoint::from_bytes(&bytes.into()))
            .filter(|_| matches!(bytes[0], 2 | 3))
            .ok_or(DecodeError::NotOnCurve(Self::ID))
    }

    fn mul_base(scalar: &Scalar) -> ProjectivePoint {
        ProjectivePoint::mul_by_generator(scalar)
    }

    fn second_generator() -> ProjectivePoint {
        *SECOND
    }

    fn mul_second(scalar: &Scalar) -> ProjectivePoint {
        SECOND_TABLE.mul(scalar)
    }
}
