//! Multiplication of one fixed point by secret scalars, with a table made once.
//!
//! Source: the fixed-base windowing method (Brickell, Gordon, McCurley, Wilson, EUROCRYPT '92) with digits of 5 bits: 52 mixed additions and no doubling.
//! Constant time: each addend is selected by reading its whole row, and negated or not by selection too; the additions are complete. A digit d stands
//! for the odd number 2d - 31 and multiplies half the point, so that no addend is ever the identity, which not every library treats like
//! other points. In: a point; scalars. Out: products.

use crate::curve::Curve;
use ff::PrimeField;
use std::ops::Neg;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroize;

/// Bits of a digit.
const WINDOW: usize = 5;
/// Digits of a scalar of 256 bits.
const DIGITS: usize = 52;
/// The odd multiples 1 to 31.
const MULTIPLES: usize = 16;

type Affine<P> = <P as group::Curve>::AffineRepr;

/// A point P with the table of its multiples: `rows[w][m]` = (2m + 1) 32^w P/2.
pub struct FixedBase<P: group::Curve> {
    rows: Vec<[Affine<P>; MULTIPLES]>,
    /// (32^52 - 1) P/2: what the sum of all d 32^w P is ahead of the sum of all (2d - 31) 32^w P/2.
    start: P,
}

impl<P: group::Curve> FixedBase<P>
where
    Affine<P>: Copy + Default + ConditionallySelectable + Neg<Output = Affine<P>>,
{
    /// Makes the table: 52 rows of 16 points.
    pub fn new(point: P) -> Self {
        let half = point * P::Scalar::TWO_INV;
        let mut unit = half;
        let mut multiples = Vec::with_capacity(DIGITS * MULTIPLES);
        for _ in 0..DIGITS {
            let (mut multiple, double) = (unit, unit.double());
            for _ in 0..MULTIPLES {
                multiples.push(multiple);
                multiple += double;
            }
            // 33 units, less one.
            unit = multiple - unit;
        }
        let mut affine = vec![Affine::<P>::default(); multiples.len()];
        P::batch_normalize(&multiples, &mut affine);
        let (rows, _) = affine.as_chunks::<MULTIPLES>();
        FixedBase {
            rows: rows.to_vec(),
            start: unit - half,
        }
    }

    /// `scalar` times the point, in constant time.
    pub fn mul<C: Curve<Point = P>>(&self, scalar: &C::Scalar) -> P {
        let mut bytes = C::scalar_to_bytes(scalar);
        let mut digits = digits(&bytes);
        let mut sum = self.start;
        for (row, digit) in self.rows.iter().zip(digits) {
            sum += select::<P>(row, digit);
        }
        bytes.zeroize();
        digits.zeroize();
        sum
    }
}

/// Digits from 0 to 31, the least significant first.
fn digits(big_endian: &[u8; 32]) -> [u8; DIGITS] {
    let mut digits = [0; DIGITS];
    for (place, digit) in digits.iter_mut().enumerate() {
        let (byte, bit) = (WINDOW * place / 8, WINDOW * place % 8);
        let at = |byte: usize| big_endian.get(31_usize.wrapping_sub(byte)).copied();
        let pair = u16::from_le_bytes([at(byte).unwrap_or(0), at(byte + 1).unwrap_or(0)]);
        *digit = (pair >> bit & 31) as u8;
    }
    digits
}

/// The multiple 2d - 31 of a row's unit, found by reading all of the row.
fn select<P: group::Curve>(row: &[Affine<P>; MULTIPLES], digit: u8) -> Affine<P>
where
    Affine<P>: Copy + ConditionallySelectable + Neg<Output = Affine<P>>,
{
    let positive = digit >> 4;
    // From 16 on d - 16, below 15 - d.
    let index = (digit & 15) ^ (positive.wrapping_sub(1) & 15);
    let mut chosen = row[0];
    for (place, point) in (0_u8..).zip(row).skip(1) {
        chosen.conditional_assign(point, index.ct_eq(&place));
    }
    let negative = -chosen;
    chosen.conditional_assign(&negative, Choice::from(positive ^ 1));
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::curves::{BlsG1, BlsG2, Secp256k1, Secp256r1};
    use ff::Field;
    use group::Group;
    use proptest::prelude::*;

    /// The edges of digits and carries, and the greatest scalar.
    fn agrees_with_the_library_at_the_edges<C: Curve>()
    where
        C::Point: group::Curve,
        Affine<C::Point>: Copy + Default + ConditionallySelectable + Neg<Output = Affine<C::Point>>,
    {
        let point = C::second_generator();
        let table = FixedBase::new(point);
        let check = |scalar: C::Scalar| {
            assert_eq!(table.mul::<C>(&scalar), point * scalar);
            assert_eq!(table.mul::<C>(&-scalar), -(point * scalar));
        };
        let mut power = C::Scalar::ONE;
        for _ in 0..256 {
            check(power);
            check(power - C::Scalar::ONE);
            check(power * C::Scalar::from(16) + C::Scalar::ONE);
            power = power.double();
        }
        assert!(bool::from(table.mul::<C>(&C::Scalar::ZERO).is_identity()));
    }

    #[test]
    fn every_curve_agrees_with_its_library_at_the_edges() {
        agrees_with_the_library_at_the_edges::<Secp256k1>();
        agrees_with_the_library_at_the_edges::<Secp256r1>();
        agrees_with_the_library_at_the_edges::<BlsG1>();
        agrees_with_the_library_at_the_edges::<BlsG2>();
    }

    proptest! {
        #[test]
        fn digits_are_small_and_sum_up_to_the_number(bytes in any::<[u8; 32]>()) {
            let digits = digits(&bytes);
            prop_assert!(digits.iter().all(|digit| *digit < 32));
            let mut number = [0_u32; 33];
            for digit in digits.iter().rev() {
                let mut carry = u32::from(*digit);
                for byte in &mut number {
                    let value = *byte * 32 + carry;
                    (*byte, carry) = (value & 255, value >> 8);
                }
            }
            let found: Vec<u32> = number[..32].iter().rev().copied().collect();
            let expected: Vec<u32> = bytes.iter().map(|byte| u32::from(*byte)).collect();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(number[32], 0);
        }
    }
}
