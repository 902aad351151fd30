//! Who takes part: indices of nodes, thresholds, committees.
//!
//! Source: protocols.md of the design, section 0: node `i` (from 0) holds the polynomial's value at `i + 1`, since the value at 0 is
//! the secret itself. In: sizes. Out: types that can't be mixed up.

use std::fmt;

/// The largest committee. Keeps evaluation points below 2^7, which the evaluation of commitments makes use of.
const LARGEST_COMMITTEE: u16 = 100;

/// A node's place in its committee, from 0.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct NodeIndex(pub u16);

impl NodeIndex {
    /// The point at which this node's shares are values of the polynomials: the index plus one, never 0.
    pub fn x(self) -> u64 {
        u64::from(self.0) + 1
    }
}

impl From<NodeIndex> for u16 {
    fn from(node: NodeIndex) -> Self {
        node.0
    }
}

impl fmt::Display for NodeIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "node {}", self.0)
    }
}

/// How many shares determine the secret; the polynomial's degree is one less.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Threshold(u16);

impl Threshold {
    /// A threshold of at least one share; `None` for 0.
    pub fn new(shares: u16) -> Option<Self> {
        (shares > 0).then_some(Threshold(shares))
    }

    /// Shares needed.
    pub fn shares(self) -> usize {
        usize::from(self.0)
    }
}

/// Why a committee can't be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CommitteeError {
    /// Sizes are 3f + 1.
    #[error("a committee has 3f+1 nodes (1, 4, 7, 13, 34, 40, ...), not {0}")]
    NotThreeFPlusOne(u16),
    /// More nodes than [`NodeIndex`] is meant for.
    #[error("a committee has at most {LARGEST_COMMITTEE} nodes, not {0}")]
    TooLarge(u16),
}

/// A committee of n = 3f + 1 nodes, of which f may misbehave in any way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Committee {
    nodes: u16,
}

impl Committee {
    /// A committee of `nodes` = 3f + 1 members, at most 100.
    pub fn new(nodes: u16) -> Result<Self, CommitteeError> {
        if nodes > LARGEST_COMMITTEE {
            return Err(CommitteeError::TooLarge(nodes));
        }
        if nodes % 3 != 1 {
            return Err(CommitteeError::NotThreeFPlusOne(nodes));
        }
        Ok(Committee { nodes })
    }

    /// n, the number of members.
    pub fn size(self) -> usize {
        usize::from(self.nodes)
    }

    /// f, how many members may misbehave.
    pub fn faulty(self) -> usize {
        (self.size() - 1) / 3
    }

    /// f + 1: at least one honest member among so many.
    pub fn low(self) -> Threshold {
        Threshold((self.nodes - 1) / 3 + 1)
    }

    /// 2f + 1: a majority of honest members among so many, and as many as are sure to answer.
    pub fn high(self) -> Threshold {
        Threshold(2 * ((self.nodes - 1) / 3) + 1)
    }

    /// Every member in order.
    pub fn members(self) -> impl DoubleEndedIterator<Item = NodeIndex> + ExactSizeIterator + Clone {
        (0..self.nodes).map(NodeIndex)
    }

    /// Whether the index is a member's.
    pub fn contains(self, node: NodeIndex) -> bool {
        node.0 < self.nodes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_follow_from_the_size() {
        for (nodes, faulty) in [(1, 0), (4, 1), (7, 2), (13, 4), (34, 11), (40, 13)] {
            let committee = Committee::new(nodes).unwrap();
            assert_eq!(committee.faulty(), faulty);
            assert_eq!(committee.low().shares(), faulty + 1);
            assert_eq!(committee.high().shares(), 2 * faulty + 1);
            assert_eq!(committee.members().len(), usize::from(nodes));
        }
    }

    #[test]
    fn refuses_sizes_that_are_not_3f_plus_1() {
        for nodes in [0, 2, 3, 5, 12] {
            assert_eq!(
                Committee::new(nodes),
                Err(CommitteeError::NotThreeFPlusOne(nodes))
            );
        }
        assert_eq!(Committee::new(103), Err(CommitteeError::TooLarge(103)));
    }

    #[test]
    fn no_node_holds_the_value_at_zero() {
        assert_eq!(NodeIndex(0).x(), 1);
    }
}
