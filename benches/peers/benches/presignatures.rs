//! Presignatures of ECDSA and Schnorr: all n nodes, from the first dealing to the last share.
//!
//! Dealing, encoding, decoding, verifying, opening, supports (signed and verified), transcripts and shares are in it. "batch": at least ten
//! together, with extraction, per presignature, as the nodes fill their stock.

use crate::measure::Figures;
use crate::rounds::{Public, nonces, presign};
use crate::world::World;
use chainkey_algebra::{Curve, Ed25519, Secp256k1};
use chainkey_idkg::Extraction;

/// Measures them for 4, 13 and 34 nodes.
pub fn measure(figures: &mut Figures) {
    for nodes in [4, 13, 34] {
        let world = World::new(nodes, 1);
        let key = world.key::<Secp256k1>(9);
        series(figures, &world, "ecdsa", |batch, extraction, public| {
            presign(&world, &key, batch, extraction, public)
        });
        schnorr::<Secp256k1>(figures, &world, "bip340");
        schnorr::<Ed25519>(figures, &world, "ed25519");
    }
}

fn schnorr<C: Curve>(figures: &mut Figures, world: &World, scheme: &str) {
    series(figures, world, scheme, |batch, extraction, public| {
        nonces::<C>(world, batch, extraction, public)
    });
}

/// One presignature, then a batch; the work says how many it made.
fn series(
    figures: &mut Figures,
    world: &World,
    scheme: &str,
    work: impl Fn(usize, Extraction, Public) -> usize,
) {
    let committee = world.members.committee();
    let (nodes, gain) = (committee.size(), committee.low().shares());
    let slots = 10usize.div_ceil(gain);
    for public in [Public::Shared, Public::Alone] {
        let how = public.name();
        let name = format!("{scheme}_presignature_n{nodes}_{how}");
        figures.of(&name, || work(1, Extraction::Sum, public));
        let name = format!("{scheme}_presignature_batch_n{nodes}_{how}");
        figures.of_each(&name, slots * gain, || {
            let made = work(slots, Extraction::Matrix, public);
            assert_eq!(made, slots * gain);
        });
    }
}
