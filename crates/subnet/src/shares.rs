//! The shares of one result, as the nodes send them: each node is heard once.
//!
//! In: shares out of blocks, and whose were found wrong. Out: the shares to combine, in the order in which they came, and blames.

use crate::ceremony::Blame;
use chainkey_algebra::NodeIndex;
use std::collections::BTreeSet;

/// Shares that arrived and were not found wrong, and the nodes that sent wrong ones.
pub struct Shares<T> {
    kept: Vec<(NodeIndex, T)>,
    refused: BTreeSet<NodeIndex>,
}

impl<T> Default for Shares<T> {
    fn default() -> Self {
        Shares {
            kept: Vec::new(),
            refused: BTreeSet::new(),
        }
    }
}

impl<T> Shares<T> {
    /// The shares to combine.
    pub fn kept(&self) -> &[(NodeIndex, T)] {
        &self.kept
    }

    /// The nodes that sent wrong ones.
    pub fn refused(&self) -> &BTreeSet<NodeIndex> {
        &self.refused
    }

    /// Whether a share of the node arrived, good or bad.
    pub fn has_heard(&self, node: NodeIndex) -> bool {
        self.refused.contains(&node) || self.kept.iter().any(|(sender, _)| *sender == node)
    }

    /// Takes a share out of a block, which is read only if it is the node's first. What is read as nothing is a share of something else, and passed over.
    pub fn take<E: ToString>(
        &mut self,
        sender: NodeIndex,
        read: impl FnOnce() -> Result<Option<T>, E>,
    ) -> Result<(), Blame> {
        if self.has_heard(sender) {
            return Ok(());
        }
        match read() {
            Ok(share) => {
                self.kept.extend(share.map(|share| (sender, share)));
                Ok(())
            }
            Err(what) => {
                self.refused.insert(sender);
                Err(Blame::new(sender, what))
            }
        }
    }

    /// Throws out the shares of nodes that sent wrong ones.
    pub fn refuse(&mut self, culprits: Vec<NodeIndex>, what: &str) -> Vec<Blame> {
        self.kept.retain(|(sender, _)| !culprits.contains(sender));
        self.refused.extend(&culprits);
        let blames = culprits.into_iter();
        blames.map(|node| Blame::new(node, what)).collect()
    }
}
