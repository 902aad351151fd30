//! The curves, a file for each family.

mod bls12_381;
mod ed25519;
mod sec1;

pub use bls12_381::{BlsG1, BlsG2};
pub use ed25519::{Ed25519, Ed25519Table};
pub use sec1::{Secp256k1, Secp256r1};

use crate::curve::{CurveId, DecodeError};
use group::GroupEncoding;

/// The bytes as an array of just that length.
fn exactly<const N: usize>(curve: CurveId, bytes: &[u8]) -> Result<[u8; N], DecodeError> {
    bytes.try_into().map_err(|_| DecodeError::Length {
        curve,
        expected: N,
        found: bytes.len(),
    })
}

/// Compressed encodings with one inversion.
fn encode_all<P>(points: &[P]) -> Vec<Vec<u8>>
where
    P: group::Curve + GroupEncoding,
    P::AffineRepr: Default + Clone + GroupEncoding,
{
    // Not every library normalizes the identity, which has no affine coordinates, among others.
    if points.iter().any(|point| bool::from(point.is_identity())) {
        return points
            .iter()
            .map(|point| point.to_bytes().as_ref().to_vec())
            .collect();
    }
    let mut affine = vec![P::AffineRepr::default(); points.len()];
    P::batch_normalize(points, &mut affine);
    affine
        .iter()
        .map(|point| point.to_bytes().as_ref().to_vec())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curve::Curve;
    use ff::Field;
    use group::Group;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn encodings_round_trip_and_bad_ones_are_refused<C: Curve>() {
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let scalars: Vec<_> = (0..4).map(|_| C::Scalar::random(&mut rng)).collect();
        let points: Vec<_> = scalars.iter().map(C::mul_base).collect();
        for (scalar, point) in scalars.iter().zip(&points) {
            assert_eq!(*point, C::Point::generator() * scalar);
            assert_eq!(C::mul_second(scalar), C::second_generator() * scalar);
            let bytes = C::point_to_bytes(point);
            assert_eq!(bytes.len(), C::POINT_BYTES);
            assert_eq!(C::point_from_bytes(&bytes), Ok(*point));
            let bytes = C::scalar_to_bytes(scalar);
            assert_eq!(C::scalar_from_bytes(&bytes), Ok(*scalar));
        }
        let all = C::encode_all(&points);
        let single: Vec<_> = points.iter().map(C::point_to_bytes).collect();
        assert_eq!(all, single);
        let identity = C::point_to_bytes(&C::Point::identity());
        let refused = C::point_from_bytes(&identity).unwrap_err();
        assert_eq!(refused, DecodeError::Identity(C::ID));
        let reduced = C::scalar_from_bytes(&[0xff; 32]).unwrap_err();
        assert_eq!(reduced, DecodeError::ScalarNotReduced(C::ID));
        assert!(matches!(
            C::point_from_bytes(&[2; 31]),
            Err(DecodeError::Length { found: 31, .. })
        ));
        assert_ne!(C::second_generator(), C::Point::generator());
    }

    #[test]
    fn every_curve_encodes_canonically() {
        encodings_round_trip_and_bad_ones_are_refused::<Secp256k1>();
        encodings_round_trip_and_bad_ones_are_refused::<Secp256r1>();
        encodings_round_trip_and_bad_ones_are_refused::<Ed25519>();
        encodings_round_trip_and_bad_ones_are_refused::<BlsG1>();
        encodings_round_trip_and_bad_ones_are_refused::<BlsG2>();
    }

    #[test]
    fn wide_bytes_are_reduced_as_big_endian_numbers() {
        let mut wide = [0; 64];
        wide[63] = 5;
        wide[31] = 1;
        // 2^256 + 5 modulo the order of secp256k1.
        let two = k256::Scalar::from(2u64);
        let expected = two.pow_vartime([256]) + k256::Scalar::from(5u64);
        assert_eq!(Secp256k1::scalar_from_wide(&wide), expected);
    }

    #[test]
    fn refuses_torsioned_points_of_edwards25519() {
        let torsion = curve25519_dalek::constants::EIGHT_TORSION[1];
        let mixed = curve25519_dalek::constants::ED25519_BASEPOINT_POINT + torsion;
        let refused = Ed25519::point_from_bytes(mixed.compress().as_bytes());
        assert_eq!(refused, Err(DecodeError::NotInSubgroup(CurveId::Ed25519)));
    }

    #[test]
    fn refuses_points_of_bls12_381_outside_the_subgroup() {
        // Most points of the curve over the base field are outside G1.
        let outside = (0u8..255)
            .filter_map(|x| {
                let mut bytes = [0; 48];
                (bytes[0], bytes[47]) = (0x80, x);
                BlsG1::point_from_bytes(&bytes).err()
            })
            .find(|error| *error == DecodeError::NotInSubgroup(CurveId::BlsG1));
        assert!(outside.is_some());
    }
}
