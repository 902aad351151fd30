//! Multiplication of one fixed point by secret scalars, with a table made once.
//!
//! Source: the fixed-base windowing method (Brickell, Gordon, McCurley, Wilson, EUROCRYPT '92) with signed digits of 5 bits: 52 mixed additions and no
//! doubling. Constant time: each addend is selected by reading its whole row, and negated or not by selection too; the additions are complete. In: a
//! point; scalars. Out: products.

use crate::curve::Curve;
use std::ops::Neg;
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};
use zeroize::Zeroize;

/// Bits of a digit.
const WINDOW: usize = 5;
/// Digits of a scalar of 256 bits, with a carry.
const DIGITS: usize = 52;
/// Digits are from -16 to 15.
const MULTIPLES: usize = 16;

type Affine<P> = <P as group::Curve>::AffineRepr;

/// A point with the table of its multiples: `rows[w][m - 1]` = m 32^w P.
pub struct FixedBase<P: group::Curve> {
    rows: Vec<[Affine<P>; MULTIPLES]>,
}

impl<P: group::Curve> FixedBase<P>
where
    Affine<P>: Copy + Default + ConditionallySelectable + Neg<Output = Affine<P>>,
{
    /// Makes the table: 52 rows of 16 points.
    pub fn new(point: P) -> Self {
        let mut unit = point;
        let mut multiples = Vec::with_capacity(DIGITS * MULTIPLES);
        for _ in 0..DIGITS {
            let mut multiple = P::identity();
            for _ in 0..MULTIPLES {
                multiple += unit;
                multiples.push(multiple);
            }
            unit = multiple.double();
        }
        let mut affine = vec![Affine::<P>::default(); multiples.len()];
        P::batch_normalize(&multiples, &mut affine);
        let (rows, _) = affine.as_chunks::<MULTIPLES>();
        FixedBase {
            rows: rows.to_vec(),
        }
    }

    /// `scalar` times the point, in constant time.
    pub fn mul<C: Curve<Point = P>>(&self, scalar: &C::Scalar) -> P {
        let mut bytes = C::scalar_to_bytes(scalar);
        let mut digits = signed_digits(&bytes);
        let mut sum = P::identity();
        for (row, digit) in self.rows.iter().zip(digits) {
            sum += select::<P>(row, digit);
        }
        bytes.zeroize();
        digits.zeroize();
        sum
    }
}

/// Digits d from -16 to 15, the least significant first, of which the number is the sum of d 32^w; in constant time.
fn signed_digits(big_endian: &[u8; 32]) -> [i8; DIGITS] {
    let mut digits = [0; DIGITS];
    let mut carry = 0;
    for (place, digit) in digits.iter_mut().enumerate() {
        let (byte, bit) = (WINDOW * place / 8, WINDOW * place % 8);
        let at = |byte: usize| big_endian.get(31_usize.wrapping_sub(byte)).copied();
        let pair = u16::from_le_bytes([at(byte).unwrap_or(0), at(byte + 1).unwrap_or(0)]);
        let value = (pair >> bit & 31) as i8 + carry;
        carry = (value + 16) >> WINDOW;
        *digit = value - (carry << WINDOW);
    }
    digits
}

/// The multiple of a row that belongs to a digit, found by reading all of it.
fn select<P: group::Curve>(row: &[Affine<P>; MULTIPLES], digit: i8) -> Affine<P>
where
    Affine<P>: Copy + Default + ConditionallySelectable + Neg<Output = Affine<P>>,
{
    let sign = digit >> 7;
    let magnitude = ((digit ^ sign) - sign) as u8;
    let mut chosen = Affine::<P>::default();
    for (multiple, point) in (1_u8..).zip(row) {
        chosen.conditional_assign(point, magnitude.ct_eq(&multiple));
    }
    let negative = -chosen;
    chosen.conditional_assign(&negative, Choice::from(sign as u8 & 1));
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
            let digits = signed_digits(&bytes);
            prop_assert!(digits.iter().all(|digit| (-16..=15).contains(digit)));
            // Base 32 again, from the most significant digit, with borrowing.
            let mut number = [0_i32; 34];
            for digit in digits.iter().rev() {
                let mut carry = i32::from(*digit);
                for byte in &mut number {
                    let value = *byte * 32 + carry;
                    *byte = value.rem_euclid(256);
                    carry = value.div_euclid(256);
                }
            }
            let found: Vec<i32> = number[..32].iter().rev().copied().collect();
            let expected: Vec<i32> = bytes.iter().map(|byte| i32::from(*byte)).collect();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(&number[32..], &[0, 0]);
        }
    }
}
