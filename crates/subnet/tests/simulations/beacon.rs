//! The random beacon: a chain that anyone can verify, over epochs too, and that too few can neither make nor bend.
//!
//! Source: protocols.md of the design, section 6.

use crate::world::{self, next_beacon};
use chainkey_algebra::NodeIndex;
use chainkey_subnet::{Membership, SubnetError};
use subnet_view::{Condition, Effect, Misbehaviour, Rule};

#[test]
fn beacons_verify_and_each_is_chained_to_the_one_before() {
    let mut subnet = world::subnet(4, 1);
    let first = next_beacon(&mut subnet).unwrap();
    assert_eq!(first.height, 1);
    let mut last = first.clone();
    for height in 2..6 {
        let next = next_beacon(&mut subnet).unwrap();
        assert_eq!((next.height, &next.parent), (height, &last.hash));
        assert_ne!(next.signature, last.signature);
        last = next;
    }
    let other = next_beacon(&mut world::subnet(4, 2)).unwrap();
    assert_ne!(other.public_key, first.public_key);
    assert_ne!(other.parent, first.parent);
}

/// The key of beacon and tape is not handed over: whoever collects its shares in many epochs has no two of one key.
#[test]
fn the_chain_goes_on_over_epochs_under_a_key_of_each() {
    let mut subnet = world::subnet(4, 3);
    let mut last = next_beacon(&mut subnet).unwrap();
    for epoch in 1..4 {
        let plan = Membership::refresh(subnet.committee());
        subnet.reshare(&plan).unwrap();
        let next = next_beacon(&mut subnet).unwrap();
        assert_eq!(
            (next.epoch, next.height),
            (epoch, last.height + 1),
            "{next:?}"
        );
        assert_eq!(next.parent, last.hash);
        assert_ne!(next.public_key, last.public_key);
        last = next;
    }
}

/// There is one signature for a message: liars cannot bend it, and who contributes makes no difference.
#[test]
fn f_liars_change_nothing_of_a_beacon() {
    let value = |lie: Option<Misbehaviour>| {
        let mut subnet = world::subnet(7, 4);
        next_beacon(&mut subnet).unwrap();
        let rule = lie.map(|lie| Rule::always([1, 5].map(NodeIndex), Effect::Corrupt(lie)));
        subnet.faults_mut().rules = rule.into_iter().collect();
        next_beacon(&mut subnet).unwrap().signature
    };
    let honest = value(None);
    for lie in [
        Misbehaviour::WrongValue,
        Misbehaviour::Flip,
        Misbehaviour::Replay,
        Misbehaviour::Copy,
    ] {
        assert_eq!(value(Some(lie)), honest, "{lie:?}");
    }
}

#[test]
fn a_beacon_waits_for_f_plus_one_nodes_to_return_and_keeps_its_height() {
    let mut subnet = world::subnet(4, 5);
    let first = next_beacon(&mut subnet).unwrap();
    for node in [0, 1] {
        subnet.faults_mut().set(NodeIndex(node), Condition::Crashed);
    }
    for _ in 0..3 {
        let stalled = subnet.next_beacon();
        assert!(matches!(stalled, Err(SubnetError::Stalled { .. })));
    }
    subnet.faults_mut().set(NodeIndex(0), Condition::Running);
    let next = next_beacon(&mut subnet).unwrap();
    assert_eq!((next.height, next.parent), (2, first.hash));
}
