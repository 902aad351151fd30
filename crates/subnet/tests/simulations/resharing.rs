//! Committees that change while their public keys stay.
//!
//! Source: protocols.md of the design, sections 1 and 10.

use crate::world::{self, ALL, SCHEMES, certified, check_signature, finish, key, request, sign};
use chainkey_algebra::{Committee, NodeIndex};
use chainkey_subnet::{Member, Membership, Subnet, SubnetError};
use std::collections::BTreeSet;
use subnet_view::{Condition, Effect, KeyId, Misbehaviour, PayloadKind, Rule};

/// A subnet with all keys, and those keys.
fn settled(nodes: u16, seed: u64) -> (Subnet, Vec<Vec<u8>>) {
    let mut subnet = world::subnet(nodes, seed);
    let keys = keys(&mut subnet);
    (subnet, keys)
}

fn keys(subnet: &mut Subnet) -> Vec<Vec<u8>> {
    let mut keys = vec![certified(subnet, [7; 32]).unwrap()];
    for scheme in ALL {
        keys.push(subnet.master_key(&key(scheme)).unwrap());
    }
    keys
}

fn committee(nodes: u16) -> Committee {
    Committee::new(nodes).unwrap()
}

#[test]
fn keys_stay_when_the_committee_grows_shrinks_and_is_exchanged() {
    let (mut subnet, before) = settled(4, 1);
    let round = &mut 1;
    sign(&mut subnet, round, 0).unwrap();
    let four = committee(4);
    let plans = [
        Membership::refresh(four),
        Membership::refresh(four).replace(NodeIndex(2)),
        Membership::resize(four, 7),
        Membership::of([6, 0, 3, 5].map(|node| Member::Stays(NodeIndex(node)))),
        Membership::strangers(4),
        Membership::strangers(7),
    ];
    for (epoch, plan) in plans.iter().enumerate() {
        subnet.reshare(plan).unwrap();
        assert_eq!(subnet.epoch(), epoch as u64 + 1);
        assert_eq!(subnet.committee().size(), plan.members().len());
        assert_eq!(keys(&mut subnet), before);
        sign(&mut subnet, round, 10 * (epoch as u64 + 1)).unwrap();
    }
    assert_eq!(subnet.blames().count(), 0);
}

#[test]
fn a_committee_of_thirteen_takes_over_and_gives_back() {
    let (mut subnet, before) = settled(4, 2);
    subnet
        .reshare(&Membership::resize(committee(4), 13))
        .unwrap();
    assert_eq!(keys(&mut subnet), before);
    subnet.reshare(&Membership::strangers(4)).unwrap();
    assert_eq!(keys(&mut subnet), before);
    sign(&mut subnet, &mut 1, 0).unwrap();
}

/// All sizes that are supported, each from the one before: with the certification key and one key that signs.
#[test]
fn keys_stay_through_committees_of_every_size() {
    let mut subnet = world::subnet(4, 30);
    let scheme = SCHEMES[2];
    let before = subnet.master_key(&key(scheme)).unwrap();
    let certification = certified(&mut subnet, [1; 32]).unwrap();
    let round = &mut 1;
    for (id, size) in [7, 13, 34, 40, 4].into_iter().enumerate() {
        let plan = Membership::resize(subnet.committee(), size);
        subnet.reshare(&plan).unwrap();
        assert_eq!(subnet.master_key(&key(scheme)).unwrap(), before);
        assert_eq!(certified(&mut subnet, [2; 32]).unwrap(), certification);
        let request = request(scheme, id as u64);
        subnet.submit(request.clone());
        finish(&mut subnet, round, vec![request]).unwrap();
    }
}

#[test]
fn f_bad_dealers_do_not_keep_the_keys_from_moving() {
    let lies = [
        Misbehaviour::Flip,
        Misbehaviour::WrongValue,
        Misbehaviour::WrongShares(1),
        Misbehaviour::WrongShares(2),
        Misbehaviour::WrongShares(3),
        Misbehaviour::SecondDealing,
        Misbehaviour::Replay,
        Misbehaviour::Copy,
    ];
    for (seed, lie) in lies.into_iter().enumerate() {
        let (mut subnet, before) = settled(4, 10 + seed as u64);
        let rule = Rule::always([NodeIndex(1)], Effect::Corrupt(lie));
        subnet.faults_mut().rules = vec![rule];
        subnet.reshare(&Membership::strangers(4)).unwrap();
        assert_eq!(keys(&mut subnet), before, "{lie:?}");
        sign(&mut subnet, &mut 1, 0).unwrap();
        assert_eq!(subnet.blames().count(), 0, "{lie:?}");
    }
    for condition in [Condition::Crashed, Condition::Silent] {
        let (mut subnet, before) = settled(7, 20);
        for node in [2, 5] {
            subnet.faults_mut().set(NodeIndex(node), condition);
        }
        let mut plan = Membership::strangers(7);
        plan.faults.set(NodeIndex(0), Condition::Silent);
        plan.faults.set(NodeIndex(6), Condition::Crashed);
        subnet.reshare(&plan).unwrap();
        assert_eq!(keys(&mut subnet), before);
        sign(&mut subnet, &mut 1, 0).unwrap();
    }
}

#[test]
fn a_handover_that_stops_half_way_leaves_the_old_epoch_working_and_can_be_tried_again() {
    let (mut subnet, before) = settled(4, 3);
    let round = &mut 1;
    let stopped = |result| matches!(result, Err(SubnetError::HandoverStopped { .. }));
    // Too few new members; then dealings that do not arrive; then reveals and acknowledgements of the certification key only.
    let mut plan = Membership::resize(committee(4), 7);
    for node in 4..7 {
        plan.faults.set(NodeIndex(node), Condition::Crashed);
    }
    assert!(stopped(subnet.reshare(&plan)));
    for kind in [PayloadKind::Dealing, PayloadKind::Reveal] {
        let nodes = [0, 1, 2, 3].map(NodeIndex);
        subnet.faults_mut().rules = vec![Rule::always(nodes, Effect::Drop).only(kind)];
        assert!(stopped(subnet.reshare(&Membership::strangers(4))));
        subnet.faults_mut().rules.clear();
        assert_eq!(subnet.epoch(), 0);
        assert_eq!(keys(&mut subnet), before);
    }
    sign(&mut subnet, round, 0).unwrap();
    subnet.reshare(&Membership::strangers(4)).unwrap();
    assert_eq!(keys(&mut subnet), before);
    sign(&mut subnet, round, 10).unwrap();
}

#[test]
fn requests_in_flight_are_bound_anew_and_no_old_presignature_is_used() {
    let (mut subnet, before) = settled(4, 4);
    subnet.refill();
    let requests: Vec<_> = SCHEMES
        .into_iter()
        .zip(0..)
        .map(|(scheme, id)| request(scheme, id))
        .collect();
    for request in &requests {
        subnet.submit(request.clone());
    }
    // Bound and drawn, and the shares get lost: the nodes have spent their secrets.
    let everybody = (0..4).map(NodeIndex);
    let lost = Rule::always(everybody, Effect::Drop).only(PayloadKind::SignatureShare);
    subnet.faults_mut().rules = vec![lost];
    subnet.advance(1);
    subnet.advance(2);
    let round_before = subnet.random_bytes(2, b"a").unwrap();
    subnet.reshare(&Membership::refresh(committee(4))).unwrap();
    subnet.faults_mut().rules.clear();
    assert_eq!(subnet.random_bytes(2, b"a").unwrap(), round_before);
    for scheme in SCHEMES {
        assert_eq!(subnet.stock(&key(scheme)), 0, "the stock is purged");
    }
    let mut used: BTreeSet<(KeyId, (u64, usize))> = BTreeSet::new();
    let old_batches = 1;
    for round in 3..8 {
        subnet.refill();
        subnet.advance(round);
        for request in &requests {
            let Some(Ok((signature, trace))) = subnet.take_result(&request.key, request.id) else {
                continue;
            };
            let master = subnet.master_key(&request.key).unwrap();
            check_signature(request, &master, &signature).unwrap();
            let presignature = trace.presignature.unwrap();
            assert!(presignature.0 >= old_batches, "{presignature:?}");
            assert!(used.insert((request.key.clone(), presignature)));
        }
    }
    assert_eq!(used.len(), requests.len());
    assert_eq!(keys(&mut subnet), before);
}

/// f nodes of every epoch are bad, and others each time.
#[test]
fn a_mobile_adversary_gains_nothing() {
    let (mut subnet, before) = settled(4, 5);
    let round = &mut 1;
    for epoch in 0..6 {
        let bad = NodeIndex(epoch % 4);
        let lie = [
            Effect::Corrupt(Misbehaviour::WrongShares(2)),
            Effect::Corrupt(Misbehaviour::WrongValue),
            Effect::Drop,
        ][usize::from(epoch % 3)];
        subnet.faults_mut().rules = vec![Rule::always([bad], lie)];
        subnet.reshare(&Membership::strangers(4)).unwrap();
        sign(&mut subnet, round, 10 * u64::from(epoch)).unwrap();
        assert_eq!(keys(&mut subnet), before);
    }
}
