//! Signatures from shares: what combines, what is refused, who is blamed.

mod dealt;

use blstrs::{G1Affine, G1Projective, Scalar};
use chainkey_algebra::lagrange::coefficients_at_zero;
use chainkey_algebra::robust::SharesError;
use chainkey_algebra::{BlsG1, Curve, DecodeError, NodeIndex};
use chainkey_threshold_bls::{BlsError, Message, SignatureShare};
use dealt::Dealt;
use ff::Field;
use group::Group;
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

type Named = (NodeIndex, SignatureShare);

fn shifted(share: &Named, by: Scalar) -> Named {
    let point = G1Affine::from_compressed(&share.1.to_bytes()).unwrap();
    let moved = G1Affine::from(G1Projective::generator() * by + point);
    let share_of = SignatureShare::from_bytes(&moved.to_compressed()).unwrap();
    (share.0, share_of)
}

fn nodes(shares: &[Named]) -> Vec<NodeIndex> {
    shares.iter().map(|(node, _)| *node).collect()
}

#[test]
fn any_threshold_of_shares_makes_the_one_signature_that_others_verify() {
    for (dealt, text) in [4, 7, 13, 34, 40]
        .into_iter()
        .flat_map(|nodes| [Dealt::low(nodes), Dealt::high(nodes)])
        .zip(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"])
    {
        let message = Message::new(text.as_bytes());
        let mut shares = dealt.sign(&message);
        let first = dealt.keys.combine(&message, &shares).unwrap();
        assert_eq!(first.culprits, []);
        shares.reverse();
        let needed = dealt.keys.threshold();
        let last = dealt.keys.combine(&message, &shares[..needed]).unwrap();
        assert_eq!(first.signature, last.signature);
        let signature = first.signature.to_bytes();
        let key = dealt.keys.public_key().to_bytes();
        ic_verify_bls_signature::verify_bls_signature(&signature, text.as_bytes(), &key).unwrap();
        assert!(pairings_of_another_library_agree(
            &signature,
            text.as_bytes(),
            &key
        ));
        assert!(!pairings_of_another_library_agree(
            &signature, b"other", &key
        ));
        let too_few = dealt.keys.combine(&message, &shares[..needed - 1]);
        let found = needed - 1;
        assert_eq!(
            too_few,
            Err(SharesError::TooFewShares { needed, found }.into())
        );
    }
}

fn pairings_of_another_library_agree(signature: &[u8; 48], message: &[u8], key: &[u8; 96]) -> bool {
    use ic_bls12_381::hash_to_curve::{ExpandMsgXmd, HashToCurve};
    use ic_bls12_381::{G1Affine, G1Projective, G2Affine, pairing};
    type Hash = ExpandMsgXmd<sha2::Sha256>;
    let dst = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";
    let point = <G1Projective as HashToCurve<Hash>>::hash_to_curve(message, dst);
    let signature = G1Affine::from_compressed(signature).unwrap();
    let key = G2Affine::from_compressed(key).unwrap();
    pairing(&signature, &G2Affine::generator()) == pairing(&G1Affine::from(point), &key)
}

#[test]
fn fewer_shares_than_the_threshold_do_not_interpolate() {
    // Of a low-threshold key f shares are one too few; taken for a key of threshold f they make no signature.
    let dealt = Dealt::low(7);
    let message = Message::new(b"m");
    let shares = dealt.sign(&message);
    let sum = |count: usize| {
        let coefficients = coefficients_at_zero::<BlsG1>(&nodes(&shares[..count])).unwrap();
        let point = |share: &Named| G1Projective::from_compressed(&share.1.to_bytes()).unwrap();
        let points: Vec<_> = shares[..count].iter().map(point).collect();
        G1Affine::from(BlsG1::msm_vartime(&coefficients, &points)).to_compressed()
    };
    let key = dealt.keys.public_key();
    assert_eq!(key.verify(&message, &sum(2)), Err(BlsError::WrongSignature));
    assert!(key.verify(&message, &sum(3)).is_ok());
}

#[test]
fn up_to_f_wrong_shares_of_every_kind_are_named_and_replaced() {
    for size in [4, 7, 13] {
        let dealt = Dealt::high(size);
        let message = Message::new(b"the message");
        let good = dealt.sign(&message);
        let other = dealt.sign(&Message::new(b"another message"));
        let expected = dealt.keys.combine(&message, &good).unwrap().signature;
        for count in 1..=dealt.committee.faulty() {
            for offset in 0..good.len() {
                let mut shares = good.clone();
                let bad: Vec<usize> = (0..count).map(|k| (offset + 2 * k) % good.len()).collect();
                for (kind, &index) in bad.iter().enumerate() {
                    shares[index] = match (kind + offset) % 3 {
                        0 => shifted(&good[index], Scalar::from(7)),
                        1 => other[index],
                        _ => (good[index].0, good[(index + 1) % good.len()].1),
                    };
                }
                let combined = dealt.keys.combine(&message, &shares).unwrap();
                assert_eq!(combined.signature, expected);
                // Those beyond the threshold are looked at only if several others are wrong.
                let named = combined.culprits;
                assert!(named.iter().all(|node| bad.contains(&usize::from(node.0))));
                let needed = dealt.keys.threshold();
                let used = bad.iter().filter(|index| **index < needed);
                for index in used {
                    assert!(named.contains(&good[*index].0), "{size} {count} {offset}");
                }
            }
        }
    }
}

#[test]
fn with_too_few_good_shares_every_culprit_is_named() {
    for size in [4, 13] {
        let dealt = Dealt::high(size);
        let message = Message::new(b"m");
        let needed = dealt.keys.threshold();
        let good = dealt.sign(&message);
        for count in 1..=needed {
            let mut shares = good[..needed].to_vec();
            for share in &mut shares[..count] {
                *share = shifted(share, Scalar::from(u64::from(share.0.0) + 3));
            }
            let error = dealt.keys.combine(&message, &shares).unwrap_err();
            assert_eq!(error.culprits(), nodes(&shares[..count]));
            let culprits = error.culprits().to_vec();
            let good = needed - count;
            let expected = SharesError::TooFewGoodShares {
                needed,
                good,
                culprits,
            };
            assert_eq!(error, expected.into());
        }
    }
}

#[test]
fn two_wrong_shares_made_to_point_at_an_honest_node_do_not_frame_it() {
    let dealt = Dealt::high(13);
    let message = Message::new(b"m");
    let mut shares = dealt.sign(&message);
    let needed = dealt.keys.threshold();
    let coefficients = coefficients_at_zero::<BlsG1>(&nodes(&shares[..needed])).unwrap();
    let (first, second, framed) = (2, 5, 7);
    let x = |index: usize| Scalar::from(shares[index].0.x());
    let error = |index: usize| {
        let weight: Scalar = coefficients[index] * (x(index) - x(framed));
        weight.invert().unwrap()
    };
    let (by_first, by_second) = (error(first), -error(second));
    shares[first] = shifted(&shares[first], by_first);
    shares[second] = shifted(&shares[second], by_second);
    let combined = dealt.keys.combine(&message, &shares).unwrap();
    let culprits = vec![shares[first].0, shares[second].0];
    assert_eq!(combined.culprits, culprits);
}

#[test]
fn wrong_shares_whose_errors_cancel_make_the_one_right_signature() {
    let dealt = Dealt::high(4);
    let message = Message::new(b"m");
    let good = dealt.sign(&message);
    let coefficients = coefficients_at_zero::<BlsG1>(&nodes(&good[..3])).unwrap();
    let mut shares = good.clone();
    let error = |index: usize| coefficients[index].invert().unwrap();
    shares[0] = shifted(&good[0], error(0));
    shares[1] = shifted(&good[1], -error(1));
    let combined = dealt.keys.combine(&message, &shares).unwrap();
    let expected = dealt.keys.combine(&message, &good).unwrap();
    assert_eq!(combined, expected);
}

#[test]
fn refuses_shares_in_names_that_cannot_be_without_blaming_anyone() {
    let dealt = Dealt::high(4);
    let message = Message::new(b"m");
    let shares = dealt.sign(&message);
    let outside = NodeIndex(4);
    let mut unknown = shares.clone();
    unknown[1].0 = outside;
    let refused = dealt.keys.combine(&message, &unknown).unwrap_err();
    assert_eq!(refused, SharesError::UnknownNode(outside).into());
    assert_eq!(refused.culprits(), []);
    let mut twice = shares.clone();
    twice[3].0 = NodeIndex(0);
    let refused = dealt.keys.combine(&message, &twice).unwrap_err();
    assert_eq!(refused, SharesError::DuplicateNode(NodeIndex(0)).into());
    assert_eq!(refused.culprits(), []);
    let refused = dealt.keys.verify_share(outside, &shares[0].1, &message);
    assert_eq!(refused, Err(SharesError::UnknownNode(outside).into()));
}

#[test]
fn a_single_share_is_judged_by_its_own_nodes_key() {
    let dealt = Dealt::low(7);
    let message = Message::new(b"m");
    let shares = dealt.sign(&message);
    for (node, share) in &shares {
        assert_eq!(dealt.keys.verify_share(*node, share, &message), Ok(()));
        let next = NodeIndex((node.0 + 1) % 7);
        let refused = dealt.keys.verify_share(next, share, &message);
        assert_eq!(refused, Err(SharesError::WrongShare(next).into()));
        assert_eq!(refused.unwrap_err().culprits(), [next]);
    }
}

#[test]
fn refuses_points_that_are_none_of_the_group() {
    let mut identity = [0; 48];
    identity[0] = 0xc0;
    let refused = SignatureShare::from_bytes(&identity);
    let id = BlsG1::ID;
    assert_eq!(refused, Err(BlsError::Encoding(DecodeError::Identity(id))));
    let outside = (0u8..255)
        .map(|x| {
            let mut bytes = [0; 48];
            (bytes[0], bytes[47]) = (0x80, x);
            bytes
        })
        .find(|bytes| G1Affine::from_compressed_unchecked(bytes).is_some().into())
        .unwrap();
    let refused = SignatureShare::from_bytes(&outside);
    let error = DecodeError::NotInSubgroup(id);
    assert_eq!(refused, Err(BlsError::Encoding(error)));
    let dealt = Dealt::low(4);
    let key = dealt.keys.public_key();
    for bytes in [&identity[..], &outside, &[0xff; 48], &[], &[1; 96]] {
        assert!(matches!(
            key.verify(&Message::new(b"m"), bytes),
            Err(BlsError::Encoding(_))
        ));
    }
}

/// The error of one liar. Small numbers would not do: weighted with Lagrange coefficients, those of several liars can cancel, and then shares that
/// are wrong make the right signature.
fn unrelated(liar: usize) -> Scalar {
    Scalar::random(ChaCha20Rng::seed_from_u64(liar as u64))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whoever_misbehaves_the_signature_is_right_or_there_is_none(
        errors in proptest::collection::vec(0u64..3, 13),
        order in Just((0..13usize).collect::<Vec<_>>()).prop_shuffle(),
        count in 9usize..=13,
    ) {
        let dealt = Dealt::high(13);
        let message = Message::new(b"m");
        let good = dealt.sign(&message);
        let expected = dealt.keys.combine(&message, &good).unwrap().signature;
        let shares: Vec<Named> = order[..count]
            .iter()
            .map(|index| match errors[*index] {
                2 => shifted(&good[*index], unrelated(*index)),
                _ => good[*index],
            })
            .collect();
        let wrong: Vec<NodeIndex> = nodes(&shares)
            .into_iter()
            .filter(|node| errors[usize::from(node.0)] == 2)
            .collect();
        match dealt.keys.combine(&message, &shares) {
            Ok(combined) => {
                prop_assert_eq!(combined.signature, expected);
                prop_assert!(combined.culprits.iter().all(|node| wrong.contains(node)));
                prop_assert!(count - wrong.len() >= 9);
            }
            Err(error) => {
                let mut sorted = wrong.clone();
                sorted.sort();
                prop_assert_eq!(error.culprits(), sorted);
                prop_assert!(count - wrong.len() < 9);
            }
        }
    }
}
