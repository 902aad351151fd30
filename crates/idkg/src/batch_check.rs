//! Many shares of one node checked against their commitments at once.
//!
//! Source: docs/protocols/idkg.md, step 6.2; the small-exponents test of Bellare, Garay and Rabin (EUROCRYPT '98). The same combination of shares and
//! of commitments is compared, with weights of 128 bits hashed from everything that the shares depend on, so that a wrong share gets
//! through with probability 2^-128 and every node comes to the same verdict. The combined commitment is public and the same for all nodes.

use crate::kind::Kind;
use chainkey_algebra::ff::Field;
use chainkey_algebra::{Curve, Domain, NodeIndex, Oracle, Secret};

/// A random linear combination of commitments.
#[derive(Clone, Debug)]
pub(crate) struct BatchCheck<C: Curve, K: Kind> {
    weights: Vec<C::Scalar>,
    combined: K::Commitment<C>,
}

impl<C: Curve, K: Kind> BatchCheck<C, K> {
    /// The combination with weights from a digest of everything that the shares depend on. `None` without commitments.
    pub(crate) fn new<'a>(
        digest: &[u8; 32],
        commitments: impl ExactSizeIterator<Item = &'a K::Commitment<C>>,
    ) -> Option<Self> {
        let mut stream = Oracle::new(Domain::BatchWeights)
            .bytes("shares of", digest)
            .stream();
        let mut weights = vec![C::Scalar::ONE];
        weights.extend((1..commitments.len()).map(|_| stream.weight::<C>()));
        let terms: Vec<_> = weights.iter().copied().zip(commitments).collect();
        let combined = match &terms[..] {
            [(_, single)] => (*single).clone(),
            several => K::combine(several)?,
        };
        Some(BatchCheck { weights, combined })
    }

    /// Whether the shares open all commitments at that node. Constant time in the shares.
    pub(crate) fn opens<'a>(
        &self,
        node: NodeIndex,
        shares: impl ExactSizeIterator<Item = &'a K::Share<C>>,
    ) -> bool {
        if shares.len() != self.weights.len() {
            return false;
        }
        let mut sums = vec![C::Scalar::ZERO; K::SCALARS];
        for (share, weight) in shares.zip(&self.weights) {
            for (sum, scalar) in sums.iter_mut().zip(K::scalars(share)) {
                *sum += *weight * scalar.expose();
            }
        }
        let mut sums = sums.into_iter().map(Secret::new);
        let opened = K::share::<C>(&mut sums).map(|share| K::open(&share));
        opened == Some(K::at(&self.combined, node))
    }
}
