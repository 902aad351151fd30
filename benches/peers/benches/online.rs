//! Signatures from the stock: ECDSA, BIP340 and Ed25519.
//!
//! - "combiner": what the one node does that puts a signature together: its session (derivation and rerandomization), the shares of f + 1 nodes decoded,
//!   combined, and the signature verified.
//! - "sign": the same and, for each of f + 1 nodes, its share; "alone" with a session of its own for each of them, "shared" with one for all.
//! - "combiner_one_bad": the combiner with one wrong share among f + 2. "combine", "combine_one_bad": the same without session and decoding.

use crate::measure::Figures;
use crate::rounds::Public;
use crate::{ecdsa_dealer as ecdsa, schnorr_dealer as schnorr};
use chainkey_algebra::{Curve, NodeIndex, Secp256k1};
use chainkey_threshold_ecdsa as ours_ecdsa;
use chainkey_threshold_schnorr::{self as ours_schnorr, Bip340, Ed25519, Scalar, Scheme};

/// Measures them for 4, 13 and 34 nodes.
pub fn measure(figures: &mut Figures) {
    for nodes in [4, 13, 34] {
        ecdsa_of(figures, nodes);
        schnorr_of::<Bip340>(figures, nodes, "bip340");
        schnorr_of::<Ed25519>(figures, nodes, "ed25519");
    }
}

/// Sessions that the nodes of one signature make.
fn sessions(public: Public, needed: usize) -> std::ops::Range<usize> {
    match public {
        Public::Alone => 0..needed,
        Public::Shared => 0..1,
    }
}

fn ecdsa_of(figures: &mut Figures, nodes: u16) {
    let mut dealer = ecdsa::Dealer::<Secp256k1>::new(nodes, 1);
    let needed = dealer.committee.low().shares();
    let (request, dealing) = (dealer.request([1; 32]), dealer.presignature());
    let begin = || {
        let bound = request.clone().bind(dealing.public.clone()).unwrap();
        bound.rerandomize(&[3; 32]).unwrap()
    };
    let receive = |bytes: &Vec<u8>| ours_ecdsa::SignatureShare::decode(bytes).unwrap();
    let parts = |count| (0..count as u16).map(|node| dealing.part(NodeIndex(node)));
    let session = begin();
    let shares = parts(needed + 1).map(|part| part.sign(&session).unwrap());
    let mut bad: Vec<_> = shares.collect();
    let clean = bad[..needed].to_vec();
    let one = <Secp256k1 as Curve>::Scalar::from(1u64);
    bad[0] = ecdsa::with_scalar(&bad[0], 0, |value| value + one);
    for (what, shares) in [("", clean), ("_one_bad", bad)] {
        let sent: Vec<Vec<u8>> = shares.iter().map(|share| share.encode()).collect();
        figures.of(&format!("ecdsa_combiner{what}_n{nodes}"), || {
            let session = begin();
            let shares = sent.iter().map(receive);
            ecdsa::unwatched(&session, shares).combine().unwrap()
        });
        figures.of(&format!("ecdsa_combine{what}_n{nodes}"), || {
            let shares = shares.clone();
            ecdsa::unwatched(&session, shares).combine().unwrap()
        });
    }
    for public in [Public::Shared, Public::Alone] {
        let name = format!("ecdsa_sign_n{nodes}_{}", public.name());
        let make = || parts(needed).collect::<Vec<_>>();
        figures.prepared(&name, 1, make, |parts| {
            let sessions: Vec<_> = sessions(public, needed).map(|_| begin()).collect();
            let signed = parts.into_iter().zip(sessions.iter().cycle());
            let sent: Vec<_> = signed
                .map(|(part, session)| part.sign(session).unwrap().encode())
                .collect();
            let shares = sent.iter().map(receive);
            ecdsa::unwatched(&sessions[0], shares).combine().unwrap()
        });
    }
}

fn schnorr_of<S: Scheme>(figures: &mut Figures, nodes: u16, scheme: &str) {
    let mut dealer = schnorr::Dealer::<S>::new(nodes, 1);
    let needed = dealer.committee.low().shares();
    let (request, dealing) = (dealer.request(&[1; 32]), dealer.deal());
    let begin = || {
        let bound = request.clone().bind(dealing.public.clone()).unwrap();
        bound.rerandomize(&[3; 32]).unwrap()
    };
    let receive = |bytes: &Vec<u8>| ours_schnorr::SignatureShare::<S>::decode(bytes).unwrap();
    let keys = &dealer.key_shares;
    let parts = |count| {
        keys[..count]
            .iter()
            .map(|key| (key, dealing.part(key.node())))
    };
    let session = begin();
    let shares = parts(needed + 1).map(|(key, part)| part.sign(key, &session).unwrap());
    let mut bad: Vec<_> = shares.collect();
    let clean = bad[..needed].to_vec();
    bad[0] = schnorr::with_scalar(&bad[0], |value| value + Scalar::<S>::from(1));
    for (what, shares) in [("", clean), ("_one_bad", bad)] {
        let sent: Vec<Vec<u8>> = shares.iter().map(|share| share.encode()).collect();
        figures.of(&format!("{scheme}_combiner{what}_n{nodes}"), || {
            let session = begin();
            let shares = sent.iter().map(receive);
            schnorr::unwatched(&session, shares).combine().unwrap()
        });
        figures.of(&format!("{scheme}_combine{what}_n{nodes}"), || {
            let shares = shares.clone();
            schnorr::unwatched(&session, shares).combine().unwrap()
        });
    }
    for public in [Public::Shared, Public::Alone] {
        let name = format!("{scheme}_sign_n{nodes}_{}", public.name());
        let make = || parts(needed).collect::<Vec<_>>();
        figures.prepared(&name, 1, make, |parts| {
            let sessions: Vec<_> = sessions(public, needed).map(|_| begin()).collect();
            let signed = parts.into_iter().zip(sessions.iter().cycle());
            let sent: Vec<_> = signed
                .map(|((key, part), session)| part.sign(key, session).unwrap().encode())
                .collect();
            let shares = sent.iter().map(receive);
            schnorr::unwatched(&sessions[0], shares).combine().unwrap()
        });
    }
}
