//! Bad dealings: shape, points, ephemeral keys, copies, constants.

use super::world::{World, id, rng};
use super::{K1, honestly, plan, seal};
use crate::encryption::Ephemeral;
use crate::error::{IdkgError, Shape};
use crate::kind::{Masked, Unmasked};
use crate::proof::Proof;
use crate::{DealerInput, Dealing, Extraction, Params, TranscriptId, verify_all};
use chainkey_algebra::codec::CodecError;
use chainkey_algebra::{BlsG1, BlsG2, Curve, CurveId, DecodeError, Ed25519, NodeIndex};

const DEALER: NodeIndex = NodeIndex(1);

fn unmasked<C: Curve>(world: &World, batch: usize) -> Params<C, Unmasked> {
    let members = &world.members;
    Params::random_unmasked(id(1), members, members, batch, Extraction::Sum).unwrap()
}

fn dealt<C: Curve>(params: &Params<C, Unmasked>, dealer: NodeIndex) -> Dealing<C, Unmasked> {
    Dealing::create(params, dealer, DealerInput::Nothing, &mut rng(3)).unwrap()
}

fn shape(shape: Shape, expected: usize, found: usize) -> IdkgError {
    IdkgError::WrongShape {
        dealer: DEALER,
        shape,
        expected,
        found,
    }
}

#[test]
fn refuses_wrong_degrees() {
    let params = unmasked::<K1>(&World::new(7, 1), 2);
    for threshold in [1, 2, 4, 5] {
        let plan = plan(2, threshold, 1);
        let dealing = seal(&params, DEALER, &plan, Proof::None, honestly);
        let error = dealing.verify(&params).unwrap_err();
        assert_eq!(error, shape(Shape::Coefficients, 3, threshold));
        assert_eq!(error.culprits(), [DEALER]);
    }
    let plan = plan(2, 3, 1);
    let dealing = seal(&params, DEALER, &plan, Proof::None, honestly);
    assert!(dealing.verify(&params).is_ok());
}

#[test]
fn refuses_wrong_lengths() {
    let params = unmasked::<K1>(&World::new(4, 1), 2);
    for batch in [1, 3] {
        let dealing = seal(&params, DEALER, &plan(batch, 2, 1), Proof::None, honestly);
        let error = dealing.verify(&params).unwrap_err();
        assert_eq!(error, shape(Shape::Batch, 2, batch));
    }
    let mut dealing = dealt(&params, DEALER);
    dealing.ciphertexts.pop();
    let error = dealing.verify(&params).unwrap_err();
    assert_eq!(error, shape(Shape::Receivers, 4, 3));
    let fewer = |_, scalars: &mut Vec<_>| scalars.truncate(1);
    let dealing = seal(&params, DEALER, &plan(2, 2, 1), Proof::None, fewer);
    let error = dealing.verify(&params).unwrap_err();
    assert_eq!(error, shape(Shape::Scalars, 2, 1));
}

#[test]
fn refuses_other_curves_and_kinds() {
    let world = World::new(4, 1);
    let params = unmasked::<K1>(&world, 1);
    let dealing = dealt(&params, DEALER);
    let bytes = dealing.encode();
    let curve = Dealing::<Ed25519, Unmasked>::decode(bytes).unwrap_err();
    let tag = CodecError::UnknownTag(CurveId::Secp256k1 as u8);
    assert_eq!(curve, IdkgError::Malformed(tag));
    let kind = Dealing::<K1, Masked>::decode(bytes).unwrap_err();
    assert_eq!(kind, IdkgError::Malformed(CodecError::UnknownTag(1)));
}

#[test]
fn refuses_bytes_left_over_and_bytes_missing() {
    let dealing = dealt(&unmasked::<K1>(&World::new(4, 1), 1), DEALER);
    let bytes = dealing.encode();
    assert!(Dealing::<K1, Unmasked>::decode(bytes).is_ok());
    let long = [bytes, &[0]].concat();
    let long = Dealing::<K1, Unmasked>::decode(&long).unwrap_err();
    assert_eq!(long, IdkgError::Malformed(CodecError::TooLong(1)));
    for length in 0..bytes.len() {
        assert!(Dealing::<K1, Unmasked>::decode(&bytes[..length]).is_err());
    }
}

/// A point of the largest group takes most of a millisecond to decode, and a dealing of the greatest lengths that can be written has a hundred thousand.
#[test]
fn refuses_other_lengths_than_the_parameters_say_before_a_point_is_decoded() {
    let world = World::new(4, 1);
    let params = unmasked::<BlsG2>(&world, 2);
    let good = dealt(&params, DEALER).encode().to_vec();
    assert!(Dealing::receive(&params, &good).is_ok());
    let mut many = good[..36].to_vec();
    many.extend(1000_u32.to_be_bytes());
    for _ in 0..1000 {
        many.extend(100_u32.to_be_bytes());
        many.extend([0xff; 100 * BlsG2::POINT_BYTES]);
    }
    let error = Dealing::receive(&params, &many).unwrap_err();
    assert_eq!(error, shape(Shape::Batch, 2, 1000));
    // The control: these are no points, as whoever decodes the first one knows.
    let decoded = Dealing::<BlsG2, Unmasked>::decode(&many).unwrap_err();
    let is_element = matches!(decoded, IdkgError::Malformed(CodecError::Element(_)));
    assert!(is_element, "{decoded:?}");
    let members = &world.members;
    let other = Params::random_unmasked(id(2), members, members, 2, Extraction::Sum).unwrap();
    let error = Dealing::<BlsG2, Unmasked>::receive(&other, &many).unwrap_err();
    assert_eq!(error, IdkgError::OtherTranscript { dealer: DEALER });
    let mut more = good.clone();
    more[43] += 1;
    let error = Dealing::receive(&params, &more).unwrap_err();
    assert_eq!(error, shape(Shape::Coefficients, 2, 3));
    for length in 0..good.len() {
        assert!(Dealing::receive(&params, &good[..length]).is_err());
    }
    let long = Dealing::receive(&params, &[&good[..], &[0]].concat());
    let long = long.unwrap_err();
    assert_eq!(long, IdkgError::Malformed(CodecError::TooLong(1)));
}

/// The dealing with its first commitment's constant replaced.
fn with_constant<C: Curve>(world: &World, point: &[u8]) -> Result<(), IdkgError> {
    let dealing = dealt(&unmasked::<C>(world, 1), DEALER);
    let mut bytes = dealing.encode().to_vec();
    // Header (36), number of commitments (4), number of points (4).
    bytes[44..44 + C::POINT_BYTES].copy_from_slice(point);
    Dealing::<C, Unmasked>::decode(&bytes).map(|_| ())
}

fn element(error: DecodeError) -> Result<(), IdkgError> {
    Err(IdkgError::Malformed(CodecError::Element(error)))
}

#[test]
fn refuses_identity_and_points_outside_the_subgroup() {
    let world = World::new(4, 1);
    let identity = element(DecodeError::Identity(CurveId::Secp256k1));
    assert_eq!(with_constant::<K1>(&world, &[0; 33]), identity);
    let torsion = element(DecodeError::NotInSubgroup(CurveId::Ed25519));
    assert_eq!(with_constant::<Ed25519>(&world, &order_two()), torsion);
    let outside = element(DecodeError::NotInSubgroup(CurveId::BlsG1));
    let refused = (0u8..50).map(|x| {
        let mut bytes = [0; 48];
        (bytes[0], bytes[47]) = (0x80, x);
        with_constant::<BlsG1>(&world, &bytes)
    });
    assert!(refused.into_iter().any(|result| result == outside));
}

/// The point of order two.
fn order_two() -> [u8; 32] {
    let mut bytes = [0xff; 32];
    (bytes[0], bytes[31]) = (0xec, 0x7f);
    bytes
}

#[test]
fn refuses_an_ephemeral_key_of_small_order_or_not_reduced() {
    let dealing = dealt(&unmasked::<K1>(&World::new(4, 1), 1), DEALER);
    let with_key = |key: &[u8; 32]| {
        let mut bytes = dealing.encode().to_vec();
        let start = bytes.len() - Ephemeral::BYTES;
        bytes[start..start + 32].copy_from_slice(key);
        Dealing::<K1, Unmasked>::decode(&bytes).map(|_| ())
    };
    let identity = element(DecodeError::Identity(CurveId::Ed25519));
    assert_eq!(with_key(&order_two()), identity);
    // The coordinate 2^255 - 19 + 4, which is 4 once more.
    let mut not_reduced = [0xff; 32];
    (not_reduced[0], not_reduced[31]) = (0xf1, 0x7f);
    let no_point = element(DecodeError::NotOnCurve(CurveId::Ed25519));
    assert_eq!(with_key(&not_reduced), no_point);
}

#[test]
fn refuses_an_ephemeral_key_to_which_torsion_was_added() {
    let params = unmasked::<K1>(&World::new(4, 1), 1);
    let dealing = dealt(&params, DEALER);
    let mut bytes = dealing.encode().to_vec();
    let start = bytes.len() - Ephemeral::BYTES;
    let torsion = Ed25519::decompress(&order_two()).unwrap();
    for part in 0..4 {
        let place = start + 32 * part..start + 32 * part + 32;
        let honest: [u8; 32] = bytes[place.clone()].try_into().unwrap();
        let moved = Ed25519::decompress(&honest).unwrap() + torsion;
        bytes[place.clone()].copy_from_slice(moved.compress().as_bytes());
        let mauled = Dealing::<K1, Unmasked>::decode(&bytes).unwrap();
        // The shared points are the same as before; it is the proof that tells.
        assert_eq!(mauled.ephemeral.point, dealing.ephemeral.point);
        let error = mauled.verify(&params).unwrap_err();
        assert_eq!(error, IdkgError::BadEphemeral { dealer: DEALER });
        bytes[place].copy_from_slice(&honest);
    }
}

#[test]
fn refuses_a_dealing_copied_from_another_dealer() {
    let params = unmasked::<K1>(&World::new(4, 1), 1);
    let mut bytes = dealt(&params, NodeIndex(0)).encode().to_vec();
    // The dealer stands after curve, kind and context.
    bytes[35] = DEALER.0 as u8;
    let copied = Dealing::<K1, Unmasked>::decode(&bytes).unwrap();
    let error = copied.verify(&params).unwrap_err();
    assert_eq!(error, IdkgError::BadEphemeral { dealer: DEALER });
    bytes[35] = 9;
    let outsider = Dealing::<K1, Unmasked>::decode(&bytes).unwrap();
    let error = outsider.verify(&params).unwrap_err();
    assert_eq!(error, IdkgError::NotADealer(NodeIndex(9)));
}

#[test]
fn refuses_a_mauled_dealing() {
    let params = unmasked::<K1>(&World::new(4, 1), 1);
    let dealing = dealt(&params, DEALER);
    let bytes = dealing.encode();
    // The last byte of the last ciphertext, of the proof, of the constant.
    for position in [bytes.len() - Ephemeral::BYTES - 1, bytes.len() - 1, 44 + 32] {
        let mut mauled = bytes.to_vec();
        mauled[position] ^= 1;
        let Ok(mauled) = Dealing::<K1, Unmasked>::decode(&mauled) else {
            continue;
        };
        let error = mauled.verify(&params).unwrap_err();
        assert_eq!(error, IdkgError::BadEphemeral { dealer: DEALER });
    }
}

#[test]
fn refuses_dealings_for_another_transcript_epoch_committee_or_operation() {
    let world = World::new(4, 1);
    let (members, others) = (&world.members, World::new(4, 2).members);
    let params = unmasked::<K1>(&world, 1);
    let other_id = |subnet: &[u8], epoch, number| TranscriptId {
        subnet: subnet.to_vec(),
        epoch,
        number,
    };
    let make = |id, dealers, receivers, batch, extraction| {
        Params::<K1, Unmasked>::random_unmasked(id, dealers, receivers, batch, extraction).unwrap()
    };
    let sum = Extraction::Sum;
    for other in [
        make(other_id(b"subnet", 1, 2), members, members, 1, sum),
        make(other_id(b"subnet", 2, 1), members, members, 1, sum),
        make(other_id(b"other", 1, 1), members, members, 1, sum),
        make(id(1), &others, members, 1, sum),
        make(id(1), members, &others, 1, sum),
        make(id(1), members, members, 2, sum),
        make(id(1), members, members, 1, Extraction::Matrix),
    ] {
        let error = dealt(&other, DEALER).verify(&params).unwrap_err();
        assert_eq!(error, IdkgError::OtherTranscript { dealer: DEALER });
        // Rewriting the context does not help: the ephemeral key is bound to it.
        let mut rewritten = dealt(&other, DEALER);
        rewritten.context = *params.context();
        assert!(rewritten.verify(&params).is_err());
    }
}

#[test]
fn blames_just_the_bad_dealings_among_many() {
    let params = unmasked::<K1>(&World::new(7, 1), 1);
    let mut dealings: Vec<_> = (0..7).map(|i| dealt(&params, NodeIndex(i))).collect();
    dealings[2] = seal(&params, NodeIndex(2), &plan(1, 2, 1), Proof::None, honestly);
    dealings[5] = dealt(&params, NodeIndex(5));
    dealings[5].body = [0; 32];
    let verdicts = verify_all(&params, dealings);
    for (index, verdict) in verdicts.into_iter().enumerate() {
        let node = NodeIndex(index as u16);
        match verdict {
            Ok(public) => assert_eq!((public.dealer(), [2, 5].contains(&node.0)), (node, false)),
            Err(error) => assert_eq!(
                (error.culprits(), [2, 5].contains(&node.0)),
                (vec![node], true)
            ),
        }
    }
}

#[test]
fn refuses_batches_that_can_not_be() {
    let members = World::new(4, 1).members;
    for batch in [0, crate::LARGEST_BATCH + 1] {
        let refused =
            Params::<K1, Masked>::random(id(1), &members, &members, batch, Extraction::Sum);
        assert_eq!(refused.unwrap_err(), IdkgError::BatchSize { found: batch });
    }
}
