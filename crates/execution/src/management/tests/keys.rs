//! Threshold keys: what is checked before a key is needed, and the typed refusal while there is none.

use super::*;

fn sign(hash: usize) -> types::SignWithEcdsaArgs {
    types::SignWithEcdsaArgs {
        message_hash: vec![1; hash],
        derivation_path: vec![],
        key_id: types::EcdsaKeyId {
            curve: types::EcdsaCurve::Secp256k1,
            name: "key_1".into(),
        },
    }
}

#[test]
fn there_is_no_key_yet_and_nothing_is_kept() {
    let mut world = World::new();
    let caller = world.canister(TRILLION);
    world.canister_call(caller, "sign_with_ecdsa", &sign(32), 10_000_000_000);
    let (code, message, refund) = world.reject();
    assert_eq!(
        (code, refund),
        (RejectCode::SysTransient, Cycles(10_000_000_000))
    );
    assert!(message.starts_with("no key yet: "));
    world.canister_call(caller, "raw_rand", &(), 5);
    let (_, message, refund) = world.reject();
    assert!(message.starts_with("no key yet: raw_rand"));
    assert_eq!(refund, Cycles(5));
}

#[test]
fn a_signature_has_to_be_paid() {
    let mut world = World::new();
    let caller = world.canister(TRILLION);
    world.canister_call(caller, "sign_with_ecdsa", &sign(32), 9_999_999_999);
    let (code, message, refund) = world.reject();
    assert_eq!(code, RejectCode::CanisterReject);
    assert_eq!(
        message,
        "sign_with_ecdsa request sent with 9_999_999_999 cycles, but 10_000_000_000 cycles are required."
    );
    assert_eq!(refund, Cycles(9_999_999_999));
}

#[test]
fn arguments_are_checked_before_keys() {
    let mut world = World::new();
    let caller = world.canister(TRILLION);
    let public = types::EcdsaPublicKeyArgs {
        canister_id: None,
        derivation_path: vec![vec![1]; 255],
        key_id: sign(32).key_id,
    };
    world.canister_call(caller, "ecdsa_public_key", &public, 0);
    assert_eq!(
        world.reject().1,
        "InvalidArgument(\"Derivation path len 256 larger than allowed maximum of 255\")"
    );
    let schnorr = types::SignWithSchnorrArgs {
        message: vec![],
        derivation_path: vec![],
        key_id: types::SchnorrKeyId {
            algorithm: types::SchnorrAlgorithm::Ed25519,
            name: "key_1".into(),
        },
        aux: Some(types::SchnorrAux::Bip341(types::Bip341 {
            merkle_root_hash: vec![],
        })),
    };
    world.canister_call(caller, "sign_with_schnorr", &schnorr, 10_000_000_000);
    assert_eq!(
        world.reject().1,
        "Schnorr algorithm Ed25519 does not support aux input"
    );
}

#[test]
fn a_subnet_called_by_its_own_id_serves_no_key_that_it_does_not_hold() {
    let mut world = World::new();
    let caller = world.canister(TRILLION);
    let mut arguments = sign(32);
    arguments.key_id.name = "junk".into();
    let public = types::EcdsaPublicKeyArgs {
        canister_id: None,
        derivation_path: vec![],
        key_id: arguments.key_id.clone(),
    };
    let text = "does not hold threshold key ecdsa:Secp256k1:junk.";
    world.canister_call(caller, "ecdsa_public_key", &public, 0);
    let (code, message, _) = world.reject();
    assert_eq!(code, RejectCode::CanisterReject);
    assert!(message.ends_with(text), "{message}");
    world.canister_call(caller, "sign_with_ecdsa", &arguments, 10_000_000_000);
    let (code, message, refund) = world.reject();
    assert_eq!(
        (code, refund),
        (RejectCode::CanisterReject, Cycles(10_000_000_000))
    );
    assert!(message.ends_with(text), "{message}");
}

#[test]
fn an_unknown_key_has_no_subnet() {
    let mut world = World::new();
    let caller = world.canister(TRILLION);
    let mut arguments = sign(32);
    arguments.key_id.name = "nope".into();
    let payload = candid::encode_one(arguments).expect("encodes");
    let reject =
        management::destination(&world.state, world.get(caller), "sign_with_ecdsa", &payload);
    let Err(Payload::Reject(reject)) = reject else {
        panic!("a reject is expected")
    };
    assert_eq!(
        reject.message,
        "Unable to route management canister request sign_with_ecdsa: ChainKeyError(\"Requested unknown or disabled threshold key: ecdsa:Secp256k1:nope, existing enabled keys: [ecdsa:Secp256k1:key_1]\")"
    );
    for (hash, text) in [
        (31, "invalid length 31, expected an array of length 32"),
        (33, "Trailing value after finishing deserialization"),
    ] {
        let payload = candid::encode_one(sign(hash)).expect("encodes");
        let reject =
            management::destination(&world.state, world.get(caller), "sign_with_ecdsa", &payload);
        let Err(Payload::Reject(reject)) = reject else {
            panic!("a reject is expected")
        };
        assert!(reject.message.contains(text), "{}", reject.message);
    }
}
