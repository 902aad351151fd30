//! Shamir's polynomials over a curve's scalars.
//!
//! Source: Shamir, "How to share a secret" (1979). In: a threshold and randomness. Out: values at the nodes' points.

use crate::curve::Curve;
use crate::index::{NodeIndex, Threshold};
use crate::secret::Secret;
use rand_core::{CryptoRng, RngCore};
use std::fmt;

/// A secret polynomial; the constant term is the shared secret.
#[derive(Clone)]
pub struct Polynomial<C: Curve> {
    coefficients: Vec<Secret<C>>,
}

impl<C: Curve> Polynomial<C> {
    /// A uniformly random polynomial that `threshold` values determine.
    pub fn random(threshold: Threshold, rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let coefficients = (0..threshold.shares())
            .map(|_| Secret::random(rng))
            .collect();
        Polynomial { coefficients }
    }

    /// A uniformly random polynomial with this constant term.
    pub fn sharing(
        secret: &Secret<C>,
        threshold: Threshold,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Self {
        let mut polynomial = Polynomial::random(threshold, rng);
        polynomial.coefficients[0] = secret.clone();
        polynomial
    }

    /// The coefficients, the constant term first.
    pub fn coefficients(&self) -> &[Secret<C>] {
        &self.coefficients
    }

    /// The value that this node gets, in constant time.
    pub fn at(&self, node: NodeIndex) -> Secret<C> {
        let x = C::Scalar::from(node.x());
        let value = self
            .coefficients
            .iter()
            .rev()
            .fold(C::Scalar::from(0), |sum, coefficient| {
                sum * x + coefficient.expose()
            });
        Secret::new(value)
    }
}

impl<C: Curve> fmt::Debug for Polynomial<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<redacted polynomial of {} coefficients>",
            self.coefficients.len()
        )
    }
}
