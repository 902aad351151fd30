//! The two groups of BLS12-381: G1 for signatures and encrypted keys of vetKD, G2 for public keys.
//!
//! Points in the compressed form of Zcash's BLS12-381 convention (48 and 96 bytes). H is made by RFC 9380.

use super::{encode_all, exactly};
use crate::curve::{Curve, CurveId, DecodeError};
use crate::domain::Domain;
use crate::fixed_base::FixedBase;
use blstrs::{G1Affine, G1Projective, G2Affine, G2Projective, Scalar};
use group::Group;
use group::prime::PrimeCurveAffine;
use std::sync::LazyLock;

macro_rules! group_of_bls12_381 {
    ($(#[$doc:meta])* $name:ident, $point:ident, $affine:ident, $bytes:literal, $suite:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub struct $name;

        impl Curve for $name {
            const ID: CurveId = CurveId::$name;
            const POINT_BYTES: usize = $bytes;

            type Scalar = Scalar;
            type Point = $point;

            fn scalar_to_bytes(scalar: &Scalar) -> [u8; 32] {
                scalar.to_bytes_be()
            }

            fn scalar_from_bytes(bytes: &[u8]) -> Result<Scalar, DecodeError> {
                let bytes = exactly::<32>(Self::ID, bytes)?;
                Option::from(Scalar::from_bytes_be(&bytes))
                    .ok_or(DecodeError::ScalarNotReduced(Self::ID))
            }

            fn encode_all(points: &[$point]) -> Vec<Vec<u8>> {
                encode_all(points)
            }

            fn point_from_bytes(bytes: &[u8]) -> Result<$point, DecodeError> {
                let bytes = exactly::<$bytes>(Self::ID, bytes)?;
                let point: $affine = Option::from($affine::from_compressed_unchecked(&bytes))
                    .ok_or(DecodeError::NotOnCurve(Self::ID))?;
                if bool::from(point.is_identity()) {
                    return Err(DecodeError::Identity(Self::ID));
                }
                if !bool::from(point.is_torsion_free()) {
                    return Err(DecodeError::NotInSubgroup(Self::ID));
                }
                Ok(point.into())
            }

            fn mul_base(scalar: &Scalar) -> $point {
                static TABLE: LazyLock<FixedBase<$point>> =
                    LazyLock::new(|| FixedBase::new($point::generator()));
                TABLE.mul::<$name>(scalar)
            }

            fn second_generator() -> $point {
                static SECOND: LazyLock<$point> = LazyLock::new(|| {
                    $point::hash_to_curve(Domain::SecondGenerator.tag().as_bytes(), $suite, &[])
                });
                *SECOND
            }

            fn mul_second(scalar: &Scalar) -> $point {
                static TABLE: LazyLock<FixedBase<$point>> =
                    LazyLock::new(|| FixedBase::new($name::second_generator()));
                TABLE.mul::<$name>(scalar)
            }
        }
    };
}

group_of_bls12_381!(
    /// G1 of BLS12-381: signatures, and encrypted keys of vetKD.
    BlsG1,
    G1Projective,
    G1Affine,
    48,
    b"CHAINKEY-V01-with-BLS12381G1_XMD:SHA-256_SSWU_RO_"
);

group_of_bls12_381!(
    /// G2 of BLS12-381: public keys.
    BlsG2,
    G2Projective,
    G2Affine,
    96,
    b"CHAINKEY-V01-with-BLS12381G2_XMD:SHA-256_SSWU_RO_"
);
