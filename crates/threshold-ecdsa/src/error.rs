//! Everything that can go wrong in threshold ECDSA, and who is to blame.
//!
//! Security: an error never carries a secret. [`EcdsaError::culprits`] names only nodes whose share was checked singly and found
//! wrong; a late or misdirected message is refused without blame.

use chainkey_algebra::NodeIndex;
use chainkey_algebra::codec::CodecError;
use chainkey_algebra::robust::SharesError;

/// Why a presignature is spent without a signature. Another one has to be used, with another randomness.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Burn {
    /// kappa + delta = 0: the nonce's point is the identity.
    #[error("the nonce's point is the identity")]
    NonceAtInfinity,
    /// The x-coordinate of the nonce's point is a multiple of the group's order.
    #[error("rho is zero")]
    RhoZero,
    /// The masked nonce mu(0) is zero.
    #[error("the masked nonce is zero")]
    MuZero,
    /// s is zero.
    #[error("s is zero")]
    SZero,
    /// Every share opens the commitments, yet the signature does not verify: a product transcript does not hold the product.
    #[error("the presignature's commitments contradict each other")]
    Contradiction,
}

/// The errors of this package.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum EcdsaError {
    /// A commitment's threshold is not the committee's f + 1.
    #[error(
        "the {commitment} commitment has a threshold of {found}, the committee's is {expected}"
    )]
    Threshold {
        /// Which commitment.
        commitment: &'static str,
        /// f + 1.
        expected: usize,
        /// Points of the commitment.
        found: usize,
    },
    /// A commitment to zero where anyone would know the secret.
    #[error("the {0} commitment is to zero")]
    CommitmentToZero(&'static str),
    /// The request is for another key, or for this key before or after its resharing.
    #[error("the presignature belongs to another key transcript")]
    OtherKey,
    /// The derived key is not the master key plus the tweak times G, or is the identity.
    #[error("the derived public key does not follow from the master key and the tweak")]
    DerivedKey,
    /// The session is of another presignature.
    #[error("the session is of another presignature")]
    OtherPresignature,
    /// The share was made for another session: other message, presignature, randomness, key or request.
    #[error("the share of {0} was made for another session")]
    OtherSession(NodeIndex),
    /// Wrong shares, or too few; more can be added.
    #[error(transparent)]
    Shares(#[from] SharesError),
    /// The presignature is spent and made no signature.
    #[error("the presignature is burned: {0}")]
    Burned(Burn),
    /// The signature is not one of this message under this key.
    #[error("the signature does not verify")]
    BadSignature,
    /// Bytes that are not the encoding of what was expected.
    #[error(transparent)]
    Encoding(#[from] CodecError),
}

impl EcdsaError {
    /// The nodes that this error proves to have misbehaved.
    pub fn culprits(&self) -> &[NodeIndex] {
        match self {
            EcdsaError::Shares(error) => error.culprits(),
            EcdsaError::Threshold { .. }
            | EcdsaError::CommitmentToZero(_)
            | EcdsaError::OtherKey
            | EcdsaError::DerivedKey
            | EcdsaError::OtherPresignature
            | EcdsaError::OtherSession(_)
            | EcdsaError::Burned(_)
            | EcdsaError::BadSignature
            | EcdsaError::Encoding(_) => &[],
        }
    }
}
