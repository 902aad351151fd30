//! A bucket is released once, after its time, by anyone, if somebody has sealed to it; and by nobody before.

use super::*;
use crate::fake::person;
use crate::read::open;
use crate::scene::Scene;
use candid::Principal;
use canister_kit::encoding::Timestamp;
use canister_kit::event::Stamped;
use canister_kit::{Logged, Refusal};

const HOUR: u64 = 60 * MINUTE;

fn anonymous() -> Principal {
    Principal::anonymous()
}

#[test]
fn a_message_opens_in_its_time_for_everyone_and_not_a_nanosecond_before() {
    let scene = Scene::new();
    let sealed = scene.seal(1, scene.after(HOUR), "the text").unwrap();
    let at = sealed.opens_at;
    let early = TimelockError::TooEarly { at };
    // Whoever asks: who sealed it, the controller, the guardian, a stranger, nobody.
    let callers = [
        person(1),
        scene.world.world.controller,
        person(50),
        person(9),
        anonymous(),
    ];
    for time in [0, at - HOUR, at - 1] {
        scene.pass_to(Timestamp(time.max(1)));
        for caller in callers {
            let refused = scene.release(caller, sealed.bucket).unwrap_err();
            assert_eq!(refused, early);
        }
        assert_eq!(scene.open(1), Err(early.clone()));
        scene.upgrade();
    }
    assert!(
        scene.world.derived.borrow().is_empty(),
        "nothing was derived"
    );
    scene.pass_to(Timestamp(at));
    let bucket = sealed.bucket;
    assert_eq!(scene.open(1), Err(TimelockError::NotReleased { bucket }));
    let released = scene.release(anonymous(), bucket).unwrap();
    assert_eq!(released.released_at, at);
    scene.upgrade();
    let opened = scene.open(1).unwrap();
    assert_eq!(opened.vetkey, released.vetkey);
    assert_eq!(scene.decrypt(&opened).unwrap(), b"the text");
    let shown = scene.bucket_for(Timestamp(at));
    assert_eq!(shown.released, Some(released));
    scene.holds_together();
}

#[test]
fn a_bucket_is_released_once_however_often_it_is_asked_for() {
    let scene = Scene::new();
    let sealed = scene.seal(1, scene.after(HOUR), "one").unwrap();
    let other = scene.seal(2, scene.after(HOUR), "two").unwrap();
    assert_eq!(sealed.bucket, other.bucket);
    scene.pass_to(Timestamp(sealed.opens_at + HOUR));
    let released = scene.release(person(9), sealed.bucket).unwrap();
    let events = scene.events();
    for by in [anonymous(), person(1)] {
        assert_eq!(scene.release(by, sealed.bucket), Ok(released.clone()));
    }
    assert_eq!(scene.events(), events);
    assert_eq!(scene.world.derived.borrow().len(), 1);
    for (id, text) in [(1, &b"one"[..]), (2, b"two")] {
        assert_eq!(scene.decrypt(&scene.open(id).unwrap()).unwrap(), text);
    }
}

#[test]
fn nobody_makes_the_canister_pay_for_a_bucket_that_nobody_has_paid_for() {
    let scene = Scene::new();
    let sealed = scene.seal(1, scene.after(HOUR), "text").unwrap();
    scene.pass_to(Timestamp(sealed.opens_at + 1440 * MINUTE));
    let events = scene.events();
    for bucket in (sealed.bucket - 720..sealed.bucket + 720).chain([0, u64::MAX]) {
        if bucket != sealed.bucket {
            let refused = scene.release(anonymous(), bucket);
            assert_eq!(refused, Err(TimelockError::NoSuchBucket));
        }
    }
    assert_eq!(scene.events(), events);
    assert!(scene.world.derived.borrow().is_empty());
}

#[test]
fn two_calls_at_once_ask_the_network_once() {
    let scene = Scene::new();
    let sealed = scene.seal(1, scene.after(HOUR), "text").unwrap();
    scene.pass_to(Timestamp(sealed.opens_at));
    let Started::Run(first) = scene.begin(anonymous(), sealed.bucket).unwrap() else {
        panic!("it is not released yet")
    };
    let second = scene.release(person(2), sealed.bucket);
    assert_eq!(second, Err(TimelockError::BeingReleased));
    assert!(scene.end(first).is_ok());
    assert!(scene.release(person(2), sealed.bucket).is_ok());
    assert_eq!(scene.world.derived.borrow().len(), 1);
}

#[test]
fn a_key_that_does_not_come_is_asked_for_again_a_minute_later() {
    let scene = Scene::new();
    let sealed = scene.seal(1, scene.after(HOUR), "text").unwrap();
    scene.pass_to(Timestamp(sealed.opens_at));
    let error = CallError::new(2, "the queue is full");
    *scene.world.error.borrow_mut() = Some(error.clone());
    let refused = scene.release(anonymous(), sealed.bucket);
    assert_eq!(refused, Err(TimelockError::KeyUnavailable(error)));
    let events = scene.events();
    let retry_at = sealed.opens_at + MINUTE;
    *scene.world.error.borrow_mut() = None;
    for _ in 0..100 {
        let refused = scene.release(anonymous(), sealed.bucket);
        assert_eq!(refused, Err(TimelockError::AskedBefore { retry_at }));
    }
    scene.pass_to(Timestamp(retry_at - 1));
    assert!(scene.release(anonymous(), sealed.bucket).is_err());
    assert_eq!(scene.events(), events);
    scene.pass_to(Timestamp(retry_at));
    assert!(scene.release(anonymous(), sealed.bucket).is_ok());
}

#[test]
fn a_call_that_is_lost_locks_nothing_for_longer_than_a_minute() {
    let scene = Scene::new();
    let sealed = scene.seal(1, scene.after(HOUR), "text").unwrap();
    scene.pass_to(Timestamp(sealed.opens_at));
    drop(scene.begin(anonymous(), sealed.bucket).unwrap());
    scene.upgrade();
    scene.pass_to(Timestamp(sealed.opens_at + MINUTE));
    assert!(scene.release(anonymous(), sealed.bucket).is_ok());
    scene.holds_together();
}

#[test]
fn a_key_of_something_else_is_never_kept() {
    let scene = Scene::new();
    let sealed = scene.seal(1, scene.after(HOUR), "text").unwrap();
    scene.pass_to(Timestamp(sealed.opens_at));
    scene.world.lies.set(true);
    let refused = scene.release(anonymous(), sealed.bucket);
    assert_eq!(refused, Err(TimelockError::KeyMalformed));
    let bucket = sealed.bucket;
    let closed = open(&scene.kit.borrow(), &scene.world, 1);
    assert_eq!(closed, Err(TimelockError::NotReleased { bucket }));
}

#[test]
fn the_key_of_one_bucket_opens_no_other() {
    let scene = Scene::new();
    let soon = scene.seal(1, scene.after(HOUR), "soon").unwrap();
    let late = scene.seal(1, scene.after(2 * HOUR), "late").unwrap();
    scene.pass_to(Timestamp(soon.opens_at));
    scene.release(anonymous(), soon.bucket).unwrap();
    let mut opened = scene.open(1).unwrap();
    let ciphertext = scene.kit.borrow().product().blobs().load(late.id, 0);
    opened.ciphertext = ByteBuf::from(ciphertext.unwrap());
    assert!(scene.decrypt(&opened).is_err());
}

#[test]
fn a_pause_does_not_stop_a_release() {
    let scene = Scene::new();
    let sealed = scene.seal(1, scene.after(HOUR), "text").unwrap();
    scene.call_as(50);
    let paused = scene.kit.borrow_mut().set_paused(&scene.world, true);
    assert_eq!(paused, Ok(()));
    scene.pass_to(Timestamp(sealed.opens_at));
    let refused = scene.seal(1, scene.after(HOUR), "more");
    assert_eq!(refused, Err(Refusal::Paused.into()));
    assert!(scene.release(anonymous(), sealed.bucket).is_ok());
    assert!(scene.open(1).is_ok());
}

#[test]
fn before_its_time_the_log_has_no_key_and_afterwards_it_has() {
    let scene = Scene::new();
    let sealed = scene.seal(1, scene.after(HOUR), "text").unwrap();
    let keys = |scene: &Scene| {
        let page = scene.kit.borrow().audit_log(&scene.world, 0, 1000);
        let read = |bytes: &ByteBuf| minicbor::decode(bytes).unwrap();
        let events: Vec<Stamped<Logged<TimelockEvent>>> = page.events.iter().map(read).collect();
        let key = |stamped: &Stamped<Logged<TimelockEvent>>| match &stamped.event {
            Logged::Product(TimelockEvent::Released { key, .. }) => Some(*key),
            _ => None,
        };
        events.iter().filter_map(key).collect::<Vec<_>>()
    };
    assert!(keys(&scene).is_empty());
    scene.pass_to(Timestamp(sealed.opens_at));
    let released = scene.release(anonymous(), sealed.bucket).unwrap();
    assert_eq!(keys(&scene)[0].0, released.vetkey.as_slice());
}
