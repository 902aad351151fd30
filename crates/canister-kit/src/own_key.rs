//! The canister's own public key of vetKD, kept once it was checked; the keys of all contexts follow from it offline.
//!
//! - Specification: IC interface specification, `vetkd_public_key`; docs/protocols/key-derivation.md, steps 8 to 10.
//! - In: what the management canister told for the empty context. Out: [`OwnKey`], stored as 96 bytes; [`joined`] makes inputs.
//! - The caller keeps the first key and never replaces it.

use crate::calls::CallError;
use crate::config::Config;
use crate::environment::{Environment, KeyName};
use crate::vetkd::VetKeys;
use candid::Principal;
use key_path::masters::{Network, vetkd_public_key};
use key_path::vetkd::{derive, derive_below};
use minicbor::{Decode, Encode};
use thiserror::Error;

/// What was told is not the canister's own public key.
#[derive(Error, Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnKeyError {
    /// Not a compressed point of G2's subgroup of prime order, or the identity.
    #[error("this is no public key of vetKD")]
    Malformed,
    /// Not the key that the public network's master key leads to.
    #[error("this is not the canister's key on the public network")]
    NotOurs,
}

/// Why a key was not fetched.
#[derive(Error, Clone, Debug, PartialEq, Eq)]
pub enum NotFetched {
    /// The network did not tell it.
    #[error("the network told no key: {0}")]
    Silent(CallError),
    /// What it told is not the canister's own key.
    #[error(transparent)]
    Wrong(OwnKeyError),
}

/// The canister's own public key, checked.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(transparent)]
pub struct OwnKey(#[cbor(n(0), with = "minicbor::bytes")] [u8; 96]);

impl OwnKey {
    /// Asks the network, and checks what it tells.
    ///
    /// # Errors
    /// See [`NotFetched`].
    pub async fn fetch(world: &impl VetKeys, config: &Config) -> Result<Self, NotFetched> {
        let told = world.vetkd_public_key(&[], &config.key_name).await;
        let told = told.map_err(NotFetched::Silent)?;
        let (environment, name) = (config.environment, &config.key_name);
        Self::check(&told, environment, name, world.canister()).map_err(NotFetched::Wrong)
    }

    /// Checks what was told. On the public network it is compared with what the published master key leads to.
    ///
    /// # Errors
    /// See [`OwnKeyError`].
    pub fn check(
        told: &[u8],
        environment: Environment,
        name: &KeyName,
        canister: Principal,
    ) -> Result<Self, OwnKeyError> {
        let key = derive_below(told, &[]).map_err(|_| OwnKeyError::Malformed)?;
        let master = match environment {
            Environment::Local => None,
            Environment::Staging | Environment::Production => {
                vetkd_public_key(Network::Mainnet, name.as_str())
            }
        };
        let expected = master.map(|master| derive(master, canister.as_slice(), &[]));
        match expected {
            Some(Ok(expected)) if expected.public_key == key.public_key => {}
            Some(_) => return Err(OwnKeyError::NotOurs),
            None => {}
        }
        Ok(Self(key.public_key))
    }

    /// The public key of a context: 96 bytes, the same that `vetkd_public_key` gives.
    pub fn of_context(&self, context: &[u8]) -> [u8; 96] {
        match derive_below(&self.0, context) {
            Ok(derived) => derived.public_key,
            Err(error) => panic!("a checked key has keys below it: {error}"),
        }
    }
}

/// An input of several parts: each after its length (4 bytes, big endian), so that no two lists of parts are the same bytes.
///
/// # Panics
/// If a part has 4 GiB.
pub fn joined(parts: &[&[u8]]) -> Vec<u8> {
    let mut input = Vec::new();
    for part in parts {
        match u32::try_from(part.len()) {
            Ok(length) => input.extend_from_slice(&length.to_be_bytes()),
            Err(_) => panic!("a part of an input is short"),
        }
        input.extend_from_slice(part);
    }
    input
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canister() -> Principal {
        Principal::from_slice(&[0, 0, 0, 0, 1, 0xa0, 0, 4, 1, 1])
    }

    fn mainnet(name: &str, context: &[u8]) -> [u8; 96] {
        let master = vetkd_public_key(Network::Mainnet, name).unwrap();
        let derived = derive(master, canister().as_slice(), context);
        derived.unwrap().public_key
    }

    fn check(told: &[u8], environment: Environment, name: &str) -> Result<OwnKey, OwnKeyError> {
        let name = KeyName::parse(name).unwrap();
        OwnKey::check(told, environment, &name, canister())
    }

    #[test]
    fn parts_of_an_input_cannot_run_into_each_other() {
        assert_eq!(joined(&[b"a", b"bc"]), b"\0\0\0\x01a\0\0\0\x02bc");
        assert_ne!(joined(&[b"ab", b"c"]), joined(&[b"a", b"bc"]));
        assert_ne!(joined(&[b""]), joined(&[]));
    }

    #[test]
    fn the_key_of_a_context_follows_from_the_canisters_own() {
        let told = mainnet("test_key_1", &[]);
        let own = check(&told, Environment::Local, "any").unwrap();
        for context in [&b"one"[..], b"two"] {
            assert_eq!(own.of_context(context), mainnet("test_key_1", context));
        }
        let bytes = minicbor::to_vec(own).unwrap();
        assert_eq!((bytes.len(), &bytes[..2]), (98, &[0x58, 96][..]));
        assert_eq!(minicbor::decode::<OwnKey>(&bytes).unwrap(), own);
    }

    #[test]
    fn on_the_public_network_only_the_key_of_the_published_master_is_taken() {
        let told = mainnet("key_1", &[]);
        assert!(check(&told, Environment::Production, "key_1").is_ok());
        let not_ours = Err(OwnKeyError::NotOurs);
        assert_eq!(check(&told, Environment::Staging, "test_key_1"), not_ours);
        let malformed = Err(OwnKeyError::Malformed);
        assert_eq!(check(&told[..95], Environment::Local, "a"), malformed);
        assert_eq!(check(&[0; 96], Environment::Local, "a"), malformed);
    }
}
