//! vetKD, as canisters ask for it: a canister's public key for a context, and derived keys.
//!
//! - Specification: IC interface specification, `vetkd_public_key`, `vetkd_derive_key`, and the cost API.
//! - Two ways to derive: [`derive`] encrypts for somebody's transport key, and the canister never sees the key; [`derive_published`] is for what
//!   everybody may know, as a signature or as randomness. It derives under the identity as transport key, which encrypts nothing, as the
//!   official library does for these uses.
//! - One context for each use. A context under which keys are published must never be one under which keys hide something.
//! - The caller checks every key that it publishes (`key_path::vetkd::check_key`), and lets no caller's bytes into an input unless hashed
//!   under a fixed domain.

use crate::calls::{CallError, ask, pay};
use crate::encoding::Cycles;
use crate::environment::KeyName;
use crate::runtime::{Replica, Runtime};
use candid::Principal;
use ic_cdk::api::cost_vetkd_derive_key;
use ic_management_canister_types::{
    VetKDCurve, VetKDDeriveKeyArgs, VetKDDeriveKeyResult, VetKDKeyId, VetKDPublicKeyArgs,
    VetKDPublicKeyResult,
};

/// The curve by its number in the cost API.
const BLS12_381_G2: u32 = 0;

/// Bytes of an encrypted key: a point of G1, one of G2, one of G1.
const ENCRYPTED: usize = 192;

/// Where the last of them begins.
const C3: usize = 144;

/// The identity of G1, compressed: 48 bytes with the flags "compressed" and "infinity".
const IDENTITY: [u8; 48] = {
    let mut bytes = [0; 48];
    bytes[0] = 0xc0;
    bytes
};

fn key_id(name: &KeyName) -> VetKDKeyId {
    VetKDKeyId {
        curve: VetKDCurve::Bls12_381_G2,
        name: name.to_string(),
    }
}

/// The network's vetKeys, for canisters that need more of the world than [`Runtime`].
pub trait VetKeys: Runtime {
    /// What deriving a key costs; nothing where there is no such key.
    fn vetkd_fee(&self, name: &KeyName) -> Option<Cycles>;

    /// As [`public_key`], the canister's own.
    fn vetkd_public_key(
        &self,
        context: &[u8],
        name: &KeyName,
    ) -> impl Future<Output = Result<Vec<u8>, CallError>>;

    /// As [`derive_published`].
    fn published_vetkey(
        &self,
        context: &[u8],
        input: &[u8],
        name: &KeyName,
    ) -> impl Future<Output = Result<[u8; 48], CallError>>;
}

impl VetKeys for Replica {
    fn vetkd_fee(&self, name: &KeyName) -> Option<Cycles> {
        fee(name)
    }

    async fn vetkd_public_key(&self, context: &[u8], name: &KeyName) -> Result<Vec<u8>, CallError> {
        public_key(self.canister(), context, name).await
    }

    async fn published_vetkey(
        &self,
        context: &[u8],
        input: &[u8],
        name: &KeyName,
    ) -> Result<[u8; 48], CallError> {
        derive_published(context, input, name).await
    }
}

/// What deriving a key costs; nothing where there is no such key.
pub fn fee(name: &KeyName) -> Option<Cycles> {
    let fee = cost_vetkd_derive_key(name.to_string(), BLS12_381_G2);
    fee.ok().map(Cycles)
}

/// A canister's public key for a context, as the management canister tells it: 96 bytes, if it is one.
///
/// # Errors
/// The call brought no answer.
pub async fn public_key(
    canister: Principal,
    context: &[u8],
    name: &KeyName,
) -> Result<Vec<u8>, CallError> {
    let arguments = VetKDPublicKeyArgs {
        canister_id: Some(canister),
        context: context.to_vec(),
        key_id: key_id(name),
    };
    let management = Principal::management_canister();
    let answer: VetKDPublicKeyResult = ask(management, "vetkd_public_key", &arguments).await?;
    Ok(answer.public_key)
}

/// A key for an input, encrypted for a transport key (48 bytes, checked by the caller): 192 bytes, if it is one.
///
/// # Errors
/// The call brought no answer.
pub async fn derive(
    context: &[u8],
    input: &[u8],
    transport_public_key: &[u8],
    name: &KeyName,
) -> Result<Vec<u8>, CallError> {
    let fee = fee(name).ok_or_else(|| CallError::new(0, format!("there is no key {name}")))?;
    let arguments = VetKDDeriveKeyArgs {
        input: input.to_vec(),
        context: context.to_vec(),
        transport_public_key: transport_public_key.to_vec(),
        key_id: key_id(name),
    };
    let answer: VetKDDeriveKeyResult = pay("vetkd_derive_key", &arguments, fee).await?;
    Ok(answer.encrypted_key)
}

/// A key for an input that everybody may know: 48 bytes, unchecked.
///
/// # Errors
/// The call brought no answer, or one of another length.
pub async fn derive_published(
    context: &[u8],
    input: &[u8],
    name: &KeyName,
) -> Result<[u8; 48], CallError> {
    let answer = derive(context, input, &IDENTITY, name).await?;
    let key = answer.get(C3..).filter(|_| answer.len() == ENCRYPTED);
    let key = key.and_then(|key| key.try_into().ok());
    key.ok_or_else(|| CallError::new(0, "an encrypted key has 192 bytes"))
}
