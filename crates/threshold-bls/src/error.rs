//! What goes wrong, and who is to blame for it.

use chainkey_algebra::robust::SharesError;
use chainkey_algebra::{DecodeError, NodeIndex};

/// Why there is no signature.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BlsError {
    /// Bytes that are no point of the prime-order subgroup, or the identity.
    #[error(transparent)]
    Encoding(#[from] DecodeError),
    /// Bytes that are not the DER encoding of a BLS public key.
    #[error("the bytes are not the DER encoding of a BLS12-381 public key")]
    NotDer,
    /// The key's threshold is above the number of nodes, or its public key is the identity.
    #[error("a commitment to {threshold} coefficients is no key for {nodes} nodes")]
    UnusableKey {
        /// The commitment's threshold.
        threshold: usize,
        /// Nodes of the committee.
        nodes: usize,
    },
    /// Wrong shares, or too few.
    #[error(transparent)]
    Shares(#[from] SharesError),
    /// A signature that does not verify.
    #[error("the signature does not verify")]
    WrongSignature,
}

impl BlsError {
    /// The nodes that are proven to have sent something wrong.
    pub fn culprits(&self) -> &[NodeIndex] {
        match self {
            BlsError::Shares(error) => error.culprits(),
            BlsError::Encoding(_)
            | BlsError::NotDer
            | BlsError::UnusableKey { .. }
            | BlsError::WrongSignature => &[],
        }
    }
}
