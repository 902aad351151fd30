//! The one trait that every group of the project meets.
//!
//! Encodings: scalars are 32 bytes, big endian, below the order; points are compressed: SEC 1 (33 bytes) for secp256k1 and secp256r1, RFC 8032
//! (32 bytes) for Ed25519, and the BLS12-381 convention (48 bytes in G1, 96 in G2). Decoding refuses what isn't canonical,
//! not on the curve, not in the prime-order subgroup, or the identity: no protocol here ever has to send the identity.

use ff::{Field, PrimeField};
use group::{Group, GroupEncoding};
use std::fmt::Debug;
use subtle::{ConditionallySelectable, ConstantTimeEq};

/// The names of the curves, as they are hashed and written.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[repr(u8)]
pub enum CurveId {
    /// SEC 2, 2.4.1.
    Secp256k1 = 1,
    /// NIST P-256; SEC 2, 2.4.2.
    Secp256r1 = 2,
    /// The prime-order subgroup of edwards25519, RFC 8032.
    Ed25519 = 3,
    /// G1 of BLS12-381.
    BlsG1 = 4,
    /// G2 of BLS12-381.
    BlsG2 = 5,
}

/// Why bytes are not a scalar or a point that a protocol may use.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DecodeError {
    /// Another number of bytes than the encoding has.
    #[error("{curve:?}: an encoding has {expected} bytes, not {found}")]
    Length {
        /// The curve.
        curve: CurveId,
        /// Bytes of the encoding.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// Not below the order of the group.
    #[error("{0:?}: the scalar is not below the group's order")]
    ScalarNotReduced(CurveId),
    /// Not the canonical encoding of a point of the curve.
    #[error("{0:?}: the bytes are not a canonical encoding of a point on the curve")]
    NotOnCurve(CurveId),
    /// A point outside the prime-order subgroup.
    #[error("{0:?}: the point is not in the subgroup of prime order")]
    NotInSubgroup(CurveId),
    /// The identity, which no protocol accepts.
    #[error("{0:?}: the point is the identity")]
    Identity(CurveId),
}

/// A group of prime order with its scalars, in which the discrete logarithm is hard.
pub trait Curve: 'static + Copy + Eq + Ord + Debug + Send + Sync {
    /// Its name.
    const ID: CurveId;
    /// Bytes of an encoded point.
    const POINT_BYTES: usize;

    /// Integers modulo the group's order.
    type Scalar: PrimeField + ConstantTimeEq + Send + Sync;
    /// Elements of the group.
    type Point: Group<Scalar = Self::Scalar> + GroupEncoding + ConditionallySelectable + Send + Sync;

    /// Reduces 64 uniform bytes, as a big-endian number, to a scalar; in constant time.
    fn scalar_from_wide(bytes: &[u8; 64]) -> Self::Scalar {
        let shift = Self::Scalar::from(1 << 32).square();
        bytes
            .chunks_exact(8)
            .fold(Self::Scalar::ZERO, |value, limb| {
                let limb = limb
                    .iter()
                    .fold(0, |limb, byte| limb << 8 | u64::from(*byte));
                value * shift + Self::Scalar::from(limb)
            })
    }

    /// The scalar as 32 bytes, big endian.
    fn scalar_to_bytes(scalar: &Self::Scalar) -> [u8; 32];

    /// The scalar of 32 bytes, big endian; refuses what is not reduced.
    fn scalar_from_bytes(bytes: &[u8]) -> Result<Self::Scalar, DecodeError>;

    /// Overwrites a scalar so that the write is not optimized away.
    fn erase(scalar: &mut Self::Scalar) {
        *scalar = Self::Scalar::ZERO;
        std::hint::black_box(scalar);
    }

    /// The compressed encoding of a point.
    fn point_to_bytes(point: &Self::Point) -> Vec<u8> {
        point.to_bytes().as_ref().to_vec()
    }

    /// The compressed encodings of points; cheaper than one by one.
    fn encode_all(points: &[Self::Point]) -> Vec<Vec<u8>>;

    /// A point of the prime-order subgroup that is not the identity.
    fn point_from_bytes(bytes: &[u8]) -> Result<Self::Point, DecodeError>;

    /// `scalar` times the generator, in constant time.
    fn mul_base(scalar: &Self::Scalar) -> Self::Point;

    /// The second generator H, whose logarithm nobody knows.
    fn second_generator() -> Self::Point;

    /// `scalar` times the second generator, in constant time.
    fn mul_second(scalar: &Self::Scalar) -> Self::Point;

    /// `scalar` times `point`, in constant time.
    fn mul(point: &Self::Point, scalar: &Self::Scalar) -> Self::Point {
        *point * scalar
    }

    /// The sum of the products, in time that depends on the scalars: for public values only. Where the lists differ in length the
    /// rest of the longer one does not count.
    fn msm_vartime(scalars: &[Self::Scalar], points: &[Self::Point]) -> Self::Point {
        crate::msm::sum_of_products::<Self>(scalars, points)
    }
}
