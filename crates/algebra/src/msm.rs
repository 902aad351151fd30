//! Sums of products of public scalars and points, in variable time.
//!
//! Source: Straus (1964) with signed windows (wNAF) for few points, the buckets of Pippenger (as in Bernstein, Doumen, Lange, Oosterwijk,
//! INDOCRYPT 2012) for many. In: scalars and points, all public. Out: their sum of products.
//! The caller must not pass a secret: the running time depends on the scalars.

use crate::curve::Curve;
use group::Group;

/// From this many products on, buckets are cheaper than tables.
const BUCKETS_FROM: usize = 160;
/// Bits of a scalar, at most.
const BITS: usize = 256;

/// The sum of the products; the shorter list decides.
pub fn sum_of_products<C: Curve>(scalars: &[C::Scalar], points: &[C::Point]) -> C::Point {
    let count = scalars.len().min(points.len());
    if count < BUCKETS_FROM {
        straus::<C>(&scalars[..count], &points[..count])
    } else {
        pippenger::<C>(&scalars[..count], &points[..count])
    }
}

fn straus<C: Curve>(scalars: &[C::Scalar], points: &[C::Point]) -> C::Point {
    let numbers: Vec<(bool, [u64; 5])> = scalars.iter().map(|s| shorter::<C>(s)).collect();
    let bits = numbers.iter().map(|(_, number)| bit_length(number)).max();
    let width = width_for(bits.unwrap_or(0));
    let digits: Vec<Vec<i8>> = numbers
        .iter()
        .map(|(_, number)| signed_digits(*number, width))
        .collect();
    let tables: Vec<Vec<C::Point>> = numbers
        .iter()
        .zip(points)
        .map(|((negated, _), point)| match negated {
            true => odd_multiples::<C>(-*point, width),
            false => odd_multiples::<C>(*point, width),
        })
        .collect();
    let length = digits.iter().map(Vec::len).max().unwrap_or(0);
    let mut sum = C::Point::identity();
    for position in (0..length).rev() {
        sum = sum.double();
        for (digits, table) in digits.iter().zip(&tables) {
            match digits.get(position).copied().unwrap_or(0) {
                0 => {}
                digit if digit > 0 => sum += table[usize::from(digit.unsigned_abs() / 2)],
                digit => sum -= table[usize::from(digit.unsigned_abs() / 2)],
            }
        }
    }
    sum
}

/// The scalar or its negative, whichever is shorter: Lagrange's coefficients at zero are often small numbers of either sign.
fn shorter<C: Curve>(scalar: &C::Scalar) -> (bool, [u64; 5]) {
    let number = limbs(&C::scalar_to_bytes(scalar));
    let negative = limbs(&C::scalar_to_bytes(&-*scalar));
    if bit_length(&negative) < bit_length(&number) {
        (true, negative)
    } else {
        (false, number)
    }
}

fn bit_length(number: &[u64; 5]) -> usize {
    let bits = |(index, limb): (usize, &u64)| 64 * (index + 1) - limb.leading_zeros() as usize;
    let highest = number.iter().enumerate().rfind(|(_, limb)| **limb != 0);
    highest.map_or(0, bits)
}

/// Bits of the signed windows: the tables shall not cost more than they save.
fn width_for(bits: usize) -> usize {
    match bits {
        0..12 => 2,
        12..40 => 3,
        40..100 => 4,
        _ => 5,
    }
}

/// P, 3P, 5P, ... up to the largest digit of the width.
fn odd_multiples<C: Curve>(point: C::Point, width: usize) -> Vec<C::Point> {
    let mut table = vec![point];
    if width > 2 {
        let double = point.double();
        for index in 1..1 << (width - 2) {
            table.push(table[index - 1] + double);
        }
    }
    table
}

/// The digits of a number in non-adjacent form of a width: odd or 0, below 2^(width - 1) in size, the lowest first.
fn signed_digits(mut limbs: [u64; 5], width: usize) -> Vec<i8> {
    let mut digits = Vec::with_capacity(BITS + 1);
    while limbs != [0; 5] {
        let mut digit = 0i8;
        if limbs[0] & 1 == 1 {
            let low = (limbs[0] & ((1 << width) - 1)) as i8;
            digit = if low >= 1 << (width - 1) {
                low - (1 << width)
            } else {
                low
            };
            subtract(&mut limbs, digit);
        }
        digits.push(digit);
        halve(&mut limbs);
    }
    digits
}

/// A big-endian number in 64-bit limbs, the lowest first, with one limb of room.
fn limbs(bytes: &[u8; 32]) -> [u64; 5] {
    let mut limbs = [0; 5];
    for (limb, chunk) in limbs.iter_mut().zip(bytes.rchunks_exact(8)) {
        *limb = chunk
            .iter()
            .fold(0, |value, byte| value << 8 | u64::from(*byte));
    }
    limbs
}

fn subtract(limbs: &mut [u64; 5], digit: i8) {
    if digit >= 0 {
        // The digit is made of the lowest bits: no borrow.
        limbs[0] -= u64::from(digit.unsigned_abs());
        return;
    }
    let mut carry = u64::from(digit.unsigned_abs());
    for limb in limbs {
        let (sum, overflow) = limb.overflowing_add(carry);
        *limb = sum;
        carry = u64::from(overflow);
    }
}

fn halve(limbs: &mut [u64; 5]) {
    for index in 0..5 {
        let above = limbs.get(index + 1).copied().unwrap_or(0);
        limbs[index] = limbs[index] >> 1 | above << 63;
    }
}

fn pippenger<C: Curve>(scalars: &[C::Scalar], points: &[C::Point]) -> C::Point {
    let width = if points.len() < 800 { 6 } else { 8 };
    let numbers: Vec<[u64; 5]> = scalars
        .iter()
        .map(|scalar| limbs(&C::scalar_to_bytes(scalar)))
        .collect();
    let mut sum = C::Point::identity();
    for window in (0..BITS.div_ceil(width)).rev() {
        for _ in 0..width {
            sum = sum.double();
        }
        let mut buckets = vec![C::Point::identity(); (1 << width) - 1];
        for (number, point) in numbers.iter().zip(points) {
            let digit = bits(number, window * width, width);
            if digit > 0 {
                buckets[digit - 1] += point;
            }
        }
        sum += weighted_sum::<C>(&buckets);
    }
    sum
}

/// `width` bits of a number from `offset` on.
fn bits(number: &[u64; 5], offset: usize, width: usize) -> usize {
    let (limb, shift) = (offset / 64, offset % 64);
    let low = number[limb] >> shift;
    let high = match (shift, number.get(limb + 1)) {
        (0, _) | (_, None) => 0,
        (shift, Some(above)) => above << (64 - shift),
    };
    ((low | high) & ((1 << width) - 1)) as usize
}

/// The sum of (i + 1) times bucket i.
fn weighted_sum<C: Curve>(buckets: &[C::Point]) -> C::Point {
    let mut running = C::Point::identity();
    let mut sum = C::Point::identity();
    for bucket in buckets.iter().rev() {
        running += bucket;
        sum += running;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BlsG1, BlsG2, Ed25519, Secp256k1, Secp256r1};
    use ff::Field;
    use rand_chacha::ChaCha20Rng;
    use rand_core::SeedableRng;

    fn agrees_with_the_sum_of_single_products<C: Curve>() {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        for count in [0, 1, 2, 5, BUCKETS_FROM - 1, BUCKETS_FROM, 801] {
            let mut scalars: Vec<_> = (0..count).map(|_| C::Scalar::random(&mut rng)).collect();
            for (scalar, edge) in scalars.iter_mut().zip([
                C::Scalar::ZERO,
                -C::Scalar::ONE,
                C::Scalar::from(16),
                C::Scalar::from(31),
            ]) {
                *scalar = edge;
            }
            let points: Vec<_> = (0..count).map(|_| C::Point::random(&mut rng)).collect();
            let expected: C::Point = scalars.iter().zip(&points).map(|(s, p)| *p * s).sum();
            assert_eq!(sum_of_products::<C>(&scalars, &points), expected, "{count}");
            assert_eq!(C::msm_vartime(&scalars, &points), expected, "{count}");
        }
    }

    fn agrees_for_small_scalars_of_either_sign<C: Curve>() {
        let mut rng = ChaCha20Rng::seed_from_u64(8);
        for bits in [1, 7, 11, 12, 30, 39, 40, 63] {
            let sign = |index: u64, scalar: C::Scalar| [scalar, -scalar][index as usize % 2];
            let scalars: Vec<_> = (0..6)
                .map(|index| sign(index, C::Scalar::from((1 << bits) - index % 2)))
                .collect();
            let points: Vec<_> = (0..6).map(|_| C::Point::random(&mut rng)).collect();
            let expected: C::Point = scalars.iter().zip(&points).map(|(s, p)| *p * s).sum();
            assert_eq!(sum_of_products::<C>(&scalars, &points), expected, "{bits}");
        }
    }

    #[test]
    fn sums_agree_for_small_scalars() {
        agrees_for_small_scalars_of_either_sign::<Secp256k1>();
        agrees_for_small_scalars_of_either_sign::<BlsG2>();
    }

    #[test]
    fn sums_agree_on_every_curve() {
        agrees_with_the_sum_of_single_products::<Secp256k1>();
        agrees_with_the_sum_of_single_products::<Secp256r1>();
        agrees_with_the_sum_of_single_products::<BlsG1>();
        agrees_with_the_sum_of_single_products::<BlsG2>();
    }

    #[test]
    fn sums_agree_on_ed25519() {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        for count in [1, 5, 200] {
            let scalars: Vec<_> = (0..count)
                .map(|_| <Ed25519 as Curve>::Scalar::random(&mut rng))
                .collect();
            let points: Vec<_> = scalars
                .iter()
                .map(|s| Ed25519::mul_base(&(s * s)))
                .collect();
            let expected: <Ed25519 as Curve>::Point =
                scalars.iter().zip(&points).map(|(s, p)| p * s).sum();
            assert_eq!(sum_of_products::<Ed25519>(&scalars, &points), expected);
            assert_eq!(Ed25519::msm_vartime(&scalars, &points), expected);
        }
    }
}
