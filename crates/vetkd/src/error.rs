//! What goes wrong, and who is to blame for it.

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
    /// A share that is not its node's part of the key that was asked for.
    #[error("the share of {0} is wrong")]
    WrongShare(NodeIndex),
    /// An encrypted key that is not the one that was asked for.
    #[error("the encrypted key is wrong")]
    WrongKey,
}

impl VetKdError {
    /// The nodes that are proven to have sent something wrong.
    pub fn culprits(&self) -> Vec<NodeIndex> {
        match self {
            VetKdError::TooFewGoodShares { culprits, .. } => culprits.clone(),
            VetKdError::WrongShare(node) => vec![*node],
            VetKdError::Encoding(_)
            | VetKdError::Length(_)
            | VetKdError::UnusableKey { .. }
            | VetKdError::UnknownNode(_)
            | VetKdError::DuplicateNode(_)
            | VetKdError::TooFewShares { .. }
            | VetKdError::WrongKey => Vec::new(),
        }
    }
}
