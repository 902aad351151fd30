//! Interpolation of shares of which some may be wrong: combine first, check once, look for culprits only when that fails.
//!
//! In: shares in the names of nodes, and a check of what they combine to. Out: what was checked, and the nodes whose shares are proven wrong. Two
//! ways, by what is known: [`combine`] for shares in a group whose polynomial has a public leading coefficient, [`Combiner`] for shares that are scalars.
//! Leaves out: what the shares are shares of.

mod combiner;
mod linear;
mod shared_key;

pub use combiner::{Combiner, Session};
pub use linear::{Combined, LinearCheck, combine};
pub use shared_key::{SharedKey, UnusableKey};

use crate::index::NodeIndex;

/// What is wrong with shares, and who is to blame for it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SharesError {
    /// A share in the name of a node outside the committee. No blame: anyone could have written it.
    #[error("{0} is not in the committee")]
    UnknownNode(NodeIndex),
    /// Two shares in the name of one node. No blame: one of them may be another's.
    #[error("{0} stands twice among the shares")]
    DuplicateNode(NodeIndex),
    /// A share that is not its node's.
    #[error("the share of {0} is wrong")]
    WrongShare(NodeIndex),
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
        /// Shares that were not found wrong.
        good: usize,
        /// The nodes whose shares were found wrong, in order.
        culprits: Vec<NodeIndex>,
    },
    /// Shares that are right one by one combine to what is wrong. Cannot be, unless the check is.
    #[error("good shares combine to what is wrong")]
    Contradiction,
}

impl SharesError {
    /// The nodes that are proven to have sent something wrong.
    pub fn culprits(&self) -> &[NodeIndex] {
        match self {
            SharesError::WrongShare(node) => std::slice::from_ref(node),
            SharesError::TooFewGoodShares { culprits, .. } => culprits,
            SharesError::UnknownNode(_)
            | SharesError::DuplicateNode(_)
            | SharesError::TooFewShares { .. }
            | SharesError::Contradiction => &[],
        }
    }
}
