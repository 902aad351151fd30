//! Lagrange's interpolation: coefficients at a point for a set of nodes, and the interpolation of points of the group.
//!
//! In: distinct node indices. Out: coefficients. What is public (points, masked shares) may be interpolated by anyone with
//! [`points_at_zero`] and [`masked_at_zero`]; there is no function that takes [`crate::Secret`] shares to the value at zero.

use crate::curve::Curve;
use crate::index::NodeIndex;
use ff::Field;

/// Why a set of nodes can't be interpolated over.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InterpolationError {
    /// A node stands twice in the set.
    #[error("{0} stands twice in the set of shares")]
    Duplicate(NodeIndex),
    /// Nothing to interpolate.
    #[error("no shares")]
    Empty,
}

/// The coefficients by which values at the nodes' points make the value at `x`.
pub fn coefficients_at<C: Curve>(
    nodes: &[NodeIndex],
    x: u64,
) -> Result<Vec<C::Scalar>, InterpolationError> {
    check_distinct(nodes)?;
    let at = C::Scalar::from(x);
    let points: Vec<C::Scalar> = nodes.iter().map(|node| C::Scalar::from(node.x())).collect();
    let mut numerators = Vec::with_capacity(nodes.len());
    let mut denominators = Vec::with_capacity(nodes.len());
    for (i, own) in points.iter().enumerate() {
        let mut numerator = C::Scalar::ONE;
        let mut denominator = C::Scalar::ONE;
        for (j, other) in points.iter().enumerate() {
            if i != j {
                numerator *= at - other;
                denominator *= *own - other;
            }
        }
        numerators.push(numerator);
        denominators.push(denominator);
    }
    let inverses = invert_all::<C>(&denominators);
    Ok(numerators
        .into_iter()
        .zip(inverses)
        .map(|(numerator, inverse)| numerator * inverse)
        .collect())
}

/// The coefficients for the value at zero.
pub fn coefficients_at_zero<C: Curve>(
    nodes: &[NodeIndex],
) -> Result<Vec<C::Scalar>, InterpolationError> {
    coefficients_at::<C>(nodes, 0)
}

/// The point at zero of points at the nodes, in variable time.
pub fn points_at_zero<C: Curve>(
    shares: &[(NodeIndex, C::Point)],
) -> Result<C::Point, InterpolationError> {
    let nodes: Vec<NodeIndex> = shares.iter().map(|(node, _)| *node).collect();
    let points: Vec<C::Point> = shares.iter().map(|(_, point)| *point).collect();
    Ok(C::msm_vartime(&coefficients_at_zero::<C>(&nodes)?, &points))
}

/// The value at zero of scalars that are public because each is masked by a sharing of its own, such as shares of a signature.
pub fn masked_at_zero<C: Curve>(
    shares: &[(NodeIndex, C::Scalar)],
) -> Result<C::Scalar, InterpolationError> {
    let nodes: Vec<NodeIndex> = shares.iter().map(|(node, _)| *node).collect();
    let coefficients = coefficients_at_zero::<C>(&nodes)?;
    Ok(shares
        .iter()
        .zip(coefficients)
        .fold(C::Scalar::ZERO, |sum, ((_, share), coefficient)| {
            sum + *share * coefficient
        }))
}

fn check_distinct(nodes: &[NodeIndex]) -> Result<(), InterpolationError> {
    if nodes.is_empty() {
        return Err(InterpolationError::Empty);
    }
    let mut seen = std::collections::BTreeSet::new();
    match nodes.iter().find(|node| !seen.insert(**node)) {
        Some(node) => Err(InterpolationError::Duplicate(*node)),
        None => Ok(()),
    }
}

/// Inverses of public scalars that are not zero, with one inversion (Montgomery's trick).
fn invert_all<C: Curve>(values: &[C::Scalar]) -> Vec<C::Scalar> {
    let mut prefixes = Vec::with_capacity(values.len());
    let mut product = C::Scalar::ONE;
    for value in values {
        prefixes.push(product);
        product *= value;
    }
    // Distinct points below the order: no difference is zero, so neither is the product.
    let mut inverse = product.invert().unwrap_or(C::Scalar::ZERO);
    let mut inverses = vec![C::Scalar::ZERO; values.len()];
    for index in (0..values.len()).rev() {
        inverses[index] = prefixes[index] * inverse;
        inverse *= values[index];
    }
    inverses
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Polynomial, Secp256k1, Threshold};
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    #[test]
    fn a_polynomial_is_found_again_from_as_many_values_as_its_threshold() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let polynomial = Polynomial::<Secp256k1>::random(Threshold::new(3).unwrap(), &mut rng);
        let nodes = [NodeIndex(4), NodeIndex(0), NodeIndex(2)];
        let shares: Vec<_> = nodes
            .iter()
            .map(|node| (*node, *polynomial.at(*node).expose()))
            .collect();
        let secret = *polynomial.coefficients()[0].expose();
        assert_eq!(masked_at_zero::<Secp256k1>(&shares), Ok(secret));
        assert_ne!(masked_at_zero::<Secp256k1>(&shares[..2]), Ok(secret));
        let points: Vec<_> = shares
            .iter()
            .map(|(node, share)| (*node, Secp256k1::mul_base(share)))
            .collect();
        let point = Secp256k1::mul_base(&secret);
        assert_eq!(points_at_zero::<Secp256k1>(&points), Ok(point));
    }

    #[test]
    fn refuses_duplicates_and_nothing() {
        let twice = [NodeIndex(1), NodeIndex(2), NodeIndex(1)];
        assert_eq!(
            coefficients_at_zero::<Secp256k1>(&twice),
            Err(InterpolationError::Duplicate(NodeIndex(1)))
        );
        assert_eq!(
            coefficients_at_zero::<Secp256k1>(&[]),
            Err(InterpolationError::Empty)
        );
    }
}
