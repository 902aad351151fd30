//! Wallets are made once, for their members, out of the caller's admission, and survive upgrades and replays.

use super::*;
use crate::fake::person;
use crate::policy::{PolicyError, RawRequirement, RequirementError};
use crate::scene::{Scene, open, policy};
use crate::state::Wallets;
use canister_kit::Environment;
use canister_kit::encoding::Timestamp;
use canister_kit::event::Stamped;
use canister_kit::memory::Regions;
use canister_kit::stable::DefaultMemoryImpl;
use canister_kit::{Logged, Product, UsageStanding};

fn scene() -> Scene {
    Scene::new(Environment::Local)
}

#[test]
fn a_wallet_has_the_next_id_and_what_was_asked_for() {
    let scene = scene();
    let first = scene.create(1, 1, "first", &[2, 1]).unwrap();
    assert_eq!((first.id, first.policy_version), (1, 1));
    assert_eq!(first.name, "first");
    assert_eq!(first.members, [person(1), person(2)]);
    assert_eq!(first.policy, policy());
    assert_eq!(first.created_at, scene.world.now().0);
    assert_eq!(scene.create(1, 2, "second", &[1]).unwrap().id, 2);
}

#[test]
fn a_repeated_request_gets_the_same_wallet_and_costs_nothing() {
    let scene = scene();
    let first = scene.create(1, 1, "one", &[1, 2]).unwrap();
    let (events, usage) = (scene.events(), scene.kit.borrow().usage(&scene.world));
    scene.world.world.pass(Timestamp::SECOND);
    scene.upgrade();
    let again = scene.create(1, 1, "one", &[2, 1]).unwrap();
    assert_eq!(again, first);
    assert_eq!(scene.events(), events);
    let left = |usage: &canister_kit::Usage| usage.standing.clone();
    assert_eq!(left(&scene.kit.borrow().usage(&scene.world)), left(&usage));
    let other = scene.create(1, 1, "other", &[1, 2]);
    assert_eq!(other, Err(Refusal::RequestIdReused.into()));
    // The id of a request is the caller's own.
    assert_eq!(scene.create(2, 1, "one", &[1, 2]).unwrap().id, 2);
}

#[test]
fn a_wallet_costs_what_the_caller_is_admitted_to() {
    let scene = scene();
    scene.create(1, 1, "one", &[1]).unwrap();
    let usage = scene.kit.borrow().usage(&scene.world);
    assert_eq!(
        usage.standing,
        UsageStanding::LeftToday(1_000_000_000_000 - COST.0)
    );
    assert_eq!(usage.calls_left + 1, usage.calls_at_most);
}

#[test]
fn refused_wallets_leave_no_trace() {
    let scene = scene();
    let events = scene.events();
    let cannot = |name: &str, members: Vec<Principal>, policy: RawPolicy| {
        scene.create_with(1, 1, name, members, policy).unwrap_err()
    };
    let own = vec![person(1)];
    assert!(matches!(
        cannot("", own.clone(), policy()),
        WalletError::Name(_)
    ));
    assert_eq!(
        cannot("a", vec![person(2)], policy()),
        WalletError::Members(MembersError::WithoutCaller)
    );
    assert_eq!(
        cannot("a", vec![person(1), Principal::anonymous()], policy()),
        WalletError::Members(MembersError::Anonymous)
    );
    let (quorum, members) = (2, 1);
    let highest = RawRequirement {
        quorum,
        delay_seconds: 0,
    };
    let two_of_one = RawPolicy {
        highest,
        ..policy()
    };
    let reason = RequirementError::Quorum { quorum, members };
    assert_eq!(
        cannot("a", own, two_of_one),
        WalletError::Policy(PolicyError::HighestRequirement(reason))
    );
    assert_eq!(scene.events(), events);
    assert_eq!(scene.kit.borrow().usage(&scene.world).requests, 0);
}

#[test]
fn a_paused_canister_makes_no_wallet_but_tells_of_those_that_it_made() {
    let scene = scene();
    let first = scene.create(1, 1, "one", &[1]).unwrap();
    scene.call_as(50);
    let paused = scene.kit.borrow_mut().set_paused(&scene.world, true);
    assert_eq!(paused, Ok(()));
    let refused = scene.create(1, 2, "two", &[1]);
    assert_eq!(refused, Err(Refusal::Paused.into()));
    assert_eq!(scene.create(1, 1, "one", &[1]), Ok(first));
}

/// Reads the log and applies the wallets' events to empty state.
fn replayed(scene: &Scene) -> Wallets<DefaultMemoryImpl> {
    let mut wallets = Wallets::open(&Regions::of(DefaultMemoryImpl::default()));
    let page = scene.kit.borrow().audit_log(&scene.world, 0, 1000);
    assert_eq!(page.events.len() as u64, page.length);
    for bytes in page.events {
        let stamped: Stamped<Logged<WalletEvent>> = minicbor::decode(&bytes).unwrap();
        let stamp = stamped.stamp();
        if let Logged::Product(event) = stamped.event {
            wallets.apply(stamp, &event);
        }
    }
    wallets
}

#[test]
fn replaying_the_log_gives_the_wallets_and_so_does_an_upgrade() {
    let scene = scene();
    for number in 0..12_u8 {
        let by = u32::from(number % 3);
        let name = format!("wallet {number}");
        scene.create(by, number, &name, &[by, 7]).unwrap();
        if number == 5 {
            scene.prepare(9).unwrap();
        }
    }
    let replayed = replayed(&scene);
    let upgraded = open(&scene.memory);
    let kit = scene.kit.borrow();
    for wallets in [&replayed, upgraded.product()] {
        assert_eq!(wallets.next_id(), kit.product().next_id());
        assert_eq!(wallets.keys(), kit.product().keys());
        assert!(wallets.keys().complete().is_some());
        for number in 0..=13 {
            let id = WalletId::new(number);
            assert_eq!(wallets.get(id), kit.product().get(id));
        }
        for who in [0, 1, 2, 7, 8].map(person) {
            let from = WalletId::FIRST;
            let own = kit.product().list(who, from, 100);
            assert_eq!(wallets.list(who, from, 100), own);
        }
    }
}

#[test]
fn an_event_is_written_with_numbered_fields() {
    let scene = scene();
    scene.create(1, 1, "one", &[1]).unwrap();
    let page = scene.kit.borrow().audit_log(&scene.world, 0, 1000);
    // [1 (of the canister), [[0 (created), [1, "one", [29 bytes], {0: {}, 1: {0: 1, 1: 0}}]]]]
    let mut expected = vec![0x82, 0x01, 0x81, 0x82, 0x00, 0x84, 0x01, 0x63];
    expected.extend_from_slice(b"one");
    expected.extend_from_slice(&[0x81, 0x58, 29]);
    expected.extend_from_slice(person(1).as_slice());
    expected.extend_from_slice(&[0xa2, 0x00, 0xa0, 0x01, 0xa2, 0x00, 0x01, 0x01, 0x00]);
    assert!(page.events.iter().any(|event| event.ends_with(&expected)));
}
