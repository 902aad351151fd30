//! The canister's keys are fetched once, by one call at a time, checked, and never replaced.

use super::*;
use crate::fake::person;
use crate::root_key::RawKey;
use crate::runtime::CallError;
use crate::runtime::fake::generator;
use crate::scene::{Scene, now};
use canister_kit::{Environment, Refusal};

fn scene() -> Scene {
    Scene::new(Environment::Local)
}

fn kinds(scene: &Scene) -> Vec<KeyKind> {
    scene
        .world
        .asked
        .take()
        .iter()
        .map(|(kind, _)| *kind)
        .collect()
}

#[test]
fn keys_are_fetched_once_under_the_name_that_init_fixed_also_across_an_upgrade() {
    let scene = scene();
    scene.prepare(1).unwrap();
    let names = scene.world.asked.borrow();
    assert!(names.iter().all(|(_, name)| name == "test_key_1"));
    drop(names);
    assert_eq!(kinds(&scene), KeyKind::ALL);
    let keys = public_keys(&scene.kit.borrow()).unwrap();
    assert_eq!(keys.ecdsa, generator(KeyKind::Ecdsa, 1));
    assert_eq!(keys.bip340, generator(KeyKind::Bip340, 2));
    assert_eq!(keys.ed25519, generator(KeyKind::Ed25519, 3));
    let events = scene.events();
    scene.upgrade();
    scene.prepare(2).unwrap();
    assert_eq!(kinds(&scene), []);
    assert_eq!(scene.events(), events);
    assert_eq!(public_keys(&scene.kit.borrow()), Ok(keys));
}

#[test]
fn what_one_call_has_fetched_the_next_one_keeps() {
    let scene = scene();
    let silent = CallError {
        code: 2,
        message: "no such key".to_owned(),
    };
    let good = scene
        .world
        .keys
        .borrow_mut()
        .insert(KeyKind::Bip340, Err(silent));
    let refused = scene.prepare(1).unwrap_err();
    let (key, code, message) = (KeyKind::Bip340, 2, "no such key".to_owned());
    assert_eq!(refused, WalletError::KeyUnavailable { key, code, message });
    assert_eq!(kinds(&scene), [KeyKind::Ecdsa, KeyKind::Bip340]);
    let unprepared = public_keys(&scene.kit.borrow());
    assert_eq!(unprepared, Err(WalletError::KeysNotPrepared));
    scene
        .world
        .keys
        .borrow_mut()
        .insert(KeyKind::Bip340, good.unwrap());
    scene.prepare(1).unwrap();
    assert_eq!(kinds(&scene), [KeyKind::Bip340, KeyKind::Ed25519]);
}

#[test]
fn a_second_call_is_refused_while_the_first_one_waits_and_let_in_after_it_was_dropped() {
    let scene = scene();
    let begin = |number| {
        let caller = scene.call_as(number);
        begin(&mut scene.kit.borrow_mut(), &scene.world, caller)
    };
    let first = begin(1).unwrap();
    let refused = begin(2).err();
    assert_eq!(refused, Some(WalletError::KeysBeingPrepared));
    drop(first);
    let second = begin(2).unwrap();
    let keep = |_| {
        assert_eq!(begin(3).err(), Some(WalletError::KeysBeingPrepared));
        Ok(())
    };
    now(second.run(&scene.world, keep)).unwrap();
    assert!(begin(1).is_ok());
}

#[test]
fn what_is_no_key_is_not_kept() {
    let scene = scene();
    let good = generator(KeyKind::Ecdsa, 1);
    let changed = |change: &dyn Fn(&mut RawKey)| {
        let mut key = good.clone();
        change(&mut key);
        key
    };
    // An abscissa above the field's order, and 5, which is none of the curve's.
    let no_point = |key: &mut RawKey| {
        key.public_key[1..].fill(0);
        key.public_key[32] = 5;
    };
    let wrong = [
        changed(&|key| key.public_key[0] = 4),
        changed(&|key| key.public_key[1..].fill(0xff)),
        changed(&no_point),
        changed(&|key| key.public_key.truncate(32)),
        changed(&|key| key.public_key = vec![0]),
        changed(&|key| key.public_key.clear()),
        changed(&|key| key.chain_code.truncate(31)),
        changed(&|key| key.chain_code.push(1)),
        generator(KeyKind::Ed25519, 1),
    ];
    let events = scene.events();
    for raw in wrong {
        scene
            .world
            .keys
            .borrow_mut()
            .insert(KeyKind::Ecdsa, Ok(raw.clone()));
        let refused = scene.prepare(1).unwrap_err();
        assert_eq!(
            refused,
            WalletError::KeyMalformed(KeyKind::Ecdsa),
            "{raw:?}"
        );
    }
    assert_eq!(scene.events(), events);
}

#[test]
fn an_ed25519_key_outside_the_group_of_prime_order_is_no_key() {
    let mut identity = generator(KeyKind::Ed25519, 1);
    identity.public_key.fill(0);
    // The point of order 4 has y = 0, the identity y = 1.
    for y in [0, 1] {
        identity.public_key[0] = y;
        let parsed = RootKey::parse(KeyKind::Ed25519, identity.clone());
        assert!(parsed.is_err(), "y = {y}");
    }
}

#[test]
fn a_kept_key_is_never_replaced() {
    let scene = scene();
    scene.prepare(1).unwrap();
    let kept = public_keys(&scene.kit.borrow()).unwrap();
    let events = scene.events();
    let keep = |code| {
        let caller = scene.call_as(1);
        let key = RootKey::parse(KeyKind::Ed25519, generator(KeyKind::Ed25519, code)).unwrap();
        keep(
            &mut scene.kit.borrow_mut(),
            &scene.world,
            Fetched { caller, key },
        )
    };
    assert_eq!(keep(3), Ok(()));
    assert_eq!(keep(4), Err(WalletError::KeyChanged(KeyKind::Ed25519)));
    assert_eq!(scene.events(), events);
    assert_eq!(public_keys(&scene.kit.borrow()), Ok(kept));
}

#[test]
fn preparing_takes_from_the_quota_and_works_while_paused() {
    let scene = scene();
    scene.call_as(50);
    let paused = scene.kit.borrow_mut().set_paused(&scene.world, true);
    assert_eq!(paused, Ok(()));
    let silent = CallError::new(2, "later");
    let answers = std::mem::take(&mut *scene.world.keys.borrow_mut());
    let silence = KeyKind::ALL.map(|kind| (kind, Err(silent.clone())));
    *scene.world.keys.borrow_mut() = silence.into();
    for _ in 0..20 {
        let asked = scene.prepare(1).unwrap_err();
        assert!(
            matches!(asked, WalletError::KeyUnavailable { .. }),
            "{asked:?}"
        );
    }
    let refused = scene.prepare(1).unwrap_err();
    assert!(
        matches!(
            refused,
            WalletError::Refused(Refusal::QuotaExhausted { .. })
        ),
        "{refused:?}"
    );
    assert_eq!(scene.kit.borrow().usage(&scene.world).caller, person(1));
    *scene.world.keys.borrow_mut() = answers;
    scene.prepare(2).unwrap();
    // Where nothing is missing, nothing is asked, and nobody's quota is used up.
    for _ in 0..50 {
        scene.prepare(1).unwrap();
    }
}
