//! What dishonest nodes, callers and users may try while signing.

mod dealer;

use chainkey_algebra::robust::SharesError;
use chainkey_algebra::{Curve, NodeIndex, Secp256k1, Secp256r1};
use chainkey_threshold_ecdsa::{Burn, EcdsaError, SignatureShare};
use dealer::{Dealer, Values, Verifier, combiner, relabelled, with_scalar};
use proptest::prelude::*;

type Scalar = <Secp256k1 as Curve>::Scalar;

#[test]
fn refuses_a_presignature_of_another_key_or_transcript() {
    let mut ours = Dealer::<Secp256k1>::new(4, 1);
    let mut theirs = Dealer::<Secp256k1>::new(4, 2);
    let foreign = theirs.presignature();
    let request = ours.request([1; 32]);
    let refused = request.bind(foreign.public.clone()).unwrap_err();
    assert_eq!(refused, EcdsaError::OtherKey);
    // A node's part does not sign in a session of another key either.
    let (session, _) = ours.signed([1; 32]);
    let refused = foreign.part(NodeIndex(0)).sign(&session).unwrap_err();
    assert_eq!(refused, EcdsaError::OtherKey);
}

#[test]
fn refuses_to_sign_in_a_session_of_another_presignature() {
    let mut dealer = Dealer::<Secp256k1>::new(4, 3);
    let (session, _) = dealer.signed([1; 32]);
    let refused = dealer
        .presignature()
        .part(NodeIndex(0))
        .sign(&session)
        .unwrap_err();
    assert_eq!(refused, EcdsaError::OtherPresignature);
}

#[test]
fn refuses_a_derived_key_that_does_not_follow_from_the_tweak() {
    let mut dealer = Dealer::<Secp256k1>::new(4, 4);
    let dealing = dealer.presignature();
    let mut request = dealer.request([1; 32]);
    request.tweak += Scalar::ONE;
    let refused = request.bind(dealing.public.clone()).unwrap_err();
    assert_eq!(refused, EcdsaError::DerivedKey);
    // Nor one that is the identity.
    let request = dealer.request_with_tweak([1; 32], -dealer.secret_key);
    let refused = request.bind(dealing.public.clone()).unwrap_err();
    assert_eq!(refused, EcdsaError::DerivedKey);
}

#[test]
fn refuses_shares_replayed_from_any_other_session() {
    let mut dealer = Dealer::<Secp256k1>::new(4, 5);
    let dealing = dealer.presignature();
    let public = dealing.public.clone();
    let request = dealer.request([1; 32]);
    let session = |request: chainkey_threshold_ecdsa::SigningRequest<_>, randomness: u8| {
        let bound = request.bind(public.clone()).unwrap();
        bound.rerandomize(&[randomness; 32]).unwrap()
    };
    let mut other_id = request.clone();
    other_id.id.push(0);
    let mut other_message = request.clone();
    other_message.message_hash[31] ^= 1;
    let other_key = dealer.request([1; 32]);
    let original = session(request.clone(), 1);
    let others = [
        session(other_id, 1),
        session(other_message, 1),
        session(other_key, 1),
        session(request, 2),
        dealer.signed([1; 32]).0,
    ];
    let share = dealing.part(NodeIndex(0)).sign(&original).unwrap();
    let good = dealing.part(NodeIndex(1)).sign(&original).unwrap();
    for other in &others {
        let refused = combiner(other, []).add(share.clone()).unwrap_err();
        assert_eq!(refused, EcdsaError::OtherSession(NodeIndex(0)));
        assert!(refused.culprits().is_empty());
        // Claiming the other session does not help: the values do not fit.
        let forged = relabelled(&share, NodeIndex(0), other);
        let refused = other.verify_share(forged).unwrap_err();
        assert_eq!(refused, SharesError::WrongShare(NodeIndex(0)).into());
    }
    assert!(combiner(&original, [share, good]).combine().is_ok());
}

#[test]
fn refuses_strangers_and_second_shares_of_a_node() {
    let mut dealer = Dealer::<Secp256k1>::new(4, 6);
    let (session, shares) = dealer.signed([1; 32]);
    let mut combiner = combiner(&session, [shares[1].clone()]);
    let twice = combiner.add(shares[1].clone()).unwrap_err();
    assert_eq!(twice, SharesError::DuplicateNode(NodeIndex(1)).into());
    for index in [4, 100, u16::MAX] {
        let stranger = relabelled(&shares[0], NodeIndex(index), &session);
        let refused = combiner.add(stranger.clone()).unwrap_err();
        assert_eq!(refused, SharesError::UnknownNode(NodeIndex(index)).into());
        assert!(session.verify_share(stranger).is_err());
    }
}

#[test]
fn f_shares_are_too_few_and_more_can_be_added() {
    let mut dealer = Dealer::<Secp256k1>::new(7, 7);
    let (session, mut shares) = dealer.signed([1; 32]);
    let last = shares.remove(6);
    let mut combiner = combiner(&session, shares.drain(..2));
    let expected = SharesError::TooFewGoodShares {
        needed: 3,
        good: 2,
        culprits: vec![],
    };
    assert_eq!(combiner.combine().unwrap_err(), expected.into());
    combiner.add(last).unwrap();
    assert!(combiner.combine().is_ok());
}

/// Every kind of wrong share that node `node` might send in a session.
fn wrong_shares<C: Curve>(
    dealer: &mut Dealer<C>,
    session: &chainkey_threshold_ecdsa::Rerandomized<C>,
    shares: &[SignatureShare<C>],
    node: usize,
) -> Vec<SignatureShare<C>> {
    let index = NodeIndex(node as u16);
    let own = &shares[node];
    let (_, of_other_presignature) = dealer.signed(*session.message_hash());
    let (_, of_other_message) = dealer.signed([0xee; 32]);
    let next = &shares[(node + 1) % shares.len()];
    let one = C::Scalar::from(1);
    let mut wrong = vec![
        relabelled(next, index, session),
        relabelled(&of_other_presignature[node], index, session),
        relabelled(&of_other_message[node], index, session),
    ];
    for which in 0..4 {
        let random = dealer.scalar();
        wrong.push(with_scalar(own, which, |_| random));
        wrong.push(with_scalar(own, which, |value| value + one));
        wrong.push(with_scalar(own, which, |_| C::Scalar::from(0)));
    }
    let zero = |share: SignatureShare<C>, which| with_scalar(&share, which, |_| C::Scalar::from(0));
    wrong.push((0..4).fold(own.clone(), zero));
    wrong
}

fn blames_every_kind_of_wrong_share<C: Verifier>() {
    let mut dealer = Dealer::<C>::new(4, 8);
    let (session, shares) = dealer.signed([1; 32]);
    for wrong in wrong_shares(&mut dealer, &session, &shares, 0) {
        let refused = session.verify_share(wrong.clone()).unwrap_err();
        assert_eq!(refused, SharesError::WrongShare(NodeIndex(0)).into());
        assert_eq!(refused.culprits(), [NodeIndex(0)]);
        let mut combiner = combiner(&session, [wrong, shares[2].clone()]);
        match combiner.combine() {
            // A wrong mask does not reach the signature.
            Ok(signature) => signature
                .verify(session.derived_key(), session.message_hash())
                .unwrap(),
            Err(error) => {
                assert_eq!(error.culprits(), [NodeIndex(0)]);
                let again = combiner.add(shares[0].clone()).unwrap_err();
                assert_eq!(again, SharesError::DuplicateNode(NodeIndex(0)).into());
                combiner.add(shares[3].clone()).unwrap();
                combiner.combine().unwrap();
                assert_eq!(combiner.culprits(), [NodeIndex(0)]);
            }
        }
    }
    for share in shares {
        session.verify_share(share).unwrap();
    }
}

#[test]
fn blames_every_kind_of_wrong_share_on_both_curves() {
    blames_every_kind_of_wrong_share::<Secp256k1>();
    blames_every_kind_of_wrong_share::<Secp256r1>();
}

#[test]
fn signs_despite_1_to_f_wrong_shares_and_names_them() {
    for nodes in [4u16, 13, 34] {
        let mut dealer = Dealer::<Secp256k1>::new(nodes, 9);
        let (f, needed) = (dealer.committee.faulty(), dealer.committee.low().shares());
        for bad in [1, f.div_ceil(2), f] {
            let (session, mut shares) = dealer.signed([bad as u8; 32]);
            shares.truncate(needed + bad);
            for share in &mut shares[..bad] {
                let random = dealer.scalar();
                *share = with_scalar(share, 0, |_| random);
            }
            let mut combiner = combiner(&session, shares);
            let signature = combiner.combine().unwrap();
            signature
                .verify(session.derived_key(), session.message_hash())
                .unwrap();
            let named: Vec<_> = (0..bad as u16).map(NodeIndex).collect();
            assert_eq!(combiner.culprits(), named);
        }
    }
}

/// Errors that cancel do no harm: what comes out is the signature.
#[test]
fn wrong_shares_that_cancel_each_other_change_nothing() {
    let mut dealer = Dealer::<Secp256k1>::new(13, 15);
    let (session, mut shares) = dealer.signed([1; 32]);
    let honest = combiner(&session, shares[8..].to_vec()).combine();
    // The polynomial that is 1 at 1, 2, 3, 4 and 0 at 5 is 0 at 0.
    for share in &mut shares[..4] {
        *share = with_scalar(share, 0, |value| value + Scalar::ONE);
    }
    let mut combiner = combiner(&session, shares);
    assert_eq!(combiner.combine(), honest);
    assert!(combiner.culprits().is_empty());
}

/// Two wrong shares can be chosen so that the others seem to fit together without an honest third.
#[test]
fn two_liars_cannot_frame_an_honest_node() {
    let mut dealer = Dealer::<Secp256k1>::new(4, 16);
    let (session, mut shares) = dealer.signed([1; 32]);
    // Errors at x = 2 and x = 3 that interpolate to zero: 3 a - 2 b = 0.
    let error = dealer.scalar();
    let two = error + error;
    shares[1] = with_scalar(&shares[1], 0, |value| value + two);
    shares[2] = with_scalar(&shares[2], 0, |value| value + two + error);
    let last = shares.pop().unwrap();
    let mut combiner = combiner(&session, shares);
    let named = [NodeIndex(1), NodeIndex(2)];
    assert_eq!(combiner.combine().unwrap_err().culprits(), named);
    combiner.add(last).unwrap();
    combiner.combine().unwrap();
    assert_eq!(combiner.culprits(), named);
}

#[test]
fn one_wrong_share_too_many_leaves_no_signature() {
    let mut dealer = Dealer::<Secp256k1>::new(13, 10);
    let (session, mut shares) = dealer.signed([1; 32]);
    shares.truncate(5);
    shares[3] = with_scalar(&shares[3], 2, |value| value + Scalar::ONE);
    let error = combiner(&session, shares).combine().unwrap_err();
    let expected = SharesError::TooFewGoodShares {
        needed: 5,
        good: 4,
        culprits: vec![NodeIndex(3)],
    };
    assert_eq!(error, expected.into());
}

#[test]
fn nodes_with_split_views_of_the_randomness_do_not_sign_together() {
    let mut dealer = Dealer::<Secp256k1>::new(4, 11);
    let dealing = dealer.presignature();
    let public = dealing.public.clone();
    let request = dealer.request([1; 32]);
    let view = |randomness: u8| {
        let bound = request.clone().bind(public.clone()).unwrap();
        bound.rerandomize(&[randomness; 32]).unwrap()
    };
    let (left, right) = (view(1), view(2));
    assert_ne!(left.id(), right.id());
    let stray = dealing.part(NodeIndex(3)).sign(&right).unwrap();
    let good = dealing.part(NodeIndex(2)).sign(&left).unwrap();
    let mut combiner = combiner(&left, [good]);
    let refused = combiner.add(stray.clone()).unwrap_err();
    assert_eq!(refused, EcdsaError::OtherSession(NodeIndex(3)));
    // Lying about the session is found out.
    combiner
        .add(relabelled(&stray, NodeIndex(3), &left))
        .unwrap();
    let error = combiner.combine().unwrap_err();
    assert_eq!(error.culprits(), [NodeIndex(3)]);
}

#[test]
fn burns_presignatures_that_can_make_no_signature() {
    let mut dealer = Dealer::<Secp256k1>::new(4, 12);
    let good = dealer.values();
    let wrong_product = Values {
        kappa_lambda: good.kappa_lambda + Scalar::ONE,
        ..good
    };
    let wrong_key_product = Values {
        x_lambda: good.x_lambda + Scalar::ONE,
        ..good
    };
    let no_mask = Values {
        lambda: Scalar::ZERO,
        kappa_lambda: Scalar::ZERO,
        x_lambda: Scalar::ZERO,
        ..good
    };
    for (values, burn) in [
        (wrong_product, Burn::Contradiction),
        (wrong_key_product, Burn::Contradiction),
        (no_mask, Burn::MuZero),
    ] {
        let dealing = dealer.deal(values);
        let request = dealer.request([1; 32]);
        let (session, shares) = dealer.signed_with(&dealing, request);
        let mut combiner = combiner(&session, shares);
        let error = combiner.combine().unwrap_err();
        assert_eq!(error, EcdsaError::Burned(burn));
        assert!(combiner.culprits().is_empty() && error.culprits().is_empty());
    }
}

/// Groth and Shoup, eprint 2021/1330: (r, s) of hash e under tweak w is also one of e' under w' when e + r w = e' + r w'. Who knows r
/// before asking can look for messages whose hashes are so related.
#[test]
fn the_attack_on_additive_derivation_needs_a_nonce_that_is_not_known_in_time() {
    let mut dealer = Dealer::<Secp256k1>::new(4, 13);
    let hash = [5; 32];
    let e = Secp256k1::scalar_from_bytes(&hash).unwrap();
    let values = dealer.values();
    let x_of = |point: k256::ProjectivePoint| {
        Secp256k1::scalar_from_bytes(&Secp256k1::point_to_bytes(&point)[1..]).unwrap()
    };
    let (tweak, target) = (dealer.scalar(), dealer.scalar());
    let related = |rho: Scalar| Secp256k1::scalar_to_bytes(&(e + rho * (tweak - target)));
    let target_key = dealer.key.public_key() + Secp256k1::mul_base(&target);

    // The attacker knows kappa G when it asks, and relates its hashes by that.
    let known_in_time = x_of(Secp256k1::mul_base(&values.kappa));
    let dealing = dealer.deal(values);
    let request = dealer.request_with_tweak(hash, tweak);
    let (session, shares) = dealer.signed_with(&dealing, request);
    let signature = combiner(&session, shares).combine().unwrap();
    let attack = signature.verify(&target_key, &related(known_in_time));
    assert_eq!(attack, Err(EcdsaError::BadSignature));

    // The control: by the nonce in the signature they are related, but then the signature is made, and no message has that hash.
    let known_too_late = Secp256k1::scalar_from_bytes(&signature.to_bytes()[..32]).unwrap();
    assert_ne!(known_in_time, known_too_late);
    signature
        .verify(&target_key, &related(known_too_late))
        .unwrap();
}

#[test]
fn the_nonce_depends_on_everything_that_is_asked() {
    let mut dealer = Dealer::<Secp256k1>::new(4, 14);
    let dealing = dealer.presignature();
    let public = dealing.public.clone();
    let request = dealer.request([1; 32]);
    let mut ids = std::collections::BTreeSet::new();
    let mut other_tweak = dealer.request([1; 32]);
    other_tweak.id = request.id.clone();
    let mut other_hash = request.clone();
    other_hash.message_hash = [2; 32];
    for (request, randomness) in [
        (request.clone(), 1),
        (request, 2),
        (other_tweak, 1),
        (other_hash, 1),
    ] {
        let bound = request.bind(public.clone()).unwrap();
        ids.insert(bound.rerandomize(&[randomness; 32]).unwrap().id());
    }
    assert_eq!(ids.len(), 4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_f_wrong_shares_in_any_order_do_not_hinder_a_signature(
        seed in any::<u64>(),
        f in 1usize..5,
        order in Just((0..13usize).collect::<Vec<_>>()).prop_shuffle(),
        bad in proptest::collection::vec((any::<bool>(), 0usize..4), 4),
    ) {
        let mut dealer = Dealer::<Secp256k1>::new(3 * f as u16 + 1, seed);
        let (session, mut shares) = dealer.signed([1; 32]);
        let mut liars = std::collections::BTreeSet::new();
        for (node, (lies, which)) in bad.into_iter().take(f).enumerate() {
            if lies {
                let random = dealer.scalar();
                shares[node] = with_scalar(&shares[node], which, |_| random);
                liars.insert(NodeIndex(node as u16));
            }
        }
        // Shares arrive one by one; as soon as f + 1 good ones are there, there is a signature.
        let mut combiner = combiner(&session, []);
        let (mut good, mut signature) = (0, None);
        for node in order.into_iter().filter(|node| *node < shares.len()) {
            good += usize::from(!liars.contains(&NodeIndex(node as u16)));
            combiner.add(shares[node].clone()).unwrap();
            match combiner.combine() {
                Ok(made) => {
                    signature = Some(made);
                    break;
                }
                Err(error) => {
                    prop_assert!(good <= f);
                    prop_assert!(error.culprits().iter().all(|node| liars.contains(node)));
                }
            }
        }
        prop_assert!(signature.is_some());
        prop_assert!(combiner.culprits().iter().all(|node| liars.contains(node)));
    }
}
