//! What the beacon does, and everything that it refuses.

use crate::error::BeaconError;
use crate::event::BeaconEvent;
use crate::fake::person;
use crate::fulfil::{self, Started};
use crate::read;
use crate::request::{COST, Wish};
use crate::scene::Scene;
use crate::signer;
use crate::world::{FEE, Fate};
use candid::Principal;
use canister_kit::certified::read_tree;
use canister_kit::encoding::Timestamp;
use canister_kit::{Logged, Refusal, Stamped, UsageStanding};
use draw_proof::beacon::{PERIOD, Round};
use draw_proof::vrf::BEACON_CONTEXT;
use ic_certification::LookupResult;

fn left(scene: &Scene) -> u128 {
    match scene.kit.borrow().usage(&scene.world).standing {
        UsageStanding::LeftToday(left) => left,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_round_is_asked_for_drawn_by_anyone_and_certified() {
    let scene = Scene::prepared();
    let asked = scene.request(1, 1, None).unwrap();
    assert_eq!(asked.round, Round::after(scene.world.fake.now.get().0).0);
    assert_eq!(asked.drawn, None);
    scene.wait_for(asked.round);
    let drawn = scene.fulfil(Principal::anonymous(), asked.round).unwrap();
    let drawn = drawn.unwrap().drawn.unwrap();
    let canister = scene.world.fake.canister;
    let key = signer::key(canister.as_slice(), BEACON_CONTEXT);
    let signature = drawn.signature.as_slice().try_into().unwrap();
    let randomness = Round(asked.round).randomness(canister.as_slice(), &key, &signature);
    assert_eq!(randomness.unwrap(), drawn.randomness.as_slice());
    let mut kit = scene.kit.borrow_mut();
    kit.certify(&scene.world);
    for shown in [
        read::latest(&kit, &scene.world).unwrap(),
        read::round(&kit, &scene.world, Round(asked.round)).unwrap(),
    ] {
        let tree = read_tree(&shown.witness.unwrap()).unwrap();
        assert_eq!(Some(tree.digest()), scene.world.fake.certified.get());
        let latest = tree.lookup_path(["product", "latest"]);
        assert_eq!(latest, LookupResult::Found(&asked.round.to_be_bytes()));
        let path: [&[u8]; 3] = [b"product", b"rounds", &[0; 8]];
        let value = [
            &asked.round.to_be_bytes()[..],
            &drawn.randomness,
            &drawn.signature,
        ]
        .concat();
        assert_eq!(tree.lookup_path(path), LookupResult::Found(&value));
    }
}

#[test]
fn every_drawn_round_has_a_witness_in_whatever_order_they_were_drawn() {
    let scene = Scene::prepared();
    let first = scene.request(1, 1, None).unwrap().round;
    for ahead in 1..9u64 {
        let id = ahead as u8 + 1;
        scene.request(1, id, Some(first + ahead)).unwrap();
    }
    scene.wait_for(first + 8);
    let order = [3, 0, 8, 1, 7, 2, 4, 6, 5];
    for ahead in order {
        scene.fulfil(person(9), first + ahead).unwrap().unwrap();
    }
    scene.upgrade();
    let mut kit = scene.kit.borrow_mut();
    kit.certify(&scene.world);
    let certified = scene.world.fake.certified.get();
    for (sequence, ahead) in (0..).zip(order) {
        let shown = read::round(&kit, &scene.world, Round(first + ahead)).unwrap();
        let tree = read_tree(&shown.witness.unwrap()).unwrap();
        assert_eq!(Some(tree.digest()), certified);
        let label = u64::to_be_bytes(sequence);
        let path: [&[u8]; 3] = [b"product", b"rounds", &label];
        let LookupResult::Found(value) = tree.lookup_path(path) else {
            panic!("round {ahead} is not shown");
        };
        assert_eq!(value[..8], (first + ahead).to_be_bytes());
    }
    assert_eq!(kit.product().latest(), Some(Round(first + 8)));
    assert!(read::waiting(&kit, Round(0), 100).is_empty());
}

#[test]
fn a_round_is_not_drawn_a_nanosecond_before_its_time_whoever_calls() {
    let scene = Scene::prepared();
    let round = scene.request(1, 1, None).unwrap().round;
    let at = round * PERIOD;
    scene.world.fake.now.set(Timestamp(at - 1));
    let controller = scene.world.fake.controller;
    for caller in [person(1), person(50), controller, Principal::anonymous()] {
        let refused = scene.fulfil(caller, round).unwrap();
        assert_eq!(refused, Err(BeaconError::NotYet { at }));
    }
    assert_eq!(scene.world.asked.get(), 0);
    scene.wait_for(round);
    scene.fulfil(person(1), round).unwrap().unwrap();
}

#[test]
fn nobody_can_make_the_canister_pay_for_rounds_that_nobody_paid_for() {
    let scene = Scene::prepared();
    let round = Round::after(scene.world.fake.now.get().0).0;
    scene.wait_for(round + 2000);
    for round in round..round + 1440 {
        let refused = scene.fulfil(Principal::anonymous(), round).unwrap();
        assert_eq!(refused, Err(BeaconError::NoSuchRound));
    }
    assert_eq!(scene.world.asked.get(), 0);
}

#[test]
fn the_first_who_asks_pays_for_the_drawing_and_the_others_a_little() {
    let scene = Scene::prepared();
    let before = left(&scene);
    let round = scene.request(1, 1, None).unwrap().round;
    assert_eq!(before - left(&scene), FEE.plus(COST).0);
    let before = left(&scene);
    assert_eq!(scene.request(2, 1, Some(round)).unwrap().requests, 2);
    assert_eq!(before - left(&scene), COST.0);
    // A repeated request costs nothing, and is answered also after the round's time.
    let before = left(&scene);
    scene.wait_for(round + 1);
    assert_eq!(scene.request(1, 1, None).unwrap().round, round);
    assert_eq!(scene.request(2, 1, Some(round)).unwrap().requests, 2);
    assert_eq!(before, left(&scene));
}

#[test]
fn a_round_is_drawn_once_and_repeating_tells_the_same() {
    let scene = Scene::prepared();
    let round = scene.request(1, 1, None).unwrap().round;
    scene.wait_for(round);
    let first = scene.fulfil(person(1), round).unwrap().unwrap();
    for by in [person(1), person(2), Principal::anonymous()] {
        assert_eq!(scene.fulfil(by, round).unwrap(), Ok(first.clone()));
    }
    assert_eq!(scene.world.asked.get(), 1);
}

#[test]
fn while_one_caller_draws_another_is_refused_and_a_lost_call_opens_the_lock() {
    let scene = Scene::prepared();
    let round = scene.request(1, 1, None).unwrap().round;
    scene.wait_for(round);
    let Ok(Started::Run(drawing)) = fulfil::begin(&scene.kit.borrow(), &scene.world, Round(round))
    else {
        panic!("the round can be drawn");
    };
    let refused = scene.fulfil(person(2), round).unwrap();
    assert_eq!(refused, Err(BeaconError::BeingDrawn));
    drop(drawing);
    scene.world.next(&[Fate::Lost]);
    assert_eq!(scene.fulfil(person(2), round), None);
    assert!(scene.fulfil(person(2), round).unwrap().is_ok());
}

#[test]
fn a_failed_or_forged_signature_leaves_the_round_to_be_drawn_later_with_the_same_result() {
    let (scene, undisturbed) = (Scene::prepared(), Scene::prepared());
    let round = scene.request(1, 1, None).unwrap().round;
    undisturbed.request(1, 1, None).unwrap();
    scene.wait_for(round);
    for (number, fate) in (1..).zip([Fate::Rejected(2), Fate::Forged, Fate::Rejected(6)]) {
        scene.world.next(&[fate]);
        let failed = scene.fulfil(person(1), round).unwrap();
        assert!(
            matches!(failed, Err(BeaconError::NotDrawn(_))),
            "{failed:?}"
        );
        let refused = scene.fulfil(Principal::anonymous(), round).unwrap();
        assert!(matches!(refused, Err(BeaconError::TriedJustNow { .. })));
        assert_eq!(scene.world.asked.get(), number);
        scene.upgrade();
        scene.world.fake.pass(10 * Timestamp::SECOND);
    }
    let drawn = scene.fulfil(person(3), round).unwrap().unwrap();
    assert_eq!(drawn.failures, 3);
    undisturbed.wait_for(round);
    let other = undisturbed.fulfil(person(1), round).unwrap().unwrap();
    let (ours, theirs) = (drawn.drawn.unwrap(), other.drawn.unwrap());
    assert_eq!(ours.randomness, theirs.randomness);
}

#[test]
fn refuses_rounds_that_are_over_or_far_ahead_and_labels_that_are_long() {
    let scene = Scene::prepared();
    let first = Round::after(scene.world.fake.now.get().0).0;
    let last = first + 400 * 24 * 120;
    let out_of_reach = Err(BeaconError::RoundOutOfReach { first, last });
    for round in [0, first - 1, last + 1, u64::MAX] {
        assert_eq!(scene.request(1, 1, Some(round)), out_of_reach);
    }
    scene.request(1, 1, Some(last)).unwrap();
    let long = Wish::of(vec![2], vec![0; 65], None);
    assert_eq!(scene.request_with(1, long), Err(BeaconError::LabelLength));
}

#[test]
fn a_request_id_stands_for_one_request() {
    let scene = Scene::prepared();
    let round = scene.request(1, 1, None).unwrap().round;
    let other = Wish::of(vec![1], b"other".to_vec(), None);
    let reused = BeaconError::Refused(Refusal::RequestIdReused);
    assert_eq!(scene.request_with(1, other), Err(reused));
    // Another caller's id is another request.
    assert_eq!(scene.request(2, 1, Some(round)).unwrap().requests, 2);
}

#[test]
fn a_pause_stops_requests_and_never_a_drawing() {
    let scene = Scene::prepared();
    let round = scene.request(1, 1, None).unwrap().round;
    scene.world.fake.call_as(person(50));
    scene
        .kit
        .borrow_mut()
        .set_paused(&scene.world, true)
        .unwrap();
    let paused = Err(BeaconError::Refused(Refusal::Paused));
    assert_eq!(scene.request(1, 2, None), paused);
    scene.wait_for(round);
    assert!(scene.fulfil(person(1), round).unwrap().is_ok());
}

#[test]
fn a_budget_that_does_not_cover_a_drawing_lets_nobody_ask() {
    let scene = Scene::new(FEE.0);
    scene.prepare(1).unwrap();
    let refused = scene.request(1, 1, None);
    let expected = matches!(
        refused,
        Err(BeaconError::Refused(Refusal::BudgetExhausted { .. }))
    );
    assert!(expected, "{refused:?}");
}

#[test]
fn the_key_is_kept_once_checked_and_survives_an_upgrade() {
    let scene = Scene::new(1_000_000_000_000);
    let missing = Err(BeaconError::KeyNotPrepared);
    assert_eq!(scene.request(1, 1, None), missing);
    assert_eq!(
        read::public_key(&scene.kit.borrow()),
        Err(BeaconError::KeyNotPrepared)
    );
    scene.world.next(&[Fate::Rejected(2)]);
    let unavailable = scene.prepare(1);
    assert!(matches!(unavailable, Err(BeaconError::KeyUnavailable(_))));
    scene.world.next(&[Fate::Forged]);
    assert_eq!(scene.prepare(1), Err(BeaconError::KeyMalformed));
    scene.prepare(1).unwrap();
    let key = read::public_key(&scene.kit.borrow()).unwrap();
    scene.upgrade();
    // What the network would say now is not asked.
    scene.world.next(&[Fate::Forged]);
    scene.prepare(2).unwrap();
    assert_eq!(read::public_key(&scene.kit.borrow()), Ok(key));
}

#[test]
fn replaying_the_log_gives_the_same_rounds() {
    let scene = Scene::prepared();
    let round = scene.request(1, 1, None).unwrap().round;
    scene.request(2, 1, Some(round + 1)).unwrap();
    scene.wait_for(round);
    scene.fulfil(person(1), round).unwrap().unwrap();
    let page = scene.kit.borrow().audit_log(&scene.world, 0, 100);
    let other = Scene::new(1);
    for bytes in &page.events {
        let event: Stamped<Logged<BeaconEvent>> = minicbor::decode(bytes).unwrap();
        let stamp = event.stamp();
        if let Logged::Product(event) = event.event {
            other.kit.borrow_mut().record(stamp, event);
        }
    }
    let view = |scene: &Scene, round| {
        let kit = scene.kit.borrow();
        read::round(&kit, &scene.world, Round(round)).unwrap().round
    };
    for round in [round, round + 1] {
        assert_eq!(view(&other, round), view(&scene, round));
    }
    let root = |scene: &Scene| {
        use canister_kit::Product;
        scene.kit.borrow().product().certified_root()
    };
    assert_eq!(root(&other), root(&scene));
}
