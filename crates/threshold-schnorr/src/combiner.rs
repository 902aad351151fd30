//! Combining shares to a signature: first combine and verify once; look for a culprit only when that fails.
//!
//! - Source: steps 6 to 8 of `docs/protocols/threshold-schnorr.md`.
//! - In: shares in any order from anyone. Out: a signature that was verified, and the nodes whose shares were found wrong.
//! - Security: what is interpolated is s, in which the key is masked by the nonce; no secret is. No signature leaves that does not verify.

use crate::error::{Burn, SchnorrError};
use crate::scheme::{Point, Scalar, Scheme};
use crate::session::Rerandomized;
use crate::share::{SignatureShare, VerifiedShare};
use chainkey_algebra::group::Group;
use chainkey_algebra::{Curve, NodeIndex, lagrange};
use std::collections::{BTreeMap, BTreeSet};

/// Collects the shares of one session.
#[derive(Debug)]
pub struct Combiner<'a, S: Scheme> {
    session: &'a Rerandomized<S>,
    claimed: BTreeMap<NodeIndex, SignatureShare<S>>,
    verified: BTreeMap<NodeIndex, VerifiedShare<S>>,
    culprits: BTreeSet<NodeIndex>,
}

impl<'a, S: Scheme> Combiner<'a, S> {
    /// A combiner without shares.
    pub fn new(session: &'a Rerandomized<S>) -> Self {
        Combiner {
            session,
            claimed: BTreeMap::new(),
            verified: BTreeMap::new(),
            culprits: BTreeSet::new(),
        }
    }

    /// Takes a share in, unchecked. Refuses shares of other sessions, of strangers, and any second share of a node.
    pub fn add(&mut self, share: SignatureShare<S>) -> Result<(), SchnorrError> {
        share.demand_fits(self.session)?;
        let node = share.node;
        let known = self.claimed.contains_key(&node)
            || self.verified.contains_key(&node)
            || self.culprits.contains(&node);
        if known {
            return Err(SchnorrError::DuplicateShare(node));
        }
        self.claimed.insert(node, share);
        Ok(())
    }

    /// The nodes whose shares were checked singly and found wrong.
    pub fn culprits(&self) -> Vec<NodeIndex> {
        self.culprits.iter().copied().collect()
    }

    /// Combines f + 1 shares and verifies the signature: 64 bytes in the form of the scheme's standard. If it is wrong, shares are checked
    /// singly, wrong ones are thrown out and blamed, and good ones are combined if there are enough; after
    /// [`SchnorrError::TooFewShares`] more can be added. [`SchnorrError::Burned`] is final.
    pub fn combine(&mut self) -> Result<[u8; 64], SchnorrError> {
        self.demand_enough()?;
        if let Ok(signature) = self.attempt() {
            return Ok(signature);
        }
        let suspect = self.suspect();
        if let Some((node, share)) = suspect.and_then(|node| self.claimed.remove_entry(&node)) {
            self.judge(node, share);
            if let Ok(signature) = self.attempt() {
                return Ok(signature);
            }
        }
        for (node, share) in std::mem::take(&mut self.claimed) {
            self.judge(node, share);
        }
        self.demand_enough()?;
        self.attempt()
    }

    fn needed(&self) -> usize {
        let committee = self.session.presignature().key().committee();
        committee.low().shares()
    }

    fn demand_enough(&self) -> Result<(), SchnorrError> {
        let (needed, good) = (self.needed(), self.claimed.len() + self.verified.len());
        if good >= needed {
            return Ok(());
        }
        Err(SchnorrError::TooFewShares {
            needed,
            good,
            culprits: self.culprits(),
        })
    }

    /// A signature from the first f + 1 shares.
    fn attempt(&self) -> Result<[u8; 64], SchnorrError> {
        let (shares, coefficients) = self.first(self.needed());
        let s = weighted_sum(&shares, &coefficients);
        let signature = S::encode(self.session.nonce(), &s);
        let (key, message) = (self.session.output_key(), self.session.message());
        S::verify(key, message, &signature)
            .map_err(|_| SchnorrError::Burned(Burn::Contradiction))?;
        Ok(signature)
    }

    /// The first shares, verified ones first, with their Lagrange coefficients at zero.
    fn first(&self, count: usize) -> (Vec<&SignatureShare<S>>, Vec<Scalar<S>>) {
        let verified = self.verified.values().map(VerifiedShare::share);
        let shares: Vec<_> = verified.chain(self.claimed.values()).take(count).collect();
        let nodes: Vec<NodeIndex> = shares.iter().map(|share| share.node).collect();
        let coefficients = lagrange::coefficients_at_zero::<S::Curve>(&nodes)
            .expect("nodes are keys of disjoint maps, and a threshold is positive");
        (shares, coefficients)
    }

    /// The one node without whose share the others fit together, if there is one share to spare. Cheap, but no proof: two liars can
    /// point at an honest third.
    ///
    /// With Lagrange coefficients c for f + 2 nodes, those for all but node j are c (1 - x / x_j). So what all but j
    /// interpolate is a sum with c, less 1 / x_j times a sum with c x; that it is right is an equation in the group with the small unknown x_j.
    fn suspect(&self) -> Option<NodeIndex> {
        let count = self.needed() + 1;
        let (shares, coefficients) = self.first(count);
        if shares.len() < count {
            return None;
        }
        let once =
            S::Curve::mul_base(&weighted_sum(&shares, &coefficients)) - self.session.target();
        let scaled: Vec<_> = shares
            .iter()
            .zip(&coefficients)
            .map(|(share, coefficient)| Scalar::<S>::from(share.node.x()) * coefficient)
            .collect();
        let wanted = S::Curve::mul_base(&weighted_sum(&shares, &scaled));
        let mut multiple = Point::<S>::identity();
        let committee = self.session.presignature().key().committee();
        committee.members().find(|node| {
            multiple += once;
            multiple == wanted && shares.iter().any(|share| share.node == *node)
        })
    }

    fn judge(&mut self, node: NodeIndex, share: SignatureShare<S>) {
        match self.session.verify_share(share) {
            Ok(share) => {
                self.verified.insert(node, share);
            }
            Err(_) => {
                self.culprits.insert(node);
            }
        }
    }
}

fn weighted_sum<S: Scheme>(shares: &[&SignatureShare<S>], weights: &[Scalar<S>]) -> Scalar<S> {
    shares
        .iter()
        .zip(weights)
        .fold(Scalar::<S>::from(0), |sum, (share, weight)| {
            sum + share.s * weight
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dealer::{Dealer, unwatched};
    use crate::{Bip340, Ed25519};

    fn one_wrong_share_is_found_without_checking_the_others<S: Scheme>() {
        let mut dealer = Dealer::<S>::new(13, 4);
        for bad in 0..6 {
            let (session, mut shares) = dealer.signed(b"message");
            shares.truncate(6);
            shares[bad].s += Scalar::<S>::from(1);
            let mut combiner = unwatched(&session, shares);
            assert_eq!(combiner.suspect(), Some(NodeIndex(bad as u16)));
            combiner.combine().unwrap();
            // Behind the first f + 1 shares nobody looked.
            let blamed = usize::from(bad < 5);
            assert_eq!(combiner.culprits.len(), blamed);
            assert_eq!(combiner.claimed.len(), 6 - blamed);
        }
    }

    #[test]
    fn one_wrong_share_is_found_without_checking_the_others_in_both_schemes() {
        one_wrong_share_is_found_without_checking_the_others::<Bip340>();
        one_wrong_share_is_found_without_checking_the_others::<Ed25519>();
    }
}
