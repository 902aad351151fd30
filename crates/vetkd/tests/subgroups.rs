//! Points outside the groups in shares, in encrypted keys and in transport keys. A torsion point added to C1 or C3 is invisible to the pairings of
//! the equations, and on C2 outside G2 they are not bilinear; so the decoder alone keeps both out.

mod dealt;
#[path = "../../algebra/tests/outside/mod.rs"]
mod outside;

use blstrs::{G1Affine, G1Projective, G2Affine, G2Projective};
use chainkey_algebra::{BlsG1, BlsG2, Curve, CurveId, DecodeError};
use chainkey_vetkd::{EncryptedKeyShare, Request, TransportPublicKey, VetKdError};
use dealt::Dealt;
use group::Group;
use std::ops::Range;

/// Where C1, C2 and C3 stand.
const PLACES: [(Range<usize>, CurveId); 3] = [
    (0..48, CurveId::BlsG1),
    (48..144, CurveId::BlsG2),
    (144..192, CurveId::BlsG1),
];

fn transport() -> TransportPublicKey {
    let point = BlsG1::mul_base(&5u64.into());
    TransportPublicKey::from_bytes(&BlsG1::point_to_bytes(&point)).unwrap()
}

fn world() -> (Dealt, Request) {
    let dealt = Dealt::new(4);
    let derived = dealt.master.derive(b"canister", b"context");
    let request = derived.request(b"input", transport());
    (dealt, request)
}

fn g1(point: G1Projective) -> Vec<u8> {
    G1Affine::from(point).to_compressed().to_vec()
}

fn g2(point: G2Projective) -> Vec<u8> {
    G2Affine::from(point).to_compressed().to_vec()
}

/// Bad points for this place: by themselves, and the good one that stands there plus torsion.
fn bad_points(good: &[u8], curve: CurveId) -> Vec<(&'static str, Vec<u8>)> {
    let torsioned = "the good point plus torsion";
    match curve {
        CurveId::BlsG1 => {
            let outside = outside::of_g1();
            let point = BlsG1::point_from_bytes(good).unwrap() + outside.torsion;
            let points = outside.points.into_iter().chain([(torsioned, point)]);
            points.map(|(name, point)| (name, g1(point))).collect()
        }
        _ => {
            let outside = outside::of_g2();
            let point = BlsG2::point_from_bytes(good).unwrap() + outside.torsion;
            let points = outside.points.into_iter().chain([(torsioned, point)]);
            points.map(|(name, point)| (name, g2(point))).collect()
        }
    }
}

fn identity(curve: CurveId) -> Vec<u8> {
    match curve {
        CurveId::BlsG1 => g1(G1Projective::identity()),
        _ => g2(G2Projective::identity()),
    }
}

#[test]
fn refuses_shares_with_a_point_outside_its_group() {
    let (dealt, request) = world();
    for (node, share) in dealt.shares(&request) {
        let good = share.to_bytes();
        assert_eq!(EncryptedKeyShare::from_bytes(&good), Ok(share));
        let verified = dealt.master.verify_share(node, &share, &request);
        assert_eq!(verified, Ok(()));
        for (place, curve) in PLACES {
            for (name, point) in bad_points(&good[place.clone()], curve) {
                let mut bad = good;
                bad[place.clone()].copy_from_slice(&point);
                let refused = VetKdError::Encoding(DecodeError::NotInSubgroup(curve));
                let found = EncryptedKeyShare::from_bytes(&bad);
                assert_eq!(found, Err(refused), "{place:?}: {name}");
            }
            let mut bad = good;
            bad[place.clone()].copy_from_slice(&identity(curve));
            let refused = VetKdError::Encoding(DecodeError::Identity(curve));
            assert_eq!(EncryptedKeyShare::from_bytes(&bad), Err(refused));
        }
    }
}

#[test]
fn refuses_encrypted_keys_with_a_point_outside_its_group() {
    let (dealt, request) = world();
    let combined = dealt.master.combine(&request, &dealt.shares(&request));
    let good = combined.unwrap().encrypted_key.to_bytes();
    assert_eq!(request.verify(&good).unwrap().to_bytes(), good);
    for (place, curve) in PLACES {
        for (name, point) in bad_points(&good[place.clone()], curve) {
            let mut bad = good;
            bad[place.clone()].copy_from_slice(&point);
            let refused = VetKdError::Encoding(DecodeError::NotInSubgroup(curve));
            assert_eq!(request.verify(&bad), Err(refused), "{place:?}: {name}");
        }
    }
}

/// Why it is the decoder that matters: a check by pairings alone would take C1 and C3 with torsion.
#[test]
fn torsion_added_to_a_point_of_g1_is_invisible_to_pairings() {
    let good = BlsG1::mul_base(&7u64.into());
    let torsioned = good + outside::of_g1().torsion;
    assert_ne!(good, torsioned);
    let with = |point: G1Projective| {
        blstrs::pairing(&G1Affine::from(point), &G2Projective::generator().into())
    };
    assert_eq!(with(good), with(torsioned));
    assert_ne!(with(good), with(good.double()));
}

#[test]
fn refuses_transport_keys_outside_g1() {
    let good = transport().to_bytes();
    assert_eq!(TransportPublicKey::from_bytes(&good), Ok(transport()));
    for (name, point) in bad_points(&good, CurveId::BlsG1) {
        let refused = VetKdError::Encoding(DecodeError::NotInSubgroup(CurveId::BlsG1));
        let found = TransportPublicKey::from_bytes(&point);
        assert_eq!(found, Err(refused), "{name}");
    }
}
