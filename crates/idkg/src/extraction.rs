//! How dealings combine: by a sum, by Lagrange's coefficients, or by a matrix that extracts several random sharings.
//!
//! Source: Damgård and Nielsen (CRYPTO 2007) for extraction; docs/protocols/idkg.md, section 9. Out of d dealings, of which at most f are known to
//! the adversary, d - f independent random sharings come out: row r of the matrix is x_i^r for the dealers' points x_i, and any d - f columns of
//! such a matrix are invertible (Vandermonde), so that the honest dealers' part alone already makes the rows uniform and independent.
//! In: the dealers. Out: coefficients, one row for each sharing that comes out of a slot.

use crate::error::IdkgError;
use crate::kind::Kind;
use crate::params::{Extraction, Operation, Params};
use chainkey_algebra::commitment::times;
use chainkey_algebra::ff::Field;
use chainkey_algebra::{Curve, NodeIndex, lagrange};

/// How the dealings of a transcript combine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Combination<C: Curve> {
    /// The sum.
    Sum,
    /// The value at zero.
    Lagrange(Vec<C::Scalar>),
    /// Powers of the dealers' points, `rows` of them.
    Powers { points: Vec<u64>, rows: usize },
}

impl<C: Curve> Combination<C> {
    /// How the operation combines the dealings of these dealers.
    pub(crate) fn of<K: Kind>(
        params: &Params<C, K>,
        dealers: &[NodeIndex],
    ) -> Result<Self, IdkgError> {
        match params.operation() {
            Operation::Random(Extraction::Sum) => Ok(Combination::Sum),
            Operation::Random(Extraction::Matrix) => Ok(Combination::Powers {
                points: dealers.iter().map(|dealer| dealer.x()).collect(),
                rows: dealers.len() - params.dealers().committee().faulty(),
            }),
            Operation::ReshareOfMasked(_)
            | Operation::ReshareOfUnmasked(_)
            | Operation::UnmaskedTimesMasked(..) => Ok(Combination::Lagrange(
                lagrange::coefficients_at_zero::<C>(dealers)?,
            )),
        }
    }

    /// The coefficients, row by row.
    pub(crate) fn rows(&self, dealers: usize) -> Vec<Vec<C::Scalar>> {
        match self {
            Combination::Sum => vec![vec![C::Scalar::ONE; dealers]],
            Combination::Lagrange(coefficients) => vec![coefficients.clone()],
            Combination::Powers { points, rows } => {
                let points: Vec<C::Scalar> = points.iter().map(|x| C::Scalar::from(*x)).collect();
                let mut row = vec![C::Scalar::ONE; dealers];
                let mut all = Vec::with_capacity(*rows);
                for _ in 0..*rows {
                    all.push(row.clone());
                    row.iter_mut()
                        .zip(&points)
                        .for_each(|(power, x)| *power *= x);
                }
                all
            }
        }
    }

    /// What comes out of one slot of all dealings; `None` without any.
    pub(crate) fn commitments<K: Kind>(
        &self,
        dealt: &[&K::Commitment<C>],
    ) -> Option<Vec<K::Commitment<C>>> {
        match self {
            Combination::Sum => K::sum(dealt).map(|sum| vec![sum]),
            Combination::Lagrange(coefficients) => {
                let terms: Vec<_> = coefficients
                    .iter()
                    .copied()
                    .zip(dealt.iter().copied())
                    .collect();
                K::combine(&terms).map(|combined| vec![combined])
            }
            Combination::Powers { points, rows } => powers::<C, K>(points, *rows, dealt),
        }
    }
}

/// Rows of powers without full multiplications: from row to row each dealing is multiplied by its small point.
fn powers<C: Curve, K: Kind>(
    points: &[u64],
    rows: usize,
    dealt: &[&K::Commitment<C>],
) -> Option<Vec<K::Commitment<C>>> {
    let mut multiples: Vec<K::Commitment<C>> = dealt.iter().map(|one| (*one).clone()).collect();
    let mut all = Vec::with_capacity(rows);
    for row in 0..rows {
        if row > 0 {
            for (multiple, x) in multiples.iter_mut().zip(points) {
                let multiplied = K::points(multiple)
                    .iter()
                    .map(|point| times::<C>(*point, *x));
                *multiple = K::from_points(multiplied.collect())?;
            }
        }
        all.push(K::sum(&multiples.iter().collect::<Vec<_>>())?);
    }
    Some(all)
}
