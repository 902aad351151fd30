//! A secret scalar: erased on drop, never printed, compared in constant time.

use crate::curve::Curve;
use rand_core::{CryptoRng, RngCore};
use std::fmt;
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop};

/// A scalar that nobody else may learn.
///
/// Security: erased when dropped; `Debug` prints `<redacted>`; no `Serialize`, no `PartialEq`. [`Secret::expose`] is the one way to the value:
/// what is computed from it must become a `Secret` again, a masked scalar or a point.
#[derive(Clone)]
pub struct Secret<C: Curve>(C::Scalar);

impl<C: Curve> Secret<C> {
    /// Takes a scalar into keeping. The caller's copy, if any, is the caller's to erase.
    pub fn new(scalar: C::Scalar) -> Self {
        Secret(scalar)
    }

    /// A uniformly random secret.
    pub fn random(rng: &mut (impl RngCore + CryptoRng)) -> Self {
        let mut wide = [0; 64];
        rng.fill_bytes(&mut wide);
        let secret = Secret(C::scalar_from_wide(&wide));
        wide.zeroize();
        secret
    }

    /// The value, for arithmetic in constant time.
    pub fn expose(&self) -> &C::Scalar {
        &self.0
    }

    /// The value times the generator, in constant time.
    pub fn public(&self) -> C::Point {
        C::mul_base(&self.0)
    }
}

impl<C: Curve> ConstantTimeEq for Secret<C> {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

impl<C: Curve> fmt::Debug for Secret<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<redacted>")
    }
}

impl<C: Curve> Drop for Secret<C> {
    fn drop(&mut self) {
        C::erase(&mut self.0);
    }
}

impl<C: Curve> ZeroizeOnDrop for Secret<C> {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secp256k1;

    #[test]
    fn prints_nothing_of_the_value() {
        let secret = Secret::<Secp256k1>::new(k256::Scalar::from(123_456_789u64));
        assert_eq!(format!("{secret:?}"), "<redacted>");
    }
}
