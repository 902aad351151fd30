//! What goes wrong, and who is to blame for it.

use chainkey_algebra::robust::{SharesError, UnusableKey};
use chainkey_algebra::{DecodeError, NodeIndex};

/// Why there is no encrypted key.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum VetKdError {
    /// Bytes that are no point of the prime-order subgroup, or the identity where it is refused.
    #[error(transparent)]
    Encoding(#[from] DecodeError),
    /// An encrypted key or a share of one has 192 bytes.
    #[error("an encrypted key has 192 bytes, not {0}")]
    Length(usize),
    /// A commitment that is no key for its committee.
    #[error(transparent)]
    UnusableKey(#[from] UnusableKey),
    /// Wrong shares, or too few.
    #[error(transparent)]
    Shares(#[from] SharesError),
    /// An encrypted key that is not the one that was asked for.
    #[error("the encrypted key is wrong")]
    WrongKey,
}

impl VetKdError {
    /// The nodes that are proven to have sent something wrong.
    pub fn culprits(&self) -> &[NodeIndex] {
        match self {
            VetKdError::Shares(error) => error.culprits(),
            VetKdError::Encoding(_)
            | VetKdError::Length(_)
            | VetKdError::UnusableKey(_)
            | VetKdError::WrongKey => &[],
        }
    }
}
