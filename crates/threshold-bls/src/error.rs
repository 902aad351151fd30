//! What goes wrong, and who is to blame for it.

use chainkey_algebra::robust::{SharesError, UnusableKey};
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
    /// A commitment that is no key for its committee.
    #[error(transparent)]
    UnusableKey(#[from] UnusableKey),
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
            | BlsError::UnusableKey(_)
            | BlsError::WrongSignature => &[],
        }
    }
}
