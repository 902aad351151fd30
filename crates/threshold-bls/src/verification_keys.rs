//! The public side of a shared key: its public key, and the key of each node's share.
//!
//! docs/protocols/threshold-bls.md, step 1. In: a committee and the commitment that a key ceremony ended with. Out: keys that are evaluated
//! once and used for every message.

use crate::error::BlsError;
use crate::public_key::PublicKey;
use blstrs::{G2Affine, G2Prepared, G2Projective};
use chainkey_algebra::commitment::SimpleCommitment;
use chainkey_algebra::robust::SharesError;
use chainkey_algebra::{BlsG2, Committee, NodeIndex};
use group::Group;

/// What is needed to verify and combine the shares of one key.
#[derive(Clone, Debug)]
pub struct VerificationKeys {
    committee: Committee,
    threshold: usize,
    public_key: PublicKey,
    nodes: Vec<G2Projective>,
    leading: G2Prepared,
}

impl VerificationKeys {
    /// Evaluates the commitment at every node: some 10 ms for 40 nodes, once for each key.
    pub fn new(
        committee: Committee,
        commitment: &SimpleCommitment<BlsG2>,
    ) -> Result<Self, BlsError> {
        let threshold = commitment.threshold();
        let constant = commitment.constant();
        if threshold > committee.size() || bool::from(constant.is_identity()) {
            return Err(BlsError::UnusableKey {
                threshold,
                nodes: committee.size(),
            });
        }
        let leading = commitment.points()[threshold - 1];
        Ok(VerificationKeys {
            committee,
            threshold,
            public_key: PublicKey::of_point(constant),
            nodes: committee
                .members()
                .map(|node| commitment.at(node))
                .collect(),
            leading: G2Affine::from(leading).into(),
        })
    }

    /// The key that signatures verify under.
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// The nodes that hold shares.
    pub fn committee(&self) -> Committee {
        self.committee
    }

    /// How many shares make a signature.
    pub fn threshold(&self) -> usize {
        self.threshold
    }

    /// The key of a node's share.
    pub(crate) fn node_key(&self, node: NodeIndex) -> Result<&G2Projective, SharesError> {
        self.nodes
            .get(usize::from(node.0))
            .ok_or(SharesError::UnknownNode(node))
    }

    /// The commitment to the polynomial's highest coefficient.
    pub(crate) fn leading(&self) -> &G2Prepared {
        &self.leading
    }
}
