//! What colluding nodes find: f + 1 the key (the control), f old with f new ones nothing.

use super::K1;
use super::world::{Finished, World, id, rng};
use crate::IdkgError;
use crate::params::Level;
use crate::published;
use chainkey_algebra::{Curve, NodeIndex, Secret, lagrange};

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
    let share = |finished: &Finished<K1, crate::Unmasked>, node: u16| {
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

#[test]
fn a_published_value_is_reshared_like_any_other() {
    let world = World::new(7, 1);
    let value = *Secret::<K1>::random(&mut rng(1)).expose();
    let share = |level| {
        published::share::<K1>(id(1), &world.members, level, &[value], &mut rng(2)).unwrap()
    };
    let low = share(Level::Low);
    let old = Finished {
        transcript: low.transcript,
        shares: low.shares,
    };
    let new = World::new(4, 2).reshare(2, &old);
    assert_eq!(new.secret(0), value);
    assert_ne!(old.shares[0].shares()[0].value.expose(), &value);
    assert_eq!(share(Level::High).transcript.threshold().shares(), 5);
    let none = published::share::<K1>(id(1), &world.members, Level::Low, &[], &mut rng(2));
    assert_eq!(none.unwrap_err(), IdkgError::BatchSize { found: 0 });
}

#[test]
fn only_right_shares_are_taken_back_from_disk() {
    let world = World::new(4, 1);
    let key = world.key::<K1>(1);
    let share = |node| key.of(NodeIndex(node)).shares().to_vec();
    let admit = |node, shares| key.transcript.admit(NodeIndex(node), shares).map(|_| ());
    assert_eq!(admit(2, share(2)), Ok(()));
    let wrong = Err(IdkgError::WrongShare(NodeIndex(2)));
    assert_eq!(admit(2, share(1)), wrong);
    assert_eq!(admit(2, Vec::new()), wrong);
    assert_eq!(
        admit(4, share(2)),
        Err(IdkgError::NotAReceiver(NodeIndex(4)))
    );
}
