//! Attacks on every step, each with a positive control; docs/protocols/idkg.md, and sections 9 and 10 of the protocols' design.
//!
//! These tests stand inside the package because a faulty dealer makes what the public functions refuse to make.

mod bias;
mod complaints;
mod dealings;
mod faults;
mod high;
mod products;
mod resharing;
mod supports;
#[path = "../../tests/world/mod.rs"]
mod world;

use crate::dealing::{Dealing, Plan};
use crate::kind::Kind;
use crate::params::Params;
use crate::proof::Proof;
use chainkey_algebra::ff::Field;
use chainkey_algebra::{Curve, NodeIndex, Polynomial, Secp256k1, Secret, Threshold};

/// The curve of tests that are the same on every curve.
type K1 = Secp256k1;

/// Random polynomials of any threshold and number.
fn plan<C: Curve, K: Kind>(batch: usize, threshold: usize, seed: u64) -> Plan<C, K> {
    let rng = &mut world::rng(seed);
    let threshold = Threshold::new(threshold as u16).unwrap();
    let mut parts = || {
        let one = |_| Polynomial::random(threshold, rng);
        (0..K::SCALARS).map(one).collect()
    };
    Plan::of((0..batch).map(|_| parts()).collect())
}

/// Seals a plan as the dealer would, but with what is done to each receiver's scalars, and with this proof.
fn seal<C: Curve, K: Kind>(
    params: &Params<C, K>,
    dealer: NodeIndex,
    plan: &Plan<C, K>,
    proof: Proof<C>,
    spoil: impl Fn(NodeIndex, &mut Vec<Secret<C>>),
) -> Dealing<C, K> {
    let scalars = |node| {
        let mut scalars = plan.scalars(node);
        spoil(node, &mut scalars);
        scalars
    };
    let commitments = plan.commitments.clone();
    Dealing::seal(
        params,
        dealer,
        commitments,
        proof,
        scalars,
        &mut world::rng(5),
    )
}

/// Adds a number to a secret scalar.
fn add<C: Curve>(scalar: &mut Secret<C>, addend: C::Scalar) {
    *scalar = Secret::new(*scalar.expose() + addend);
}

/// Spoils the first scalar for some receivers.
fn spoil_for<C: Curve>(bad: &[u16]) -> impl Fn(NodeIndex, &mut Vec<Secret<C>>) + '_ {
    |node, scalars| {
        if bad.contains(&node.0) {
            add(&mut scalars[0], C::Scalar::ONE);
        }
    }
}

/// Leaves the scalars as they are.
fn honestly<C: Curve>(_: NodeIndex, _: &mut Vec<Secret<C>>) {}
