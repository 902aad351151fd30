//! Points outside the groups as public keys (G2), as signatures and as shares of them (G1). Pairings do not see torsion in G1,
//! so the decoders alone keep it out: otherwise a signature would have many encodings.

mod dealt;
#[path = "../../algebra/tests/outside/mod.rs"]
mod outside;

use blstrs::{G1Affine, G1Projective, G2Affine, G2Projective};
use chainkey_algebra::{BlsG1, BlsG2, Curve, CurveId, DecodeError};
use chainkey_threshold_bls::{BlsError, Message, PublicKey, SignatureShare, der};
use dealt::Dealt;
use group::Group;

fn g1(point: G1Projective) -> [u8; 48] {
    G1Affine::from(point).to_compressed()
}

fn g2(point: G2Projective) -> [u8; 96] {
    G2Affine::from(point).to_compressed()
}

fn outside_of(curve: CurveId) -> BlsError {
    BlsError::Encoding(DecodeError::NotInSubgroup(curve))
}

fn identity_of(curve: CurveId) -> BlsError {
    BlsError::Encoding(DecodeError::Identity(curve))
}

#[test]
fn refuses_public_keys_outside_g2() {
    let dealt = Dealt::high(4);
    let key = dealt.keys.public_key();
    let good = key.to_bytes();
    let in_der = |key: &[u8]| [&der::encode(dealt.keys.public_key())[..37], key].concat();
    assert_eq!(PublicKey::from_bytes(&good), Ok(key.clone()));
    assert_eq!(der::decode(&in_der(&good)), Ok(key.clone()));

    let outside = outside::of_g2();
    let torsioned = BlsG2::point_from_bytes(&good).unwrap() + outside.torsion;
    let own = [("the key plus torsion", torsioned)];
    for (name, point) in outside.points.into_iter().chain(own) {
        let bytes = g2(point);
        let refused = Err(outside_of(CurveId::BlsG2));
        assert_eq!(PublicKey::from_bytes(&bytes), refused, "{name}");
        assert_eq!(der::decode(&in_der(&bytes)), refused, "{name}");
    }
    let identity = g2(G2Projective::identity());
    let refused = Err(identity_of(CurveId::BlsG2));
    assert_eq!(PublicKey::from_bytes(&identity), refused);
    assert_eq!(der::decode(&in_der(&identity)), refused);
}

#[test]
fn refuses_signatures_and_shares_outside_g1() {
    let dealt = Dealt::low(4);
    let message = Message::new(b"message");
    let shares = dealt.sign(&message);
    let combined = dealt.keys.combine(&message, &shares).unwrap();
    let signature = combined.signature.to_bytes();
    let share = shares[0].1;
    let key = dealt.keys.public_key();
    assert!(key.verify(&message, &signature).is_ok());
    assert_eq!(SignatureShare::from_bytes(&share.to_bytes()), Ok(share));

    let outside = outside::of_g1();
    let torsioned = |good: &[u8]| BlsG1::point_from_bytes(good).unwrap() + outside.torsion;
    let own = [
        ("the signature plus torsion", torsioned(&signature)),
        ("the share plus torsion", torsioned(&share.to_bytes())),
    ];
    for (name, point) in outside.points.iter().copied().chain(own) {
        let bytes = g1(point);
        let refused = outside_of(CurveId::BlsG1);
        let found = key.verify(&message, &bytes);
        assert_eq!(found, Err(refused.clone()), "{name}");
        assert_eq!(SignatureShare::from_bytes(&bytes), Err(refused), "{name}");
    }
    let identity = g1(G1Projective::identity());
    let refused = identity_of(CurveId::BlsG1);
    assert_eq!(key.verify(&message, &identity), Err(refused.clone()));
    assert_eq!(SignatureShare::from_bytes(&identity), Err(refused));
}
