//! What anyone can check of a dealing: shape, proofs, constants.
//!
//! Source: docs/protocols/idkg.md, section 5. In: a decoded dealing and the parameters. Out: a [`PublicDealing`], cheap to clone, which may be
//! handed to every node of the same process: nothing in it depends on who checked. [`verify_all`] checks many dealings of a transcript at the
//! price of little more than one; where that fails, it checks one by one and blames.
//! Weights of combinations are the oracle's output on the dealings themselves, so that all nodes come to the same verdict.

use crate::batch_check::{BatchCheck, each_opens};
use crate::dealing::{Dealing, DealingDigest};
use crate::equations::Equations;
use crate::error::{IdkgError, Shape};
use crate::kind::Kind;
use crate::params::{Operation, Params};
use crate::proof::{self, ProductStatement, Proof};
use chainkey_algebra::{Curve, Domain, Ed25519, NodeIndex, Oracle, OracleStream};
use std::sync::{Arc, OnceLock};

/// A dealing whose public part is verified.
#[derive(Clone, Debug)]
pub struct PublicDealing<C: Curve, K: Kind> {
    inner: Arc<Inner<C, K>>,
}

#[derive(Debug)]
struct Inner<C: Curve, K: Kind> {
    params: Params<C, K>,
    dealing: Dealing<C, K>,
    /// Made when first asked for: dealings that are opened together do not need it.
    check: OnceLock<BatchCheck<C, K>>,
}

impl<C: Curve, K: Kind> Dealing<C, K> {
    /// Verifies the public part.
    pub fn verify(self, params: &Params<C, K>) -> Result<PublicDealing<C, K>, IdkgError> {
        self.check_alone(params)?;
        let dealer = self.dealer;
        let mut weights = weights(&[self.digest()]);
        if !self.ephemeral_holds(&mut weights) {
            return Err(IdkgError::BadEphemeral { dealer });
        }
        let mut equations = Equations::new();
        self.add_equations(params, &mut equations, &mut weights)?;
        if equations.hold() {
            Ok(self.into_public(params))
        } else {
            Err(IdkgError::BadProof { dealer })
        }
    }

    fn ephemeral_holds(&self, weights: &mut OracleStream) -> bool {
        let mut equations = Equations::new();
        self.add_ephemeral(&mut equations, weights);
        equations.hold()
    }

    fn add_ephemeral(&self, equations: &mut Equations<Ed25519>, weights: &mut OracleStream) {
        self.ephemeral
            .add_equations(equations, weights, self.binding(), &self.body);
    }

    fn into_public(self, params: &Params<C, K>) -> PublicDealing<C, K> {
        PublicDealing {
            inner: Arc::new(Inner {
                params: params.clone(),
                dealing: self,
                check: OnceLock::new(),
            }),
        }
    }

    /// Steps 5.2 to 5.4: all but the proofs.
    fn check_alone(&self, params: &Params<C, K>) -> Result<(), IdkgError> {
        let dealer = self.dealer;
        params.expect_dealer(dealer)?;
        if self.context != *params.context() {
            return Err(IdkgError::OtherTranscript { dealer });
        }
        self.check_shape(params)?;
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
            (Operation::ReshareOfMasked(_), Proof::SameValue(_)) => batch,
            (Operation::UnmaskedTimesMasked(left, _), Proof::Product(_)) => left.len(),
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
            (Operation::UnmaskedTimesMasked(left, right), Proof::Product(proof)) => {
                let statement = ProductStatement {
                    lefts: left.points_at(self.dealer).collect(),
                    rights: right.points_at(self.dealer).collect(),
                    products: self.constants().collect(),
                };
                proof::add_products(equations, weight, binding, commitments, proof, &statement);
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
    let mut ephemerals = Equations::new();
    let digests: Vec<DealingDigest> = dealings.iter().map(Dealing::digest).collect();
    let mut weights = weights(&digests);
    let alone: Vec<Result<(), IdkgError>> = dealings
        .iter()
        .map(|dealing| {
            dealing.check_alone(params)?;
            dealing.add_ephemeral(&mut ephemerals, &mut weights);
            dealing.add_equations(params, &mut equations, &mut weights)
        })
        .collect();
    let together = equations.hold() && ephemerals.hold();
    dealings
        .into_iter()
        .zip(alone)
        .map(|(dealing, alone)| {
            alone?;
            if together {
                Ok(dealing.into_public(params))
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

    /// Whether the shares open all commitments at that node. Only for shares that the dealing determines: it determines the weights too.
    pub(crate) fn opens(&self, node: NodeIndex, shares: &[K::Share<C>]) -> bool {
        let check = self
            .inner
            .check
            .get_or_init(|| BatchCheck::new(&self.digest().0, self.commitments().len()));
        let commitments = || self.commitments().iter().collect();
        check.opens(node, shares.iter(), commitments)
    }

    /// The same, slot by slot: for shares that somebody sent afterwards.
    pub(crate) fn opens_each(&self, node: NodeIndex, shares: &[K::Share<C>]) -> bool {
        each_opens::<C, K>(node, shares, self.commitments())
    }
}

/// Verified dealings of one transcript, to be opened together: the combination of their commitments is made once, for every receiver. Cheap to
/// clone.
#[derive(Clone, Debug)]
pub struct PublicDealings<C: Curve, K: Kind> {
    dealings: Arc<Vec<PublicDealing<C, K>>>,
    check: Arc<BatchCheck<C, K>>,
}

impl<C: Curve, K: Kind> PublicDealings<C, K> {
    /// Puts dealings together that were verified against the same parameters.
    pub fn new(dealings: Vec<PublicDealing<C, K>>) -> Result<Self, IdkgError> {
        let mut oracle = Oracle::new(Domain::BatchWeights);
        let mut count = 0;
        for dealing in &dealings {
            let dealer = dealing.dealer();
            if dealing.params().context() != dealings[0].params().context() {
                return Err(IdkgError::OtherTranscript { dealer });
            }
            oracle = oracle.bytes("shares in", dealing.digest().0);
            count += dealing.commitments().len();
        }
        Ok(PublicDealings {
            dealings: Arc::new(dealings),
            check: Arc::new(BatchCheck::new(&oracle.digest(), count)),
        })
    }

    /// The dealings.
    pub fn dealings(&self) -> &[PublicDealing<C, K>] {
        &self.dealings
    }

    pub(crate) fn opens(&self, node: NodeIndex, shares: &[&K::Share<C>]) -> bool {
        let dealings = self.dealings.iter();
        let commitments = || dealings.flat_map(PublicDealing::commitments).collect();
        self.check.opens(node, shares.iter().copied(), commitments)
    }
}
