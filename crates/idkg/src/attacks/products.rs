//! Wrong proofs: products of other values, reshared values that are not the committed ones, errors that would cancel out.

use super::world::{Finished, World, id, rng};
use super::{K1, honestly, seal};
use crate::dealing::Plan;
use crate::encryption::Binding;
use crate::error::IdkgError;
use crate::kind::{Masked, Unmasked};
use crate::proof::{self, ProductWitness, Proof};
use crate::{DealerInput, Dealing, Extraction, Params, verify_all};
use chainkey_algebra::{Curve, NodeIndex, Polynomial, Secret};

const DEALER: NodeIndex = NodeIndex(2);

type Scalar = <K1 as Curve>::Scalar;

struct Factors {
    world: World,
    left: Finished<K1, Unmasked>,
    right: Finished<K1, Masked>,
    params: Params<K1, Masked>,
}

fn factors(batch: usize) -> Factors {
    factors_of(batch, batch)
}

fn factors_of(lefts: usize, batch: usize) -> Factors {
    let world = World::new(4, 1);
    let left = world.random_unmasked::<K1>(1, lefts, Extraction::Sum);
    let right = world.random::<K1>(2, batch, Extraction::Sum);
    let params = Params::product(id(3), &left.transcript, &right.transcript).unwrap();
    Factors {
        world,
        left,
        right,
        params,
    }
}

impl Factors {
    fn input(&self, node: NodeIndex) -> DealerInput<'_, K1> {
        DealerInput::Factors(self.left.of(node), self.right.of(node))
    }

    fn dealt(&self, node: NodeIndex) -> Dealing<K1, Masked> {
        Dealing::create(&self.params, node, self.input(node), &mut rng(4)).unwrap()
    }

    /// A dealing of any products, with the best proof that its dealer can make.
    fn forged(&self, products: &[Scalar]) -> Dealing<K1, Masked> {
        let rng = &mut rng(9);
        let threshold = self.params.threshold();
        let parts = |product: &Scalar| {
            let value = Polynomial::sharing(&Secret::new(*product), threshold, rng);
            vec![value, Polynomial::random(threshold, rng)]
        };
        let plan: Plan<K1, Masked> = Plan::of(products.iter().map(parts).collect());
        let left = self.left.of(DEALER).shares();
        let factors = left.iter().cycle().zip(self.right.of(DEALER).shares());
        let masks = factors.zip(plan.constant_masks());
        let witness = ProductWitness {
            lefts: left.iter().map(|left| left.value.clone()).collect(),
            masks: masks
                .map(|((left, right), mask)| {
                    let moved = *left.value.expose() * right.mask.expose();
                    Secret::new(*mask.expose() - moved)
                })
                .collect(),
        };
        // The commitments' encoding can be had from a dealing with any proof.
        let draft = seal(&self.params, DEALER, &plan, Proof::None, honestly);
        let binding = Binding {
            context: self.params.context(),
            dealer: DEALER,
        };
        let rights: Vec<_> = self.right.transcript.points_at(DEALER).collect();
        let commitments = draft.commitment_bytes();
        let proof = proof::prove_products(binding, commitments, &rights, &witness, rng);
        seal(&self.params, DEALER, &plan, proof, honestly)
    }

    fn right_products(&self) -> Vec<Scalar> {
        let left = self.left.of(DEALER).shares().iter().cycle();
        let pairs = left.zip(self.right.of(DEALER).shares());
        pairs
            .map(|(left, right)| *left.value.expose() * right.value.expose())
            .collect()
    }
}

#[test]
fn refuses_a_product_of_other_values() {
    let factors = factors(2);
    let mut products = factors.right_products();
    assert!(factors.forged(&products).verify(&factors.params).is_ok());
    products[1] += Scalar::ONE;
    let error = factors.forged(&products).verify(&factors.params);
    let error = error.unwrap_err();
    assert_eq!(error, IdkgError::BadProof { dealer: DEALER });
    assert_eq!(error.culprits(), [DEALER]);
}

#[test]
fn refuses_a_wrong_product_where_one_factor_multiplies_all() {
    let factors = factors_of(1, 3);
    let right = factors.right_products();
    assert!(factors.forged(&right).verify(&factors.params).is_ok());
    assert!(factors.dealt(DEALER).verify(&factors.params).is_ok());
    for changes in [[0, 0, 1], [1, 0, 0], [1, 1, 1], [1, 2, 3]] {
        let changed = right.iter().zip(changes);
        let products: Vec<_> = changed
            .map(|(value, by)| *value + Scalar::from(by as u64))
            .collect();
        let error = factors.forged(&products).verify(&factors.params);
        assert_eq!(error.unwrap_err(), IdkgError::BadProof { dealer: DEALER });
    }
    let mut products = right.clone();
    products[0] += Scalar::ONE;
    products[2] -= Scalar::ONE;
    let error = factors.forged(&products).verify(&factors.params);
    assert_eq!(error.unwrap_err(), IdkgError::BadProof { dealer: DEALER });
}

#[test]
fn refuses_errors_that_cancel_out_in_a_sum_without_weights() {
    let factors = factors(2);
    let mut products = factors.right_products();
    products[0] += Scalar::ONE;
    products[1] -= Scalar::ONE;
    let error = factors.forged(&products).verify(&factors.params);
    assert_eq!(error.unwrap_err(), IdkgError::BadProof { dealer: DEALER });
}

#[test]
fn refuses_missing_and_misplaced_proofs() {
    let factors = factors(1);
    let plan = super::plan(1, 2, 1);
    let dealing = seal(&factors.params, DEALER, &plan, Proof::None, honestly);
    let bad = IdkgError::BadProof { dealer: DEALER };
    assert_eq!(dealing.verify(&factors.params).unwrap_err(), bad);
    // The proof of another dealing of the same dealer.
    let proof = factors.dealt(DEALER).proof;
    let dealing = seal(&factors.params, DEALER, &plan, proof, honestly);
    assert_eq!(dealing.verify(&factors.params).unwrap_err(), bad);
}

#[test]
fn finds_the_wrong_product_among_many_dealings() {
    let factors = factors(1);
    let dealings = factors.world.nodes().map(|node| match node {
        DEALER => factors.forged(&[Scalar::ONE]),
        _ => factors.dealt(node),
    });
    for (node, verdict) in factors
        .world
        .nodes()
        .zip(verify_all(&factors.params, dealings.collect()))
    {
        match node {
            DEALER => assert_eq!(verdict.unwrap_err(), IdkgError::BadProof { dealer: DEALER }),
            _ => assert_eq!(verdict.unwrap().dealer(), node),
        }
    }
}

#[test]
fn a_dealer_can_not_deal_by_mistake_what_is_not_its_share() {
    let factors = factors(1);
    let create = |input| Dealing::create(&factors.params, DEALER, input, &mut rng(4)).map(|_| ());
    assert_eq!(create(DealerInput::Nothing), Err(IdkgError::WrongInput));
    let others = factors.input(NodeIndex(0));
    assert_eq!(create(others), Err(IdkgError::WrongInput));
    assert_eq!(create(factors.input(DEALER)), Ok(()));
}

#[test]
fn refuses_to_reshare_another_value_than_the_masked_one() {
    let world = World::new(4, 1);
    let masked = world.random::<K1>(1, 1, Extraction::Sum);
    let params = Params::reshare_of_masked(id(2), &masked.transcript, &world.members).unwrap();
    let share = &masked.of(DEALER).shares()[0];
    let forged = |value: Scalar| {
        let rng = &mut rng(3);
        let threshold = params.threshold();
        let polynomial = Polynomial::sharing(&Secret::new(value), threshold, rng);
        let plan: Plan<K1, Unmasked> = Plan::of(vec![vec![polynomial]]);
        let draft = seal(&params, DEALER, &plan, Proof::None, honestly);
        let binding = Binding {
            context: params.context(),
            dealer: DEALER,
        };
        let bytes = draft.commitment_bytes();
        let proof = proof::prove_same_values(binding, bytes, &[&share.mask], rng);
        seal(&params, DEALER, &plan, proof, honestly).verify(&params)
    };
    let value = *share.value.expose();
    assert!(forged(value).is_ok());
    let error = forged(value + Scalar::ONE).unwrap_err();
    assert_eq!(error, IdkgError::BadProof { dealer: DEALER });
}

#[test]
fn refuses_to_reshare_another_value_than_the_committed_share() {
    let world = World::new(4, 1);
    let key = world.key::<K1>(1);
    let params = Params::reshare_of_unmasked(id(5), &key.transcript, &world.members).unwrap();
    let plan = super::plan(1, 2, 1);
    let dealing = seal(&params, DEALER, &plan, Proof::None, honestly);
    let error = dealing.verify(&params).unwrap_err();
    assert_eq!(error, IdkgError::WrongConstant { dealer: DEALER });
    assert_eq!(error.culprits(), [DEALER]);
}

#[test]
fn refuses_factors_that_do_not_belong_together() {
    let world = World::new(4, 1);
    let left = world.random_unmasked::<K1>(1, 2, Extraction::Sum);
    let right = world.random::<K1>(2, 3, Extraction::Sum);
    let unpaired = Params::product(id(3), &left.transcript, &right.transcript);
    assert_eq!(
        unpaired.unwrap_err(),
        IdkgError::Unpaired { left: 2, right: 3 }
    );
    let elsewhere = World::new(4, 2).random::<K1>(2, 2, Extraction::Sum);
    let apart = Params::product(id(3), &left.transcript, &elsewhere.transcript);
    assert_eq!(apart.unwrap_err(), IdkgError::DifferentMembers);
}
