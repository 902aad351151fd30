//! Derived keys as clients see them: decrypted and verified with the published client library.

mod dealt;

use chainkey_algebra::{BlsG2, Curve, NodeIndex, Secret};
use chainkey_vetkd::{EncryptedKeyShare, TransportPublicKey};
use dealt::Dealt;
use ic_vetkeys::{DerivedPublicKey, EncryptedVetKey, MasterPublicKey, TransportSecretKey, VetKey};
use key_path::{masters, published_test_keys};
use proptest::prelude::*;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

fn transport(seed: u8) -> (TransportSecretKey, TransportPublicKey) {
    let secret = TransportSecretKey::from_seed(vec![seed; 32]).unwrap();
    let public = TransportPublicKey::from_bytes(&secret.public_key()).unwrap();
    (secret, public)
}

/// The key of an input, from the nodes in the order given.
fn obtain(
    dealt: &Dealt,
    nodes: &[u16],
    (canister, context, input): (&[u8], &[u8], &[u8]),
    seed: u8,
) -> VetKey {
    let (secret, public) = transport(seed);
    let request = dealt
        .master
        .derive(canister, context)
        .request(input, public);
    let mut rng = ChaCha20Rng::seed_from_u64(u64::from(seed));
    let shares: Vec<_> = nodes
        .iter()
        .map(|node| {
            let share = dealt.key_share(NodeIndex(*node));
            let share = EncryptedKeyShare::create(&share, &request, &mut rng);
            let sent = EncryptedKeyShare::from_bytes(&share.to_bytes()).unwrap();
            assert_eq!(sent, share);
            (NodeIndex(*node), sent)
        })
        .collect();
    let combined = dealt.master.combine(&request, &shares).unwrap();
    assert_eq!(combined.culprits, []);
    let bytes = combined.encrypted_key.to_bytes();
    assert_eq!(request.verify(&bytes), Ok(combined.encrypted_key));
    let master = MasterPublicKey::deserialize(&dealt.master.public_key()).unwrap();
    let key = master.derive_canister_key(canister).derive_sub_key(context);
    assert_eq!(request.public_key().to_vec(), key.serialize());
    EncryptedVetKey::deserialize(&bytes)
        .unwrap()
        .decrypt_and_verify(&secret, &key, input)
        .unwrap()
}

#[test]
fn clients_decrypt_and_verify_in_committees_of_every_size() {
    for size in [1, 4, 7, 13, 34, 40] {
        let dealt = Dealt::new(size);
        let needed = dealt.master.threshold() as u16;
        let nodes: Vec<u16> = (size - needed..size).rev().collect();
        obtain(&dealt, &nodes, (&[1, 2], b"context", b"input"), 1);
    }
}

#[test]
fn other_nodes_and_another_transport_key_give_the_same_key_and_another_input_does_not() {
    let dealt = Dealt::new(7);
    let asked: (&[u8], &[u8], &[u8]) = (b"canister", b"context", b"input");
    let key = obtain(&dealt, &[0, 1, 2, 3, 4], asked, 1);
    assert_eq!(key, obtain(&dealt, &[6, 2, 5, 4, 3], asked, 2));
    for other in [
        (&b"canistes"[..], &b"context"[..], &b"input"[..]),
        (b"canister", b"contexu", b"input"),
        (b"canister", b"", b"input"),
        (b"canister", b"context", b"inpuu"),
        (b"canister", b"context", b""),
    ] {
        assert_ne!(key, obtain(&dealt, &[0, 1, 2, 3, 4], other, 1));
    }
}

#[test]
fn under_the_identity_the_key_is_a_plain_signature_and_verifiable_randomness() {
    let dealt = Dealt::new(4);
    let mut identity = [0; 48];
    identity[0] = 0xc0;
    let public = TransportPublicKey::from_bytes(&identity).unwrap();
    assert!(!public.hides());
    assert!(transport(1).1.hides());
    assert_eq!(public.to_bytes(), identity);
    let request = dealt
        .master
        .derive(b"canister", b"signer")
        .request(b"message", public);
    let shares = dealt.shares(&request);
    let combined = dealt.master.combine(&request, &shares).unwrap();
    let bytes = combined.encrypted_key.to_bytes();
    assert_eq!(request.verify(&bytes), Ok(combined.encrypted_key));
    let signature = &bytes[144..];
    let key = DerivedPublicKey::deserialize(&request.public_key()).unwrap();
    assert!(ic_vetkeys::verify_bls_signature(
        &key, b"message", signature
    ));
    assert!(!ic_vetkeys::verify_bls_signature(
        &key, b"massage", signature
    ));
    let proof = [signature, &request.public_key(), b"message"].concat();
    assert!(ic_vetkeys::VrfOutput::deserialize(&proof).is_ok());
    let encrypted = obtain(&dealt, &[1, 2, 3], (b"canister", b"signer", b"message"), 3);
    assert_eq!(encrypted.signature_bytes(), signature);
}

#[test]
fn what_is_encrypted_to_an_identity_is_opened_with_its_derived_key() {
    use ic_vetkeys::{IbeCiphertext, IbeIdentity, IbeSeed};
    let dealt = Dealt::new(4);
    let key = dealt.master.derive(b"vault", b"files").public_key();
    let key = DerivedPublicKey::deserialize(&key).unwrap();
    let alice = IbeIdentity::from_bytes(b"alice");
    let seed = IbeSeed::from_bytes(&[5; 32]).unwrap();
    let sealed = IbeCiphertext::encrypt(&key, &alice, b"a secret", &seed);
    let own = obtain(&dealt, &[0, 1, 2], (b"vault", b"files", b"alice"), 4);
    assert_eq!(sealed.decrypt(&own).unwrap(), b"a secret");
    let others = obtain(&dealt, &[0, 1, 2], (b"vault", b"files", b"bob"), 4);
    assert!(sealed.decrypt(&others).is_err());
}

#[test]
fn the_published_test_keys_dealt_to_nodes_have_the_public_keys_that_clients_know() {
    for name in ["key_1", "test_key_1", "dfx_test_key"] {
        let secret = published_test_keys::vetkd_secret_key(name);
        let secret = Secret::new(BlsG2::scalar_from_bytes(&secret).unwrap());
        let dealt = Dealt::sharing(4, &secret);
        let known = masters::vetkd_public_key(masters::Network::PocketIc, name).unwrap();
        assert_eq!(&dealt.master.public_key(), known);
        obtain(&dealt, &[3, 1, 0], (b"canister", b"", b"input"), 5);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn derivation_agrees_with_key_path_and_keys_with_the_client(
        canister in proptest::collection::vec(any::<u8>(), 0..30),
        context in proptest::collection::vec(any::<u8>(), 0..60),
        input in proptest::collection::vec(any::<u8>(), 0..60),
        order in Just((0..7u16).collect::<Vec<_>>()).prop_shuffle(),
        seed: u8,
    ) {
        let dealt = Dealt::new(7);
        let ours = dealt.master.derive(&canister, &context).public_key();
        let offline = key_path::vetkd::derive(&dealt.master.public_key(), &canister, &context);
        prop_assert_eq!(ours, offline.unwrap().public_key);
        obtain(&dealt, &order, (&canister, &context, &input), seed);
    }
}
