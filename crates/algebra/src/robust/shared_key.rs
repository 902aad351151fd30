//! The public side of a shared key: its public key, and the key of each node's share.
//!
//! In: a committee and the commitment that a key ceremony ended with. Out: keys that are evaluated once and used for every message.

use super::SharesError;
use crate::commitment::SimpleCommitment;
use crate::curve::Curve;
use crate::index::{Committee, NodeIndex, Threshold};
use group::Group;

/// The key's threshold is another one than it should be, or its public key is the identity.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a commitment to {threshold} coefficients is no key for {nodes} nodes")]
pub struct UnusableKey {
    /// The commitment's threshold.
    pub threshold: usize,
    /// Nodes of the committee.
    pub nodes: usize,
}

/// A commitment to a key, evaluated at every node.
#[derive(Clone, Debug)]
pub struct SharedKey<C: Curve> {
    committee: Committee,
    commitment: SimpleCommitment<C>,
    nodes: Vec<C::Point>,
}

impl<C: Curve> SharedKey<C> {
    /// The commitment must have this threshold. Evaluates it at every node: in G2 some 10 ms for 40 nodes, once for each key.
    pub fn new(
        committee: Committee,
        expected: Threshold,
        commitment: &SimpleCommitment<C>,
    ) -> Result<Self, UnusableKey> {
        let threshold = commitment.threshold();
        let nodes = committee.size();
        if threshold != expected.shares() || bool::from(commitment.constant().is_identity()) {
            return Err(UnusableKey { threshold, nodes });
        }
        Ok(SharedKey {
            committee,
            commitment: commitment.clone(),
            nodes: committee
                .members()
                .map(|node| commitment.at(node))
                .collect(),
        })
    }

    /// The nodes that hold shares.
    pub fn committee(&self) -> Committee {
        self.committee
    }

    /// How many shares determine the key.
    pub fn threshold(&self) -> usize {
        self.commitment.threshold()
    }

    /// The public key.
    pub fn public(&self) -> C::Point {
        self.commitment.constant()
    }

    /// The commitment to the polynomial's highest coefficient.
    pub fn leading(&self) -> C::Point {
        self.commitment.points()[self.threshold() - 1]
    }

    /// The public key of a node's share.
    pub fn of_node(&self, node: NodeIndex) -> Result<&C::Point, SharesError> {
        let key = self.nodes.get(usize::from(node.0));
        key.ok_or(SharesError::UnknownNode(node))
    }
}
