//! Combining shares to a signature: first combine and verify once; look for a culprit only when that fails.
//!
//! - Source: Groth and Shoup, eprint 2022/506; steps 6 to 8 of `docs/protocols/threshold-ecdsa.md`.
//! - In: shares in any order from anyone. Out: a signature that was verified, and the nodes whose shares were found wrong.
//! - Security: what is interpolated are nu and mu, masked by a lambda of their own; no secret is. No signature leaves that does not verify.

use crate::error::{Burn, EcdsaError};
use crate::session::Rerandomized;
use crate::share::{SignatureShare, VerifiedShare, masked_sums};
use crate::signature::Signature;
use chainkey_algebra::ff::Field;
use chainkey_algebra::group::Group;
use chainkey_algebra::{Curve, NodeIndex, lagrange};
use std::collections::{BTreeMap, BTreeSet};

/// Collects the shares of one session.
#[derive(Debug)]
pub struct Combiner<'a, C: Curve> {
    session: &'a Rerandomized<C>,
    claimed: BTreeMap<NodeIndex, SignatureShare<C>>,
    verified: BTreeMap<NodeIndex, VerifiedShare<C>>,
    culprits: BTreeSet<NodeIndex>,
}

impl<'a, C: Curve> Combiner<'a, C> {
    /// A combiner without shares.
    pub fn new(session: &'a Rerandomized<C>) -> Self {
        Combiner {
            session,
            claimed: BTreeMap::new(),
            verified: BTreeMap::new(),
            culprits: BTreeSet::new(),
        }
    }

    /// Takes a share in, unchecked. Refuses shares of other sessions, of strangers, and any second share of a node.
    pub fn add(&mut self, share: SignatureShare<C>) -> Result<(), EcdsaError> {
        share.demand_fits(self.session)?;
        let node = share.node;
        let known = self.claimed.contains_key(&node)
            || self.verified.contains_key(&node)
            || self.culprits.contains(&node);
        if known {
            return Err(EcdsaError::DuplicateShare(node));
        }
        self.claimed.insert(node, share);
        Ok(())
    }

    /// The nodes whose shares were checked singly and found wrong.
    pub fn culprits(&self) -> Vec<NodeIndex> {
        self.culprits.iter().copied().collect()
    }

    /// Combines f + 1 shares and verifies the signature. If it is wrong, shares are checked
    /// singly, wrong ones are thrown out and blamed, and good ones are combined if there are enough; after
    /// [`EcdsaError::TooFewShares`] more can be added. [`EcdsaError::Burned`] is final.
    pub fn combine(&mut self) -> Result<Signature<C>, EcdsaError> {
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

    fn demand_enough(&self) -> Result<(), EcdsaError> {
        let (needed, good) = (self.needed(), self.claimed.len() + self.verified.len());
        if good >= needed {
            return Ok(());
        }
        Err(EcdsaError::TooFewShares {
            needed,
            good,
            culprits: self.culprits(),
        })
    }

    /// A signature from the first f + 1 shares. With wrong shares among them any error may come out; only
    /// when all were verified it says something of the presignature.
    fn attempt(&self) -> Result<Signature<C>, EcdsaError> {
        let (shares, coefficients) = self.first(self.needed());
        let (nu, mu) = masked_sums(&shares, &coefficients);
        let inverse = Option::<C::Scalar>::from(mu.invert()).ok_or(Burn::MuZero);
        let s = nu * inverse.map_err(EcdsaError::Burned)?;
        if bool::from(s.is_zero()) {
            return Err(EcdsaError::Burned(Burn::SZero));
        }
        let signature = Signature::low(self.session.terms().rho, s);
        signature
            .verify(self.session.derived_key(), self.session.message_hash())
            .map_err(|_| EcdsaError::Burned(Burn::Contradiction))?;
        Ok(signature)
    }

    /// The first shares, verified ones first, with their Lagrange coefficients at zero.
    fn first(&self, count: usize) -> (Vec<&SignatureShare<C>>, Vec<C::Scalar>) {
        let verified = self.verified.values().map(VerifiedShare::share);
        let shares: Vec<_> = verified.chain(self.claimed.values()).take(count).collect();
        let nodes: Vec<NodeIndex> = shares.iter().map(|share| share.node).collect();
        let coefficients = lagrange::coefficients_at_zero::<C>(&nodes)
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
        let (nu, mu) = masked_sums(&shares, &coefficients);
        let once = self.session.residue(nu, mu);
        let scaled: Vec<_> = shares
            .iter()
            .zip(&coefficients)
            .map(|(share, coefficient)| C::Scalar::from(share.node.x()) * coefficient)
            .collect();
        let (nu, mu) = masked_sums(&shares, &scaled);
        let wanted = self.session.residue(nu, mu);
        let mut multiple = C::Point::identity();
        let committee = self.session.presignature().key().committee();
        committee.members().find(|node| {
            multiple += once;
            multiple == wanted && shares.iter().any(|share| share.node == *node)
        })
    }

    fn judge(&mut self, node: NodeIndex, share: SignatureShare<C>) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SessionId;
    use crate::dealer::{Dealer, combiner, unwatched};
    use crate::signature::{reduce, x_coordinate};
    use chainkey_algebra::Secp256k1;

    #[test]
    fn burns_when_s_is_zero() {
        let mut dealer = Dealer::<Secp256k1>::new(4, 1);
        let (values, delta, tweak) = (dealer.values(), dealer.scalar(), dealer.scalar());
        // With a chosen shift the nonce is known before the hash: e = -rho (x + omega) makes s zero.
        let nonce = Secp256k1::mul_base(&(values.kappa + delta));
        let rho = reduce::<Secp256k1>(&x_coordinate::<Secp256k1>(&nonce));
        let hash = Secp256k1::scalar_to_bytes(&-(rho * (dealer.secret_key + tweak)));
        let dealing = dealer.deal(values);
        let bound = dealer
            .request_with_tweak(hash, tweak)
            .bind(dealing.public.clone())
            .unwrap();
        let session = Rerandomized::with_shift(bound, delta, SessionId([1; 32])).unwrap();
        let members = dealer.committee.members();
        let shares = members.map(|node| dealing.part(node).sign(&session).unwrap());
        let error = combiner(&session, shares).combine().unwrap_err();
        assert_eq!(error, EcdsaError::Burned(Burn::SZero));
    }

    #[test]
    fn burns_when_the_shift_cancels_the_nonce() {
        let mut dealer = Dealer::<Secp256k1>::new(4, 2);
        let values = dealer.values();
        let dealing = dealer.deal(values);
        let bound = dealer
            .request([1; 32])
            .bind(dealing.public.clone())
            .unwrap();
        let error = Rerandomized::with_shift(bound, -values.kappa, SessionId([1; 32])).unwrap_err();
        assert_eq!(error, EcdsaError::Burned(Burn::NonceAtInfinity));
    }

    /// Why there is no second use: the dealer plays nodes whose stores were restored from a backup.
    #[test]
    fn the_control_a_second_use_would_reveal_the_key() {
        let mut dealer = Dealer::<Secp256k1>::new(4, 3);
        let dealing = dealer.presignature();
        let mut equation = |hash: [u8; 32]| {
            let request = dealer.request(hash);
            let (session, shares) = dealer.signed_with(&dealing, request);
            let signature = combiner(&session, shares).combine().unwrap();
            let s = Secp256k1::scalar_from_bytes(&signature.to_bytes()[32..]).unwrap();
            (s, *session.terms())
        };
        // s (kappa + delta) = theta + rho x, twice, all known but x and kappa, and which of s and -s they were.
        let ((s, a), (t, b)) = (equation([1; 32]), equation([2; 32]));
        let solve = |s: k256::Scalar, t: k256::Scalar| {
            let numerator = t * (a.theta - s * a.delta) - s * (b.theta - t * b.delta);
            numerator * (s * b.rho - t * a.rho).invert().unwrap()
        };
        let solutions = [solve(s, t), solve(-s, t), solve(s, -t), solve(-s, -t)];
        assert!(solutions.contains(&dealer.secret_key));
    }

    #[test]
    fn one_wrong_share_is_found_without_checking_the_others() {
        let mut dealer = Dealer::<Secp256k1>::new(13, 4);
        for bad in 0..6 {
            let (session, mut shares) = dealer.signed([1; 32]);
            shares.truncate(6);
            shares[bad].nu += k256::Scalar::ONE;
            let mut combiner = unwatched(&session, shares);
            assert_eq!(combiner.suspect(), Some(NodeIndex(bad as u16)));
            combiner.combine().unwrap();
            // Behind the first f + 1 shares nobody looked.
            let blamed = usize::from(bad < 5);
            assert_eq!(combiner.culprits.len(), blamed);
            assert_eq!(combiner.claimed.len(), 6 - blamed);
        }
    }
}
