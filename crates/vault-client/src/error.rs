//! Why something does not open, or cannot be sealed.

use thiserror::Error;

/// Why something does not open, or cannot be sealed.
#[derive(Error, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientError {
    /// Not a public key: 96 bytes, a point of G2's subgroup.
    #[error("the verification key is no public key of vetKD")]
    VerificationKey,
    /// Not an encrypted key: 192 bytes, three points.
    #[error("the answer is no encrypted key")]
    EncryptedKey,
    /// The answer is not the key of this space and epoch under the verification key, or was made for another transport key.
    #[error("the answer is not the key that was asked for; do not use it")]
    OtherKey,
    /// It was not sealed for this place under this key, or has been changed.
    #[error("this does not open: it was changed, moved, or sealed under another key")]
    DoesNotOpen,
    /// A file has no chunk, or more than the canister takes.
    #[error("a file has 1 to {at_most} chunks, not {chunks}")]
    Chunks {
        /// How many it would have.
        chunks: usize,
        /// The most.
        at_most: usize,
    },
}
