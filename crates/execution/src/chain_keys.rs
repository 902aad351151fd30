//! The one trait through which execution meets the subnet's threshold protocols.
//!
//! Execution never sees a share or a secret: it asks for public keys at once, and for signatures, derived keys and random
//! bytes by a request that the subnet answers in a later round. Until the protocols exist, [`NoKeys`] refuses everything
//! with [`NoKeyYet`]; there is no fake signature anywhere.

use crate::ids::SubnetId;

/// Why a key operation can't be served.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ChainKeyError {
    /// The subnet holds no key material yet.
    #[error("no key yet: {what} needs the threshold protocols, which this version does not run")]
    NoKeyYet {
        /// What was asked for.
        what: &'static str,
    },
}

/// What a subnet's nodes can do jointly, as execution sees it.
pub trait ChainKeys: Send + Sync {
    /// The subnet's public key in DER (133 bytes), as in `/status` and in delegations.
    fn subnet_public_key(&self, subnet: SubnetId) -> Result<Vec<u8>, ChainKeyError>;

    /// 32 bytes of randomness of the round that asks, drawn only after the round is fixed.
    fn random_bytes(&self, subnet: SubnetId, round: u64) -> Result<[u8; 32], ChainKeyError>;

    /// A certificate (CBOR, self-described) over the state tree with this root hash, for `data_certificate`.
    fn certify(&self, subnet: SubnetId, root_hash: [u8; 32]) -> Result<Vec<u8>, ChainKeyError>;
}

/// The key service before the protocols exist: refuses everything.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoKeys;

impl ChainKeys for NoKeys {
    fn subnet_public_key(&self, _: SubnetId) -> Result<Vec<u8>, ChainKeyError> {
        Err(ChainKeyError::NoKeyYet {
            what: "the subnet's public key",
        })
    }

    fn random_bytes(&self, _: SubnetId, _: u64) -> Result<[u8; 32], ChainKeyError> {
        Err(ChainKeyError::NoKeyYet { what: "raw_rand" })
    }

    fn certify(&self, _: SubnetId, _: [u8; 32]) -> Result<Vec<u8>, ChainKeyError> {
        Err(ChainKeyError::NoKeyYet {
            what: "a certificate",
        })
    }
}
