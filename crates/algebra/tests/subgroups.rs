//! Points that are none of the groups': outside the subgroup of prime order, off the curve, the identity, in a second encoding.
//!
//! Every refusal has its positive control: a good point goes through the same decoder.

mod outside;

use chainkey_algebra::codec::{CodecError, Reader};
use chainkey_algebra::{BlsG1, BlsG2, Curve, CurveId, DecodeError, Ed25519, Secp256k1, Secp256r1};
use curve25519_dalek::constants::EIGHT_TORSION;
use curve25519_dalek::edwards::CompressedEdwardsY;
use group::Group;
use outside::{Outside, times_order};

/// Both ways by which points come in say the same.
fn decoded<C: Curve>(bytes: &[u8]) -> Result<C::Point, DecodeError> {
    let decoded = C::point_from_bytes(bytes);
    if bytes.len() == C::POINT_BYTES {
        let read = Reader::new(bytes).point::<C>();
        assert_eq!(read, decoded.map_err(CodecError::Element));
    }
    decoded
}

fn refuses_what_is_outside<C: Curve<Scalar = blstrs::Scalar>>(outside: Outside<C::Point>) {
    let refused = Err(DecodeError::NotInSubgroup(C::ID));
    for (name, point) in &outside.points {
        assert_eq!(decoded::<C>(&C::point_to_bytes(point)), refused, "{name}");
    }
    for factor in [1u64, 2, 77] {
        let good = C::mul_base(&factor.into());
        assert!(bool::from(times_order(&good).is_identity()));
        assert_eq!(decoded::<C>(&C::point_to_bytes(&good)), Ok(good));
        let torsioned = good + outside.torsion;
        assert_eq!(decoded::<C>(&C::point_to_bytes(&torsioned)), refused);
        // Without its torsion it is the good point again.
        let good = C::point_to_bytes(&(torsioned - outside.torsion));
        assert!(decoded::<C>(&good).is_ok());
    }
}

#[test]
fn refuses_points_of_the_curve_outside_g1() {
    refuses_what_is_outside::<BlsG1>(outside::of_g1());
}

#[test]
fn refuses_points_of_the_curve_outside_g2() {
    refuses_what_is_outside::<BlsG2>(outside::of_g2());
}

/// How many of the encodings with a small x-coordinate are no points of the curve, are points outside the group, are good. `prefix` begins
/// the encoding.
fn small_coordinates<C: Curve>(prefix: u8) -> [usize; 3] {
    let mut counts = [0; 3];
    for x in 2..=255 {
        let mut bytes = vec![0; C::POINT_BYTES];
        bytes[0] = prefix;
        bytes[C::POINT_BYTES - 1] = x;
        let place = match decoded::<C>(&bytes) {
            Err(DecodeError::NotOnCurve(id)) if id == C::ID => 0,
            Err(DecodeError::NotInSubgroup(id)) if id == C::ID => 1,
            Ok(point) => {
                assert_eq!(C::point_to_bytes(&point), bytes);
                2
            }
            Err(other) => panic!("{x}: {other}"),
        };
        counts[place] += 1;
    }
    counts
}

#[test]
fn of_small_coordinates_about_half_are_on_the_curve_and_in_the_group_if_it_has_no_cofactor() {
    for counts in [
        small_coordinates::<Secp256k1>(2),
        small_coordinates::<Secp256k1>(3),
        small_coordinates::<Secp256r1>(2),
        small_coordinates::<Secp256r1>(3),
    ] {
        assert!(counts[0] > 90 && counts[1] == 0 && counts[2] > 90);
    }
    for counts in [
        small_coordinates::<BlsG1>(0x80),
        small_coordinates::<BlsG1>(0xa0),
        small_coordinates::<BlsG2>(0x80),
        small_coordinates::<BlsG2>(0xa0),
    ] {
        assert!(counts[0] > 90 && counts[1] > 90 && counts[2] == 0);
    }
}

/// Every encoding that could be taken for the identity.
fn identities<C: Curve>() -> Vec<Vec<u8>> {
    let zeros = |first: u8, last: u8| {
        let mut bytes = vec![0; C::POINT_BYTES];
        bytes[C::POINT_BYTES - 1] |= last;
        bytes[0] |= first;
        bytes
    };
    match C::ID {
        CurveId::Secp256k1 | CurveId::Secp256r1 => {
            vec![vec![0], zeros(0, 0), zeros(2, 0), zeros(3, 0)]
        }
        CurveId::Ed25519 => vec![zeros(1, 0), zeros(1, 0x80)],
        CurveId::BlsG1 | CurveId::BlsG2 => {
            vec![
                zeros(0xc0, 0),
                zeros(0xe0, 0),
                zeros(0xc0, 1),
                zeros(0x40, 0),
            ]
        }
    }
}

fn refuses_the_identity<C: Curve>() {
    let own = C::point_to_bytes(&C::Point::identity());
    assert!(decoded::<C>(&own).is_err());
    for bytes in identities::<C>() {
        // secp256r1 has a point whose x-coordinate is zero; it is a good one.
        let good = C::ID == CurveId::Secp256r1 && bytes.len() == 33 && bytes[0] != 0;
        assert_eq!(decoded::<C>(&bytes).is_ok(), good, "{bytes:02x?}");
    }
    let generator = C::Point::generator();
    assert_eq!(decoded::<C>(&C::point_to_bytes(&generator)), Ok(generator));
}

#[test]
fn refuses_the_identity_in_every_encoding() {
    refuses_the_identity::<Secp256k1>();
    refuses_the_identity::<Secp256r1>();
    refuses_the_identity::<Ed25519>();
    refuses_the_identity::<BlsG1>();
    refuses_the_identity::<BlsG2>();
}

#[test]
fn refuses_every_torsion_of_edwards25519_alone_and_added() {
    let generator = <Ed25519 as Curve>::Point::generator();
    for (order, torsion) in EIGHT_TORSION.iter().enumerate() {
        let alone = torsion.compress();
        let added = (generator + torsion).compress();
        let outside = Err(DecodeError::NotInSubgroup(CurveId::Ed25519));
        let identity = Err(DecodeError::Identity(CurveId::Ed25519));
        if order == 0 {
            assert_eq!(decoded::<Ed25519>(alone.as_bytes()), identity);
            assert_eq!(decoded::<Ed25519>(added.as_bytes()), Ok(generator));
        } else {
            assert_eq!(decoded::<Ed25519>(alone.as_bytes()), outside);
            assert_eq!(decoded::<Ed25519>(added.as_bytes()), outside);
        }
        // Eight times the point is in the group, whatever was added; nothing is left of torsion alone.
        assert_eq!(Ed25519::decode_times_eight(alone.as_bytes()), identity);
        let eight = generator.mul_by_cofactor();
        assert_eq!(
            Ed25519::decode_times_eight(added.as_bytes()),
            Ok(eight),
            "{order}"
        );
    }
}

#[test]
fn refuses_second_encodings_on_edwards25519() {
    let refused = DecodeError::NotOnCurve(CurveId::Ed25519);
    let mut decompressed = 0;
    for (low, sign) in (0..19).flat_map(|low| [(low, 0x00), (low, 0x80)]) {
        // y = p + low stands for y = low.
        let mut bytes = [0xff; 32];
        (bytes[0], bytes[31]) = (0xed + low, 0x7f | sign);
        assert_eq!(decoded::<Ed25519>(&bytes), Err(refused));
        assert_eq!(Ed25519::decompress(&bytes), Err(refused));
        assert_eq!(Ed25519::decode_times_eight(&bytes), Err(refused));
        // Some of them would be points to who does not look.
        decompressed += usize::from(CompressedEdwardsY(bytes).decompress().is_some());
    }
    assert!(decompressed > 10, "{decompressed}");
    let base = curve25519_dalek::constants::ED25519_BASEPOINT_COMPRESSED;
    assert!(Ed25519::decompress(base.as_bytes()).is_ok());
}
