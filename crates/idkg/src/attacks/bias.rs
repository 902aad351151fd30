//! What the last dealer can choose: the point of a RandomUnmasked (the control), and nothing of a key.

use super::K1;
use super::world::{World, id, rng};
use crate::{DealerInput, Dealing, Extraction, Params, verify_all};
use chainkey_algebra::{Curve, NodeIndex};

/// Whether the point has the property that the last dealer would like.
fn liked(point: &<K1 as Curve>::Point) -> bool {
    K1::point_to_bytes(point)[1] >= 0xf0
}

#[test]
fn the_last_dealer_chooses_the_point_of_random_unmasked() {
    let world = World::new(4, 1);
    let members = &world.members;
    let params = Params::random_unmasked(id(1), members, members, 1, Extraction::Sum).unwrap();
    let first = world
        .deal(&params, |_| DealerInput::Nothing, 1)
        .swap_remove(0);
    let before = first.commitments()[0].constant();
    let chosen = (0..1000)
        .map(|seed| {
            let nothing = DealerInput::Nothing;
            Dealing::<K1, _>::create(&params, NodeIndex(3), nothing, &mut rng(seed)).unwrap()
        })
        .find(|last| liked(&(before + last.commitments[0].constant())))
        .unwrap();
    let dealings = [first, chosen.verify(&params).unwrap()];
    let finished = world.finish(&params, &dealings);
    assert!(liked(&finished.transcript.commitments()[0].constant()));
}

#[test]
fn the_last_dealer_has_no_choice_when_a_key_is_reshared_from_a_masked_value() {
    let world = World::new(4, 1);
    let masked = world.random::<K1>(1, 1, Extraction::Sum);
    let members = &world.members;
    let params = Params::reshare_of_masked(id(2), &masked.transcript, members).unwrap();
    let deal = |node: NodeIndex, seed| {
        let input = DealerInput::Masked(masked.of(node));
        Dealing::create(&params, node, input, &mut rng(seed)).unwrap()
    };
    // Whoever deals, and whatever it draws, the key is the one that the masked transcript fixed.
    let expected = K1::mul_base(&masked.secret(0));
    for seed in 0..20 {
        for (one, other) in [(0, 3), (1, 3), (2, 3), (0, 1)] {
            let dealings = vec![deal(NodeIndex(one), 1), deal(NodeIndex(other), seed)];
            let verified = verify_all(&params, dealings);
            let verified: Vec<_> = verified.into_iter().map(Result::unwrap).collect();
            if seed > 0 {
                let constants = verified.iter().map(|one| one.commitments()[0].constant());
                let nodes = [one, other].map(NodeIndex);
                let shares: Vec<_> = nodes.into_iter().zip(constants).collect();
                let point = chainkey_algebra::lagrange::points_at_zero::<K1>(&shares).unwrap();
                assert_eq!(point, expected);
                continue;
            }
            let finished = world.finish(&params, &verified);
            assert_eq!(finished.transcript.commitments()[0].constant(), expected);
        }
    }
}
