//! The one trait through which execution meets the subnet's threshold protocols.
//!
//! Execution never sees a share or a secret: it asks for public keys at once, and for signatures and derived keys by a request
//! that the subnet answers in a later round. Where there are no nodes, [`NoKeys`] refuses everything with
//! [`ChainKeyError::NoKeyYet`]; there is no fake signature anywhere.

use crate::ids::{CanisterId, SubnetId};
use crate::sandbox::KeyName;
use crate::state_tree::Delegation;

/// Why a key operation can't be served.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChainKeyError {
    /// The subnet holds no key material yet.
    #[error("no key yet: {what} needs nodes that hold keys, and there are none here")]
    NoKeyYet {
        /// What was asked for.
        what: &'static str,
    },
    /// The nodes can't do it now: too few of them take part.
    #[error("{0}")]
    Stalled(String),
    /// The vetKD transport key is not a point of the group.
    #[error("The provided transport public key is invalid.")]
    InvalidTransportKey,
    /// The path, the context or the auxiliary input can't be used with this key.
    #[error("InvalidArgument({0:?})")]
    InvalidArgument(String),
}

/// Whose key under a threshold key is meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyDerivation {
    /// The threshold key.
    pub key: KeyName,
    /// The canister that the derived key belongs to.
    pub canister: CanisterId,
    /// The derivation path after the canister id; for vetKD one element, the context.
    pub path: Vec<Vec<u8>>,
}

/// A derived public key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DerivedPublicKey {
    /// SEC1 compressed (ECDSA, BIP-340), 32 bytes (Ed25519) or a compressed G2 point (vetKD).
    pub public_key: Vec<u8>,
    /// The chain code (32 bytes); empty for vetKD.
    pub chain_code: Vec<u8>,
}

/// What is to be computed with a threshold key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyOperation {
    /// An ECDSA signature over a hash.
    SignHash([u8; 32]),
    /// A Schnorr signature over a message; BIP-341: with the Merkle root by which the key is tweaked.
    SignMessage {
        /// The message.
        message: Vec<u8>,
        /// The Merkle root (0 or 32 bytes), if the key is to be tweaked.
        merkle_root: Option<Vec<u8>>,
    },
    /// A vetKD key, encrypted for a transport key.
    DeriveKey {
        /// The input.
        input: Vec<u8>,
        /// The transport key: a compressed G1 point.
        transport_key: [u8; 48],
    },
}

/// One request for work with a threshold key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeyRequest {
    /// Number of the request on its subnet; presignatures are matched to it.
    pub id: u64,
    /// The key.
    pub derivation: KeyDerivation,
    /// The work.
    pub operation: KeyOperation,
    /// The round in which it was accepted.
    pub round: u64,
}

/// What a subnet's nodes can do jointly, as execution sees it.
pub trait ChainKeys: Send + Sync {
    /// The subnet's public key in DER (133 bytes), as in `/status` and in delegations.
    fn subnet_public_key(&self, subnet: SubnetId) -> Result<Vec<u8>, ChainKeyError>;

    /// 32 bytes of randomness of the round that asks, drawn only after the round is fixed.
    fn random_bytes(&self, subnet: SubnetId, round: u64) -> Result<[u8; 32], ChainKeyError>;

    /// The same if the subnet has a key already; makes none.
    fn known_public_key(&self, subnet: SubnetId) -> Option<Vec<u8>>;

    /// The nodes' signature (BLS, 48 bytes) on a state tree with this root hash.
    fn certify(&self, subnet: SubnetId, root_hash: [u8; 32]) -> Result<[u8; 48], ChainKeyError>;

    /// The root's delegation to this subnet; none for the root itself.
    fn delegation(&self, subnet: SubnetId) -> Result<Option<Delegation>, ChainKeyError>;

    /// The public key derived for a canister.
    fn public_key(
        &self,
        subnet: SubnetId,
        derivation: &KeyDerivation,
    ) -> Result<DerivedPublicKey, ChainKeyError>;

    /// Whether the request can be served at all; called once, before it is charged and queued.
    fn accept(&self, subnet: SubnetId, request: &KeyRequest) -> Result<(), ChainKeyError>;

    /// The result of an accepted request: a signature or an encrypted key; `None` while the nodes are at work. Called once a
    /// round until there is a result; must depend only on the rounds executed, so that every replay answers alike.
    fn result(
        &self,
        subnet: SubnetId,
        round: u64,
        request: &KeyRequest,
    ) -> Result<Option<Vec<u8>>, ChainKeyError>;
}

/// The key service before the protocols exist: refuses everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoKeys;

impl NoKeys {
    fn refuse<T>(what: &'static str) -> Result<T, ChainKeyError> {
        Err(ChainKeyError::NoKeyYet { what })
    }
}

impl ChainKeys for NoKeys {
    fn subnet_public_key(&self, _: SubnetId) -> Result<Vec<u8>, ChainKeyError> {
        NoKeys::refuse("the subnet's public key")
    }

    fn random_bytes(&self, _: SubnetId, _: u64) -> Result<[u8; 32], ChainKeyError> {
        NoKeys::refuse("raw_rand")
    }

    fn known_public_key(&self, _: SubnetId) -> Option<Vec<u8>> {
        None
    }

    fn certify(&self, _: SubnetId, _: [u8; 32]) -> Result<[u8; 48], ChainKeyError> {
        NoKeys::refuse("a certificate")
    }

    fn delegation(&self, _: SubnetId) -> Result<Option<Delegation>, ChainKeyError> {
        NoKeys::refuse("a delegation")
    }

    fn public_key(
        &self,
        _: SubnetId,
        _: &KeyDerivation,
    ) -> Result<DerivedPublicKey, ChainKeyError> {
        NoKeys::refuse("a derived public key")
    }

    fn accept(&self, _: SubnetId, request: &KeyRequest) -> Result<(), ChainKeyError> {
        NoKeys::refuse(match request.operation {
            KeyOperation::SignHash(_) => "a threshold ECDSA signature",
            KeyOperation::SignMessage { .. } => "a threshold Schnorr signature",
            KeyOperation::DeriveKey { .. } => "a vetKD key",
        })
    }

    fn result(
        &self,
        _: SubnetId,
        _: u64,
        _: &KeyRequest,
    ) -> Result<Option<Vec<u8>>, ChainKeyError> {
        NoKeys::refuse("the result of a threshold protocol")
    }
}
