//! Many equations between public points, checked at once by a random linear combination.
//!
//! Source: the small-exponents test of Bellare, Garay and Rabin (EUROCRYPT '98). Each equation says that a sum of products is the identity; it is
//! added with a weight of 128 bits from the oracle, after everything in the equations is fixed, so that a wrong one is
//! noticed but with probability 2^-128. All is public: variable time.

use chainkey_algebra::Curve;
use chainkey_algebra::commitment::times;
use chainkey_algebra::ff::Field;
use chainkey_algebra::group::Group;

/// A sum of products that should be the identity.
pub(crate) struct Equations<C: Curve> {
    generator: C::Scalar,
    second: C::Scalar,
    scalars: Vec<C::Scalar>,
    points: Vec<C::Point>,
}

impl<C: Curve> Equations<C> {
    pub(crate) fn new() -> Self {
        Equations {
            generator: C::Scalar::ZERO,
            second: C::Scalar::ZERO,
            scalars: Vec::new(),
            points: Vec::new(),
        }
    }

    /// Adds `scalar * G`.
    pub(crate) fn generator(&mut self, scalar: C::Scalar) -> &mut Self {
        self.generator += scalar;
        self
    }

    /// Adds `scalar * H`.
    pub(crate) fn second(&mut self, scalar: C::Scalar) -> &mut Self {
        self.second += scalar;
        self
    }

    /// Adds `scalar * point`.
    pub(crate) fn term(&mut self, scalar: C::Scalar, point: C::Point) -> &mut Self {
        self.scalars.push(scalar);
        self.points.push(point);
        self
    }

    /// Whether the sum is the identity; true without any equation. The cofactor of edwards25519 is cleared first, so that its points need
    /// not be in the subgroup of prime order; on the other curves this changes nothing.
    pub(crate) fn hold(&self) -> bool {
        let mut sum = C::msm_vartime(&self.scalars, &self.points);
        if self.generator != C::Scalar::ZERO {
            sum += C::mul_base(&self.generator);
        }
        if self.second != C::Scalar::ZERO {
            sum += C::mul_second(&self.second);
        }
        bool::from(times::<C>(sum, 8).is_identity())
    }
}
