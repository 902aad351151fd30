//! The management canister's keys and signatures.
//!
//! - Specification: IC interface specification, "IC method `ecdsa_public_key`" and those beside it; "Cost API".

use super::{CallError, ask};
use crate::root_key::{KeyKind, RawKey};
use crate::signing::SigningRequest;
use candid::Principal;
use canister_kit::KeyName;
use canister_kit::calls::pay;
use canister_kit::encoding::Cycles;
use canister_kit::runtime::Replica;
use ic_cdk::api::{cost_sign_with_ecdsa, cost_sign_with_schnorr};
use ic_management_canister_types::{
    EcdsaCurve, EcdsaKeyId, EcdsaPublicKeyArgs, EcdsaPublicKeyResult, SchnorrAlgorithm,
    SchnorrKeyId, SchnorrPublicKeyArgs, SchnorrPublicKeyResult, SignWithEcdsaArgs,
    SignWithEcdsaResult, SignWithSchnorrArgs, SignWithSchnorrResult,
};

/// Curve and algorithms by their numbers in the cost API.
const SECP256K1: u32 = 0;
const BIP340: u32 = 0;
const ED25519: u32 = 1;

/// The canister's own keys.
pub trait Keys {
    /// The canister's own public key of a kind under a master key.
    async fn public_key(&self, kind: KeyKind, name: &KeyName) -> Result<RawKey, CallError>;

    /// What a signature of a kind costs; nothing where there is no such key.
    fn signature_fee(&self, kind: KeyKind, name: &KeyName) -> Option<Cycles>;

    /// A signature: 64 bytes as the management canister gives them.
    async fn sign(&self, request: &SigningRequest, name: &KeyName) -> Result<Vec<u8>, CallError>;
}

impl Keys for Replica {
    async fn public_key(&self, kind: KeyKind, name: &KeyName) -> Result<RawKey, CallError> {
        public_key(kind, name).await
    }

    fn signature_fee(&self, kind: KeyKind, name: &KeyName) -> Option<Cycles> {
        signature_fee(kind, name)
    }

    async fn sign(&self, request: &SigningRequest, name: &KeyName) -> Result<Vec<u8>, CallError> {
        sign(request, name).await
    }
}

fn ecdsa_key(name: &KeyName) -> EcdsaKeyId {
    EcdsaKeyId {
        curve: EcdsaCurve::Secp256k1,
        name: name.to_string(),
    }
}

fn schnorr_key(algorithm: SchnorrAlgorithm, name: &KeyName) -> SchnorrKeyId {
    SchnorrKeyId {
        algorithm,
        name: name.to_string(),
    }
}

async fn public_key(kind: KeyKind, name: &KeyName) -> Result<RawKey, CallError> {
    match kind {
        KeyKind::Ecdsa => ecdsa_public_key(name).await,
        KeyKind::Bip340 => schnorr_public_key(SchnorrAlgorithm::Bip340secp256k1, name).await,
        KeyKind::Ed25519 => schnorr_public_key(SchnorrAlgorithm::Ed25519, name).await,
    }
}

async fn ecdsa_public_key(name: &KeyName) -> Result<RawKey, CallError> {
    let arguments = EcdsaPublicKeyArgs {
        canister_id: None,
        derivation_path: Vec::new(),
        key_id: ecdsa_key(name),
    };
    let management = Principal::management_canister();
    let answer: EcdsaPublicKeyResult = ask(management, "ecdsa_public_key", &arguments).await?;
    Ok(RawKey {
        public_key: answer.public_key,
        chain_code: answer.chain_code,
    })
}

async fn schnorr_public_key(
    algorithm: SchnorrAlgorithm,
    name: &KeyName,
) -> Result<RawKey, CallError> {
    let arguments = SchnorrPublicKeyArgs {
        canister_id: None,
        derivation_path: Vec::new(),
        key_id: schnorr_key(algorithm, name),
    };
    let management = Principal::management_canister();
    let answer: SchnorrPublicKeyResult = ask(management, "schnorr_public_key", &arguments).await?;
    Ok(RawKey {
        public_key: answer.public_key,
        chain_code: answer.chain_code,
    })
}

fn signature_fee(kind: KeyKind, name: &KeyName) -> Option<Cycles> {
    let name = name.to_string();
    let fee = match kind {
        KeyKind::Ecdsa => cost_sign_with_ecdsa(&name, SECP256K1),
        KeyKind::Bip340 => cost_sign_with_schnorr(&name, BIP340),
        KeyKind::Ed25519 => cost_sign_with_schnorr(&name, ED25519),
    };
    fee.ok().map(Cycles)
}

async fn sign(request: &SigningRequest, name: &KeyName) -> Result<Vec<u8>, CallError> {
    let fee = signature_fee(request.kind(), name);
    let fee = fee.ok_or_else(|| CallError::new(0, format!("there is no key {name}")))?;
    match request.kind() {
        KeyKind::Ecdsa => {
            let arguments = SignWithEcdsaArgs {
                message_hash: request.message.clone(),
                derivation_path: vec![request.path.to_vec()],
                key_id: ecdsa_key(name),
            };
            let answer: SignWithEcdsaResult = pay("sign_with_ecdsa", &arguments, fee).await?;
            Ok(answer.signature)
        }
        KeyKind::Bip340 => schnorr(SchnorrAlgorithm::Bip340secp256k1, request, name, fee).await,
        KeyKind::Ed25519 => schnorr(SchnorrAlgorithm::Ed25519, request, name, fee).await,
    }
}

async fn schnorr(
    algorithm: SchnorrAlgorithm,
    request: &SigningRequest,
    name: &KeyName,
    fee: Cycles,
) -> Result<Vec<u8>, CallError> {
    let arguments = SignWithSchnorrArgs {
        message: request.message.clone(),
        derivation_path: vec![request.path.to_vec()],
        key_id: schnorr_key(algorithm, name),
        aux: request.aux(),
    };
    let answer: SignWithSchnorrResult = pay("sign_with_schnorr", &arguments, fee).await?;
    Ok(answer.signature)
}
