//! A canister that asks for joint keys, signatures and random bytes on behalf of a test.
//!
//! - In: the client's handle on a network with a subnet that holds keys of the name [`test_key`].
//! - Out: the answers of the management canister, as the canister got them. Whoever calls verifies them.
//! - Left out: verification; other fees than one that is always enough.

use crate::modules::{FORWARDER, forward, wasm};
use crate::world::{WorldError, test_key};
use candid::{CandidType, Decode, Encode, Principal};
use ic_management_canister_types as management;
use pocket_ic::PocketIc;
use pocket_ic::common::rest::RawMessageId;
use serde::de::DeserializeOwned;

/// Cycles attached to a call: more than the fee of a signature on any subnet.
const CYCLES: u64 = 100_000_000_000;

/// The canister.
pub struct Signer<'a> {
    network: &'a PocketIc,
    canister: Principal,
}

/// The name of a key on secp256k1.
pub fn ecdsa_key() -> management::EcdsaKeyId {
    management::EcdsaKeyId {
        curve: management::EcdsaCurve::Secp256k1,
        name: test_key(),
    }
}

/// The name of a Schnorr key.
pub fn schnorr_key(algorithm: management::SchnorrAlgorithm) -> management::SchnorrKeyId {
    management::SchnorrKeyId {
        algorithm,
        name: test_key(),
    }
}

/// The name of a vetKD key.
pub fn vetkd_key() -> management::VetKDKeyId {
    management::VetKDKeyId {
        curve: management::VetKDCurve::Bls12_381_G2,
        name: test_key(),
    }
}

impl<'a> Signer<'a> {
    /// Installs the canister on the first application subnet.
    ///
    /// # Panics
    /// The client panics when the server does not answer as it should.
    pub fn install(network: &'a PocketIc) -> Self {
        let subnet = network.topology().get_app_subnets()[0];
        let canister = network.create_canister_on_subnet(None, None, subnet);
        network.add_cycles(canister, 100_000_000_000_000);
        network.install_canister(canister, wasm(FORWARDER), vec![], None);
        Signer { network, canister }
    }

    /// Has the canister call the management canister, and does not wait.
    ///
    /// # Panics
    /// The network does not take the message.
    pub fn submit<A: CandidType>(&self, method: &str, arguments: &A) -> RawMessageId {
        let payload = Encode!(arguments).expect("the arguments encode");
        let target = Principal::management_canister();
        let call = forward(target.as_slice(), CYCLES, method, &payload);
        let sender = Principal::anonymous();
        let submitted = self
            .network
            .submit_call(self.canister, sender, "forward", call);
        submitted.expect("the message is taken")
    }

    /// Waits for an answer.
    ///
    /// # Errors
    /// The management canister rejected the call, or nothing was answered in a hundred rounds.
    pub fn wait<R: CandidType + DeserializeOwned>(
        &self,
        id: RawMessageId,
    ) -> Result<R, WorldError> {
        let reply = self.network.await_call(id)?;
        Ok(Decode!(&reply, R).expect("the answer decodes"))
    }

    /// Both.
    ///
    /// # Errors
    /// As [`Signer::wait`].
    pub fn call<A: CandidType, R: CandidType + DeserializeOwned>(
        &self,
        method: &str,
        arguments: &A,
    ) -> Result<R, WorldError> {
        self.wait(self.submit(method, arguments))
    }

    /// The canister's key on secp256k1: 33 bytes.
    ///
    /// # Errors
    /// As [`Signer::wait`].
    pub fn ecdsa_public_key(&self, path: Vec<Vec<u8>>) -> Result<Vec<u8>, WorldError> {
        let arguments = management::EcdsaPublicKeyArgs {
            canister_id: None,
            derivation_path: path,
            key_id: ecdsa_key(),
        };
        let public: management::EcdsaPublicKeyResult = self.call("ecdsa_public_key", &arguments)?;
        Ok(public.public_key)
    }

    /// Asks for an ECDSA signature on a hash, and does not wait.
    pub fn submit_hash(&self, hash: [u8; 32], path: Vec<Vec<u8>>) -> RawMessageId {
        let arguments = management::SignWithEcdsaArgs {
            message_hash: hash.to_vec(),
            derivation_path: path,
            key_id: ecdsa_key(),
        };
        self.submit("sign_with_ecdsa", &arguments)
    }

    /// An ECDSA signature on a hash: 64 bytes.
    ///
    /// # Errors
    /// As [`Signer::wait`].
    pub fn sign_hash(&self, hash: [u8; 32], path: Vec<Vec<u8>>) -> Result<Vec<u8>, WorldError> {
        let id = self.submit_hash(hash, path);
        let signed: management::SignWithEcdsaResult = self.wait(id)?;
        Ok(signed.signature)
    }

    /// The canister's Schnorr key (33 or 32 bytes) and a signature on a message (64 bytes).
    ///
    /// # Errors
    /// As [`Signer::wait`].
    pub fn sign_message(
        &self,
        algorithm: management::SchnorrAlgorithm,
        aux: Option<management::SchnorrAux>,
        message: &[u8],
        path: Vec<Vec<u8>>,
    ) -> Result<(Vec<u8>, Vec<u8>), WorldError> {
        let arguments = management::SchnorrPublicKeyArgs {
            canister_id: None,
            derivation_path: path.clone(),
            key_id: schnorr_key(algorithm),
        };
        let public: management::SchnorrPublicKeyResult =
            self.call("schnorr_public_key", &arguments)?;
        let arguments = management::SignWithSchnorrArgs {
            message: message.to_vec(),
            derivation_path: path,
            key_id: schnorr_key(algorithm),
            aux,
        };
        let signed: management::SignWithSchnorrResult =
            self.call("sign_with_schnorr", &arguments)?;
        Ok((public.public_key, signed.signature))
    }

    /// The canister's vetKD key for a context: 96 bytes.
    ///
    /// # Errors
    /// As [`Signer::wait`].
    pub fn vetkd_public_key(&self, context: &[u8]) -> Result<Vec<u8>, WorldError> {
        let arguments = management::VetKDPublicKeyArgs {
            canister_id: None,
            context: context.to_vec(),
            key_id: vetkd_key(),
        };
        let public: management::VetKDPublicKeyResult = self.call("vetkd_public_key", &arguments)?;
        Ok(public.public_key)
    }

    /// Another canister's vetKD key for a context: 96 bytes. Public keys are nobody's secret.
    ///
    /// # Errors
    /// As [`Signer::wait`].
    pub fn vetkd_public_key_of(
        &self,
        canister: Principal,
        context: &[u8],
    ) -> Result<Vec<u8>, WorldError> {
        let arguments = management::VetKDPublicKeyArgs {
            canister_id: Some(canister),
            context: context.to_vec(),
            key_id: vetkd_key(),
        };
        let public: management::VetKDPublicKeyResult = self.call("vetkd_public_key", &arguments)?;
        Ok(public.public_key)
    }

    /// A key for an input, encrypted to a transport key of 48 bytes: 192 bytes.
    ///
    /// # Errors
    /// As [`Signer::wait`].
    pub fn derive_key(
        &self,
        context: &[u8],
        input: &[u8],
        transport_public_key: Vec<u8>,
    ) -> Result<Vec<u8>, WorldError> {
        let arguments = management::VetKDDeriveKeyArgs {
            input: input.to_vec(),
            context: context.to_vec(),
            transport_public_key,
            key_id: vetkd_key(),
        };
        let derived: management::VetKDDeriveKeyResult =
            self.call("vetkd_derive_key", &arguments)?;
        Ok(derived.encrypted_key)
    }

    /// 32 bytes of the tape.
    ///
    /// # Errors
    /// As [`Signer::wait`].
    pub fn random_bytes(&self) -> Result<Vec<u8>, WorldError> {
        let bytes: serde_bytes::ByteBuf = self.call("raw_rand", &())?;
        Ok(bytes.into_vec())
    }
}
