//! secp256k1 and secp256r1 (NIST P-256): SEC 2, sections 2.4.1 and 2.4.2.
//!
//! Points in SEC 1 compressed form (33 bytes). H is made by RFC 9380. The two differ in the library and the suite of H.

use super::{encode_all, exactly};
use crate::curve::{Curve, CurveId, DecodeError};
use crate::domain::Domain;
use crate::fixed_base::FixedBase;
use ff::PrimeField;
use group::GroupEncoding;
use k256::elliptic_curve::hash2curve::{ExpandMsgXmd, GroupDigest};
use sha2::Sha256;
use std::sync::LazyLock;

macro_rules! curve_of_sec2 {
    ($(#[$doc:meta])* $name:ident, $library:ident::$group:ident, $suite:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
        pub struct $name;

        impl Curve for $name {
            const ID: CurveId = CurveId::$name;
            const POINT_BYTES: usize = 33;

            type Scalar = $library::Scalar;
            type Point = $library::ProjectivePoint;

            fn scalar_to_bytes(scalar: &Self::Scalar) -> [u8; 32] {
                scalar.to_repr().into()
            }

            fn scalar_from_bytes(bytes: &[u8]) -> Result<Self::Scalar, DecodeError> {
                let bytes = exactly::<32>(Self::ID, bytes)?;
                Option::from(Self::Scalar::from_repr(bytes.into()))
                    .ok_or(DecodeError::ScalarNotReduced(Self::ID))
            }

            fn encode_all(points: &[Self::Point]) -> Vec<Vec<u8>> {
                encode_all(points)
            }

            fn point_from_bytes(bytes: &[u8]) -> Result<Self::Point, DecodeError> {
                let bytes = exactly::<33>(Self::ID, bytes)?;
                if bytes == [0; 33] {
                    return Err(DecodeError::Identity(Self::ID));
                }
                // The group has prime order: on the curve is in the subgroup.
                Option::from(Self::Point::from_bytes(&bytes.into()))
                    .filter(|_| matches!(bytes[0], 2 | 3))
                    .ok_or(DecodeError::NotOnCurve(Self::ID))
            }

            fn mul_base(scalar: &Self::Scalar) -> Self::Point {
                static TABLE: LazyLock<FixedBase<$library::ProjectivePoint>> =
                    LazyLock::new(|| FixedBase::new($library::ProjectivePoint::GENERATOR));
                TABLE.mul::<$name>(scalar)
            }

            fn second_generator() -> Self::Point {
                static SECOND: LazyLock<$library::ProjectivePoint> = LazyLock::new(|| {
                    $library::$group::hash_from_bytes::<ExpandMsgXmd<Sha256>>(
                        &[Domain::SecondGenerator.tag().as_bytes()],
                        &[$suite],
                    )
                    .expect("the suite and the tag are shorter than 256 bytes")
                });
                *SECOND
            }

            fn mul_second(scalar: &Self::Scalar) -> Self::Point {
                static TABLE: LazyLock<FixedBase<$library::ProjectivePoint>> =
                    LazyLock::new(|| FixedBase::new($name::second_generator()));
                TABLE.mul::<$name>(scalar)
            }
        }
    };
}

curve_of_sec2!(
    /// secp256k1, SEC 2, section 2.4.1.
    Secp256k1,
    k256::Secp256k1,
    b"CHAINKEY-V01-with-secp256k1_XMD:SHA-256_SSWU_RO_"
);

curve_of_sec2!(
    /// secp256r1 (NIST P-256), SEC 2, section 2.4.2.
    Secp256r1,
    p256::NistP256,
    b"CHAINKEY-V01-with-P256_XMD:SHA-256_SSWU_RO_"
);
