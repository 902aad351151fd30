//! What dishonest nodes, callers and users may try while signing.

mod dealer;

use chainkey_algebra::robust::SharesError;
use chainkey_algebra::{Curve, NodeIndex};
use chainkey_threshold_schnorr::{
    Bip340, Ed25519, Point, Scalar, Scheme, SchnorrError, SignatureShare, TaprootRoot,
};
use dealer::{Dealer, Verifier, combiner, relabelled, with_scalar};
use proptest::prelude::*;

#[test]
fn refuses_a_presignature_of_another_key_or_transcript() {
    let mut ours = Dealer::<Ed25519>::new(4, 1);
    let mut theirs = Dealer::<Ed25519>::new(4, 2);
    let foreign = theirs.deal();
    let request = ours.request(b"message");
    let refused = request.bind(foreign.public.clone()).unwrap_err();
    assert_eq!(refused, SchnorrError::OtherKey);
    // A node's part does not sign in a session of another key either, whichever key share it is given.
    let (session, _) = ours.signed(b"message");
    for key in [&ours.key_shares[0], &theirs.key_shares[0]] {
        let refused = foreign.part(NodeIndex(0)).sign(key, &session).unwrap_err();
        assert_eq!(refused, SchnorrError::OtherKey);
    }
}

#[test]
fn refuses_to_sign_in_a_session_of_another_presignature_or_for_another_node() {
    let mut dealer = Dealer::<Bip340>::new(4, 3);
    let (session, _) = dealer.signed(b"message");
    let other = dealer.deal();
    let refused = other
        .part(NodeIndex(0))
        .sign(&dealer.key_shares[0], &session);
    assert_eq!(refused.unwrap_err(), SchnorrError::OtherPresignature);
    let bound = dealer
        .request(b"message")
        .bind(other.public.clone())
        .unwrap();
    let session = bound.rerandomize(&[1; 32]).unwrap();
    let refused = other
        .part(NodeIndex(0))
        .sign(&dealer.key_shares[1], &session);
    let expected = SchnorrError::OtherNode {
        key: NodeIndex(1),
        presignature: NodeIndex(0),
    };
    assert_eq!(refused.unwrap_err(), expected);
}

#[test]
fn refuses_a_derived_key_that_does_not_follow_from_the_tweak() {
    let mut dealer = Dealer::<Bip340>::new(4, 4);
    let dealing = dealer.deal();
    let mut request = dealer.request(b"message");
    request.tweak += k256_one();
    let refused = request.bind(dealing.public.clone()).unwrap_err();
    assert_eq!(refused, SchnorrError::DerivedKey);
    // Nor one that is the identity.
    let request = dealer.request_with_tweak(b"message", -dealer.secret_key);
    let refused = request.bind(dealing.public.clone()).unwrap_err();
    assert_eq!(refused, SchnorrError::DerivedKey);
}

fn k256_one() -> chainkey_threshold_schnorr::Scalar<Bip340> {
    1u64.into()
}

#[test]
fn refuses_shares_replayed_from_any_other_session() {
    let mut dealer = Dealer::<Bip340>::new(4, 5);
    let dealing = dealer.deal();
    let request = dealer.request(b"message");
    let session = |request: chainkey_threshold_schnorr::SigningRequest<_>, randomness: u8| {
        let bound = request.bind(dealing.public.clone()).unwrap();
        bound.rerandomize(&[randomness; 32]).unwrap()
    };
    let mut other_id = request.clone();
    other_id.id.push(0);
    let mut other_message = request.clone();
    other_message.message.push(0);
    let mut other_tweak = dealer.request(b"message");
    other_tweak.id = request.id.clone();
    let mut other_aux = request.clone();
    other_aux.aux = Some(TaprootRoot::new(&[]).unwrap());
    let mut other_root = request.clone();
    other_root.aux = Some(TaprootRoot::new(&[0; 32]).unwrap());
    let original = session(request.clone(), 1);
    let others = [
        session(other_id, 1),
        session(other_message, 1),
        session(other_tweak, 1),
        session(other_aux, 1),
        session(other_root, 1),
        session(request, 2),
        dealer.signed(b"message").0,
    ];
    let sign = |index: usize| {
        let key = &dealer.key_shares[index];
        dealing.part(key.node()).sign(key, &original).unwrap()
    };
    let (share, good) = (sign(0), sign(1));
    let mut ids = std::collections::BTreeSet::from([original.id()]);
    for other in &others {
        // The nonce, too, depends on everything that is asked.
        assert!(ids.insert(other.id()));
        let refused = combiner(other, []).add(share.clone()).unwrap_err();
        assert_eq!(refused, SchnorrError::OtherSession(NodeIndex(0)));
        assert!(refused.culprits().is_empty());
        // Claiming the other session does not help: the value does not fit.
        let forged = relabelled(&share, NodeIndex(0), other);
        let refused = other.verify_share(forged).unwrap_err();
        assert_eq!(refused, SharesError::WrongShare(NodeIndex(0)).into());
    }
    assert!(combiner(&original, [share, good]).combine().is_ok());
}

#[test]
fn refuses_strangers_and_second_shares_of_a_node() {
    let mut dealer = Dealer::<Ed25519>::new(4, 6);
    let (session, shares) = dealer.signed(b"message");
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
    let mut dealer = Dealer::<Ed25519>::new(7, 7);
    let (session, mut shares) = dealer.signed(b"message");
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

/// Every kind of wrong share that node 0 might send in a session.
fn wrong_shares<S: Scheme>(
    dealer: &mut Dealer<S>,
    session: &chainkey_threshold_schnorr::Rerandomized<S>,
    shares: &[SignatureShare<S>],
) -> Vec<SignatureShare<S>> {
    let node = NodeIndex(0);
    let message = session.message().to_vec();
    let random = dealer.scalar();
    let (_, of_other_presignature) = dealer.signed(&message);
    let (_, of_other_message) = dealer.signed(b"other");
    vec![
        relabelled(&shares[1], node, session),
        relabelled(&of_other_presignature[0], node, session),
        relabelled(&of_other_message[0], node, session),
        with_scalar(&shares[0], |_| random),
        with_scalar(&shares[0], |s| s + <S::Curve as Curve>::Scalar::from(1)),
        with_scalar(&shares[0], |s| -s),
        with_scalar(&shares[0], |_| <S::Curve as Curve>::Scalar::from(0)),
    ]
}

fn blames_every_kind_of_wrong_share<S: Verifier>() {
    // Several sessions, so that every negation is met.
    for seed in 0..8 {
        let mut dealer = Dealer::<S>::new(4, seed);
        let (session, shares) = dealer.signed(b"message");
        for wrong in wrong_shares(&mut dealer, &session, &shares) {
            let refused = session.verify_share(wrong.clone()).unwrap_err();
            assert_eq!(refused, SharesError::WrongShare(NodeIndex(0)).into());
            assert_eq!(refused.culprits(), [NodeIndex(0)]);
            let mut combiner = combiner(&session, [wrong, shares[2].clone()]);
            let error = combiner.combine().unwrap_err();
            assert_eq!(error.culprits(), [NodeIndex(0)]);
            let again = combiner.add(shares[0].clone()).unwrap_err();
            assert_eq!(again, SharesError::DuplicateNode(NodeIndex(0)).into());
            combiner.add(shares[3].clone()).unwrap();
            combiner.combine().unwrap();
            assert_eq!(combiner.culprits(), [NodeIndex(0)]);
        }
        for share in shares {
            session.verify_share(share).unwrap();
        }
    }
}

#[test]
fn blames_every_kind_of_wrong_share_in_both_schemes() {
    blames_every_kind_of_wrong_share::<Bip340>();
    blames_every_kind_of_wrong_share::<Ed25519>();
}

fn signs_despite_1_to_f_wrong_shares<S: Verifier>() {
    for nodes in [4u16, 13, 34] {
        let mut dealer = Dealer::<S>::new(nodes, 9);
        let (f, needed) = (dealer.committee.faulty(), dealer.committee.low().shares());
        for bad in [1, f.div_ceil(2), f] {
            let (session, mut shares) = dealer.signed(b"message");
            shares.truncate(needed + bad);
            for share in &mut shares[..bad] {
                let random = dealer.scalar();
                *share = with_scalar(share, |_| random);
            }
            let mut combiner = combiner(&session, shares);
            let signature = combiner.combine().unwrap();
            S::verify(session.output_key(), b"message", &signature).unwrap();
            let named: Vec<_> = (0..bad as u16).map(NodeIndex).collect();
            assert_eq!(combiner.culprits(), named);
        }
    }
}

#[test]
fn signs_despite_1_to_f_wrong_shares_and_names_them() {
    signs_despite_1_to_f_wrong_shares::<Bip340>();
    signs_despite_1_to_f_wrong_shares::<Ed25519>();
}

/// Two wrong shares can be chosen so that the others seem to fit together without an honest third.
#[test]
fn two_liars_cannot_frame_an_honest_node() {
    let mut dealer = Dealer::<Bip340>::new(4, 16);
    let (session, mut shares) = dealer.signed(b"message");
    // Errors at x = 2 and x = 3 that interpolate to zero: 3 a - 2 b = 0.
    let error = dealer.scalar();
    let two = error + error;
    shares[1] = with_scalar(&shares[1], |value| value + two);
    shares[2] = with_scalar(&shares[2], |value| value + two + error);
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
    let mut dealer = Dealer::<Ed25519>::new(13, 10);
    let (session, mut shares) = dealer.signed(b"message");
    shares.truncate(5);
    shares[3] = with_scalar(&shares[3], |s| -s);
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
    let mut dealer = Dealer::<Bip340>::new(4, 11);
    let dealing = dealer.deal();
    let request = dealer.request(b"message");
    let view = |randomness: u8| {
        let bound = request.clone().bind(dealing.public.clone()).unwrap();
        bound.rerandomize(&[randomness; 32]).unwrap()
    };
    let (left, right) = (view(1), view(2));
    let keys = &dealer.key_shares;
    let stray = dealing.part(NodeIndex(3)).sign(&keys[3], &right).unwrap();
    let good = dealing.part(NodeIndex(2)).sign(&keys[2], &left).unwrap();
    let mut combiner = combiner(&left, [good]);
    let refused = combiner.add(stray.clone()).unwrap_err();
    assert_eq!(refused, SchnorrError::OtherSession(NodeIndex(3)));
    // Lying about the session is found out.
    combiner
        .add(relabelled(&stray, NodeIndex(3), &left))
        .unwrap();
    let error = combiner.combine().unwrap_err();
    assert_eq!(error.culprits(), [NodeIndex(3)]);
}

/// The attack of Benhamouda and others (eprint 2020/945) on nonces that are known before the messages are chosen, as eprint 2023/1019
/// applies it to presignatures. From 253 nonces and two messages for each the attacker gets as many equations as the challenge
/// has bits, and combines the answers to a signature that nobody gave.
struct Attacker {
    nonces: Vec<Point<Ed25519>>,
    key: Point<Ed25519>,
    factors: Vec<Scalar<Ed25519>>,
    bits: Vec<bool>,
}

impl Attacker {
    const FORGED: &[u8] = b"nobody signed this";

    fn message(index: usize, bit: bool) -> Vec<u8> {
        format!("message {index} {bit}").into_bytes()
    }

    fn new(nonces: Vec<Point<Ed25519>>, key: Point<Ed25519>) -> Self {
        let challenge = |nonce, message: &[u8]| Ed25519::challenge(nonce, &key, message);
        let mut power = Scalar::<Ed25519>::ONE;
        let mut constant = Scalar::<Ed25519>::ZERO;
        let mut factors = Vec::new();
        for (index, nonce) in nonces.iter().enumerate() {
            let zero = challenge(nonce, &Self::message(index, false));
            let one = challenge(nonce, &Self::message(index, true));
            let factor = power * (one - zero).invert();
            constant += factor * zero;
            factors.push(factor);
            power += power;
        }
        // The factors times the challenges are 2^0 b_0 + 2^1 b_1 + ... + constant: the bits can make that any number.
        let nonce = chainkey_algebra::Ed25519::msm_vartime(&factors, &nonces);
        let wanted = (challenge(&nonce, Self::FORGED) - constant).to_bytes();
        let bits = (0..nonces.len()).map(|bit| wanted[bit / 8] >> (bit % 8) & 1 == 1);
        Attacker {
            bits: bits.collect(),
            nonces,
            key,
            factors,
        }
    }

    fn chosen(&self, index: usize) -> Vec<u8> {
        Self::message(index, self.bits[index])
    }

    /// Whether these answers make the forged signature.
    fn succeeds(&self, answers: &[Scalar<Ed25519>]) -> bool {
        let nonce = chainkey_algebra::Ed25519::msm_vartime(&self.factors, &self.nonces);
        let products = self.factors.iter().zip(answers).map(|(a, b)| a * b);
        let signature = Ed25519::encode(&nonce, &products.sum());
        let accepted = Ed25519::accepts(&self.key, Self::FORGED, &signature);
        assert_eq!(
            accepted,
            Ed25519::verify(&self.key, Self::FORGED, &signature).is_ok()
        );
        accepted
    }
}

#[test]
fn the_attack_on_presigned_nonces_needs_nonces_that_are_not_known_in_time() {
    let mut dealer = Dealer::<Ed25519>::new(4, 14);
    let dealings: Vec<_> = (0..253).map(|_| dealer.deal()).collect();
    let nonce = |index: usize| chainkey_algebra::Ed25519::mul_base(dealings[index].nonce());
    let key = dealer.key.public_key();
    let attacker = Attacker::new((0..253).map(nonce).collect(), key);

    // The control: against signers who use the nonces as they are, it works.
    let careless: Vec<_> = (0..253)
        .map(|index| {
            let challenge = Ed25519::challenge(&nonce(index), &key, &attacker.chosen(index));
            dealings[index].nonce() + challenge * dealer.secret_key
        })
        .collect();
    assert!(attacker.succeeds(&careless));

    // Ours shift them by what is drawn after the messages are bound.
    let answers: Vec<_> = (0..253)
        .map(|index| {
            let request = dealer.request_with_tweak(&attacker.chosen(index), 0u64.into());
            let (session, shares) = dealer.signed_with(&dealings[index], request);
            let signature = combiner(&session, shares).combine().unwrap();
            let s: Vec<u8> = signature[32..].iter().rev().copied().collect();
            chainkey_algebra::Ed25519::scalar_from_bytes(&s).unwrap()
        })
        .collect();
    assert!(!attacker.succeeds(&answers));
}

#[test]
fn a_key_share_that_does_not_open_the_key_is_refused() {
    use chainkey_algebra::{Secret, commitment::SimpleShare};
    use chainkey_threshold_schnorr::KeyShare;
    let mut dealer = Dealer::<Bip340>::new(4, 13);
    let value = Secret::new(dealer.scalar());
    let share = SimpleShare { value };
    let refused = KeyShare::new(dealer.key.clone(), NodeIndex(2), share.clone()).unwrap_err();
    assert_eq!(refused, SharesError::WrongShare(NodeIndex(2)).into());
    let refused = KeyShare::new(dealer.key.clone(), NodeIndex(4), share).unwrap_err();
    assert_eq!(refused, SharesError::UnknownNode(NodeIndex(4)).into());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_f_wrong_shares_in_any_order_do_not_hinder_a_signature(
        seed in any::<u64>(),
        f in 1usize..5,
        order in Just((0..13usize).collect::<Vec<_>>()).prop_shuffle(),
        bad in proptest::collection::vec(any::<bool>(), 4),
    ) {
        let mut dealer = Dealer::<Ed25519>::new(3 * f as u16 + 1, seed);
        let (session, mut shares) = dealer.signed(b"message");
        let mut liars = std::collections::BTreeSet::new();
        for (node, lies) in bad.into_iter().take(f).enumerate() {
            if lies {
                let random = dealer.scalar();
                shares[node] = with_scalar(&shares[node], |_| random);
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
