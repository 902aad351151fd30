//! The prime-order subgroup of edwards25519, RFC 8032.
//!
//! Points in the compressed form of RFC 8032 (32 bytes); torsioned and non-canonical encodings are refused. H is found by hashing with a
//! counter until the digest encodes a point, and clearing the cofactor: nobody knows its logarithm.

use crate::curve::{Curve, CurveId, DecodeError};
use crate::domain::Domain;
use crate::oracle::Oracle;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsBasepointTable, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::{BasepointTable, IsIdentity, VartimeMultiscalarMul};
use std::sync::LazyLock;
use zeroize::Zeroize;

/// The prime-order subgroup of edwards25519, RFC 8032.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Ed25519;

static SECOND: LazyLock<EdwardsPoint> =
    LazyLock::new(|| Ed25519::hash_to_point(&Oracle::new(Domain::SecondGenerator)));
static SECOND_TABLE: LazyLock<EdwardsBasepointTable> =
    LazyLock::new(|| EdwardsBasepointTable::create(&SECOND));

/// A point of edwards25519 with the table of its multiples (30 kB), by which it is multiplied three times as fast, in constant time.
pub struct Ed25519Table(EdwardsBasepointTable);

impl Ed25519Table {
    /// Makes the table: as much work as four multiplications.
    pub fn new(point: &EdwardsPoint) -> Self {
        Ed25519Table(EdwardsBasepointTable::create(point))
    }

    /// `scalar` times the point, in constant time.
    pub fn mul(&self, scalar: &Scalar) -> EdwardsPoint {
        &self.0 * scalar
    }
}

impl Ed25519 {
    /// A point whose logarithm nobody knows, from an oracle that has absorbed what it stands for: digests are tried in turn until one
    /// encodes a point, whose cofactor is then cleared. In variable time, for public input only.
    pub fn hash_to_point(oracle: &Oracle) -> EdwardsPoint {
        (0u64..)
            .filter_map(|counter| {
                let candidate = oracle.clone().number("counter", counter).digest();
                CompressedEdwardsY(candidate).decompress()
            })
            .map(|point| point.mul_by_cofactor())
            .find(|point| !point.is_identity())
            .expect("half of all digests encode a point")
    }

    /// Eight times the encoded point, which is in the prime-order subgroup whatever the point; refuses what is no point, not canonical, or
    /// of small order. Much cheaper than [`Curve::point_from_bytes`], for senders that make the point with an eighth of its logarithm.
    pub fn decode_times_eight(bytes: &[u8; 32]) -> Result<EdwardsPoint, DecodeError> {
        let point = Ed25519::decompress(bytes)?.mul_by_cofactor();
        if point.is_identity() {
            return Err(DecodeError::Identity(CurveId::Ed25519));
        }
        Ok(point)
    }

    /// The encoded point, perhaps outside the prime-order subgroup: only for equations that are multiplied by the cofactor.
    pub fn decompress(bytes: &[u8; 32]) -> Result<EdwardsPoint, DecodeError> {
        let reduced = bytes[31] & 0x7f < 0x7f || bytes[0] < 0xed || bytes[1..31] != [0xff; 30];
        CompressedEdwardsY(*bytes)
            .decompress()
            .filter(|_| reduced)
            .ok_or(DecodeError::NotOnCurve(CurveId::Ed25519))
    }
}

impl Curve for Ed25519 {
    const ID: CurveId = CurveId::Ed25519;
    const POINT_BYTES: usize = 32;

    type Scalar = Scalar;
    type Point = EdwardsPoint;

    fn scalar_to_bytes(scalar: &Scalar) -> [u8; 32] {
        let mut bytes = scalar.to_bytes();
        bytes.reverse();
        bytes
    }

    fn scalar_from_bytes(bytes: &[u8]) -> Result<Scalar, DecodeError> {
        let mut bytes = super::exactly::<32>(Self::ID, bytes)?;
        bytes.reverse();
        Option::from(Scalar::from_canonical_bytes(bytes))
            .ok_or(DecodeError::ScalarNotReduced(Self::ID))
    }

    fn erase(scalar: &mut Scalar) {
        scalar.zeroize();
    }

    fn encode_all(points: &[EdwardsPoint]) -> Vec<Vec<u8>> {
        points.iter().map(Self::point_to_bytes).collect()
    }

    fn point_from_bytes(bytes: &[u8]) -> Result<EdwardsPoint, DecodeError> {
        let encoding = CompressedEdwardsY(super::exactly::<32>(Self::ID, bytes)?);
        let point = encoding
            .decompress()
            .filter(|point| point.compress() == encoding)
            .ok_or(DecodeError::NotOnCurve(Self::ID))?;
        if point.is_identity() {
            return Err(DecodeError::Identity(Self::ID));
        }
        if !point.is_torsion_free() {
            return Err(DecodeError::NotInSubgroup(Self::ID));
        }
        Ok(point)
    }

    fn mul_base(scalar: &Scalar) -> EdwardsPoint {
        EdwardsPoint::mul_base(scalar)
    }

    fn second_generator() -> EdwardsPoint {
        *SECOND
    }

    fn mul_second(scalar: &Scalar) -> EdwardsPoint {
        &*SECOND_TABLE * scalar
    }

    fn msm_vartime(scalars: &[Scalar], points: &[EdwardsPoint]) -> EdwardsPoint {
        let count = scalars.len().min(points.len());
        EdwardsPoint::vartime_multiscalar_mul(&scalars[..count], &points[..count])
    }
}
