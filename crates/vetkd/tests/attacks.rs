//! Wrong shares, wrong names, wrong points: what is refused, and who is blamed.

mod dealt;

use blstrs::{G1Affine, G1Projective, G2Affine, G2Projective, Scalar};
use chainkey_algebra::commitment::SimpleCommitment;
use chainkey_algebra::lagrange::coefficients_at_zero;
use chainkey_algebra::robust::SharesError;
use chainkey_algebra::{BlsG1, BlsG2, Committee, Curve, DecodeError, NodeIndex};
use chainkey_vetkd::{EncryptedKeyShare, MasterKey, Request, TransportPublicKey, VetKdError};
use dealt::Dealt;
use ff::Field;
use group::Group;

type Named = (NodeIndex, EncryptedKeyShare);

fn transport(factor: u64) -> TransportPublicKey {
    let point = BlsG1::mul_base(&Scalar::from(factor));
    TransportPublicKey::from_bytes(&BlsG1::point_to_bytes(&point)).unwrap()
}

fn request(dealt: &Dealt) -> Request {
    dealt
        .master
        .derive(b"canister", b"context")
        .request(b"input", transport(5))
}

fn nodes(shares: &[Named]) -> Vec<NodeIndex> {
    shares.iter().map(|(node, _)| *node).collect()
}

/// A share with multiples of the generators added to its three points.
fn shifted(share: &EncryptedKeyShare, [c1, c2, c3]: [Scalar; 3]) -> EncryptedKeyShare {
    let bytes = share.to_bytes();
    let g1 = |bytes: &[u8], by: Scalar| {
        let point = G1Projective::from_compressed(bytes.try_into().unwrap()).unwrap();
        G1Affine::from(point + BlsG1::mul_base(&by)).to_compressed()
    };
    let point = G2Projective::from_compressed(bytes[48..144].try_into().unwrap()).unwrap();
    let second = G2Affine::from(point + BlsG2::mul_base(&c2)).to_compressed();
    let first = g1(&bytes[..48], c1);
    let third = g1(&bytes[144..], c3);
    EncryptedKeyShare::from_bytes(&[&first[..], &second, &third].concat()).unwrap()
}

/// Wrong shares of one node, by kind.
fn wrong_kinds(dealt: &Dealt, node: usize) -> Vec<EncryptedKeyShare> {
    let good = dealt.shares(&request(dealt));
    let of = |canister: &[u8], context: &[u8], input: &[u8], factor| {
        let derived = dealt.master.derive(canister, context);
        dealt.shares(&derived.request(input, transport(factor)))[node].1
    };
    let (none, one) = (Scalar::ZERO, Scalar::ONE);
    vec![
        shifted(&good[node].1, [one, none, none]),
        shifted(&good[node].1, [none, one, none]),
        shifted(&good[node].1, [none, none, one]),
        // C1 and C2 agree, and C3 does not follow.
        shifted(&good[node].1, [one, one, none]),
        // Another input, context, canister, transport key; another node's share.
        of(b"canister", b"context", b"another", 5),
        of(b"canister", b"another", b"input", 5),
        of(b"another", b"context", b"input", 5),
        of(b"canister", b"context", b"input", 6),
        good[(node + 1) % good.len()].1,
    ]
}

#[test]
fn a_wrong_share_of_every_kind_is_named_and_replaced() {
    for size in [4, 13] {
        let dealt = Dealt::new(size);
        let request = request(&dealt);
        let good = dealt.shares(&request);
        for node in [0, dealt.master.threshold() - 1] {
            for wrong in wrong_kinds(&dealt, node) {
                let mut shares = good.clone();
                shares[node].1 = wrong;
                let named = shares[node].0;
                let refused = dealt.master.verify_share(named, &wrong, &request);
                assert_eq!(refused, Err(SharesError::WrongShare(named).into()));
                assert_eq!(refused.unwrap_err().culprits(), [named]);
                let combined = dealt.master.combine(&request, &shares).unwrap();
                assert_eq!(combined.culprits, [named]);
                let bytes = combined.encrypted_key.to_bytes();
                assert!(request.verify(&bytes).is_ok());
            }
        }
        for (node, share) in &good {
            assert_eq!(dealt.master.verify_share(*node, share, &request), Ok(()));
        }
    }
}

#[test]
fn up_to_f_wrong_shares_change_nothing_but_the_list_of_culprits() {
    for size in [7, 13] {
        let dealt = Dealt::new(size);
        let request = request(&dealt);
        for count in 1..=dealt.committee.faulty() {
            let mut shares = dealt.shares(&request);
            for index in 0..count {
                let kinds = wrong_kinds(&dealt, 2 * index);
                shares[2 * index].1 = kinds[(index + count) % kinds.len()];
            }
            let combined = dealt.master.combine(&request, &shares).unwrap();
            let wrong: Vec<NodeIndex> = (0..count).map(|index| shares[2 * index].0).collect();
            assert_eq!(combined.culprits, wrong);
        }
    }
}

#[test]
fn with_too_few_good_shares_every_culprit_is_named() {
    let dealt = Dealt::new(7);
    let request = request(&dealt);
    let needed = dealt.master.threshold();
    for count in 1..=needed {
        let mut shares = dealt.shares(&request)[..needed].to_vec();
        for share in &mut shares[..count] {
            // Not 3 or 1/x, say: of some shares these cancel out, and the key is right.
            let error = Scalar::from(share.0.x().pow(2) + 2);
            share.1 = shifted(&share.1, [Scalar::ZERO, Scalar::ZERO, error]);
        }
        let culprits = nodes(&shares[..count]);
        let error = dealt.master.combine(&request, &shares).unwrap_err();
        assert_eq!(error.culprits(), culprits);
        let good = needed - count;
        let expected = SharesError::TooFewGoodShares {
            needed,
            good,
            culprits,
        };
        assert_eq!(error, expected.into());
    }
}

#[test]
fn two_wrong_shares_made_to_point_at_an_honest_node_do_not_frame_it() {
    let dealt = Dealt::new(13);
    let request = request(&dealt);
    let mut shares = dealt.shares(&request);
    let needed = dealt.master.threshold();
    let coefficients = coefficients_at_zero::<BlsG1>(&nodes(&shares[..needed])).unwrap();
    let (first, second, framed) = (2, 5, 7);
    let x = |index: usize| Scalar::from(shares[index].0.x());
    let error = |index: usize| {
        let weight: Scalar = coefficients[index] * (x(index) - x(framed));
        weight.invert().unwrap()
    };
    let errors = [(first, error(first)), (second, -error(second))];
    for (index, by) in errors {
        shares[index].1 = shifted(&shares[index].1, [Scalar::ZERO, Scalar::ZERO, by]);
    }
    let combined = dealt.master.combine(&request, &shares).unwrap();
    assert_eq!(combined.culprits, [shares[first].0, shares[second].0]);
}

#[test]
fn refuses_shares_in_names_that_cannot_be_without_blaming_anyone() {
    let dealt = Dealt::new(4);
    let request = request(&dealt);
    let shares = dealt.shares(&request);
    let outside = NodeIndex(4);
    let mut unknown = shares.clone();
    unknown[1].0 = outside;
    let mut twice = shares.clone();
    twice[3].0 = NodeIndex(0);
    for (shares, expected) in [
        (&unknown[..], SharesError::UnknownNode(outside)),
        (&twice, SharesError::DuplicateNode(NodeIndex(0))),
        (
            &shares[..2],
            SharesError::TooFewShares {
                needed: 3,
                found: 2,
            },
        ),
    ] {
        let refused = dealt.master.combine(&request, shares).unwrap_err();
        assert_eq!(refused.culprits(), []);
        assert_eq!(refused, expected.into());
    }
    let refused = dealt.master.verify_share(outside, &shares[0].1, &request);
    assert_eq!(refused, Err(SharesError::UnknownNode(outside).into()));
}

#[test]
fn an_encrypted_key_is_only_what_was_asked_for() {
    let dealt = Dealt::new(4);
    let request = request(&dealt);
    let combined = dealt.master.combine(&request, &dealt.shares(&request));
    let bytes = combined.unwrap().encrypted_key.to_bytes();
    let asked = |canister: &[u8], context: &[u8], input: &[u8], factor| {
        let derived = dealt.master.derive(canister, context);
        derived.request(input, transport(factor)).verify(&bytes)
    };
    assert!(asked(b"canister", b"context", b"input", 5).is_ok());
    for refused in [
        asked(b"another", b"context", b"input", 5),
        asked(b"canister", b"another", b"input", 5),
        asked(b"canister", b"context", b"another", 5),
        asked(b"canister", b"context", b"input", 6),
    ] {
        assert_eq!(refused, Err(VetKdError::WrongKey));
    }
    let share = EncryptedKeyShare::from_bytes(&bytes).unwrap();
    let (none, one) = (Scalar::ZERO, Scalar::ONE);
    for by in [[one, none, none], [none, one, none], [none, none, one]] {
        let wrong = shifted(&share, by).to_bytes();
        assert_eq!(request.verify(&wrong), Err(VetKdError::WrongKey));
    }
}

/// An encoding of a point of the curve of G1 that is outside the prime-order subgroup.
fn outside_the_subgroup() -> [u8; 48] {
    let encoding = |x: u8| {
        let mut bytes = [0; 48];
        (bytes[0], bytes[47]) = (0x80, x);
        bytes
    };
    let on_curve = |bytes: &[u8; 48]| G1Affine::from_compressed_unchecked(bytes).is_some().into();
    (0..255).map(encoding).find(on_curve).unwrap()
}

#[test]
fn refuses_transport_keys_that_are_no_points_of_the_group() {
    let refused = |bytes: &[u8]| TransportPublicKey::from_bytes(bytes).unwrap_err();
    let id = BlsG1::ID;
    let not_in_subgroup = VetKdError::Encoding(DecodeError::NotInSubgroup(id));
    assert_eq!(refused(&outside_the_subgroup()), not_in_subgroup);
    let not_on_curve = VetKdError::Encoding(DecodeError::NotOnCurve(id));
    assert_eq!(refused(&[0xff; 48]), not_on_curve);
    assert_eq!(refused(&[0; 48]), not_on_curve);
    // A second encoding of the identity.
    let mut identity = [0; 48];
    (identity[0], identity[47]) = (0xc0, 1);
    assert_eq!(refused(&identity), not_on_curve);
    for length in [0, 47, 49, 96] {
        assert!(matches!(
            refused(&vec![0; length]),
            VetKdError::Encoding(DecodeError::Length { .. })
        ));
    }
}

#[test]
fn refuses_shares_that_are_no_points_of_the_groups() {
    let dealt = Dealt::new(4);
    let good = dealt.shares(&request(&dealt))[0].1.to_bytes();
    assert!(EncryptedKeyShare::from_bytes(&good).is_ok());
    let bad = outside_the_subgroup();
    for (range, bytes) in [
        (0..48, &bad[..]),
        (144..192, &bad),
        (0..48, &[&[0xc0][..], &[0; 47]].concat()),
        (48..144, &[&[0xc0][..], &[0; 95]].concat()),
        (144..192, &[&[0xc0][..], &[0; 47]].concat()),
    ] {
        let mut share = good;
        share[range].copy_from_slice(bytes);
        assert!(matches!(
            EncryptedKeyShare::from_bytes(&share),
            Err(VetKdError::Encoding(_))
        ));
    }
    for length in [0, 191, 193] {
        let refused = EncryptedKeyShare::from_bytes(&vec![0; length]);
        assert_eq!(refused, Err(VetKdError::Length(length)));
    }
}

#[test]
fn refuses_commitments_that_are_no_keys() {
    let committee = Committee::new(4).unwrap();
    let point = G2Projective::generator();
    for (points, good) in [
        (vec![point; 3], true),
        (vec![point; 1], false),
        (vec![point; 2], false),
        (vec![point; 4], false),
        (vec![point; 5], false),
        (vec![G2Projective::identity(), point, point], false),
    ] {
        let commitment = SimpleCommitment::from_points(points).unwrap();
        assert_eq!(MasterKey::new(committee, &commitment).is_ok(), good);
    }
}
