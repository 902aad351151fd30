//! From encrypted shares to an encrypted key: combine first, check once, blame only on failure.
//!
//! docs/protocols/vetkd.md, steps 5 to 7. In: shares in the names of distinct nodes, at least as many as the threshold. Out: the checked
//! encrypted key, and who sent a wrong share among those that were looked at.

use crate::ciphertext::Ciphertext;
use crate::encrypted_key::EncryptedKey;
use crate::error::VetKdError;
use crate::key_share::EncryptedKeyShare;
use crate::master_key::MasterKey;
use crate::request::Request;
use blstrs::{G1Affine, G1Projective, G2Projective, Gt, Scalar};
use chainkey_algebra::lagrange::{InterpolationError, coefficients_at_zero};
use chainkey_algebra::{BlsG1, BlsG2, Curve, NodeIndex};
use ff::Field;
use group::Group;
use std::collections::BTreeSet;

/// An encrypted key, and what was found out on the way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Combined {
    /// Checked to be the key that was asked for.
    pub encrypted_key: EncryptedKey,
    /// Nodes whose shares are proven wrong, in order; empty if the first attempt succeeded.
    pub culprits: Vec<NodeIndex>,
}

impl Combined {
    fn of(encrypted_key: EncryptedKey, culprits: BTreeSet<NodeIndex>) -> Self {
        Combined {
            encrypted_key,
            culprits: culprits.into_iter().collect(),
        }
    }
}

/// A share and the node in whose name it came.
type Named = (NodeIndex, EncryptedKeyShare);

/// A combination that did not pass.
struct Failure {
    coefficients: Vec<Scalar>,
    weight: Scalar,
    /// What the product of pairings was instead of the identity.
    mismatch: Gt,
}

impl MasterKey {
    /// Combines as many of the shares as the threshold, the first ones, and checks the result. If it is wrong, wrong shares are found and others
    /// take their places, if there are enough.
    pub fn combine(
        &self,
        request: &Request,
        shares: &[(NodeIndex, EncryptedKeyShare)],
    ) -> Result<Combined, VetKdError> {
        self.check_names(shares)?;
        let mut culprits = BTreeSet::new();
        let mut remaining = shares.to_vec();
        let chosen = &shares[..self.threshold()];
        let failure = match self.attempt(request, chosen)? {
            Ok(key) => return Ok(Combined::of(key, culprits)),
            Err(failure) => failure,
        };
        if let Some(culprit) = self.lone_culprit(request, chosen, &failure) {
            culprits.insert(culprit);
            remaining.retain(|(node, _)| *node != culprit);
            if remaining.len() >= self.threshold()
                && let Ok(key) = self.attempt(request, &remaining[..self.threshold()])?
            {
                return Ok(Combined::of(key, culprits));
            }
        }
        let good = self.good_shares(request, &remaining, &mut culprits);
        if good.len() < self.threshold() {
            return Err(VetKdError::TooFewGoodShares {
                needed: self.threshold(),
                good: good.len(),
                culprits: culprits.into_iter().collect(),
            });
        }
        match self.attempt(request, &good)? {
            Ok(key) => Ok(Combined::of(key, culprits)),
            // Cannot be: shares that pass singly combine to what passes.
            Err(_) => Err(VetKdError::WrongKey),
        }
    }

    /// Checks shares one by one until as many as the threshold are found good; every other one that was looked at is a culprit's.
    fn good_shares(
        &self,
        request: &Request,
        shares: &[Named],
        culprits: &mut BTreeSet<NodeIndex>,
    ) -> Vec<Named> {
        let mut good = Vec::with_capacity(self.threshold());
        for (node, share) in shares {
            if good.len() == self.threshold() {
                break;
            }
            match self.verify_share(*node, share, request) {
                Ok(()) => good.push((*node, *share)),
                Err(_) => {
                    culprits.insert(*node);
                }
            }
        }
        good
    }

    fn check_names(&self, shares: &[Named]) -> Result<(), VetKdError> {
        let mut seen = BTreeSet::new();
        for (node, _) in shares {
            if !self.committee().contains(*node) {
                return Err(VetKdError::UnknownNode(*node));
            }
            if !seen.insert(node) {
                return Err(VetKdError::DuplicateNode(*node));
            }
        }
        if shares.len() < self.threshold() {
            return Err(VetKdError::TooFewShares {
                needed: self.threshold(),
                found: shares.len(),
            });
        }
        Ok(())
    }

    fn attempt(
        &self,
        request: &Request,
        chosen: &[Named],
    ) -> Result<Result<EncryptedKey, Failure>, VetKdError> {
        let nodes: Vec<NodeIndex> = chosen.iter().map(|(node, _)| *node).collect();
        let coefficients =
            coefficients_at_zero::<BlsG1>(&nodes).map_err(|refused| match refused {
                InterpolationError::Duplicate(node) => VetKdError::DuplicateNode(node),
                InterpolationError::Empty => VetKdError::TooFewShares {
                    needed: self.threshold(),
                    found: 0,
                },
            })?;
        let candidate = weighted_sum(&coefficients, chosen);
        let weight = candidate.weight(request);
        let key = request.derived().prepared();
        let mismatch = candidate.mismatch(request, &weight, request.point(), key);
        Ok(if bool::from(mismatch.is_identity()) {
            Ok(EncryptedKey::of_checked(&candidate))
        } else {
            Err(Failure {
                coefficients,
                weight,
                mismatch,
            })
        })
    }

    /// Finds the culprit if it is the only one, at the cost of two checks.
    ///
    /// Let d_i be by how much share i fails the weighted equations, in the target group, and l_i its Lagrange coefficient. The failed check gave
    /// S0 = sum l_i d_i, since the equations are linear in the three points and the key. The same sum over shares that are multiplied by their nodes'
    /// points x_i gives S1 = sum l_i x_i d_i, since x p(x) is interpolated over the t nodes up to the leading coefficient times the product of (x - x_i), which
    /// is known. If only one d_i is not zero, S1 = x_i S0. Several wrong shares can be made so as to point at an honest node; therefore the
    /// share that is found is checked before it is believed.
    fn lone_culprit(
        &self,
        request: &Request,
        chosen: &[Named],
        failure: &Failure,
    ) -> Option<NodeIndex> {
        let leading = self.leading()?;
        let mut scaled = Vec::with_capacity(chosen.len());
        let mut at_zero = -Scalar::ONE;
        for ((node, _), coefficient) in chosen.iter().zip(&failure.coefficients) {
            let x = Scalar::from(node.x());
            scaled.push(*coefficient * x);
            at_zero *= -x;
        }
        let sum = weighted_sum(&scaled, chosen);
        let expected = G1Affine::from(G1Projective::from(request.point()) * at_zero);
        let syndrome = sum.mismatch(request, &failure.weight, &expected, leading);
        let mut multiple = Gt::identity();
        let suspect = self.committee().members().find(|_| {
            // The multiple by the node's point, which is its index plus one.
            multiple += failure.mismatch;
            multiple == syndrome
        })?;
        let (node, share) = chosen.iter().find(|(node, _)| *node == suspect)?;
        self.verify_share(*node, share, request).err()?;
        Some(*node)
    }
}

/// The sum of shares with public factors.
fn weighted_sum(factors: &[Scalar], shares: &[Named]) -> Ciphertext {
    let ciphertexts = || shares.iter().map(|(_, share)| share.ciphertext());
    let c1: Vec<G1Projective> = ciphertexts().map(|c| c.c1.into()).collect();
    let c2: Vec<G2Projective> = ciphertexts().map(|c| c.c2.into()).collect();
    let c3: Vec<G1Projective> = ciphertexts().map(|c| c.c3.into()).collect();
    Ciphertext {
        c1: BlsG1::msm_vartime(factors, &c1).into(),
        c2: BlsG2::msm_vartime(factors, &c2).into(),
        c3: BlsG1::msm_vartime(factors, &c3).into(),
    }
}
