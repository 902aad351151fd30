//! Signatures of every size of committee, verified by other people's libraries.

mod dealer;

use chainkey_algebra::{Curve, Secp256k1, Secp256r1};
use chainkey_threshold_ecdsa::Signature;
use dealer::{Dealer, Verifier, combiner};

fn any_f_plus_1_nodes_sign<C: Verifier>() {
    for (nodes, rounds) in [(1, 3), (4, 12), (7, 4), (13, 3), (34, 1), (40, 1)] {
        let mut dealer = Dealer::<C>::new(nodes, u64::from(nodes));
        for round in 0..rounds {
            let hash = [round as u8 + 1; 32];
            let (session, shares) = dealer.signed(hash);
            let needed = dealer.committee.low().shares();
            let signers = shares.into_iter().cycle().skip(5 * round).take(needed);
            let signature = combiner(&session, signers).combine().unwrap();
            let bytes = signature.to_bytes();
            let key = session.derived_key();
            assert!(C::accepts(key, &hash, &bytes), "n = {nodes}, {round}");
            assert!(!C::accepts(key, &[99; 32], &bytes));
            assert!(!C::accepts(&dealer.key.public_key(), &hash, &bytes));
            assert_eq!(Signature::<C>::from_bytes(&bytes), Ok(signature));
        }
    }
}

#[test]
fn any_f_plus_1_nodes_sign_over_secp256k1() {
    any_f_plus_1_nodes_sign::<Secp256k1>();
}

#[test]
fn any_f_plus_1_nodes_sign_over_secp256r1() {
    any_f_plus_1_nodes_sign::<Secp256r1>();
}

fn every_choice_of_signers_gives_the_same_signature<C: Verifier>() {
    let mut dealer = Dealer::<C>::new(4, 17);
    let (session, shares) = dealer.signed([3; 32]);
    let signatures: Vec<_> = (0..4)
        .flat_map(|a| (0..a).map(move |b| (a, b)))
        .map(|(a, b)| {
            let pair = [shares[a].clone(), shares[b].clone()];
            combiner(&session, pair).combine().unwrap().to_bytes()
        })
        .collect();
    assert_eq!(signatures.len(), 6);
    assert!(signatures.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(C::accepts(session.derived_key(), &[3; 32], &signatures[0]));
}

#[test]
fn every_choice_of_signers_gives_the_same_signature_on_both_curves() {
    every_choice_of_signers_gives_the_same_signature::<Secp256k1>();
    every_choice_of_signers_gives_the_same_signature::<Secp256r1>();
}

#[test]
fn signs_under_the_master_key_when_the_tweak_is_zero_and_hashes_at_the_edges() {
    for hash in [[0; 32], [0xff; 32]] {
        let mut dealer = Dealer::<Secp256k1>::new(4, 21);
        let dealing = dealer.presignature();
        let request = dealer.request_with_tweak(hash, 0u64.into());
        let (session, shares) = dealer.signed_with(&dealing, request);
        let signature = combiner(&session, shares).combine().unwrap();
        let master = dealer.key.public_key();
        assert!(Secp256k1::accepts(&master, &hash, &signature.to_bytes()));
    }
}

#[test]
fn our_verifier_agrees_with_the_others_on_their_signatures() {
    use p256::ecdsa::signature::hazmat::PrehashSigner;
    let hash = [7; 32];
    let secret = secp256k1::SecretKey::from_secret_bytes([9; 32]).unwrap();
    let key = secp256k1::PublicKey::from_secret_key(&secret).serialize();
    let key = Secp256k1::point_from_bytes(&key).unwrap();
    let message = secp256k1::Message::from_digest(hash);
    let bytes = secp256k1::ecdsa::sign(message, &secret).serialize_compact();
    let signature = Signature::<Secp256k1>::from_bytes(&bytes).unwrap();
    signature.verify(&key, &hash).unwrap();
    assert!(signature.verify(&key, &[8; 32]).is_err());

    let secret = p256::ecdsa::SigningKey::from_slice(&[9; 32]).unwrap();
    let key = secret.verifying_key().to_encoded_point(true);
    let key = Secp256r1::point_from_bytes(key.as_bytes()).unwrap();
    let signature: p256::ecdsa::Signature = secret.sign_prehash(&hash).unwrap();
    let signature = signature.normalize_s().unwrap_or(signature);
    let signature = Signature::<Secp256r1>::from_bytes(&signature.to_bytes()).unwrap();
    signature.verify(&key, &hash).unwrap();
    assert!(signature.verify(&key, &[8; 32]).is_err());
}

#[test]
fn refuses_zeros_and_the_higher_s_and_the_identity_as_key() {
    let mut dealer = Dealer::<Secp256k1>::new(4, 23);
    let (session, shares) = dealer.signed([1; 32]);
    let signature = combiner(&session, shares).combine().unwrap();
    let bytes = signature.to_bytes();
    for half in [0..32, 32..64] {
        let mut zero = bytes;
        zero[half.clone()].fill(0);
        assert!(Signature::<Secp256k1>::from_bytes(&zero).is_err());
        let mut unreduced = bytes;
        unreduced[half].fill(0xff);
        assert!(Signature::<Secp256k1>::from_bytes(&unreduced).is_err());
    }
    let s = Secp256k1::scalar_from_bytes(&bytes[32..]).unwrap();
    let mut high = bytes;
    high[32..].copy_from_slice(&Secp256k1::scalar_to_bytes(&-s));
    assert!(Signature::<Secp256k1>::from_bytes(&high).is_err());
    assert!(Signature::<Secp256k1>::from_bytes(&bytes[..63]).is_err());
    let identity = k256::ProjectivePoint::IDENTITY;
    assert!(signature.verify(&identity, &[1; 32]).is_err());
}
