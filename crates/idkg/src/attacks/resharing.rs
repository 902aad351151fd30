//! What colluding nodes find: f + 1 the key (the control), f old with f new ones nothing.

use super::K1;
use super::world::World;
use chainkey_algebra::{Curve, NodeIndex, lagrange};

#[test]
fn f_plus_1_colluding_nodes_find_the_key_and_f_do_not() {
    let world = World::new(7, 1);
    let key = world.key::<K1>(1);
    let public = key.transcript.commitments()[0].constant();
    assert_eq!(K1::mul_base(&key.collude(0, [1, 4, 6])), public);
    assert_ne!(K1::mul_base(&key.collude(0, [1, 4])), public);
}

#[test]
fn f_old_and_f_new_shares_do_not_interpolate() {
    let world = World::new(7, 1);
    let old = world.key::<K1>(1);
    let new = world.reshare(5, &old);
    let public = old.transcript.commitments()[0].constant();
    assert_eq!(new.transcript.commitments()[0].constant(), public);
    let share = |finished: &super::world::Finished<K1, crate::Unmasked>, node: u16| {
        let node = NodeIndex(node);
        let share = finished.of(node).shares()[0].clone();
        (node, *share.value.expose())
    };
    // f = 2: two old ones with one or two new ones, of the same or of other nodes.
    for new_nodes in [vec![2], vec![2, 3], vec![5, 6]] {
        let mut shares = vec![share(&old, 0), share(&old, 1)];
        shares.extend(new_nodes.iter().map(|node| share(&new, *node)));
        let found = lagrange::masked_at_zero::<K1>(&shares).unwrap();
        assert_ne!(K1::mul_base(&found), public);
        let least = lagrange::masked_at_zero::<K1>(&shares[..3]).unwrap();
        assert_ne!(K1::mul_base(&least), public);
    }
    let control: Vec<_> = [0, 1, 2].map(|node| share(&new, node)).into();
    let found = lagrange::masked_at_zero::<K1>(&control).unwrap();
    assert_eq!(K1::mul_base(&found), public);
}

#[test]
fn shares_change_with_every_resharing() {
    let world = World::new(4, 1);
    let old = world.key::<K1>(1);
    let new = world.reshare(5, &old);
    for node in world.nodes() {
        let (before, after) = (&old.of(node).shares()[0], &new.of(node).shares()[0]);
        assert_ne!(before.value.expose(), after.value.expose());
    }
    assert_eq!(old.secret(0), new.secret(0));
}
