//! BLS signatures of the high threshold, and derived keys (vetKD): 2f + 1 shares and one combiner.
//!
//! - BLS, "combiner": the message hashed, 2f + 1 shares decoded, combined, the signature verified.
//! - vetKD, "derive": 2f + 1 encrypted shares made, combined, and the result checked; "combiner": the shares decoded, combined, checked.
//! - "combine": combining and checking alone. "one_bad": with one wrong share among 2f + 2.

use crate::bls_dealt as bls;
use crate::measure::Figures;
use crate::vetkd_dealt as vetkd;
use chainkey_algebra::{BlsG1, Curve, NodeIndex, Secret};
use chainkey_threshold_bls::{Message, SignatureShare};
use chainkey_vetkd::{EncryptedKeyShare, TransportPublicKey};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// Measures them for 4, 13, 34 and 40 nodes.
pub fn measure(figures: &mut Figures) {
    for nodes in [4, 13, 34, 40] {
        signature(figures, nodes);
        derived_key(figures, nodes);
    }
}

fn signature(figures: &mut Figures, nodes: u16) {
    let dealt = bls::Dealt::high(nodes);
    let message = Message::new(b"message");
    let mut shares = dealt.sign(&message);
    let clean = shares[..dealt.keys.threshold()].to_vec();
    shares[1].1 = shares[0].1;
    let bad = shares[..clean.len() + 1].to_vec();
    for (what, shares) in [("", clean), ("_one_bad", bad)] {
        let sent: Vec<(NodeIndex, [u8; 48])> = shares
            .iter()
            .map(|(node, share)| (*node, share.to_bytes()))
            .collect();
        figures.of(&format!("bls_combiner{what}_n{nodes}"), || {
            let message = Message::new(b"message");
            let decode = |bytes| SignatureShare::from_bytes(bytes).unwrap();
            let decoded = sent.iter().map(|(node, bytes)| (*node, decode(bytes)));
            let decoded: Vec<_> = decoded.collect();
            dealt.keys.combine(&message, &decoded).unwrap()
        });
        figures.of(&format!("bls_combine{what}_n{nodes}"), || {
            dealt.keys.combine(&message, &shares).unwrap()
        });
    }
}

fn derived_key(figures: &mut Figures, nodes: u16) {
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let point = BlsG1::mul_base(Secret::<BlsG1>::random(&mut rng).expose());
    let transport = TransportPublicKey::from_bytes(&BlsG1::point_to_bytes(&point)).unwrap();
    let dealt = vetkd::Dealt::new(nodes);
    let derived = dealt.master.derive(b"canister", b"context");
    let request = derived.request(b"input", transport);
    let mut shares = dealt.shares(&request);
    let needed = dealt.master.threshold();
    let key_shares: Vec<_> = (0..needed as u16)
        .map(|node| (NodeIndex(node), dealt.key_share(NodeIndex(node))))
        .collect();
    figures.of(&format!("vetkd_derive_n{nodes}"), || {
        let shares: Vec<_> = key_shares
            .iter()
            .map(|(node, share)| (*node, EncryptedKeyShare::create(share, &request, &mut rng)))
            .collect();
        dealt.master.combine(&request, &shares).unwrap()
    });
    let clean = shares[..needed].to_vec();
    shares[1].1 = shares[0].1;
    let bad = shares[..needed + 1].to_vec();
    for (what, shares) in [("", clean), ("_one_bad", bad)] {
        let sent: Vec<_> = shares
            .iter()
            .map(|(node, share)| (*node, share.to_bytes()))
            .collect();
        figures.of(&format!("vetkd_combiner{what}_n{nodes}"), || {
            let decode = |bytes| EncryptedKeyShare::from_bytes(bytes).unwrap();
            let decoded = sent.iter().map(|(node, bytes)| (*node, decode(bytes)));
            let decoded: Vec<_> = decoded.collect();
            dealt.master.combine(&request, &decoded).unwrap()
        });
        figures.of(&format!("vetkd_combine{what}_n{nodes}"), || {
            dealt.master.combine(&request, &shares).unwrap()
        });
    }
}
