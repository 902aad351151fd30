//! Spaces are made once; members come and go by their roles; whoever goes takes the epoch with it.

use super::*;
use crate::fake::person;
use crate::read;
use crate::scene::{Scene, first};

fn needs(needed: Role) -> Result<(), VaultError> {
    Err(VaultError::NeedsRole { needed })
}

#[test]
fn a_space_is_made_once_and_its_maker_owns_it() {
    let scene = Scene::new();
    let made = scene.create(1, b"a").unwrap();
    assert_eq!((made.id, made.epoch, made.role), (1, 1, Role::Owner));
    assert_eq!((made.members, made.from_epoch), (1, 1));
    let events = scene.events();
    scene.upgrade();
    assert_eq!(scene.create(1, b"a"), Ok(made));
    assert_eq!(scene.events(), events);
    assert_eq!(scene.create(1, b"b").unwrap().id, 2);
    // A request's name is the caller's own.
    assert_eq!(scene.create(2, b"a").unwrap().id, 3);
    scene.call_as(1);
    let own = read::spaces(&scene.kit.borrow(), &scene.world, first(), 100);
    assert_eq!(own.iter().map(|space| space.id).collect::<Vec<_>>(), [1, 2]);
    scene.holds_together();
}

#[test]
fn a_paused_canister_makes_no_space_but_lets_members_be_revoked() {
    let scene = Scene::with_space();
    scene.share(1, 2, Role::Reader, false).unwrap();
    scene.call_as(50);
    let paused = scene.kit.borrow_mut().set_paused(&scene.world, true);
    assert_eq!(paused, Ok(()));
    assert_eq!(scene.create(1, b"b"), Err(Refusal::Paused.into()));
    assert_eq!(scene.revoke(1, 2), Ok(2));
}

#[test]
fn roles_decide_who_may_share_and_revoke() {
    let scene = Scene::with_space();
    scene.share(1, 2, Role::Manager, false).unwrap();
    scene.share(2, 3, Role::Writer, false).unwrap();
    scene.share(2, 4, Role::Reader, false).unwrap();
    // Who may at least: managers for readers and writers, owners for the rest.
    for by in [3, 4] {
        let shared = scene.share(by, 5, Role::Reader, false);
        assert_eq!(shared, needs(Role::Manager));
        assert_eq!(scene.revoke(by, 2).map(|_| ()), needs(Role::Manager));
        assert_eq!(scene.rotate(by).map(|_| ()), needs(Role::Manager));
    }
    for role in [Role::Manager, Role::Owner] {
        assert_eq!(scene.share(2, 5, role, false), needs(Role::Owner));
        assert_eq!(scene.share(2, 3, role, false), needs(Role::Owner));
    }
    assert_eq!(scene.share(2, 2, Role::Owner, false), needs(Role::Owner));
    assert_eq!(scene.share(2, 1, Role::Reader, false), needs(Role::Owner));
    assert_eq!(scene.revoke(2, 1).map(|_| ()), needs(Role::Owner));
    // Strangers learn nothing, and there is no other space.
    let nothing = Err(VaultError::NoSuchSpace);
    assert_eq!(scene.share(9, 9, Role::Owner, true), nothing);
    assert_eq!(scene.revoke(9, 2), Err(VaultError::NoSuchSpace));
    assert_eq!(scene.revoke(1, 9), Err(VaultError::NotAMember(person(9))));
    // Everyone may leave.
    assert_eq!(scene.revoke(4, 4), Ok(2));
    assert_eq!(scene.see(4), None);
    scene.holds_together();
}

#[test]
fn a_space_keeps_an_owner() {
    let scene = Scene::with_space();
    assert_eq!(scene.revoke(1, 1), Err(VaultError::LastOwner));
    let stepped_down = scene.share(1, 1, Role::Reader, false);
    assert_eq!(stepped_down, Err(VaultError::LastOwner));
    scene.share(1, 2, Role::Owner, true).unwrap();
    scene.share(1, 1, Role::Reader, false).unwrap();
    assert_eq!(scene.revoke(2, 2), Err(VaultError::LastOwner));
    assert_eq!(scene.revoke(2, 1), Ok(2));
}

#[test]
fn nobody_is_a_member_whom_nobody_or_everybody_can_be() {
    let scene = Scene::with_space();
    for who in [Principal::anonymous(), Principal::management_canister()] {
        let wish = Invitation::of(who, Role::Reader, None, false);
        let caller = scene.call_as(1);
        let shared = share(
            &mut scene.kit.borrow_mut(),
            &scene.world,
            caller,
            first(),
            wish,
        );
        assert_eq!(shared, Err(VaultError::NoMember(who)));
    }
}

#[test]
fn a_new_member_gets_the_epochs_from_its_own_on_unless_it_is_given_history() {
    let scene = Scene::with_space();
    scene.rotate(1).unwrap();
    scene.rotate(1).unwrap();
    scene.share(1, 2, Role::Manager, false).unwrap();
    scene.share(1, 3, Role::Manager, true).unwrap();
    assert_eq!(scene.see(2).unwrap().from_epoch, 3);
    assert_eq!(scene.see(3).unwrap().from_epoch, 1);
    // Nobody hands out more than it has.
    scene.share(2, 4, Role::Reader, true).unwrap();
    assert_eq!(scene.see(4).unwrap().from_epoch, 3);
    // A change of role keeps the first epoch; history can be added.
    scene.rotate(1).unwrap();
    scene.share(3, 4, Role::Writer, false).unwrap();
    assert_eq!(scene.see(4).unwrap().from_epoch, 3);
    scene.share(3, 4, Role::Writer, true).unwrap();
    assert_eq!(scene.see(4).unwrap().from_epoch, 1);
    // Whoever comes back begins anew.
    assert_eq!(scene.revoke(1, 4), Ok(5));
    scene.share(1, 4, Role::Reader, false).unwrap();
    assert_eq!(scene.see(4).unwrap().from_epoch, 5);
    scene.holds_together();
}

#[test]
fn a_membership_ends_to_the_nanosecond_and_takes_the_epoch_with_it() {
    let scene = Scene::with_space();
    let end = scene.world.now().after(Timestamp::DAY);
    scene
        .share_until(1, 2, Role::Writer, Some(end.0), false)
        .unwrap();
    scene.pass(Timestamp::DAY - 1);
    assert!(scene.see(2).is_some());
    scene.pass(1);
    assert_eq!(scene.see(2), None);
    scene.call_as(1);
    let members = read::members(&scene.kit.borrow(), &scene.world, first()).unwrap();
    assert_eq!(members.len(), 1);
    // The next update removes it, and what was prepared under the old epoch is refused.
    let stale = scene.put(1, "item", 0, 1, b"under the first epoch");
    assert_eq!(stale, Err(VaultError::StaleEpoch { current: 2 }));
    assert_eq!(scene.put(1, "item", 0, 2, b"under the second"), Ok(1));
    scene.share(1, 2, Role::Reader, false).unwrap();
    assert_eq!(scene.see(2).unwrap().from_epoch, 2);
    scene.holds_together();
}

#[test]
fn owners_do_not_expire_and_nobody_expires_in_the_past() {
    let scene = Scene::with_space();
    let now = scene.world.now().0;
    let refused = Err(VaultError::Expiry);
    let share = |role, end| scene.share_until(1, 2, role, Some(end), false);
    assert_eq!(share(Role::Owner, now + 1), refused);
    assert_eq!(share(Role::Reader, now), refused);
    assert_eq!(share(Role::Reader, now + 1), Ok(()));
}

#[test]
fn a_space_has_at_most_a_hundred_members() {
    let scene = Scene::with_space();
    for who in 2..=100 {
        scene.pass(2 * Timestamp::SECOND);
        scene.share(1, who, Role::Reader, false).unwrap();
    }
    scene.pass(2 * Timestamp::SECOND);
    let full = VaultError::too_much(Limit::Members, 100);
    assert_eq!(scene.share(1, 101, Role::Reader, false), Err(full));
    assert_eq!(scene.share(1, 100, Role::Writer, false), Ok(()));
}
