//! Everything that can go wrong in threshold Schnorr, and who is to blame.
//!
//! Security: an error never carries a secret. [`SchnorrError::culprits`] names only nodes whose share was checked singly and found
//! wrong; a late or misdirected message is refused without blame.

use chainkey_algebra::codec::CodecError;
use chainkey_algebra::robust::SharesError;
use chainkey_algebra::{DecodeError, NodeIndex};

/// Why a presignature is spent without a signature. Another one has to be used, with another randomness.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Burn {
    /// k + delta = 0: the nonce's point is the identity.
    #[error("the nonce's point is the identity")]
    NonceAtInfinity,
    /// Every share opens the commitments, yet the signature does not verify. Cannot happen unless this package is wrong.
    #[error("good shares made a signature that does not verify")]
    Contradiction,
}

/// The errors of this package.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SchnorrError {
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
    /// The key share and the presignature share are of different nodes.
    #[error("the shares of the key and of the presignature are of {key} and of {presignature}")]
    OtherNode {
        /// Whose key share.
        key: NodeIndex,
        /// Whose presignature share.
        presignature: NodeIndex,
    },
    /// The derived key is not the master key plus the tweak times G, or is the identity.
    #[error("the derived public key does not follow from the master key and the tweak")]
    DerivedKey,
    /// A Merkle root for BIP-341 is empty or has 32 bytes.
    #[error("the root of a script tree is empty or has 32 bytes, not {0}")]
    TaprootRoot(usize),
    /// The taproot tweak is not below the order, or makes the key the identity. Nobody knows such a root.
    #[error("this root gives no taproot output key")]
    TaprootTweak,
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
    /// Bytes that are not a public key.
    #[error(transparent)]
    Key(#[from] DecodeError),
    /// Bytes that are not the encoding of what was expected.
    #[error(transparent)]
    Encoding(#[from] CodecError),
}

impl SchnorrError {
    /// The nodes that this error proves to have misbehaved.
    pub fn culprits(&self) -> &[NodeIndex] {
        match self {
            SchnorrError::Shares(error) => error.culprits(),
            SchnorrError::Threshold { .. }
            | SchnorrError::CommitmentToZero(_)
            | SchnorrError::OtherKey
            | SchnorrError::OtherNode { .. }
            | SchnorrError::DerivedKey
            | SchnorrError::TaprootRoot(_)
            | SchnorrError::TaprootTweak
            | SchnorrError::OtherPresignature
            | SchnorrError::OtherSession(_)
            | SchnorrError::Burned(_)
            | SchnorrError::BadSignature
            | SchnorrError::Key(_)
            | SchnorrError::Encoding(_) => &[],
        }
    }
}
