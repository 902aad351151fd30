//! What anyone can check of a dealing: shape, proofs, constants.
//!
//! Source: docs/protocols/idkg.md, section 5. In: a decoded dealing and the parameters. Out: a [`PublicDealing`], cheap to clone, which may be
//! handed to every node of the same process: nothing in it depends on who checked. [`verify_all`] checks many dealings of a transcript at the
//! price of little more than one; where that fails, it checks one by one and blames.
//! Weights of combinations are the oracle's output on the dealings themselves, so that all nodes come to the same verdict.

use crate::dealing::{Dealing, DealingDigest};
use crate::equations::Equations;
use crate::error::{IdkgError, Shape};
use crate::kind::Kind;
use crate::params::{Operation, Params};
use crate::proof::{self, ProductStatement, Proof};
use chainkey_algebra::ff::Field;
use chainkey_algebra::{Curve, Domain, NodeIndex, Oracle, OracleStream};
use std::sync::Arc;

/// A dealing whose public part is verified.
#[derive(Clone, Debug)]
pub struct PublicDealing<C: Curve, K: Kind> {
    inner: Arc<Inner<C, K>>,
}

#[derive(Debug)]
struct Inner<C: Curve, K: Kind> {
    params: Params<C, K>,
    dealing: Dealing<C, K>,
    check: BatchCheck<C, K>,
}

/// The random linear combination of a batch of commitments, against which all shares of a node are checked at once.
#[derive(Clone, Debug)]
pub(crate) struct BatchCheck<C: Curve, K: Kind> {
    weights: Vec<C::Scalar>,
    combined: K::Commitment<C>,
}

impl<C: Curve, K: Kind> BatchCheck<C, K> {
    /// The combination with weights from a digest of everything that the shares depend on. `None` without commitments.
    pub(crate) fn new(digest: &[u8; 32], commitments: &[K::Commitment<C>]) -> Option<Self> {
        let mut stream = Oracle::new(Domain::BatchWeights)
            .bytes("shares of", digest)
            .stream();
        let mut weights = vec![C::Scalar::ONE];
        weights.extend((1..commitments.len()).map(|_| stream.weight::<C>()));
        let combined = match commitments {
            [single] => single.clone(),
            several => {
                let terms: Vec<_> = weights.iter().copied().zip(several).collect();
                K::combine(&terms)?
            }
        };
        Some(BatchCheck { weights, combined })
    }

    /// Whether the shares open all commitments at that node. Constant time in the shares.
    pub(crate) fn opens(&self, node: NodeIndex, shares: &[K::Share<C>]) -> bool {
        if shares.len() != self.weights.len() {
            return false;
        }
        let mut sums = vec![C::Scalar::ZERO; K::SCALARS];
        for (share, weight) in shares.iter().zip(&self.weights) {
            for (sum, scalar) in sums.iter_mut().zip(K::scalars(share)) {
                *sum += *weight * scalar.expose();
            }
        }
        let mut sums = sums.into_iter().map(chainkey_algebra::Secret::new);
        let opened = K::share::<C>(&mut sums).map(|share| K::open(&share));
        opened == Some(K::at(&self.combined, node))
    }
}

impl<C: Curve, K: Kind> Dealing<C, K> {
    /// Verifies the public part.
    pub fn verify(self, params: &Params<C, K>) -> Result<PublicDealing<C, K>, IdkgError> {
        self.check_alone(params)?;
        let dealer = self.dealer;
        let mut equations = Equations::new();
        let mut weights = weights(&[self.digest()]);
        self.add_equations(params, &mut equations, &mut weights)?;
        if equations.hold() {
            self.into_public(params)
        } else {
            Err(IdkgError::BadProof { dealer })
        }
    }

    fn into_public(self, params: &Params<C, K>) -> Result<PublicDealing<C, K>, IdkgError> {
        let found = self.commitments.len();
        let check = BatchCheck::new(&self.digest().0, &self.commitments)
            .ok_or(IdkgError::BatchSize { found })?;
        Ok(PublicDealing {
            inner: Arc::new(Inner {
                params: params.clone(),
                dealing: self,
                check,
            }),
        })
    }

    /// Steps 5.1 to 5.4: all but the operation's proofs.
    fn check_alone(&self, params: &Params<C, K>) -> Result<(), IdkgError> {
        let dealer = self.dealer;
        params.expect_dealer(dealer)?;
        if self.context != *params.context() {
            return Err(IdkgError::OtherTranscript { dealer });
        }
        self.check_shape(params)?;
        self.ephemeral.verify(self.binding(), &self.body)?;
        if let Operation::ReshareOfUnmasked(old) = params.operation() {
            let constants = self.constants();
            if !constants.eq(old.points_at(dealer)) {
                return Err(IdkgError::WrongConstant { dealer });
            }
        }
        Ok(())
    }

    fn check_shape(&self, params: &Params<C, K>) -> Result<(), IdkgError> {
        let dealer = self.dealer;
        let expect = |shape, expected, found| {
            if expected == found {
                return Ok(());
            }
            Err(IdkgError::WrongShape {
                dealer,
                shape,
                expected,
                found,
            })
        };
        let batch = params.batch();
        expect(Shape::Batch, batch, self.commitments.len())?;
        for commitment in &self.commitments {
            let coefficients = K::points(commitment).len();
            expect(
                Shape::Coefficients,
                params.threshold().shares(),
                coefficients,
            )?;
        }
        let receivers = params.receivers().committee().size();
        expect(Shape::Receivers, receivers, self.ciphertexts.len())?;
        for scalars in &self.ciphertexts {
            expect(Shape::Scalars, batch * K::SCALARS, scalars.len())?;
        }
        let proofs = match (params.operation(), &self.proof) {
            (Operation::Random(_) | Operation::ReshareOfUnmasked(_), Proof::None) => 0,
            (Operation::ReshareOfMasked(_), Proof::SameValue(_))
            | (Operation::UnmaskedTimesMasked(..), Proof::Product(_)) => batch,
            _ => return Err(IdkgError::BadProof { dealer }),
        };
        expect(Shape::Proofs, proofs, self.proof.len())
    }

    fn constants(&self) -> impl Iterator<Item = C::Point> + '_ {
        let commitments = self.commitments.iter();
        commitments.map(|commitment| K::points(commitment)[0])
    }

    /// Step 5.5: the equations of the operation's proofs, each with a weight of its own.
    fn add_equations(
        &self,
        params: &Params<C, K>,
        equations: &mut Equations<C>,
        weights: &mut OracleStream,
    ) -> Result<(), IdkgError> {
        let weight = || weights.weight::<C>();
        let (binding, commitments) = (self.binding(), self.commitment_bytes());
        match (params.operation(), &self.proof) {
            (Operation::ReshareOfMasked(old), Proof::SameValue(proofs)) => {
                let olds = old.points_at(self.dealer);
                let differences = olds.zip(self.constants()).map(|(old, new)| old - new);
                proof::add_same_values(
                    equations,
                    weight,
                    binding,
                    commitments,
                    proofs,
                    differences,
                );
            }
            (Operation::UnmaskedTimesMasked(left, right), Proof::Product(proofs)) => {
                let lefts: Vec<C::Point> = left.points_at(self.dealer).collect();
                let factors = lefts.into_iter().cycle().zip(right.points_at(self.dealer));
                let statements = factors
                    .zip(self.constants())
                    .map(|((left, right), product)| ProductStatement {
                        left,
                        right,
                        product,
                    });
                proof::add_products(equations, weight, binding, commitments, proofs, statements);
            }
            (Operation::Random(_) | Operation::ReshareOfUnmasked(_), Proof::None) => {}
            _ => {
                let dealer = self.dealer;
                return Err(IdkgError::BadProof { dealer });
            }
        }
        Ok(())
    }
}

/// Weights that depend on all dealings of one combination: were they those of each dealing alone, two dealers could search for errors that
/// cancel out at the price of a birthday search.
fn weights(dealings: &[DealingDigest]) -> OracleStream {
    let oracle = Oracle::new(Domain::BatchWeights).number("dealings", dealings.len() as u64);
    dealings
        .iter()
        .fold(oracle, |oracle, digest| oracle.bytes("proofs of", digest.0))
        .stream()
}

/// Verifies dealings of one transcript together; the verdicts stand in the order of the dealings.
pub fn verify_all<C: Curve, K: Kind>(
    params: &Params<C, K>,
    dealings: Vec<Dealing<C, K>>,
) -> Vec<Result<PublicDealing<C, K>, IdkgError>> {
    let mut equations = Equations::new();
    let digests: Vec<DealingDigest> = dealings.iter().map(Dealing::digest).collect();
    let mut weights = weights(&digests);
    let alone: Vec<Result<(), IdkgError>> = dealings
        .iter()
        .map(|dealing| {
            dealing.check_alone(params)?;
            dealing.add_equations(params, &mut equations, &mut weights)
        })
        .collect();
    let together = equations.hold();
    dealings
        .into_iter()
        .zip(alone)
        .map(|(dealing, alone)| {
            alone?;
            if together {
                dealing.into_public(params)
            } else {
                dealing.verify(params)
            }
        })
        .collect()
}

impl<C: Curve, K: Kind> PublicDealing<C, K> {
    /// The parameters that it was verified against.
    pub fn params(&self) -> &Params<C, K> {
        &self.inner.params
    }

    /// Who dealt it.
    pub fn dealer(&self) -> NodeIndex {
        self.inner.dealing.dealer
    }

    /// What stands for it.
    pub fn digest(&self) -> DealingDigest {
        self.inner.dealing.digest()
    }

    /// The dealing, to send it on.
    pub fn dealing(&self) -> &Dealing<C, K> {
        &self.inner.dealing
    }

    /// The commitments to its sharings.
    pub fn commitments(&self) -> &[K::Commitment<C>] {
        &self.inner.dealing.commitments
    }

    pub(crate) fn check(&self) -> &BatchCheck<C, K> {
        &self.inner.check
    }
}
