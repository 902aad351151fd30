//! Every operation on every curve, from the dealings to the shares; keys through every change of committee.

mod world;

use chainkey_algebra::{BlsG2, Curve, Ed25519, Secp256k1, Secp256r1};
use chainkey_idkg::Extraction;
use world::World;

fn all_operations_share_the_right_values<C: Curve>() {
    let world = World::new(4, 1);
    let key = world.key::<C>(10);
    let public = key.transcript.commitments()[0].constant();
    assert_eq!(C::mul_base(&key.secret(0)), public);
    let nonce = world.random_unmasked::<C>(20, 2, Extraction::Sum);
    let inverse = world.random::<C>(21, 2, Extraction::Sum);
    let with_nonce = world.product(22, &nonce, &inverse);
    let with_key = world.product(23, &key, &inverse);
    for slot in 0..2 {
        let (nonce_value, inverse) = (nonce.secret(slot), inverse.secret(slot));
        let point = nonce.transcript.commitments()[slot].constant();
        assert_eq!(C::mul_base(&nonce_value), point);
        assert_eq!(with_nonce.secret(slot), nonce_value * inverse);
        assert_eq!(with_key.secret(slot), key.secret(0) * inverse);
    }
    let bigger = World::new(7, 2);
    let reshared = bigger.reshare(30, &key);
    assert_eq!(reshared.transcript.commitments()[0].constant(), public);
    assert_eq!(reshared.secret(0), key.secret(0));
}

#[test]
fn operations_share_the_right_values_on_secp256k1() {
    all_operations_share_the_right_values::<Secp256k1>();
}

#[test]
fn operations_share_the_right_values_on_secp256r1() {
    all_operations_share_the_right_values::<Secp256r1>();
}

#[test]
fn operations_share_the_right_values_on_ed25519() {
    all_operations_share_the_right_values::<Ed25519>();
}

#[test]
fn operations_share_the_right_values_on_bls12_381() {
    all_operations_share_the_right_values::<BlsG2>();
}

#[test]
fn a_key_stays_the_same_through_growing_shrinking_and_moving() {
    let mut key = World::new(4, 1).key::<Secp256k1>(1);
    let (public, secret) = (key.transcript.commitments()[0].constant(), key.secret(0));
    for (step, nodes) in [4, 13, 7, 1, 4].into_iter().enumerate() {
        let step = step as u64;
        key = World::new(nodes, 100 + step).reshare(200 + step, &key);
        assert_eq!(key.transcript.commitments()[0].constant(), public);
        assert_eq!(key.secret(0), secret);
    }
}

#[test]
fn extraction_makes_f_plus_1_sharings_of_each_slot() {
    let world = World::new(7, 3);
    let masked = world.random::<Secp256k1>(1, 2, Extraction::Matrix);
    assert_eq!(masked.transcript.len(), 2 * 3);
    let unmasked = world.random_unmasked::<Secp256k1>(2, 2, Extraction::Matrix);
    let product = world.product(3, &unmasked, &masked);
    let mut seen = std::collections::BTreeSet::new();
    for slot in 0..6 {
        let value = unmasked.secret(slot);
        let point = unmasked.transcript.commitments()[slot].constant();
        assert_eq!(Secp256k1::mul_base(&value), point);
        assert_eq!(product.secret(slot), value * masked.secret(slot));
        assert!(seen.insert(Secp256k1::scalar_to_bytes(&value)));
    }
}
