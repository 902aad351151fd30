//! Combining shares to a signature: first combine and verify once; look for a culprit only when that fails.
//!
//! - Source: steps 6 to 8 of `docs/protocols/threshold-schnorr.md`.
//! - In: shares in any order from anyone. Out: a signature that was verified, and the nodes whose shares were found wrong.
//! - Security: what is interpolated is s, in which the key is masked by the nonce; no secret is. No signature leaves that does not verify.

use crate::error::{Burn, SchnorrError};
use crate::scheme::Scheme;
use crate::session::Rerandomized;
use crate::share::{SignatureShare, VerifiedShare};
use chainkey_algebra::{NodeIndex, lagrange};
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

    /// Combines f + 1 shares and verifies the signature: 64 bytes in the form of the scheme's standard. If it is wrong, every
    /// share is checked singly, wrong ones are thrown out and blamed, and good ones are combined if there are enough; after
    /// [`SchnorrError::TooFewShares`] more can be added. [`SchnorrError::Burned`] is final.
    pub fn combine(&mut self) -> Result<[u8; 64], SchnorrError> {
        self.demand_enough()?;
        if let Ok(signature) = self.attempt() {
            return Ok(signature);
        }
        self.blame();
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

    /// A signature from the first f + 1 shares, verified ones first.
    fn attempt(&self) -> Result<[u8; 64], SchnorrError> {
        let verified = self.verified.values().map(VerifiedShare::share);
        let shares: Vec<_> = verified
            .chain(self.claimed.values())
            .take(self.needed())
            .map(|share| (share.node, share.s))
            .collect();
        let s = lagrange::masked_at_zero::<S::Curve>(&shares)
            .expect("nodes are keys of disjoint maps, and a threshold is positive");
        let signature = S::encode(self.session.nonce(), &s);
        S::verify(
            self.session.output_key(),
            self.session.message(),
            &signature,
        )
        .map_err(|_| SchnorrError::Burned(Burn::Contradiction))?;
        Ok(signature)
    }

    fn blame(&mut self) {
        for (node, share) in std::mem::take(&mut self.claimed) {
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
}
