//! Items are written in versions, under the epoch in force, and read by those who may.

use super::*;
use crate::item::VersionView;
use crate::limits::{MAX_VERSIONS, VERSION};
use crate::read;
use crate::scene::{Scene, first};
use canister_kit::encoding::Timestamp;
use canister_kit::{Logged, Refusal, UsageStanding};

fn get(scene: &Scene, by: u32, item: &str, version: Option<u64>) -> Result<Vec<u8>, VaultError> {
    scene.call_as(by);
    let item = item.as_bytes().to_vec();
    let content = read::get(&scene.kit.borrow(), &scene.world, first(), item, version);
    content.map(|content| content.ciphertext.into_vec())
}

fn history(scene: &Scene, item: &str) -> Vec<VersionView> {
    scene.call_as(1);
    let item = item.as_bytes().to_vec();
    read::history(&scene.kit.borrow(), &scene.world, first(), item).unwrap()
}

fn listed(scene: &Scene, after: Option<&str>) -> Vec<String> {
    scene.call_as(1);
    let after = after.map(|after| ByteBuf::from(after.as_bytes().to_vec()));
    let items = read::list(&scene.kit.borrow(), &scene.world, first(), after, 100);
    let text = |item: &crate::item::ItemView| String::from_utf8(item.item.to_vec()).unwrap();
    items.unwrap().iter().map(text).collect()
}

#[test]
fn what_is_put_is_read_by_its_version_also_after_an_upgrade() {
    let scene = Scene::with_space();
    assert_eq!(scene.put(1, "a", 0, 1, b"first"), Ok(1));
    assert_eq!(scene.put(1, "a", 1, 1, b"second"), Ok(2));
    assert_eq!(scene.put(1, "b", 0, 1, &[7; 10_000]), Ok(1));
    scene.upgrade();
    assert_eq!(get(&scene, 1, "a", None).unwrap(), b"second");
    assert_eq!(get(&scene, 1, "a", Some(1)).unwrap(), b"first");
    assert_eq!(get(&scene, 1, "b", None).unwrap(), [7; 10_000]);
    assert_eq!(get(&scene, 1, "a", Some(3)), Err(VaultError::NoSuchItem));
    assert_eq!(get(&scene, 1, "c", None), Err(VaultError::NoSuchItem));
    assert_eq!(listed(&scene, None), ["a", "b"]);
    assert_eq!(listed(&scene, Some("a")), ["b"]);
    scene.holds_together();
}

#[test]
fn a_repeated_request_writes_nothing_and_costs_nothing() {
    let scene = Scene::with_space();
    let left = |scene: &Scene| match scene.kit.borrow().usage(&scene.world).standing {
        UsageStanding::LeftToday(left) => left,
        other => panic!("{other:?}"),
    };
    let before = left(&scene);
    assert_eq!(scene.put(1, "a", 0, 1, &[1; 5000]), Ok(1));
    assert_eq!(before - left(&scene), VERSION.0 + 2 * 170_000_000);
    let events = scene.events();
    assert_eq!(scene.put(1, "a", 0, 1, &[1; 5000]), Ok(1));
    assert_eq!(scene.events(), events);
    let place = || Scene::place("a", 1, 1);
    scene.put_as(1, b"mine", place(), b"x").unwrap();
    let other = scene.put_as(1, b"mine", place(), b"y");
    assert_eq!(other, Err(Refusal::RequestIdReused.into()));
    scene.holds_together();
}

#[test]
fn of_two_writers_with_the_same_version_the_second_is_refused() {
    let scene = Scene::with_space();
    scene.share(1, 2, Role::Writer, false).unwrap();
    assert_eq!(scene.put(1, "a", 0, 1, b"mine"), Ok(1));
    let conflict = |current| Err(VaultError::VersionConflict { current });
    assert_eq!(scene.put(2, "a", 0, 1, b"other"), conflict(1));
    assert_eq!(scene.put(2, "a", 2, 1, b"other"), conflict(1));
    assert_eq!(scene.put(2, "b", 1, 1, b"other"), conflict(0));
    assert_eq!(scene.put(2, "a", 1, 1, b"other"), Ok(2));
}

#[test]
fn only_the_epoch_in_force_is_written_under() {
    let scene = Scene::with_space();
    scene.put(1, "a", 0, 1, b"one").unwrap();
    scene.rotate(1).unwrap();
    let stale = Err(VaultError::StaleEpoch { current: 2 });
    for epoch in [0, 1, 3] {
        assert_eq!(scene.put(1, "a", 1, epoch, b"two"), stale);
    }
    assert_eq!(scene.put(1, "a", 1, 2, b"two"), Ok(2));
}

#[test]
fn stale_items_are_those_under_earlier_epochs_until_they_are_written_again() {
    let scene = Scene::with_space();
    let stale = |scene: &Scene| -> Vec<String> {
        scene.call_as(1);
        let items = read::stale(&scene.kit.borrow(), &scene.world, first(), 100).unwrap();
        let text = |item: crate::item::ItemView| String::from_utf8(item.item.into_vec()).unwrap();
        items.into_iter().map(text).collect()
    };
    for item in ["a", "b", "c"] {
        scene.put(1, item, 0, 1, b"one").unwrap();
    }
    assert_eq!(stale(&scene), [""; 0]);
    scene.rotate(1).unwrap();
    scene.put(1, "b", 1, 2, b"two").unwrap();
    scene.rotate(1).unwrap();
    assert_eq!(stale(&scene), ["a", "c", "b"]);
    scene.put(1, "a", 1, 3, b"three").unwrap();
    scene.delete(1, "c", 1).unwrap();
    assert_eq!(stale(&scene), ["b"]);
    scene.put(1, "b", 2, 3, b"three").unwrap();
    assert_eq!(stale(&scene), [""; 0]);
    scene.holds_together();
}

#[test]
fn readers_read_and_strangers_learn_nothing() {
    let scene = Scene::with_space();
    scene.put(1, "a", 0, 1, b"one").unwrap();
    scene.share(1, 2, Role::Reader, false).unwrap();
    let needed = Role::Writer;
    let refused = Err(VaultError::NeedsRole { needed });
    assert_eq!(scene.put(2, "a", 1, 1, b"two"), refused);
    assert_eq!(scene.delete(2, "a", 1), refused);
    assert_eq!(get(&scene, 2, "a", None).unwrap(), b"one");
    let nothing = Err(VaultError::NoSuchSpace);
    assert_eq!(scene.put(3, "a", 1, 1, b"two"), nothing);
    assert_eq!(scene.delete(3, "a", 1), nothing);
    assert_eq!(get(&scene, 3, "a", None), Err(VaultError::NoSuchSpace));
    // The owner of another space is a stranger in this one.
    assert_eq!(scene.create(3, b"own").unwrap().id, 2);
    assert_eq!(get(&scene, 3, "a", None), Err(VaultError::NoSuchSpace));
}

#[test]
fn ciphertext_from_before_a_members_first_epoch_is_not_handed_to_it() {
    let scene = Scene::with_space();
    scene.put(1, "a", 0, 1, b"one").unwrap();
    scene.rotate(1).unwrap();
    scene.put(1, "a", 1, 2, b"two").unwrap();
    scene.share(1, 2, Role::Reader, false).unwrap();
    assert_eq!(get(&scene, 2, "a", None).unwrap(), b"two");
    let (from, current) = (2, 2);
    let refused = Err(VaultError::EpochNotYours { from, current });
    assert_eq!(get(&scene, 2, "a", Some(1)), refused);
}

#[test]
fn the_last_versions_are_kept_and_the_others_make_room() {
    let scene = Scene::with_space();
    for version in 0..12_u8 {
        let written = scene.put(1, "a", version.into(), 1, &[version; 5000]);
        assert_eq!(written, Ok(u64::from(version) + 1));
    }
    let kept = history(&scene, "a");
    let numbers: Vec<u64> = kept.iter().map(|version| version.version).collect();
    assert_eq!(numbers, [5, 6, 7, 8, 9, 10, 11, 12]);
    assert_eq!(get(&scene, 1, "a", Some(4)), Err(VaultError::NoSuchItem));
    assert_eq!(get(&scene, 1, "a", Some(5)).unwrap(), [4; 5000]);
    let blocks = 2 * MAX_VERSIONS as u64;
    assert_eq!(scene.kit.borrow().product().blobs().used(), blocks);
    assert_eq!(scene.see(1).unwrap().bytes, blocks * 4096);
    scene.holds_together();
}

#[test]
fn a_deleted_item_is_gone_and_its_versions_are_never_used_again() {
    let scene = Scene::with_space();
    scene.put(1, "a", 0, 1, b"one").unwrap();
    scene.put(1, "a", 1, 1, b"two").unwrap();
    let conflict = Err(VaultError::VersionConflict { current: 2 });
    assert_eq!(scene.delete(1, "a", 1), conflict);
    assert_eq!(scene.delete(1, "a", 2), Ok(3));
    assert_eq!(scene.delete(1, "a", 3), Err(VaultError::NoSuchItem));
    assert_eq!(get(&scene, 1, "a", None), Err(VaultError::NoSuchItem));
    assert_eq!(get(&scene, 1, "a", Some(1)), Err(VaultError::NoSuchItem));
    assert_eq!(scene.kit.borrow().product().blobs().used(), 0);
    scene.holds_together();
    let conflict = Err(VaultError::VersionConflict { current: 3 });
    assert_eq!(scene.put(1, "a", 0, 1, b"again"), conflict);
    assert_eq!(scene.put(1, "a", 3, 1, b"again"), Ok(4));
    scene.holds_together();
}

#[test]
fn what_is_too_long_or_too_much_is_refused() {
    let scene = Scene::with_space();
    let too_long = vec![0; MAX_CHUNK_BYTES as usize + 1];
    let refused = VaultError::too_much(Limit::ChunkBytes, MAX_CHUNK_BYTES);
    assert_eq!(scene.put(1, "a", 0, 1, &too_long), Err(refused));
    let longest = &too_long[1..];
    assert_eq!(scene.put(1, "a", 0, 1, longest), Ok(1));
    assert_eq!(get(&scene, 1, "a", None).unwrap(), longest);
    assert_eq!(scene.put(1, "b", 0, 1, b""), Ok(1));
    assert_eq!(get(&scene, 1, "b", None).unwrap(), b"");
    for item in ["", &"x".repeat(65)] {
        let refused = scene.put(1, item, 0, 1, b"x");
        assert!(matches!(refused, Err(VaultError::ItemId(_))));
    }
    let mut space = scene.kit.borrow().product().get(first()).unwrap();
    let kit = scene.kit.borrow();
    space.blocks = MAX_SPACE_BLOCKS;
    let full = VaultError::too_much(Limit::SpaceBytes, 1 << 30);
    assert_eq!(check_room(&kit, &space, 1), Err(full));
    space.items = MAX_ITEMS;
    let place = Scene::place("new", 0, 1);
    let new = ItemId::parse(b"new".to_vec()).unwrap();
    let full = VaultError::too_much(Limit::Items, MAX_ITEMS);
    assert_eq!(check_place(&kit, &space, &place, &new), Err(full));
    let place = Scene::place("b", 1, 1);
    let known = ItemId::parse(b"b".to_vec()).unwrap();
    assert_eq!(check_place(&kit, &space, &place, &known), Ok(2));
}

#[test]
fn the_log_shows_hash_and_size_and_never_the_ciphertext() {
    let scene = Scene::with_space();
    let ciphertext = [0xab; 600];
    scene.put(1, "a", 0, 1, &ciphertext).unwrap();
    let page = scene.kit.borrow().audit_log(&scene.world, 0, 1000);
    let shown: Vec<u8> = page.events.into_iter().flatten().collect();
    assert!(!shown.windows(20).any(|window| window == &ciphertext[..20]));
    let hash = hash_of(&ciphertext);
    assert!(shown.windows(32).any(|window| window == hash));
    let last = scene.log().pop().unwrap();
    assert!(matches!(last.event, Logged::Kit(_)), "the settlement");
}

#[test]
fn a_lost_right_to_write_is_lost_at_once() {
    let scene = Scene::with_space();
    let end = scene.world.now().after(Timestamp::SECOND);
    scene
        .share_until(1, 2, Role::Writer, Some(end.0), false)
        .unwrap();
    scene.put(2, "a", 0, 1, b"one").unwrap();
    scene.pass(Timestamp::SECOND);
    let refused = Err(VaultError::NoSuchSpace);
    assert_eq!(scene.put(2, "a", 1, 1, b"two"), refused);
}
