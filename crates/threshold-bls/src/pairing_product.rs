//! Products of pairings with one final exponentiation.
//!
//! In: pairs of points, those of G2 prepared where they are used again. Out: the product, written additively as blstrs does: an equation
//! holds if it is the identity.

use blstrs::{Bls12, G1Affine, G2Affine, G2Prepared, Gt};
use group::prime::PrimeCurveAffine;
use pairing::{MillerLoopResult, MultiMillerLoop};
use std::sync::LazyLock;

static MINUS_GENERATOR: LazyLock<G2Prepared> =
    LazyLock::new(|| G2Prepared::from(-G2Affine::generator()));

/// e(message, key) / e(signature, generator): the identity just if the signature is the message times the key's logarithm.
pub fn mismatch(signature: &G1Affine, message: &G1Affine, key: &G2Prepared) -> Gt {
    Bls12::multi_miller_loop(&[(signature, &MINUS_GENERATOR), (message, key)])
        .final_exponentiation()
}
