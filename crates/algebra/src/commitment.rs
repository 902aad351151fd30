//! Commitments to polynomials, and the shares that open them.
//!
//! Source: Feldman (FOCS '87) for [`SimpleCommitment`] (a_k G), Pedersen (CRYPTO '91) for [`PedersenCommitment`] (a_k G + b_k H).
//! In: polynomials, or encodings. Out: commitments that anyone can evaluate at a node's point, and openings that are checked
//! against them. A checked share is a type of its own, so that an unchecked one can't be used.

use crate::curve::Curve;
use crate::index::NodeIndex;
use crate::polynomial::Polynomial;
use crate::secret::Secret;
use group::Group;

/// The share does not open the commitment at that node's point.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the share of {0} does not open the commitment")]
pub struct WrongShare(pub NodeIndex);

/// Feldman's commitment to a polynomial: its coefficients times G, the constant term first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SimpleCommitment<C: Curve> {
    points: Vec<C::Point>,
}

/// Pedersen's commitment to a polynomial: each coefficient times G plus a mask times H, the constant term first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PedersenCommitment<C: Curve> {
    points: Vec<C::Point>,
}

/// A node's share under a Simple commitment: the value of the polynomial. Not yet checked unless it came out of
/// [`SimpleCommitment::check`].
#[derive(Clone, Debug)]
pub struct SimpleShare<C: Curve> {
    /// The value.
    pub value: Secret<C>,
}

/// A node's share under a Pedersen commitment: the values of both polynomials.
#[derive(Clone, Debug)]
pub struct PedersenShare<C: Curve> {
    /// The value.
    pub value: Secret<C>,
    /// The value of the masking polynomial.
    pub mask: Secret<C>,
}

impl<C: Curve> SimpleShare<C> {
    /// The point that the commitment has at this node.
    pub fn commit(&self) -> C::Point {
        self.value.public()
    }
}

impl<C: Curve> PedersenShare<C> {
    /// The point that the commitment has at this node.
    pub fn commit(&self) -> C::Point {
        self.value.public() + C::mul_second(self.mask.expose())
    }
}

/// The value of a polynomial of points at a node, by Horner's rule: x is small, so each step costs a few doublings.
fn evaluate<C: Curve>(points: &[C::Point], x: u64) -> C::Point {
    points
        .iter()
        .rev()
        .fold(C::Point::identity(), |sum, point| {
            times::<C>(sum, x) + point
        })
}

/// A small public multiple of a point, in variable time.
pub fn times<C: Curve>(point: C::Point, factor: u64) -> C::Point {
    let bits = u64::BITS - factor.leading_zeros();
    (0..bits).rev().fold(C::Point::identity(), |sum, bit| {
        let sum = sum.double();
        if factor >> bit & 1 == 1 {
            sum + point
        } else {
            sum
        }
    })
}

macro_rules! commitment {
    ($commitment:ident, $share:ident) => {
        impl<C: Curve> $commitment<C> {
            /// A commitment of points as they were decoded; at least one.
            pub fn from_points(points: Vec<C::Point>) -> Option<Self> {
                (!points.is_empty()).then_some($commitment { points })
            }

            /// The points, the constant term's first.
            pub fn points(&self) -> &[C::Point] {
                &self.points
            }

            /// How many shares determine the committed value.
            pub fn threshold(&self) -> usize {
                self.points.len()
            }

            /// The commitment to the constant term, the shared value.
            pub fn constant(&self) -> C::Point {
                self.points[0]
            }

            /// The commitment to a node's share; in variable time, all public.
            pub fn at(&self, node: NodeIndex) -> C::Point {
                evaluate::<C>(&self.points, node.x())
            }

            /// Lets only a share through that opens the commitment at this node.
            pub fn check(
                &self,
                node: NodeIndex,
                share: $share<C>,
            ) -> Result<$share<C>, WrongShare> {
                if share.commit() == self.at(node) {
                    Ok(share)
                } else {
                    Err(WrongShare(node))
                }
            }

            /// The sum of commitments with public factors: the commitment to the same sum of polynomials. Commitments to
            /// polynomials of lower degree count as having zeros above.
            pub fn combine(terms: &[(C::Scalar, &Self)]) -> Option<Self> {
                let length = terms.iter().map(|(_, term)| term.points.len()).max()?;
                let points = (0..length)
                    .map(|k| {
                        let present = || terms.iter().filter(|(_, term)| k < term.points.len());
                        let factors: Vec<_> = present().map(|(factor, _)| *factor).collect();
                        let points: Vec<_> = present().map(|(_, term)| term.points[k]).collect();
                        C::msm_vartime(&factors, &points)
                    })
                    .collect();
                Some($commitment { points })
            }

            /// The sum of commitments: the commitment to the sum of the polynomials.
            pub fn sum<'a>(terms: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
                let mut terms = terms.into_iter();
                let mut sum = terms.next()?.clone();
                for term in terms {
                    if term.points.len() > sum.points.len() {
                        sum.points.resize(term.points.len(), C::Point::identity());
                    }
                    for (point, addend) in sum.points.iter_mut().zip(&term.points) {
                        *point += addend;
                    }
                }
                Some(sum)
            }

            /// Each point in the curve's compressed encoding.
            pub fn encode(&self) -> Vec<Vec<u8>> {
                C::encode_all(&self.points)
            }
        }
    };
}

commitment!(SimpleCommitment, SimpleShare);
commitment!(PedersenCommitment, PedersenShare);

impl<C: Curve> SimpleCommitment<C> {
    /// Commits to a polynomial.
    pub fn to(polynomial: &Polynomial<C>) -> Self {
        let coefficients = polynomial.coefficients().iter();
        SimpleCommitment {
            points: coefficients.map(Secret::public).collect(),
        }
    }
}

impl<C: Curve> PedersenCommitment<C> {
    /// Commits to a polynomial, masked by another one of the same threshold.
    pub fn to(polynomial: &Polynomial<C>, masks: &Polynomial<C>) -> Self {
        let pairs = polynomial.coefficients().iter().zip(masks.coefficients());
        PedersenCommitment {
            points: pairs
                .map(|(value, mask)| value.public() + C::mul_second(mask.expose()))
                .collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BlsG2, Ed25519, Secp256k1, Secp256r1, Threshold};
    use ff::Field;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn shares_open_their_commitments_and_no_others<C: Curve>() {
        let mut rng = ChaCha20Rng::seed_from_u64(5);
        let threshold = Threshold::new(4).unwrap();
        let values = Polynomial::<C>::random(threshold, &mut rng);
        let masks = Polynomial::<C>::random(threshold, &mut rng);
        let simple = SimpleCommitment::to(&values);
        let pedersen = PedersenCommitment::to(&values, &masks);
        for node in [0, 1, 12, 39, 99].map(NodeIndex) {
            let value = values.at(node);
            let share = SimpleShare {
                value: value.clone(),
            };
            assert!(simple.check(node, share.clone()).is_ok());
            let other = NodeIndex(node.0 + 1);
            assert_eq!(simple.check(other, share).unwrap_err(), WrongShare(other));
            let mask = masks.at(node);
            let share = PedersenShare { value, mask };
            assert!(pedersen.check(node, share.clone()).is_ok());
            let swapped = PedersenShare {
                value: share.mask.clone(),
                mask: share.value.clone(),
            };
            assert!(pedersen.check(node, swapped).is_err());
        }
    }

    #[test]
    fn commitments_bind_on_every_curve() {
        shares_open_their_commitments_and_no_others::<Secp256k1>();
        shares_open_their_commitments_and_no_others::<Secp256r1>();
        shares_open_their_commitments_and_no_others::<Ed25519>();
        shares_open_their_commitments_and_no_others::<BlsG2>();
    }

    #[test]
    fn sums_of_commitments_are_commitments_to_sums() {
        let mut rng = ChaCha20Rng::seed_from_u64(6);
        let low = Polynomial::<Secp256k1>::random(Threshold::new(2).unwrap(), &mut rng);
        let high = Polynomial::<Secp256k1>::random(Threshold::new(3).unwrap(), &mut rng);
        let (a, b) = (SimpleCommitment::to(&low), SimpleCommitment::to(&high));
        let node = NodeIndex(6);
        let (x, y) = (low.at(node), high.at(node));
        let sum = SimpleCommitment::sum([&a, &b]).unwrap();
        assert_eq!(
            sum.at(node),
            Secp256k1::mul_base(&(*x.expose() + y.expose()))
        );
        let two = k256::Scalar::ONE.double();
        let combined = SimpleCommitment::combine(&[(two, &a), (k256::Scalar::ONE, &b)]).unwrap();
        let expected = Secp256k1::mul_base(&(*x.expose() * two + y.expose()));
        assert_eq!(combined.at(node), expected);
    }
}
