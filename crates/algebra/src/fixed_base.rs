//! Multiplication of one fixed point by secret scalars, with a table made once.
//!
//! Source: the fixed-base windowing method (Brickell, Gordon, McCurley, Wilson, EUROCRYPT '92) with windows of 4 bits: 64 additions and no
//! doubling. Constant time: each addend is selected by reading its whole window. In: a point; scalars. Out: products.

use crate::curve::Curve;
use group::Group;
use subtle::{ConditionallySelectable, ConstantTimeEq};

const WINDOWS: usize = 64;
const MULTIPLES: usize = 16;

/// A point with the table of its multiples: `rows[w][d]` = d 16^w P.
pub struct FixedBase<C: Curve> {
    rows: Vec<[C::Point; MULTIPLES]>,
}

impl<C: Curve> FixedBase<C> {
    /// Makes the table: 64 windows of 16 points.
    pub fn new(point: C::Point) -> Self {
        let mut unit = point;
        let mut rows = Vec::with_capacity(WINDOWS);
        for _ in 0..WINDOWS {
            let mut row = [C::Point::identity(); MULTIPLES];
            for digit in 1..MULTIPLES {
                row[digit] = row[digit - 1] + unit;
            }
            unit = row[MULTIPLES - 1] + unit;
            rows.push(row);
        }
        FixedBase { rows }
    }

    /// `scalar` times the point, in constant time.
    pub fn mul(&self, scalar: &C::Scalar) -> C::Point {
        let mut bytes = C::scalar_to_bytes(scalar);
        let mut sum = C::Point::identity();
        for (index, byte) in bytes.iter().rev().enumerate() {
            sum += select::<C>(&self.rows[2 * index], byte & 15);
            sum += select::<C>(&self.rows[2 * index + 1], byte >> 4);
        }
        zeroize::Zeroize::zeroize(&mut bytes);
        sum
    }
}

/// The entry `digit` of a row, found by reading all of it.
fn select<C: Curve>(row: &[C::Point; MULTIPLES], digit: u8) -> C::Point {
    let mut chosen = row[0];
    for (index, point) in row.iter().enumerate().skip(1) {
        chosen.conditional_assign(point, digit.ct_eq(&(index as u8)));
    }
    chosen
}
