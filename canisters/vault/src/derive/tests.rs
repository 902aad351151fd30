//! Keys are derived for those who may have them, also after the await, and each transport key is used once.

use super::*;
use crate::runtime::{STORAGE, input};
use crate::scene::{Scene, first, transport_key};
use canister_kit::UsageStanding;
use canister_kit::encoding::Timestamp;
use key_path::masters::{Network, vetkd_public_key};

fn used_before() -> VaultError {
    VaultError::TransportKey(TransportRefused::UsedBefore)
}

#[test]
fn members_derive_the_epochs_from_their_first_one_to_the_one_in_force() {
    let scene = Scene::with_space();
    assert_eq!(scene.key(1, 1, 1), Ok(vec![7; 192]));
    scene.rotate(1).unwrap();
    scene.share(1, 2, Role::Reader, false).unwrap();
    scene.share(1, 3, Role::Reader, true).unwrap();
    scene.rotate(1).unwrap();
    let not_yours = |from| Err(VaultError::EpochNotYours { from, current: 3 });
    assert_eq!(scene.key(2, 1, 2), not_yours(2));
    assert_eq!(scene.key(2, 2, 2), Ok(vec![7; 192]));
    assert_eq!(scene.key(2, 3, 3), Ok(vec![7; 192]));
    assert_eq!(scene.key(2, 4, 4), not_yours(2));
    assert_eq!(scene.key(3, 1, 5), Ok(vec![7; 192]));
    assert_eq!(scene.key(3, 0, 6), not_yours(1));
    let asked = scene.world.wishes.borrow();
    let epochs: Vec<u64> = asked.iter().map(|wish| wish.epoch.number()).collect();
    assert_eq!(epochs, [1, 2, 3, 1]);
    scene.holds_together();
}

#[test]
fn a_revoked_member_derives_nothing_any_more() {
    let scene = Scene::with_space();
    scene.share(1, 2, Role::Manager, true).unwrap();
    assert_eq!(scene.key(2, 1, 1), Ok(vec![7; 192]));
    scene.revoke(1, 2).unwrap();
    for epoch in [1, 2] {
        assert_eq!(scene.key(2, epoch, 2), Err(VaultError::NoSuchSpace));
    }
    // Back without history: the old epoch stays closed.
    scene.share(1, 2, Role::Reader, false).unwrap();
    let (from, current) = (2, 2);
    let not_yours = VaultError::EpochNotYours { from, current };
    assert_eq!(scene.key(2, 1, 2), Err(not_yours));
}

#[test]
fn rights_that_are_lost_during_the_await_hand_out_nothing() {
    let scene = Scene::with_space();
    scene.share(1, 2, Role::Reader, true).unwrap();
    let begun = scene.begin_key(2, 1, 1).unwrap();
    scene.revoke(1, 2).unwrap();
    let events = scene.events();
    assert_eq!(scene.end_key(begun), Err(VaultError::NoSuchSpace));
    // It was paid for, and that is all that is on record.
    assert_eq!(scene.events(), events + 1);
    // Taken in again meanwhile, without history.
    scene.share(1, 2, Role::Reader, false).unwrap();
    let begun = scene.begin_key(2, 2, 2).unwrap();
    scene.revoke(1, 2).unwrap();
    scene.share(1, 2, Role::Reader, false).unwrap();
    let (from, current) = (3, 3);
    let not_yours = VaultError::EpochNotYours { from, current };
    assert_eq!(scene.end_key(begun), Err(not_yours));
}

#[test]
fn a_membership_that_ends_during_the_await_hands_out_nothing() {
    let scene = Scene::with_space();
    let end = scene.world.world.now.get().after(Timestamp::SECOND);
    scene
        .share_until(1, 2, Role::Reader, Some(end.0), true)
        .unwrap();
    let begun = scene.begin_key(2, 1, 1).unwrap();
    scene.pass(Timestamp::SECOND);
    assert_eq!(scene.end_key(begun), Err(VaultError::NoSuchSpace));
}

#[test]
fn bad_transport_keys_are_refused_before_anything_is_paid() {
    let scene = Scene::with_space();
    let events = scene.events();
    let refused = |key: &[u8]| match scene.begin_key_with(1, 1, key) {
        Err(VaultError::TransportKey(reason)) => reason,
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it is taken"),
    };
    let mut identity = [0; 48];
    identity[0] = 0xc0;
    assert_eq!(refused(&identity), TransportRefused::Identity);
    let bytes = 47;
    let key = transport_key(1);
    assert_eq!(refused(&key[..47]), TransportRefused::Length { bytes });
    assert_eq!(refused(&[0xff; 48]), TransportRefused::NotAPoint);
    // x = 4 is the first that is on the curve, far from the subgroup.
    let mut outside = [0; 48];
    (outside[0], outside[47]) = (0x80, 4);
    assert_eq!(refused(&outside), TransportRefused::OutsideSubgroup);
    assert_eq!(scene.events(), events);
    assert!(scene.world.wishes.borrow().is_empty());
}

#[test]
fn a_transport_key_is_used_once() {
    let scene = Scene::with_space();
    scene.rotate(1).unwrap();
    assert_eq!(scene.key(1, 1, 1), Ok(vec![7; 192]));
    scene.upgrade();
    // For the same key, for another one, and as long as it is remembered.
    assert_eq!(scene.key(1, 1, 1), Err(used_before()));
    assert_eq!(scene.key(1, 2, 1), Err(used_before()));
    scene.pass(Timestamp::DAY - 1);
    assert_eq!(scene.key(1, 2, 1), Err(used_before()));
    // Others have their own.
    scene.share(1, 2, Role::Reader, true).unwrap();
    assert_eq!(scene.key(2, 1, 1), Ok(vec![7; 192]));
    assert_eq!(scene.world.wishes.borrow().len(), 2);
}

#[test]
fn a_transport_key_that_is_in_use_is_not_used_a_second_time() {
    let scene = Scene::with_space();
    let begun = scene.begin_key(1, 1, 1).unwrap();
    let second = scene.begin_key(1, 1, 1).err();
    assert_eq!(second, Some(Refusal::RequestRunning.into()));
    // The call is lost, as with a trap or an upgrade.
    drop(begun);
    assert_eq!(scene.key(1, 1, 1), Err(used_before()));
}

#[test]
fn what_the_network_does_not_give_is_not_charged_and_may_be_asked_again() {
    let scene = Scene::with_space();
    let left = || match scene.kit.borrow().usage(&scene.world).standing {
        UsageStanding::LeftToday(left) => left,
        other => panic!("{other:?}"),
    };
    let before = left();
    let error = CallError::new(2, "the queue is full");
    *scene.world.derived.borrow_mut() = Err(error.clone());
    let refused = Err(VaultError::KeyUnavailable(error));
    assert_eq!(scene.key(1, 1, 1), refused);
    assert_eq!(before - left(), DERIVATION.0);
    *scene.world.derived.borrow_mut() = Ok(vec![7; 191]);
    let short = scene.key(1, 1, 1);
    assert!(matches!(short, Err(VaultError::KeyUnavailable(_))));
    *scene.world.derived.borrow_mut() = Ok(vec![7; 192]);
    assert_eq!(scene.key(1, 1, 1), Ok(vec![7; 192]));
    scene.world.fee.set(None);
    let no_key = scene.key(1, 1, 2);
    assert!(matches!(no_key, Err(VaultError::KeyUnavailable(_))));
}

#[test]
fn a_paused_canister_derives_nothing_new_but_ends_what_runs() {
    let scene = Scene::with_space();
    let begun = scene.begin_key(1, 1, 1).unwrap();
    scene.call_as(50);
    let paused = scene.kit.borrow_mut().set_paused(&scene.world, true);
    assert_eq!(paused, Ok(()));
    assert_eq!(scene.key(1, 1, 2), Err(Refusal::Paused.into()));
    assert_eq!(scene.end_key(begun), Ok(vec![7; 192]));
}

#[test]
fn every_key_has_an_input_of_its_own() {
    let one = input(first(), Epoch::new(2));
    let expected = b"\0\0\0\x08\0\0\0\0\0\0\0\x01\0\0\0\x08\0\0\0\0\0\0\0\x02";
    assert_eq!(one, expected);
    assert_ne!(one, input(SpaceId::new(2), Epoch::FIRST));
}

#[test]
fn the_verification_key_is_that_of_the_context_and_is_never_replaced() {
    let scene = Scene::with_space();
    let key = scene.prepare(9).unwrap();
    let own = vetkd_public_key(Network::PocketIc, "test_key_1").unwrap();
    let expected = key_path::vetkd::derive_below(own, STORAGE).unwrap();
    assert_eq!(key, expected.public_key);
    scene.upgrade();
    // Nothing is asked for a second time.
    *scene.world.own.borrow_mut() = Err(CallError::new(4, "no"));
    assert_eq!(scene.prepare(1), Ok(key));
    scene.holds_together();
}

#[test]
fn what_is_no_key_is_not_kept() {
    let scene = Scene::with_space();
    for told in [vec![0; 96], vec![7; 95]] {
        *scene.world.own.borrow_mut() = Ok(told);
        assert_eq!(scene.prepare(1), Err(VaultError::KeyMalformed));
    }
    let missing = crate::prepare::verification_key(&scene.kit.borrow());
    assert_eq!(missing, Err(VaultError::KeyNotPrepared));
}

#[test]
fn the_client_names_keys_and_hashes_as_the_canister_does() {
    assert_eq!(vault_client::CONTEXT, STORAGE);
    for (space, epoch) in [(1, 1), (7, u64::MAX), (u64::MAX, 9)] {
        let own = input(SpaceId::new(space), Epoch::new(epoch));
        assert_eq!(vault_client::input(space, epoch), own);
    }
    let hashes = [b"a", b"b"].map(|chunk| crate::item::hash_of(chunk));
    assert_eq!(vault_client::hash(b"a"), hashes[0]);
    let root = crate::item::root_of(&hashes);
    assert_eq!(vault_client::root(&hashes), root);
}
