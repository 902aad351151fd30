//! Nodes that make keys and sign, checked by libraries that nobody here wrote.

use chainkey_subnet::{
    Derivation, KeySource, Request, RequestId, StockTarget, Subnet, SubnetConfig, Work, path_scheme,
};
use key_path::{MASTER_CHAIN_CODE, derive};
use sha2::{Digest, Sha256};
use subnet_view::{KeyId, KeyScheme};

fn subnet(nodes: u16, seed: u8) -> Subnet {
    let config = SubnetConfig {
        id: b"a subnet".to_vec(),
        nodes,
        seed: [seed; 32].into(),
        stock: StockTarget::default(),
        keys: KeySource::default(),
    };
    Subnet::new(&config).unwrap()
}

fn key(scheme: KeyScheme) -> KeyId {
    KeyId {
        scheme,
        name: "key_1".into(),
    }
}

fn derivation() -> Derivation {
    Derivation {
        canister: vec![0, 0, 0, 0, 0, 0, 0, 7, 1, 1],
        path: vec![b"a".to_vec(), vec![], b"bc".to_vec()],
    }
}

/// Has the nodes do a piece of work; the derived public key and the result.
fn done(subnet: &mut Subnet, key: &KeyId, id: u64, work: Work) -> (Vec<u8>, Vec<u8>) {
    let master = subnet.master_key(key).unwrap();
    let path = derivation().full_path().unwrap();
    let scheme = path_scheme(key.scheme).unwrap();
    let derived = derive(scheme, &master, &MASTER_CHAIN_CODE, &path).unwrap();
    subnet.prepare(key);
    let (id, round) = (RequestId(id), 2 * id);
    subnet.advance(round);
    subnet.submit(Request {
        id,
        key: key.clone(),
        derivation: derivation(),
        work,
    });
    subnet.advance(round);
    assert!(
        subnet.take_result(key, id).is_none(),
        "no signature in the round of the request"
    );
    subnet.advance(round + 1);
    let (result, _) = subnet
        .take_result(key, id)
        .expect("a signature one round later")
        .unwrap();
    (derived.public_key, result)
}

#[test]
fn ecdsa_signatures_verify_with_the_c_library() {
    for nodes in [4, 7, 13] {
        let mut subnet = subnet(nodes, 1);
        let key = key(KeyScheme::EcdsaSecp256k1);
        for id in 0..3 {
            let hash = [id as u8 + 9; 32];
            let (public, signature) = done(&mut subnet, &key, id, Work::SignHash(hash));
            let public = secp256k1::PublicKey::from_slice(&public).unwrap();
            let signature = secp256k1::ecdsa::Signature::from_compact(&signature).unwrap();
            let message = secp256k1::Message::from_digest(hash);
            secp256k1::ecdsa::verify(&signature, message, &public).unwrap();
        }
    }
}

#[test]
fn bip340_signatures_verify_with_the_c_library() {
    let mut subnet = subnet(4, 2);
    let key = key(KeyScheme::Bip340Secp256k1);
    for id in 0..3 {
        let message = vec![id as u8; 100 * id as usize];
        let work = Work::SignMessage {
            message: message.clone(),
            merkle_root: None,
        };
        let (public, signature) = done(&mut subnet, &key, id, work);
        let public = secp256k1::XOnlyPublicKey::from_byte_array(public[1..].try_into().unwrap());
        let signature: [u8; 64] = signature.try_into().unwrap();
        let signature = secp256k1::schnorr::Signature::from_byte_array(signature);
        secp256k1::schnorr::verify(&signature, &message, &public.unwrap()).unwrap();
    }
}

#[test]
fn ecdsa_signatures_on_the_other_curve_verify_with_another_library() {
    let mut subnet = subnet(4, 8);
    let key = key(KeyScheme::EcdsaSecp256r1);
    for id in 0..3 {
        let hash = [id as u8 + 1; 32];
        let (public, signature) = done(&mut subnet, &key, id, Work::SignHash(hash));
        let public = ic_secp256r1::PublicKey::deserialize_sec1(&public).unwrap();
        assert!(public.verify_signature_prehashed(&hash, &signature));
        assert!(!public.verify_signature_prehashed(&[0; 32], &signature));
    }
}

/// BIP-341: the output key is P + h G with h = taggedhash("TapTweak", x(P) || root), computed here by other libraries.
#[test]
fn taproot_signatures_verify_under_the_tweaked_key_and_no_other() {
    let mut subnet = subnet(4, 9);
    let key = key(KeyScheme::Bip340Secp256k1);
    for (id, root) in (0..).zip([vec![], vec![5; 32], vec![6; 32]]) {
        let message = [id as u8; 32];
        let work = Work::SignMessage {
            message: message.to_vec(),
            merkle_root: Some(root.clone()),
        };
        let (public, signature) = done(&mut subnet, &key, id, work);
        let internal: [u8; 32] = public[1..].try_into().unwrap();
        let tag = Sha256::digest(b"TapTweak");
        let hash = Sha256::new().chain_update(tag).chain_update(tag);
        let hash = hash.chain_update(internal).chain_update(&root).finalize();
        let tweak = secp256k1::Scalar::from_be_bytes(hash.into()).unwrap();
        let internal = secp256k1::XOnlyPublicKey::from_byte_array(internal).unwrap();
        let (output, _) = internal.add_tweak(&tweak).unwrap();
        let signature =
            secp256k1::schnorr::Signature::from_byte_array(signature.try_into().unwrap());
        secp256k1::schnorr::verify(&signature, &message, &output).unwrap();
        secp256k1::schnorr::verify(&signature, &message, &internal).unwrap_err();
    }
}

#[test]
fn ed25519_signatures_verify_strictly() {
    let mut subnet = subnet(4, 3);
    let key = key(KeyScheme::Ed25519);
    let message = b"a message".to_vec();
    let work = Work::SignMessage {
        message: message.clone(),
        merkle_root: None,
    };
    let (public, signature) = done(&mut subnet, &key, 0, work);
    let public = ed25519_dalek::VerifyingKey::from_bytes(&public.try_into().unwrap()).unwrap();
    let signature = ed25519_dalek::Signature::from_slice(&signature).unwrap();
    public.verify_strict(&message, &signature).unwrap();
}

#[test]
fn random_bytes_are_the_same_for_the_same_round_and_purpose_only() {
    let mut subnet = subnet(4, 4);
    let one = subnet.random_bytes(5, b"a").unwrap();
    assert_eq!(subnet.random_bytes(5, b"a").unwrap(), one);
    assert_ne!(subnet.random_bytes(5, b"b").unwrap(), one);
    assert_ne!(subnet.random_bytes(6, b"a").unwrap(), one);
}

#[test]
fn certifications_verify_with_the_official_library() {
    let mut subnet = subnet(4, 5);
    let key = subnet.public_key().unwrap().to_bytes();
    for byte in 0..3 {
        let root = [byte; 32];
        let signature = subnet.certify(&root).unwrap().to_bytes();
        let message = [b"\x0Dic-state-root".as_slice(), &root].concat();
        ic_verify_bls_signature::verify_bls_signature(&signature, &message, &key).unwrap();
    }
}

#[test]
fn encrypted_keys_decrypt_with_the_official_library() {
    let mut subnet = subnet(4, 6);
    let key = key(KeyScheme::VetKd);
    let derivation = Derivation {
        canister: vec![1, 2, 3],
        path: vec![b"context".to_vec()],
    };
    let (public, _) = subnet.derived_key(&key, &derivation).unwrap();
    let secret = ic_vetkeys::TransportSecretKey::from_seed(vec![7; 32]).unwrap();
    let id = RequestId(1);
    subnet.submit(Request {
        id,
        key: key.clone(),
        derivation,
        work: Work::DeriveKey {
            input: b"input".to_vec(),
            transport_key: secret.public_key().try_into().unwrap(),
        },
    });
    subnet.advance(1);
    let (encrypted, _) = subnet.take_result(&key, id).unwrap().unwrap();
    let public = ic_vetkeys::DerivedPublicKey::deserialize(&public).unwrap();
    let encrypted = ic_vetkeys::EncryptedVetKey::deserialize(&encrypted).unwrap();
    encrypted
        .decrypt_and_verify(&secret, &public, b"input")
        .unwrap();
}

#[test]
fn published_test_keys_have_the_public_keys_that_the_world_knows_and_sign() {
    use key_path::masters::{Network, public_key, vetkd_public_key};
    let config = SubnetConfig {
        id: b"a subnet".to_vec(),
        nodes: 7,
        seed: [7; 32].into(),
        stock: StockTarget::default(),
        keys: KeySource::PublishedTestKeys,
    };
    let mut subnet = Subnet::new(&config).unwrap();
    for scheme in [
        KeyScheme::EcdsaSecp256k1,
        KeyScheme::Bip340Secp256k1,
        KeyScheme::Ed25519,
    ] {
        let path_scheme = path_scheme(scheme).unwrap();
        let known = public_key(Network::PocketIc, path_scheme, "key_1").unwrap();
        assert_eq!(subnet.master_key(&key(scheme)).unwrap(), known);
    }
    let known = vetkd_public_key(Network::PocketIc, "key_1").unwrap();
    assert_eq!(subnet.master_key(&key(KeyScheme::VetKd)).unwrap(), known);

    let ecdsa = key(KeyScheme::EcdsaSecp256k1);
    let (public, signature) = done(&mut subnet, &ecdsa, 0, Work::SignHash([5; 32]));
    let public = secp256k1::PublicKey::from_slice(&public).unwrap();
    let signature = secp256k1::ecdsa::Signature::from_compact(&signature).unwrap();
    let message = secp256k1::Message::from_digest([5; 32]);
    secp256k1::ecdsa::verify(&signature, message, &public).unwrap();
}

#[test]
fn equal_seeds_of_two_subnets_make_different_keys() {
    let master = |id: &[u8]| {
        let config = SubnetConfig {
            id: id.to_vec(),
            nodes: 4,
            seed: [8; 32].into(),
            stock: StockTarget::default(),
            keys: KeySource::default(),
        };
        assert!(!format!("{config:?}").contains("8, 8"));
        let mut subnet = Subnet::new(&config).unwrap();
        subnet.master_key(&key(KeyScheme::Ed25519)).unwrap()
    };
    assert_ne!(master(b"one"), master(b"other"));
    // The control: a run can be repeated.
    assert_eq!(master(b"one"), master(b"one"));
}
