//! Keys: the generation of a secp256k1 key, and the resharing of a BLS key of the high threshold, by all nodes together.

use crate::measure::Figures;
use crate::rounds::{Public, high, make_key};
use crate::world::{World, id};
use chainkey_algebra::{NodeIndex, Secp256k1};
use chainkey_idkg::DealerInput;
use chainkey_idkg::acknowledged::HighParams;

/// Measures both.
pub fn measure(figures: &mut Figures) {
    for nodes in [4, 13, 34] {
        let world = World::new(nodes, 1);
        for public in [Public::Shared, Public::Alone] {
            let name = format!("secp256k1_dkg_n{nodes}_{}", public.name());
            figures.of(&name, || make_key::<Secp256k1>(&world, public));
        }
    }
    for nodes in [4, 13, 34, 40] {
        resharing(figures, nodes);
    }
}

fn resharing(figures: &mut Figures, nodes: u16) {
    let name = |public: Public| format!("bls_resharing_n{nodes}_{}", public.name());
    if !figures.wanted(&name(Public::Shared)) && !figures.wanted(&name(Public::Alone)) {
        return;
    }
    let world = World::new(nodes, 1);
    let members = &world.members;
    let fresh = HighParams::random_unmasked(id(1), members, members, 1).unwrap();
    let (transcript, shares) = high(&world, &fresh, |_| DealerInput::Nothing, Public::Shared);
    let next = HighParams::reshare_of_unmasked(id(2), &transcript, members).unwrap();
    let input = |node: NodeIndex| DealerInput::Unmasked(&shares[usize::from(node.0)]);
    for public in [Public::Shared, Public::Alone] {
        figures.of(&name(public), || high(&world, &next, input, public));
    }
}
