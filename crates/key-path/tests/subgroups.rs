//! Keys of vetKD that are none: points of the curve outside G2, and the identity.

use ic_bls12_381::{G2Affine, G2Projective};
use key_path::{KeyPathError, vetkd};

/// A point of small x on the curve; nearly all of these are outside G2.
fn outside() -> G2Affine {
    let encodings = (0..=255).map(|x| {
        let mut bytes = [0; 96];
        (bytes[0], bytes[95]) = (0x80, x);
        bytes
    });
    let mut points = encodings
        .filter_map(|bytes| Option::<G2Affine>::from(G2Affine::from_compressed_unchecked(&bytes)));
    let point = points.find(|point| !bool::from(point.is_torsion_free()));
    point.expect("most points of the curve are outside the group")
}

fn encoded(point: G2Projective) -> [u8; 96] {
    G2Affine::from(point).to_compressed()
}

/// Both ways of derivation take the key, or both refuse it.
fn is_taken(key: &[u8]) -> bool {
    let from_master = vetkd::derive(key, b"canister", b"context");
    let below = vetkd::derive_below(key, b"context");
    let refused = |error| assert_eq!(error, KeyPathError::BadVetKdKey);
    let found = [from_master, below].map(|derived| derived.map_err(refused).is_ok());
    assert_eq!(found[0], found[1]);
    found[0]
}

#[test]
fn refuses_keys_outside_g2_and_the_identity() {
    let (good, bad) = (G2Projective::generator(), outside());
    let torsioned = good + bad;
    assert!(is_taken(&encoded(good)));
    assert!(!is_taken(&encoded(bad.into())));
    assert!(!is_taken(&encoded((-bad).into())));
    assert!(!is_taken(&encoded(torsioned)));
    // Positive control: without what was added it is the good key again.
    assert_eq!(encoded(torsioned - bad), encoded(good));
    assert!(!is_taken(&encoded(G2Projective::identity())));
    assert!(!is_taken(&encoded(good)[..95]));
    // A flipped sign bit is another good key; a flipped mark of compression is none.
    let mut flipped = encoded(good);
    flipped[0] ^= 0x20;
    assert!(is_taken(&flipped));
    flipped[0] ^= 0x80;
    assert!(!is_taken(&flipped));
}
