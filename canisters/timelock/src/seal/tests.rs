//! Messages are sealed once, for a time that is to come, and paid for with the key that opens them.

use super::*;
use crate::read;
use crate::scene::{FEE, Scene};
use canister_kit::UsageStanding;

const HOUR: u64 = 60 * MINUTE;

fn left(scene: &Scene) -> u128 {
    scene.call_as(1);
    match scene.kit.borrow().usage(&scene.world).standing {
        UsageStanding::LeftToday(left) => left,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_in_a_bucket_pays_for_its_key_and_the_others_do_not() {
    let scene = Scene::new();
    let time = scene.after(HOUR);
    let message = MESSAGE.plus(PER_BLOCK).0;
    let before = left(&scene);
    let first = scene.seal(1, time, "first").unwrap();
    assert_eq!((first.id, first.bytes), (1, 136 + 5));
    let after = left(&scene);
    assert_eq!(before - after, message + FEE.0 + RELEASE.0);
    let second = scene.seal(2, time, "second").unwrap();
    assert_eq!((second.id, second.bucket), (2, first.bucket));
    assert_eq!(after - left(&scene), message);
    let listed = read::sealed_in(&scene.kit.borrow(), Bucket::new(first.bucket), 0, 100);
    assert_eq!(listed, [first, second]);
    scene.holds_together();
}

#[test]
fn a_repeated_request_seals_nothing_and_costs_nothing() {
    let scene = Scene::new();
    let time = scene.after(HOUR);
    let first = scene.seal(1, time, "text").unwrap();
    let (events, before) = (scene.events(), left(&scene));
    scene.upgrade();
    assert_eq!(scene.seal(1, time, "text"), Ok(first));
    assert_eq!((scene.events(), left(&scene)), (events, before));
    let other = scene.encrypt(time, b"other");
    let reused = scene.seal_bytes(1, b"text", time, other);
    assert_eq!(reused, Err(Refusal::RequestIdReused.into()));
}

#[test]
fn nothing_is_sealed_for_the_past_nor_for_longer_than_ten_years() {
    let scene = Scene::new();
    let refused = |time: Timestamp| {
        let sealed = scene.seal_bytes(1, b"1", time, scene.encrypt(time, b"text"));
        assert!(matches!(sealed, Err(TimelockError::Time { .. })));
    };
    let now = scene.after(0);
    refused(now);
    refused(Timestamp(0));
    refused(now.after(LONGEST + 2 * MINUTE));
    refused(Timestamp(u64::MAX));
    let next = Bucket::for_time(now.after(1)).opens_at();
    assert!(scene.seal(1, next, "soon").is_ok());
    assert!(scene.seal(1, now.after(LONGEST), "late").is_ok());
    scene.holds_together();
}

#[test]
fn what_has_not_the_form_of_ciphertext_is_refused() {
    let scene = Scene::new();
    let time = scene.after(HOUR);
    let good = scene.encrypt(time, b"text");
    let refused = |bytes: Vec<u8>| scene.seal_bytes(1, b"1", time, bytes).unwrap_err();
    let (at_least, at_most) = (136, crate::message::MAX_BYTES);
    let length = |bytes| TimelockError::Length {
        bytes,
        at_least,
        at_most,
    };
    assert_eq!(refused(good[..135].to_vec()), length(135));
    let long = at_most + 1;
    assert_eq!(refused(vec![0; long as usize]), length(long));
    for at in [0, 9] {
        let mut changed = good.clone();
        changed[at] ^= 1;
        assert_eq!(refused(changed), TimelockError::NoCiphertext);
    }
    assert!(scene.seal_bytes(1, b"1", time, good).is_ok());
}

#[test]
fn without_its_key_the_canister_seals_nothing() {
    let scene = Scene::unprepared();
    let prepared = Scene::new();
    let time = scene.after(HOUR);
    let ciphertext = prepared.encrypt(time, b"text");
    let refused = scene.seal_bytes(1, b"1", time, ciphertext);
    assert_eq!(refused, Err(TimelockError::KeyNotPrepared));
}

#[test]
fn a_paused_canister_seals_nothing() {
    let scene = Scene::new();
    scene.call_as(50);
    let paused = scene.kit.borrow_mut().set_paused(&scene.world, true);
    assert_eq!(paused, Ok(()));
    let time = scene.after(HOUR);
    let refused = scene.seal(1, time, "text");
    assert_eq!(refused, Err(Refusal::Paused.into()));
}
