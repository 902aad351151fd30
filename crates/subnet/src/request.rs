//! What canisters ask the nodes' joint keys for.
//!
//! Source: interface specification, `sign_with_ecdsa`, `sign_with_schnorr`, `vetkd_derive_key`. In: a caller's request. Out: the same, with all
//! that can be refused at once refused. Leaves out: fees and queues (execution).

use crate::message::RequestId;
use key_path::{KeyPathError, Path, Scheme};
use subnet_view::{KeyId, KeyScheme};

/// The scheme by which keys are derived along paths; vetKD has its own way.
pub fn path_scheme(scheme: KeyScheme) -> Option<Scheme> {
    match scheme {
        KeyScheme::EcdsaSecp256k1 => Some(Scheme::EcdsaSecp256k1),
        KeyScheme::EcdsaSecp256r1 => Some(Scheme::EcdsaSecp256r1),
        KeyScheme::Bip340Secp256k1 => Some(Scheme::Bip340Secp256k1),
        KeyScheme::Ed25519 => Some(Scheme::Ed25519),
        KeyScheme::VetKd => None,
    }
}

/// Whose key below a master key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Derivation {
    /// The canister's id, in bytes.
    pub canister: Vec<u8>,
    /// The path after it, at most 254 elements; for vetKD one element, the context.
    pub path: Vec<Vec<u8>>,
}

impl Derivation {
    /// The path with the canister in front.
    pub fn full_path(&self) -> Result<Path, KeyPathError> {
        Path::of_canister(&self.canister, self.path.iter().cloned())
    }

    /// The context of vetKD.
    pub fn context(&self) -> &[u8] {
        self.path.first().map(Vec::as_slice).unwrap_or_default()
    }
}

/// What is to be made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Work {
    /// An ECDSA signature over 32 bytes.
    SignHash([u8; 32]),
    /// A Schnorr signature over a message; for BIP-341 with the Merkle root (0 or 32 bytes).
    SignMessage {
        /// The message.
        message: Vec<u8>,
        /// The root by which the key is tweaked.
        merkle_root: Option<Vec<u8>>,
    },
    /// A vetKD key, encrypted for a transport key.
    DeriveKey {
        /// The input.
        input: Vec<u8>,
        /// The transport key, a compressed point of G1.
        transport_key: [u8; 48],
    },
}

/// A request that was accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    /// Its number on the subnet.
    pub id: RequestId,
    /// The key.
    pub key: KeyId,
    /// Whose key below it.
    pub derivation: Derivation,
    /// What is to be made.
    pub work: Work,
}

/// Why the nodes can't do what was asked for.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RequestError {
    /// Keys of this scheme do other work.
    #[error("a key of this scheme does not do such work")]
    Work,
    /// The path can't be derived along.
    #[error(transparent)]
    Path(#[from] KeyPathError),
    /// The Merkle root has another length than 0 or 32 bytes, or the scheme takes none.
    #[error("the scheme does not take this Merkle root")]
    MerkleRoot,
    /// The transport key is no point of the group.
    #[error("the transport key is not a point of the group")]
    TransportKey,
    /// The derived key is none; this happens to nobody.
    #[error("there is no key at the end of this path")]
    NoSuchKey,
}

/// Whether a vetKD request may name these bytes as its transport key: a point of G1, the identity included.
pub fn is_transport_key(bytes: &[u8; 48]) -> bool {
    chainkey_vetkd::TransportPublicKey::from_bytes(bytes).is_ok()
}
