//! Points of the curves of BLS12-381 outside the groups G1 and G2; the tests of several packages take them from here.
//!
//! A point of small x on the curve is almost always outside. Times the order r of the groups it is a torsion point: of an order that
//! divides the cofactor. Pairings do not see a torsion point that is added to a point of G1, and make no sense of one that is added to a point of
//! G2; only the check of the subgroup keeps both out.

use blstrs::{G1Affine, G1Projective, G2Affine, G2Projective, Scalar};
use ff::Field;
use group::Group;

/// Bad points with names, among them a good point plus torsion; all different.
pub struct Outside<P> {
    /// What no decoder may take.
    pub points: Vec<(&'static str, P)>,
    /// The torsion that makes of every good point a bad one.
    pub torsion: P,
}

/// Bad points of the curve of G1.
pub fn of_g1() -> Outside<G1Projective> {
    let encodings = (0..=255).map(|x| {
        let mut bytes = [0; 48];
        (bytes[0], bytes[47]) = (0x80, x);
        bytes
    });
    let on_curve = encodings
        .filter_map(|bytes| Option::from(G1Affine::from_compressed_unchecked(&bytes)))
        .map(|point: G1Affine| point.into());
    outside(on_curve)
}

/// Bad points of the curve of G2.
pub fn of_g2() -> Outside<G2Projective> {
    let encodings = (0..=255).map(|x| {
        let mut bytes = [0; 96];
        (bytes[0], bytes[95]) = (0x80, x);
        bytes
    });
    let on_curve = encodings
        .filter_map(|bytes| Option::from(G2Affine::from_compressed_unchecked(&bytes)))
        .map(|point: G2Affine| point.into());
    outside(on_curve)
}

fn outside<P: Group<Scalar = Scalar>>(mut on_curve: impl Iterator<Item = P>) -> Outside<P> {
    let found = on_curve.find(|point| !bool::from(times_order(point).is_identity()));
    let point = found.expect("most points of the curve are outside the group");
    let torsion = times_order(&point);
    Outside {
        points: vec![
            ("a point of small x", point),
            ("its negative", -point),
            ("torsion", torsion),
            ("the generator plus torsion", P::generator() + torsion),
        ],
        torsion,
    }
}

/// r times the point, by doubling and adding: libraries multiply by ways that hold in the group only.
pub fn times_order<P: Group<Scalar = Scalar>>(point: &P) -> P {
    let less_one = (-Scalar::ONE).to_bytes_be();
    let bits = less_one
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1));
    let product = bits.fold(P::identity(), |sum, bit| {
        let double = sum.double();
        if bit { double + point } else { double }
    });
    product + point
}
