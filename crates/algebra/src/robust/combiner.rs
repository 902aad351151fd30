//! Shares that are scalars, collected one by one until they combine.
//!
//! - In: shares in any order from anyone. Out: a result that was verified, and the nodes whose shares were found wrong.
//! - The caller must guarantee that every share's scalar is masked by a sharing of its own: what is interpolated is public.

use super::SharesError;
use crate::curve::Curve;
use crate::index::{Committee, NodeIndex};
use crate::lagrange;
use group::Group;
use std::collections::{BTreeMap, BTreeSet};

type Scalar<S> = <<S as Session>::Curve as Curve>::Scalar;
type Point<S> = <<S as Session>::Curve as Curve>::Point;

/// What shares are combined for: f + 1 of them make a result that can be verified.
pub trait Session {
    /// The curve to whose scalars the shares are in proportion.
    type Curve: Curve;
    /// A node's share, as it says.
    type Share;
    /// A share that was checked by itself.
    type Verified: AsRef<Self::Share>;
    /// What f + 1 shares make.
    type Output;
    /// Why there is no result.
    type Error: From<SharesError>;

    /// The nodes that hold shares.
    fn committee(&self) -> Committee;

    /// The node in whose name a share came; refuses shares that can't belong to this session, before any arithmetic.
    fn sender(&self, share: &Self::Share) -> Result<NodeIndex, Self::Error>;

    /// Checks a share by itself.
    fn verify_share(&self, share: Self::Share) -> Result<Self::Verified, Self::Error>;

    /// The result of f + 1 shares with their Lagrange coefficients, verified. With wrong shares among them any error may come out; only when all
    /// are right it says something of the session.
    fn attempt(
        &self,
        shares: &[&Self::Share],
        coefficients: &[Scalar<Self>],
    ) -> Result<Self::Output, Self::Error>;

    /// A function of the weighted sum of shares, linear, that is [`Session::target`] just if the sum is the right result.
    fn residue(&self, shares: &[&Self::Share], weights: &[Scalar<Self>]) -> Point<Self>;

    /// The residue of the right result.
    fn target(&self) -> Point<Self>;
}

/// Collects the shares of one session.
#[derive(Debug)]
pub struct Combiner<'a, S: Session> {
    session: &'a S,
    claimed: BTreeMap<NodeIndex, S::Share>,
    verified: BTreeMap<NodeIndex, S::Verified>,
    culprits: BTreeSet<NodeIndex>,
}

impl<'a, S: Session> Combiner<'a, S> {
    /// A combiner without shares.
    pub fn new(session: &'a S) -> Self {
        Combiner {
            session,
            claimed: BTreeMap::new(),
            verified: BTreeMap::new(),
            culprits: BTreeSet::new(),
        }
    }

    /// Takes a share in, unchecked. Refuses shares of other sessions, of strangers, and any second share of a node.
    pub fn add(&mut self, share: S::Share) -> Result<(), S::Error> {
        let node = self.session.sender(&share)?;
        let known = self.claimed.contains_key(&node)
            || self.verified.contains_key(&node)
            || self.culprits.contains(&node);
        if known {
            return Err(SharesError::DuplicateNode(node).into());
        }
        self.claimed.insert(node, share);
        Ok(())
    }

    /// The nodes whose shares were checked singly and found wrong.
    pub fn culprits(&self) -> Vec<NodeIndex> {
        self.culprits.iter().copied().collect()
    }

    /// The nodes whose shares nobody had to check singly.
    pub fn unchecked(&self) -> Vec<NodeIndex> {
        self.claimed.keys().copied().collect()
    }

    /// Combines f + 1 shares and verifies the result. If it is wrong, shares are checked
    /// singly, wrong ones are thrown out and blamed, and good ones are combined if there are enough; after
    /// [`SharesError::TooFewGoodShares`] more can be added. Any other error is final.
    pub fn combine(&mut self) -> Result<S::Output, S::Error> {
        self.demand_enough()?;
        if let Ok(output) = self.attempt() {
            return Ok(output);
        }
        let suspect = self.suspect();
        if let Some((node, share)) = suspect.and_then(|node| self.claimed.remove_entry(&node)) {
            self.judge(node, share);
            if let Ok(output) = self.attempt() {
                return Ok(output);
            }
        }
        for (node, share) in std::mem::take(&mut self.claimed) {
            self.judge(node, share);
        }
        self.demand_enough()?;
        self.attempt()
    }

    fn needed(&self) -> usize {
        self.session.committee().low().shares()
    }

    fn demand_enough(&self) -> Result<(), SharesError> {
        let (needed, good) = (self.needed(), self.claimed.len() + self.verified.len());
        if good >= needed {
            return Ok(());
        }
        Err(SharesError::TooFewGoodShares {
            needed,
            good,
            culprits: self.culprits(),
        })
    }

    fn attempt(&self) -> Result<S::Output, S::Error> {
        let (_, shares, coefficients) = self.first(self.needed());
        self.session.attempt(&shares, &coefficients)
    }

    /// The first shares, verified ones first, with their nodes and their Lagrange coefficients at zero.
    fn first(&self, count: usize) -> (Vec<NodeIndex>, Vec<&S::Share>, Vec<Scalar<S>>) {
        let verified = self.verified.iter();
        let verified = verified.map(|(node, share)| (*node, share.as_ref()));
        let claimed = self.claimed.iter().map(|(node, share)| (*node, share));
        let (nodes, shares): (Vec<_>, Vec<_>) = verified.chain(claimed).take(count).unzip();
        let coefficients = lagrange::coefficients_at_zero::<S::Curve>(&nodes)
            .expect("nodes are keys of disjoint maps, and a threshold is positive");
        (nodes, shares, coefficients)
    }

    /// The one node without whose share the others fit together, if there is one share to spare. Cheap, but no proof: two liars can
    /// point at an honest third.
    ///
    /// With Lagrange coefficients c for f + 2 nodes, those for all but node j are c (1 - x / x_j). So what all but j
    /// interpolate is a sum with c, less 1 / x_j times a sum with c x; that it is right is an equation in the group with the small unknown x_j.
    pub fn suspect(&self) -> Option<NodeIndex> {
        let count = self.needed() + 1;
        let (nodes, shares, coefficients) = self.first(count);
        if nodes.len() < count {
            return None;
        }
        let once = self.session.residue(&shares, &coefficients) - self.session.target();
        let scaled: Vec<_> = nodes
            .iter()
            .zip(&coefficients)
            .map(|(node, coefficient)| Scalar::<S>::from(node.x()) * coefficient)
            .collect();
        let wanted = self.session.residue(&shares, &scaled);
        let mut multiple = Point::<S>::identity();
        self.session.committee().members().find(|node| {
            multiple += once;
            multiple == wanted && nodes.contains(node)
        })
    }

    fn judge(&mut self, node: NodeIndex, share: S::Share) {
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
