//! Shares in a group, checked by an equation that is linear in them.
//!
//! In: all shares at once, at least as many as the threshold. Out: a sum that passed the check. The caller must guarantee that what the check says of a sum is the
//! same sum of what it says of the shares.

use super::{SharedKey, SharesError};
use crate::curve::Curve;
use crate::index::NodeIndex;
use crate::lagrange::coefficients_at_zero;
use ff::Field;
use group::Group;
use std::collections::BTreeSet;

type Scalar<L> = <<L as LinearCheck>::Curve as Curve>::Scalar;

/// What tells right shares, and what they combine to, from wrong ones.
pub trait LinearCheck {
    /// The curve of the key, to whose scalars the shares are in proportion.
    type Curve: Curve;
    /// A node's share, as it says.
    type Share: Clone;
    /// A sum of shares with public factors.
    type Sum;
    /// What makes one equation of several; drawn for the first sum, and kept for the search.
    type Weight;
    /// By how much a sum is wrong; the identity if it is right.
    type Mismatch: Group;

    /// The key that the nodes share.
    fn key(&self) -> &SharedKey<Self::Curve>;

    /// The sum of shares with public factors.
    fn sum(&self, factors: &[Scalar<Self>], shares: &[(NodeIndex, Self::Share)]) -> Self::Sum;

    /// By how much the value at zero is wrong, with the weight by which that was found out.
    fn mismatch(&self, sum: &Self::Sum) -> (Self::Weight, Self::Mismatch);

    /// By how much a sum is wrong that should be so many times the leading coefficient of the polynomial; `None` if that is not known.
    fn syndrome(
        &self,
        sum: &Self::Sum,
        weight: &Self::Weight,
        of_leading: &Scalar<Self>,
    ) -> Option<Self::Mismatch>;

    /// Checks one share by itself.
    fn verify_share(&self, node: NodeIndex, share: &Self::Share) -> Result<(), SharesError>;
}

/// A checked sum, and what was found out on the way.
#[derive(Debug)]
pub struct Combined<T> {
    /// What the shares combine to.
    pub sum: T,
    /// Nodes whose shares are proven wrong, in order; empty if the first attempt succeeded.
    pub culprits: Vec<NodeIndex>,
}

/// An interpolation that did not pass.
struct Failure<L: LinearCheck> {
    coefficients: Vec<Scalar<L>>,
    weight: L::Weight,
    mismatch: L::Mismatch,
}

/// Combines as many of the shares as the threshold, the first ones, and checks the result. If it is wrong, wrong shares are found and others
/// take their places, if there are enough.
pub fn combine<L: LinearCheck>(
    check: &L,
    shares: &[(NodeIndex, L::Share)],
) -> Result<Combined<L::Sum>, SharesError> {
    check_names(check, shares)?;
    let needed = check.key().threshold();
    let mut culprits = BTreeSet::new();
    let combined = |sum, culprits: BTreeSet<NodeIndex>| Combined {
        sum,
        culprits: culprits.into_iter().collect(),
    };
    let mut remaining = shares.to_vec();
    let chosen = &shares[..needed];
    let failure = match attempt(check, chosen) {
        Ok(sum) => return Ok(combined(sum, culprits)),
        Err(failure) => failure,
    };
    if let Some(culprit) = lone_culprit(check, chosen, &failure) {
        culprits.insert(culprit);
        remaining.retain(|(node, _)| *node != culprit);
        if remaining.len() >= needed
            && let Ok(sum) = attempt(check, &remaining[..needed])
        {
            return Ok(combined(sum, culprits));
        }
    }
    let good = good_shares(check, &remaining, &mut culprits);
    if good.len() < needed {
        return Err(SharesError::TooFewGoodShares {
            needed,
            good: good.len(),
            culprits: culprits.into_iter().collect(),
        });
    }
    let sum = attempt(check, &good).map_err(|_| SharesError::Contradiction)?;
    Ok(combined(sum, culprits))
}

fn check_names<L: LinearCheck>(
    check: &L,
    shares: &[(NodeIndex, L::Share)],
) -> Result<(), SharesError> {
    let mut seen = BTreeSet::new();
    for (node, _) in shares {
        check.key().of_node(*node)?;
        if !seen.insert(node) {
            return Err(SharesError::DuplicateNode(*node));
        }
    }
    let (needed, found) = (check.key().threshold(), shares.len());
    if found < needed {
        return Err(SharesError::TooFewShares { needed, found });
    }
    Ok(())
}

fn attempt<L: LinearCheck>(
    check: &L,
    chosen: &[(NodeIndex, L::Share)],
) -> Result<L::Sum, Failure<L>> {
    let nodes: Vec<NodeIndex> = chosen.iter().map(|(node, _)| *node).collect();
    let coefficients = coefficients_at_zero::<L::Curve>(&nodes)
        .expect("nodes are distinct, and a threshold is positive");
    let sum = check.sum(&coefficients, chosen);
    let (weight, mismatch) = check.mismatch(&sum);
    if bool::from(mismatch.is_identity()) {
        return Ok(sum);
    }
    Err(Failure {
        coefficients,
        weight,
        mismatch,
    })
}

/// Finds the culprit if it is the only one, at the cost of two checks.
///
/// Let d_i be by how much share i is wrong and l_i its Lagrange coefficient. The failed check gave S0 = sum l_i d_i, since it is linear. The same
/// sum over shares that are multiplied by their nodes' points x_i gives S1 = sum l_i x_i d_i, since x p(x) is interpolated over the t nodes up to
/// the leading coefficient times the product of (x - x_i), which is known. If only one d_i is not zero, S1 = x_i S0. Several wrong
/// shares can be made so as to point at an honest node; therefore the share that is found is checked before it is believed.
fn lone_culprit<L: LinearCheck>(
    check: &L,
    chosen: &[(NodeIndex, L::Share)],
    failure: &Failure<L>,
) -> Option<NodeIndex> {
    let mut scaled = Vec::with_capacity(chosen.len());
    let mut at_zero = -Scalar::<L>::ONE;
    for ((node, _), coefficient) in chosen.iter().zip(&failure.coefficients) {
        let x = Scalar::<L>::from(node.x());
        scaled.push(*coefficient * x);
        at_zero *= -x;
    }
    let sum = check.sum(&scaled, chosen);
    let syndrome = check.syndrome(&sum, &failure.weight, &at_zero)?;
    let mut multiple = L::Mismatch::identity();
    let suspect = check.key().committee().members().find(|_| {
        // The multiple by the node's point, which is its index plus one.
        multiple += failure.mismatch;
        multiple == syndrome
    })?;
    let (node, share) = chosen.iter().find(|(node, _)| *node == suspect)?;
    check.verify_share(*node, share).err()?;
    Some(*node)
}

/// Checks shares one by one until as many as the threshold are found good; every other one that was looked at is a culprit's.
fn good_shares<L: LinearCheck>(
    check: &L,
    shares: &[(NodeIndex, L::Share)],
    culprits: &mut BTreeSet<NodeIndex>,
) -> Vec<(NodeIndex, L::Share)> {
    let needed = check.key().threshold();
    let mut good = Vec::with_capacity(needed);
    for (node, share) in shares {
        if good.len() == needed {
            break;
        }
        match check.verify_share(*node, share) {
            Ok(()) => good.push((*node, share.clone())),
            Err(_) => {
                culprits.insert(*node);
            }
        }
    }
    good
}
