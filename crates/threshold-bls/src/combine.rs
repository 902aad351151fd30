//! From shares to a signature: combine first, verify once, blame only on failure.
//!
//! docs/protocols/threshold-bls.md, steps 4 to 6. In: shares in the names of distinct nodes, at least as many as the threshold. Out: the
//! verified signature, and who sent a wrong share among those that were looked at.

use crate::error::BlsError;
use crate::message::Message;
use crate::pairing_product::mismatch;
use crate::public_key::Signature;
use crate::share::SignatureShare;
use crate::verification_keys::VerificationKeys;
use blstrs::{G1Affine, G1Projective, Gt, Scalar};
use chainkey_algebra::lagrange::{InterpolationError, coefficients_at_zero};
use chainkey_algebra::{BlsG1, Curve, NodeIndex};
use ff::Field;
use group::Group;
use std::collections::BTreeSet;

/// A signature, and what was found out on the way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Combined {
    /// Verified under the public key.
    pub signature: Signature,
    /// Nodes whose shares are proven wrong, in order; empty if the first attempt succeeded.
    pub culprits: Vec<NodeIndex>,
}

impl Combined {
    fn of(signature: Signature, culprits: BTreeSet<NodeIndex>) -> Self {
        Combined {
            signature,
            culprits: culprits.into_iter().collect(),
        }
    }
}

/// A share and the node in whose name it came.
type Named = (NodeIndex, SignatureShare);

/// An interpolation that did not verify.
struct Failure {
    coefficients: Vec<Scalar>,
    /// What the product of pairings was instead of the identity.
    mismatch: Gt,
}

impl VerificationKeys {
    /// Makes a signature of as many of the shares as the threshold, the first ones, and verifies it. If it is wrong, wrong shares are found and
    /// others take their places, if there are enough.
    pub fn combine(
        &self,
        message: &Message,
        shares: &[(NodeIndex, SignatureShare)],
    ) -> Result<Combined, BlsError> {
        self.check_names(shares)?;
        let mut culprits = BTreeSet::new();
        let mut remaining = shares.to_vec();
        let chosen = &shares[..self.threshold()];
        let failure = match self.attempt(message, chosen)? {
            Ok(signature) => return Ok(Combined::of(signature, culprits)),
            Err(failure) => failure,
        };
        if let Some(culprit) = self.lone_culprit(message, chosen, &failure) {
            culprits.insert(culprit);
            remaining.retain(|(node, _)| *node != culprit);
            if remaining.len() >= self.threshold()
                && let Ok(signature) = self.attempt(message, &remaining[..self.threshold()])?
            {
                return Ok(Combined::of(signature, culprits));
            }
        }
        let good = self.good_shares(message, &remaining, &mut culprits);
        if good.len() < self.threshold() {
            return Err(BlsError::TooFewGoodShares {
                needed: self.threshold(),
                good: good.len(),
                culprits: culprits.into_iter().collect(),
            });
        }
        match self.attempt(message, &good)? {
            Ok(signature) => Ok(Combined::of(signature, culprits)),
            // Cannot be: shares that verify singly combine to what verifies.
            Err(_) => Err(BlsError::WrongSignature),
        }
    }

    /// Verifies shares one by one until as many as the threshold are found good; every other one that was looked at is a culprit's.
    fn good_shares(
        &self,
        message: &Message,
        shares: &[Named],
        culprits: &mut BTreeSet<NodeIndex>,
    ) -> Vec<Named> {
        let mut good = Vec::with_capacity(self.threshold());
        for (node, share) in shares {
            if good.len() == self.threshold() {
                break;
            }
            match self.verify_share(*node, share, message) {
                Ok(()) => good.push((*node, *share)),
                Err(_) => {
                    culprits.insert(*node);
                }
            }
        }
        good
    }

    fn check_names(&self, shares: &[Named]) -> Result<(), BlsError> {
        let mut seen = BTreeSet::new();
        for (node, _) in shares {
            self.node_key(*node)?;
            if !seen.insert(node) {
                return Err(BlsError::DuplicateNode(*node));
            }
        }
        if shares.len() < self.threshold() {
            return Err(BlsError::TooFewShares {
                needed: self.threshold(),
                found: shares.len(),
            });
        }
        Ok(())
    }

    fn attempt(
        &self,
        message: &Message,
        chosen: &[Named],
    ) -> Result<Result<Signature, Failure>, BlsError> {
        let nodes: Vec<NodeIndex> = chosen.iter().map(|(node, _)| *node).collect();
        let coefficients =
            coefficients_at_zero::<BlsG1>(&nodes).map_err(|refused| match refused {
                InterpolationError::Duplicate(node) => BlsError::DuplicateNode(node),
                InterpolationError::Empty => BlsError::TooFewShares {
                    needed: self.threshold(),
                    found: 0,
                },
            })?;
        let candidate = G1Affine::from(weighted_sum(&coefficients, chosen));
        let mismatch = mismatch(&candidate, message.point(), self.public_key().prepared());
        Ok(if bool::from(mismatch.is_identity()) {
            Ok(Signature::of_verified(&candidate))
        } else {
            Err(Failure {
                coefficients,
                mismatch,
            })
        })
    }

    /// Finds the culprit if it is the only one, at the cost of two checks.
    ///
    /// Let d_i be how far share i is off in the target group and l_i its Lagrange coefficient. The failed check gave S0 = sum l_i d_i. The
    /// same sum over shares that are multiplied by their nodes' points x_i gives S1 = sum l_i x_i d_i, since x p(x) is interpolated over the t nodes up to
    /// the leading coefficient times the product of (x - x_i), which is known. If only one d_i is not zero, S1 = x_i S0. Several wrong
    /// shares can be made so as to point at an honest node; therefore the share that is found is verified before it is believed.
    fn lone_culprit(
        &self,
        message: &Message,
        chosen: &[Named],
        failure: &Failure,
    ) -> Option<NodeIndex> {
        let mut scaled = Vec::with_capacity(chosen.len());
        let mut at_zero = -Scalar::ONE;
        for ((node, _), coefficient) in chosen.iter().zip(&failure.coefficients) {
            let x = Scalar::from(node.x());
            scaled.push(*coefficient * x);
            at_zero *= -x;
        }
        let sum = G1Affine::from(weighted_sum(&scaled, chosen));
        let expected = G1Affine::from(G1Projective::from(message.point()) * at_zero);
        let syndrome = mismatch(&sum, &expected, self.leading());
        let mut multiple = Gt::identity();
        let suspect = self.committee().members().find(|_| {
            // The multiple by the node's point, which is its index plus one.
            multiple += failure.mismatch;
            multiple == syndrome
        })?;
        let (node, share) = chosen.iter().find(|(node, _)| *node == suspect)?;
        self.verify_share(*node, share, message).err()?;
        Some(*node)
    }
}

/// The sum of shares with public factors.
fn weighted_sum(factors: &[Scalar], shares: &[Named]) -> G1Projective {
    let points: Vec<G1Projective> = shares
        .iter()
        .map(|(_, share)| share.point().into())
        .collect();
    BlsG1::msm_vartime(factors, &points)
}
