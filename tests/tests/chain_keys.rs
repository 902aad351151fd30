//! Joint keys through the unmodified client: signatures, vetKeys, randomness and certificates, checked by libraries of others.
//!
//! Every key, signature and byte comes out of the protocols that the nodes of the subnets run between them. The tests use nothing that
//! only our server has.

use candid::Principal;
use chainkey_tests::modules::{CERTIFIER, wasm};
use chainkey_tests::signer::Signer;
use ic_cbor::CertificateToCbor;
use ic_certificate_verification::VerifyCertificate;
use ic_certification::{Certificate, LookupResult};
use ic_management_canister_types as management;
use pocket_ic::{PocketIc, PocketIcBuilder};

fn network() -> PocketIc {
    PocketIcBuilder::new()
        .with_nns_subnet()
        .with_test_threshold_keys_subnet()
        .with_application_subnet()
        .build()
}

fn path() -> Vec<Vec<u8>> {
    vec![b"a".to_vec(), vec![], vec![0xff; 40]]
}

#[test]
fn ecdsa_signatures_of_a_canister_verify_with_the_c_library() {
    let pic = network();
    let signer = Signer::install(&pic);
    let key = signer.ecdsa_public_key(path()).expect("a key");
    let key = secp256k1::PublicKey::from_slice(&key).expect("a key");
    let mut seen = Vec::new();
    for byte in 0..7 {
        let hash = [byte; 32];
        let signature = signer.sign_hash(hash, path()).expect("a signature");
        seen.push(signature[..32].to_vec());
        let signature = secp256k1::ecdsa::Signature::from_compact(&signature);
        let message = secp256k1::Message::from_digest(hash);
        let signature = signature.expect("a signature");
        secp256k1::ecdsa::verify(&signature, message, &key).expect("it verifies");
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 7, "every signature has a nonce of its own");
}

#[test]
fn schnorr_signatures_of_a_canister_verify_with_other_libraries() {
    let pic = network();
    let signer = Signer::install(&pic);
    let message = b"any length at all";
    let sign = |algorithm, aux| {
        let signed = signer.sign_message(algorithm, aux, message, path());
        signed.expect("a signature")
    };
    let bip340 = management::SchnorrAlgorithm::Bip340secp256k1;
    let (public, signature) = sign(bip340, None);
    let internal: [u8; 32] = public[1..].try_into().expect("33 bytes");
    let internal = secp256k1::XOnlyPublicKey::from_byte_array(internal).expect("a key");
    let verify = |signature: Vec<u8>, key: &secp256k1::XOnlyPublicKey| {
        let bytes: [u8; 64] = signature.try_into().expect("64 bytes");
        let signature = secp256k1::schnorr::Signature::from_byte_array(bytes);
        secp256k1::schnorr::verify(&signature, message, key)
    };
    verify(signature, &internal).expect("it verifies");

    // BIP-341: the signature is under the output key, tweaked by the root of a script tree.
    let root = [7; 32];
    let aux = management::SchnorrAux::Bip341(management::Bip341 {
        merkle_root_hash: root.to_vec(),
    });
    let (_, signature) = sign(bip340, Some(aux));
    let tweak = tagged_hash(
        b"TapTweak",
        &[&internal.to_byte_array()[..], &root].concat(),
    );
    let tweak = secp256k1::Scalar::from_be_bytes(tweak).expect("below the order");
    let (output, _) = internal.add_tweak(&tweak).expect("a key");
    verify(signature.clone(), &output).expect("it verifies under the output key");
    verify(signature, &internal).expect_err("and not under the internal key");

    let ed25519 = management::SchnorrAlgorithm::Ed25519;
    let (public, signature) = sign(ed25519, None);
    let public = public.try_into().expect("32 bytes");
    let public = ed25519_dalek::VerifyingKey::from_bytes(&public).expect("a key");
    let signature = ed25519_dalek::Signature::from_slice(&signature).expect("64 bytes");
    public
        .verify_strict(message, &signature)
        .expect("it verifies");
}

fn tagged_hash(tag: &[u8], message: &[u8]) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    let tag = Sha256::digest(tag);
    let mut hash = Sha256::new();
    hash.update(tag);
    hash.update(tag);
    hash.update(message);
    hash.finalize().into()
}

#[test]
fn encrypted_keys_decrypt_with_the_official_library_and_do_not_depend_on_the_transport_key() {
    let pic = network();
    let signer = Signer::install(&pic);
    let public = signer.vetkd_public_key(b"context").expect("a key");
    let public = ic_vetkeys::DerivedPublicKey::deserialize(&public).expect("a key");
    let derive = |seed: u8| {
        let secret = ic_vetkeys::TransportSecretKey::from_seed(vec![seed; 32]).expect("a key");
        let encrypted = signer.derive_key(b"context", b"input", secret.public_key());
        let encrypted = encrypted.expect("an encrypted key");
        let encrypted = ic_vetkeys::EncryptedVetKey::deserialize(&encrypted);
        let encrypted = encrypted.expect("a ciphertext");
        let key = encrypted.decrypt_and_verify(&secret, &public, b"input");
        key.expect("it decrypts").signature_bytes().to_vec()
    };
    assert_eq!(derive(1), derive(2));
}

#[test]
fn random_bytes_differ_from_call_to_call() {
    let pic = network();
    let signer = Signer::install(&pic);
    let draw = |_| signer.random_bytes().expect("random bytes");
    let mut seen: Vec<Vec<u8>> = (0..5).map(draw).collect();
    assert!(seen.iter().all(|bytes| bytes.len() == 32));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

#[test]
fn certified_data_verify_with_the_official_library_against_the_root_key_alone() {
    let pic = PocketIcBuilder::new()
        .with_nns_subnet()
        .with_application_subnet()
        .build();
    let root_key = pic.root_key().expect("a root key");
    let nns = pic.topology().get_nns().expect("an NNS subnet");
    let app = pic.topology().get_app_subnets()[0];
    for subnet in [nns, app] {
        let canister = pic.create_canister_on_subnet(None, None, subnet);
        pic.add_cycles(canister, 1_000_000_000_000);
        pic.install_canister(canister, wasm(CERTIFIER), vec![5; 32], None);
        let bytes = pic.query_call(canister, Principal::anonymous(), "certificate", vec![]);
        let certificate = Certificate::from_cbor(&bytes.expect("a certificate")).expect("CBOR");
        let now = u128::from(pic.get_time().as_nanos_since_unix_epoch());
        let hour = 3_600_000_000_000;
        let id = canister.as_slice();
        certificate
            .verify(id, &root_key, &now, &hour)
            .expect("it verifies");
        let path: [&[u8]; 3] = [b"canister", id, b"certified_data"];
        let found = certificate.tree.lookup_path(&path);
        assert_eq!(found, LookupResult::Found(&[5; 32]));
        // Another root key does not verify it, so the check can fail.
        let mut other = root_key.clone();
        *other.last_mut().expect("133 bytes") ^= 1;
        certificate
            .verify(id, &other, &now, &hour)
            .expect_err("another key");
    }
}
