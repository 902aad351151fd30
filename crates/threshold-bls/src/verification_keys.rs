//! The public side of a shared key: its public key, and the key of each node's share.
//!
//! docs/protocols/threshold-bls.md, step 1. In: a committee and the commitment that a key ceremony ended with. Out: keys that are evaluated
//! once and used for every message.

use crate::error::BlsError;
use crate::message::Message;
use crate::pairing_product::mismatch;
use crate::public_key::PublicKey;
use crate::share::SignatureShare;
use blstrs::{G2Affine, G2Prepared, G2Projective};
use chainkey_algebra::commitment::SimpleCommitment;
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

    /// Verifies one share by itself. Combining does not need it; it is for whoever has to judge a single node.
    pub fn verify_share(
        &self,
        node: NodeIndex,
        share: &SignatureShare,
        message: &Message,
    ) -> Result<(), BlsError> {
        let key = G2Prepared::from(G2Affine::from(self.node_key(node)?));
        let mismatch = mismatch(share.point(), message.point(), &key);
        if bool::from(mismatch.is_identity()) {
            Ok(())
        } else {
            Err(BlsError::WrongShare(node))
        }
    }

    /// The key of a node's share.
    pub(crate) fn node_key(&self, node: NodeIndex) -> Result<&G2Projective, BlsError> {
        self.nodes
            .get(usize::from(node.0))
            .ok_or(BlsError::UnknownNode(node))
    }

    /// The commitment to the polynomial's highest coefficient.
    pub(crate) fn leading(&self) -> &G2Prepared {
        &self.leading
    }
}
