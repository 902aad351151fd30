//! Taproot's output keys against BIP-341's vectors and a signer of another hand.

use key_path::KeyPathError;
use key_path::taproot::output_key;
use proptest::prelude::*;

#[derive(serde::Deserialize)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    internal: String,
    root: String,
    tweak: String,
    output: String,
}

#[test]
fn the_vectors_of_bip_341_hold() {
    let vectors: Vectors =
        serde_json::from_str(include_str!("vectors/taproot.json")).expect("the vectors are JSON");
    for case in vectors.cases {
        let internal = hex::decode(case.internal).unwrap();
        let root = hex::decode(case.root).unwrap();
        let output = output_key(&internal, &root).unwrap();
        assert_eq!(hex::encode(output.tweak), case.tweak);
        assert_eq!(hex::encode(output.x_only), case.output);
        for parity in [2, 3] {
            let compressed = [&[parity], &internal[..]].concat();
            assert_eq!(output_key(&compressed, &root), Ok(output));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn what_is_signed_for_the_output_key_verifies_under_it(
        seed: [u8; 32],
        message: [u8; 32],
        root: Option<[u8; 32]>,
    ) {
        let root = root.as_ref().map_or(&[][..], |root| &root[..]);
        let secret = ic_secp256k1::PrivateKey::generate_from_seed(&seed);
        let public = secret.public_key();
        let output = output_key(&public.serialize_sec1(true), root).unwrap();
        let signature = secret.sign_message_with_bip341_no_rng(&message, root).unwrap();
        let compressed = [&[2 + u8::from(output.odd)], &output.x_only[..]].concat();
        let key = ic_secp256k1::PublicKey::deserialize_sec1(&compressed).unwrap();
        prop_assert!(key.verify_bip340_signature(&message, &signature));
        prop_assert!(!public.verify_bip340_signature(&message, &signature));
    }
}

#[test]
fn refuses_roots_and_keys_that_are_none() {
    let key = ic_secp256k1::PrivateKey::generate_from_seed(&[1]).public_key();
    let key = key.serialize_sec1(true);
    assert!(output_key(&key, &[7; 32]).is_ok());
    for length in [1, 31, 33, 64] {
        let refused = output_key(&key, &vec![7; length]);
        assert_eq!(refused, Err(KeyPathError::BadTaprootRoot(length)));
    }
    let past_the_field = [0xff; 32];
    let uncompressed = [&[4], &key[1..]].concat();
    for internal in [&past_the_field[..], &uncompressed, &key[2..], &[]] {
        assert_eq!(output_key(internal, &[]), Err(KeyPathError::BadInternalKey));
    }
}
