//! What goes wrong, and who is to blame for it.

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
    /// A share in the name of a node outside the committee. No blame: anyone could have written it.
    #[error("{0} is not in the committee")]
    UnknownNode(NodeIndex),
    /// Two shares in the name of one node. No blame: one of them may be another's.
    #[error("{0} stands twice among the shares")]
    DuplicateNode(NodeIndex),
    /// Fewer shares than the threshold.
    #[error("{needed} shares are needed, {found} were given")]
    TooFewShares {
        /// The threshold.
        needed: usize,
        /// Shares given.
        found: usize,
    },
    /// Without the wrong shares too few are left.
    #[error("{needed} shares are needed, {good} were good; wrong: {culprits:?}")]
    TooFewGoodShares {
        /// The threshold.
        needed: usize,
        /// Good shares.
        good: usize,
        /// The makers of the wrong ones, in order.
        culprits: Vec<NodeIndex>,
    },
    /// A share that does not verify under its node's key.
    #[error("the share of {0} is wrong")]
    WrongShare(NodeIndex),
    /// A signature that does not verify.
    #[error("the signature does not verify")]
    WrongSignature,
}

impl BlsError {
    /// The nodes that are proven to have sent something wrong.
    pub fn culprits(&self) -> Vec<NodeIndex> {
        match self {
            BlsError::TooFewGoodShares { culprits, .. } => culprits.clone(),
            BlsError::WrongShare(node) => vec![*node],
            BlsError::Encoding(_)
            | BlsError::NotDer
            | BlsError::UnusableKey { .. }
            | BlsError::UnknownNode(_)
            | BlsError::DuplicateNode(_)
            | BlsError::TooFewShares { .. }
            | BlsError::WrongSignature => Vec::new(),
        }
    }
}
