//! Whether the time of operations on secrets depends on the secrets: measured, for every curve.
//!
//! Source: "Dude, is my code constant time?" (Reparaz, Balasch, Verbauwhede, eprint 2016/1123): two classes of secrets, one fixed and one random, in random
//! order; the slowest measurements are cut off; Welch's t. Out: a table of |t| with the control, which is the same operation in variable time and must be
//! found out; the process fails if it is not, or if |t| of a secret operation is above [`LEAK`]. Small leaks need more samples (`CHAINKEY_SAMPLES`) to be seen; what
//! is not seen is not proved absent. Leaves out: protocols, which do to secrets only what is measured here.

use chainkey_algebra::{BlsG1, BlsG2, Curve, Ed25519, Secp256k1, Secp256r1};
use ff::Field;
use group::Group;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::hint::black_box;
use std::time::Instant;

/// |t| above which two classes are told apart: five is customary where many operations are tested, ten leaves room for a busy machine.
const LEAK: f64 = 10.0;
/// Measurements are cut off above these parts of all; the largest |t| counts.
const CUTS: [f64; 4] = [0.5, 0.7, 0.9, 0.97];
/// Operations in one measurement, so that the clock's resolution does not matter.
const AT_ONCE: usize = 4;

/// Mean and variance of a class.
fn moments(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|value| (value - mean).powi(2));
    (mean, squares.sum::<f64>() / (count - 1.0))
}

/// Welch's t of two classes.
fn welch(one: &[f64], other: &[f64]) -> f64 {
    let ((mean, variance), (other_mean, other_variance)) = (moments(one), moments(other));
    let error = variance / one.len() as f64 + other_variance / other.len() as f64;
    (mean - other_mean) / error.sqrt()
}

/// The largest |t| over the cuts.
fn difference(fixed: &[f64], random: &[f64]) -> f64 {
    let mut all: Vec<f64> = fixed.iter().chain(random).copied().collect();
    all.sort_by(f64::total_cmp);
    let of_cut = CUTS.map(|cut| {
        let limit = all[(cut * (all.len() - 1) as f64) as usize];
        let below = |values: &[f64]| -> Vec<f64> {
            let values = values.iter().copied();
            values.filter(|value| *value <= limit).collect()
        };
        welch(&below(fixed), &below(random)).abs()
    });
    of_cut.into_iter().fold(0.0, f64::max)
}

/// |t| of an operation on a fixed secret and on random ones.
fn measure<S: Clone, R>(
    samples: usize,
    rng: &mut ChaCha20Rng,
    fixed: &S,
    mut random: impl FnMut(&mut ChaCha20Rng) -> S,
    operation: impl Fn(&S) -> R,
) -> f64 {
    let (mut of_fixed, mut of_random) = (Vec::new(), Vec::new());
    for round in 0..samples + samples / 10 {
        let is_fixed = rng.next_u32() & 1 == 0;
        // Both classes are made alike, so that caches do not tell them apart.
        let drawn = random(rng);
        let secret = if is_fixed { fixed.clone() } else { drawn };
        let began = Instant::now();
        for _ in 0..AT_ONCE {
            black_box(operation(black_box(&secret)));
        }
        let took = began.elapsed().as_nanos() as f64;
        // The first ones warm everything up.
        if round >= samples / 10 {
            let class = if is_fixed {
                &mut of_fixed
            } else {
                &mut of_random
            };
            class.push(took);
        }
    }
    difference(&of_fixed, &of_random)
}

/// Whether the operations of a curve keep their secrets, and the control does not.
fn curve<C: Curve>(samples: usize) -> bool {
    let rng = &mut ChaCha20Rng::seed_from_u64(C::ID as u64);
    // A secret that code in variable time is quick with: nearly all of its digits are zero.
    let small = C::Scalar::from(3);
    let random = |rng: &mut ChaCha20Rng| C::Scalar::random(rng);
    let point = C::mul_base(&random(rng));
    let other = random(rng);
    let mut fine = true;
    let mut row = |name: &str, t: f64, leaks: bool| {
        let verdict = match (t > LEAK, leaks) {
            (false, false) => "no difference found",
            (true, true) => "found out, as it must be",
            (true, false) => "DEPENDS ON THE SECRET",
            (false, true) => "THE CONTROL WAS NOT FOUND OUT",
        };
        fine &= (t > LEAK) == leaks;
        println!(
            "{:<10} {name:<34} |t| = {t:>8.2}  {verdict}",
            format!("{:?}", C::ID)
        );
    };
    let t = measure(samples, rng, &small, random, C::mul_base);
    row("secret times the generator", t, false);
    let t = measure(samples, rng, &small, random, C::mul_second);
    row("secret times the second generator", t, false);
    let t = measure(samples, rng, &small, random, |secret| {
        C::mul(&point, secret)
    });
    row("secret times a point", t, false);
    let t = measure(samples, rng, &small, random, |secret| {
        (0..64).fold(*secret, |product, _| product * other + secret)
    });
    row("secret times and plus a scalar", t, false);
    let t = measure(samples, rng, &small, random, |secret| {
        secret.invert().is_some()
    });
    row("inverse of a secret", t, false);
    let wide = |rng: &mut ChaCha20Rng| {
        let mut bytes = [0; 64];
        rng.fill_bytes(&mut bytes);
        bytes
    };
    let t = measure(samples, rng, &[0; 64], wide, |bytes| {
        (0..32).fold(C::Scalar::ZERO, |sum, _| {
            sum + C::scalar_from_wide(black_box(bytes))
        })
    });
    row("64 bytes reduced to a secret", t, false);
    let t = measure(samples, rng, &small, random, |scalar| {
        C::msm_vartime(&[*scalar, *scalar], &[point, C::Point::generator()])
    });
    row("control: sum in variable time", t, true);
    fine
}

fn main() {
    let samples = std::env::var("CHAINKEY_SAMPLES").ok();
    let samples = samples.and_then(|text| text.parse().ok()).unwrap_or(3000);
    let fine = [
        curve::<Secp256k1>(samples),
        curve::<Secp256r1>(samples),
        curve::<Ed25519>(samples),
        curve::<BlsG1>(samples),
        curve::<BlsG2>(samples),
    ];
    if fine.contains(&false) {
        std::process::exit(1);
    }
}
