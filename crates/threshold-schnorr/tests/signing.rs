//! Signatures of every size of committee, verified by other people's libraries.

mod dealer;

use chainkey_algebra::Curve;
use chainkey_threshold_schnorr::{Bip340, Ed25519, Scheme, TaprootRoot};
use dealer::{Dealer, Verifier, combiner};

fn any_f_plus_1_nodes_sign<S: Verifier>() {
    for (nodes, rounds) in [(1, 4), (4, 16), (7, 4), (13, 3), (34, 2), (40, 1)] {
        let mut dealer = Dealer::<S>::new(nodes, u64::from(nodes));
        for round in 0..rounds {
            let message = [round as u8 + 1; 32];
            let (session, shares) = dealer.signed(&message);
            let needed = dealer.committee.low().shares();
            let signers = shares.into_iter().cycle().skip(5 * round).take(needed);
            let signature = combiner(&session, signers).combine().unwrap();
            let key = session.output_key();
            assert!(
                S::accepts(key, &message, &signature),
                "n = {nodes}, {round}"
            );
            assert!(!S::accepts(key, b"another", &signature));
            assert!(!S::accepts(&dealer.key.public_key(), &message, &signature));
            S::verify(key, &message, &signature).unwrap();
            assert!(S::verify(key, b"another", &signature).is_err());
        }
    }
}

#[test]
fn any_f_plus_1_nodes_sign_with_bip340() {
    any_f_plus_1_nodes_sign::<Bip340>();
}

#[test]
fn any_f_plus_1_nodes_sign_with_ed25519() {
    any_f_plus_1_nodes_sign::<Ed25519>();
}

fn messages_have_any_length<S: Verifier>() {
    let mut dealer = Dealer::<S>::new(4, 2);
    for length in [0, 1, 31, 32, 33, 64, 100, 1000, 100_000] {
        let message = vec![length as u8; length];
        let (session, shares) = dealer.signed(&message);
        let signature = combiner(&session, shares).combine().unwrap();
        assert!(S::accepts(session.output_key(), &message, &signature));
    }
}

#[test]
fn messages_have_any_length_in_both_schemes() {
    messages_have_any_length::<Bip340>();
    messages_have_any_length::<Ed25519>();
}

fn every_choice_of_signers_gives_the_same_signature<S: Verifier>() {
    let mut dealer = Dealer::<S>::new(4, 17);
    let (session, shares) = dealer.signed(b"message");
    let signatures: Vec<_> = (0..4)
        .flat_map(|a| (0..a).map(move |b| (a, b)))
        .map(|(a, b)| {
            let pair = [shares[a].clone(), shares[b].clone()];
            combiner(&session, pair).combine().unwrap()
        })
        .collect();
    assert_eq!(signatures.len(), 6);
    assert!(signatures.windows(2).all(|pair| pair[0] == pair[1]));
    assert!(S::accepts(session.output_key(), b"message", &signatures[0]));
}

#[test]
fn every_choice_of_signers_gives_the_same_signature_in_both_schemes() {
    every_choice_of_signers_gives_the_same_signature::<Bip340>();
    every_choice_of_signers_gives_the_same_signature::<Ed25519>();
}

#[test]
fn two_signatures_of_one_message_differ() {
    let mut dealer = Dealer::<Ed25519>::new(4, 3);
    let tweak = dealer.scalar();
    let signatures = [(); 2].map(|()| {
        let (dealing, request) = (dealer.deal(), dealer.request_with_tweak(b"message", tweak));
        let (session, shares) = dealer.signed_with(&dealing, request);
        combiner(&session, shares).combine().unwrap()
    });
    assert_ne!(signatures[0], signatures[1]);
}

/// The C library tweaks the key by itself.
#[test]
fn signs_under_taproot_output_keys_with_and_without_a_script_tree() {
    let mut dealer = Dealer::<Bip340>::new(4, 4);
    let mut parities = std::collections::BTreeSet::new();
    for round in 0..24u8 {
        let root: &[u8] = if round % 2 == 0 { &[] } else { &[round; 32] };
        let mut request = dealer.request(b"spend");
        request.aux = Some(TaprootRoot::new(root).unwrap());
        let derived = chainkey_algebra::Secp256k1::point_to_bytes(&request.derived_key);
        let dealing = dealer.deal();
        let (session, shares) = dealer.signed_with(&dealing, request);
        let signature = combiner(&session, shares).combine().unwrap();

        let mut x = [0; 32];
        x.copy_from_slice(&derived[1..]);
        let internal = secp256k1::XOnlyPublicKey::from_byte_array(x).unwrap();
        let tag = <sha2::Sha256 as sha2::Digest>::digest(b"TapTweak");
        let hashed = [&tag[..], &tag[..], &x[..], root].concat();
        let tweak = <sha2::Sha256 as sha2::Digest>::digest(hashed);
        let tweak = secp256k1::Scalar::from_be_bytes(tweak.into()).unwrap();
        let (output, parity) = internal.add_tweak(&tweak).unwrap();
        assert_eq!(
            output.to_byte_array(),
            Bip340::key_to_bytes(session.output_key())
        );
        let signature = secp256k1::schnorr::Signature::from_byte_array(signature);
        secp256k1::schnorr::verify(&signature, b"spend", &output).unwrap();
        parities.insert((derived[0], parity == secp256k1::Parity::Odd));
    }
    // Both parities of the internal key and of the output key came up.
    assert_eq!(parities.len(), 4);
}

#[test]
fn a_taproot_signature_is_none_of_the_internal_key() {
    let mut dealer = Dealer::<Bip340>::new(4, 5);
    let mut request = dealer.request(b"spend");
    request.aux = Some(TaprootRoot::new(&[]).unwrap());
    let internal = request.derived_key;
    let dealing = dealer.deal();
    let (session, shares) = dealer.signed_with(&dealing, request);
    let signature = combiner(&session, shares).combine().unwrap();
    assert!(!Bip340::accepts(&internal, b"spend", &signature));
    assert!(Bip340::accepts(session.output_key(), b"spend", &signature));
}
