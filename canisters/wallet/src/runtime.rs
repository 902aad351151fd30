//! The world outside, as far as the wallet needs more of it than the kit.
//!
//! - What it does: [`Outside::public_key`] asks the management canister for the canister's own key of a kind, with an empty path.
//! - Specification: IC interface specification, `ecdsa_public_key` and `schnorr_public_key`. They cost no more than a call, may be repeated, and
//!   are therefore asked with a bounded wait.
//! - Out: bytes as they came; [`crate::root_key::RootKey::parse`] checks them.

#[cfg(test)]
pub mod fake;

use crate::root_key::{KeyKind, RawKey};
use candid::{CandidType, Principal};
use canister_kit::KeyName;
use canister_kit::runtime::{Replica, Runtime};
use ic_cdk::call::{Call, CallFailed};
use ic_management_canister_types::{
    EcdsaCurve, EcdsaKeyId, EcdsaPublicKeyArgs, EcdsaPublicKeyResult, SchnorrAlgorithm,
    SchnorrKeyId, SchnorrPublicKeyArgs, SchnorrPublicKeyResult,
};
use serde::de::DeserializeOwned;

/// A call to another canister that brought no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallError {
    /// The reject code, or 0 where an answer does not read.
    pub code: u32,
    /// Why.
    pub message: String,
}

/// What the wallet needs beyond the kit's [`Runtime`].
pub trait Outside: Runtime {
    /// The canister's own public key of a kind under a master key.
    async fn public_key(&self, kind: KeyKind, name: &KeyName) -> Result<RawKey, CallError>;
}

impl Outside for Replica {
    async fn public_key(&self, kind: KeyKind, name: &KeyName) -> Result<RawKey, CallError> {
        match kind {
            KeyKind::Ecdsa => ecdsa(name).await,
            KeyKind::Bip340 => schnorr(SchnorrAlgorithm::Bip340secp256k1, name).await,
            KeyKind::Ed25519 => schnorr(SchnorrAlgorithm::Ed25519, name).await,
        }
    }
}

async fn ecdsa(name: &KeyName) -> Result<RawKey, CallError> {
    let arguments = EcdsaPublicKeyArgs {
        canister_id: None,
        derivation_path: Vec::new(),
        key_id: EcdsaKeyId {
            curve: EcdsaCurve::Secp256k1,
            name: name.to_string(),
        },
    };
    let answer: EcdsaPublicKeyResult = ask("ecdsa_public_key", &arguments).await?;
    Ok(RawKey {
        public_key: answer.public_key,
        chain_code: answer.chain_code,
    })
}

async fn schnorr(algorithm: SchnorrAlgorithm, name: &KeyName) -> Result<RawKey, CallError> {
    let arguments = SchnorrPublicKeyArgs {
        canister_id: None,
        derivation_path: Vec::new(),
        key_id: SchnorrKeyId {
            algorithm,
            name: name.to_string(),
        },
    };
    let answer: SchnorrPublicKeyResult = ask("schnorr_public_key", &arguments).await?;
    Ok(RawKey {
        public_key: answer.public_key,
        chain_code: answer.chain_code,
    })
}

async fn ask<R>(method: &str, arguments: &impl CandidType) -> Result<R, CallError>
where
    R: CandidType + DeserializeOwned,
{
    let call = Call::bounded_wait(Principal::management_canister(), method).with_arg(arguments);
    let answer = call.await.map_err(not_answered)?;
    answer.candid().map_err(|error| CallError {
        code: 0,
        message: error.to_string(),
    })
}

fn not_answered(failed: CallFailed) -> CallError {
    let code = match &failed {
        CallFailed::CallRejected(rejected) => rejected.raw_reject_code(),
        CallFailed::InsufficientLiquidCycleBalance(_) | CallFailed::CallPerformFailed(_) => 0,
    };
    let message = failed.to_string();
    CallError { code, message }
}
