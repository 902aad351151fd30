//! Many shares of one node checked against their commitments at once.
//!
//! Source: docs/protocols/idkg.md, step 6.2; the small-exponents test of Bellare, Garay and Rabin (EUROCRYPT '98). The same combination of shares and
//! of commitments is compared, with weights of 128 bits hashed from everything that the shares depend on, so that a wrong share gets
//! through with probability 2^-128 and every node comes to the same verdict. The combined commitment is public and the same for all nodes.
//! The caller must guarantee that the shares were fixed before the weights were: the digest must be of something that determines them, as ciphertexts
//! do. Whoever chooses shares afterwards knows the weights and can move errors between slots ([`each_opens`] is for those).

use crate::kind::{Kind, combine_shares};
use chainkey_algebra::ff::Field;
use chainkey_algebra::{Curve, Domain, NodeIndex, Oracle};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// A random linear combination of commitments.
#[derive(Debug)]
pub(crate) struct BatchCheck<C: Curve, K: Kind> {
    weights: Vec<C::Scalar>,
    /// Whether somebody has asked. For one receiver it is cheaper to evaluate the commitments and to combine the points; the combined commitment
    /// is made when a second one asks. Both come to the same point.
    asked: AtomicBool,
    combined: OnceLock<Option<K::Commitment<C>>>,
}

impl<C: Curve, K: Kind> BatchCheck<C, K> {
    /// The combination of `count` commitments with weights from a digest of everything that the shares depend on.
    pub(crate) fn new(digest: &[u8; 32], count: usize) -> Self {
        let mut stream = Oracle::new(Domain::BatchWeights)
            .bytes("shares of", digest)
            .stream();
        let first = (count > 0).then_some(C::Scalar::ONE);
        let others = (1..count).map(|_| stream.weight::<C>());
        BatchCheck {
            weights: first.into_iter().chain(others).collect(),
            asked: AtomicBool::new(false),
            combined: OnceLock::new(),
        }
    }

    /// Whether the shares open all commitments at that node; not so without any. Constant time in the shares. The commitments are always those that
    /// the digest stands for.
    pub(crate) fn opens<'s, 'a>(
        &self,
        node: NodeIndex,
        shares: impl ExactSizeIterator<Item = &'s K::Share<C>>,
        commitments: impl FnOnce() -> Vec<&'a K::Commitment<C>>,
    ) -> bool {
        if shares.len() != self.weights.len() || self.weights.is_empty() {
            return false;
        }
        let terms = self.weights.iter().copied().zip(shares).map(Some);
        let opened = combine_shares::<C, K>(terms).map(|share| K::open(&share));
        opened.is_some() && opened == self.at(node, commitments)
    }

    fn at<'a>(
        &self,
        node: NodeIndex,
        commitments: impl FnOnce() -> Vec<&'a K::Commitment<C>>,
    ) -> Option<C::Point> {
        if let Some(combined) = self.combined.get() {
            return combined.as_ref().map(|combined| K::at(combined, node));
        }
        let commitments = commitments();
        if commitments.len() != self.weights.len() {
            return None;
        }
        if let [single] = commitments[..] {
            return Some(K::at(single, node));
        }
        if !self.asked.swap(true, Ordering::Relaxed) {
            let points: Vec<C::Point> = commitments.iter().map(|one| K::at(one, node)).collect();
            return Some(C::msm_vartime(&self.weights, &points));
        }
        let combined = self.combined.get_or_init(|| {
            let terms: Vec<_> = self.weights.iter().copied().zip(commitments).collect();
            K::combine(&terms)
        });
        combined.as_ref().map(|combined| K::at(combined, node))
    }
}

/// Whether each share by itself opens its commitment at that node; not so without any. For shares that somebody chose who could know the weights of
/// a [`BatchCheck`].
pub(crate) fn each_opens<C: Curve, K: Kind>(
    node: NodeIndex,
    shares: &[K::Share<C>],
    commitments: &[K::Commitment<C>],
) -> bool {
    let mut pairs = shares.iter().zip(commitments);
    let one_each = !shares.is_empty() && shares.len() == commitments.len();
    one_each && pairs.all(|(share, commitment)| K::open(share) == K::at(commitment, node))
}
