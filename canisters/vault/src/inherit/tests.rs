//! The switch opens for enough heirs, after interval, grace and contest window, and not a nanosecond before; and never while an owner lives.

use super::*;
use crate::fake::person;
use crate::heirs::{PlanError, SHORTEST};
use crate::scene::Scene;
use canister_kit::encoding::Timestamp;

const DAY: u64 = Timestamp::DAY;

/// Two of the persons 11, 12 and 13, after 30 days and 5 days of grace; 10 days to contest.
fn plan() -> RawPlan {
    RawPlan {
        heirs: [11, 12, 13].map(person).to_vec(),
        needed: 2,
        interval_seconds: 30 * 86_400,
        grace_seconds: 5 * 86_400,
        contest_seconds: 10 * 86_400,
    }
}

/// Something that an owner does.
type Act = fn(&Scene);

/// With a member and the plan in force.
fn scene() -> Scene {
    let scene = Scene::with_space();
    scene.put(1, "will", 0, 1, b"the will").unwrap();
    scene.share(1, 2, Role::Writer, false).unwrap();
    scene.set_heirs(1, Some(&plan())).unwrap();
    scene
}

fn early(scene: &Scene, nanoseconds: u64) -> VaultError {
    let at = scene.world.now().after(nanoseconds).0;
    VaultError::TooEarly { at }
}

#[test]
fn two_of_three_heirs_inherit_after_all_three_times_and_not_a_nanosecond_before() {
    let scene = scene();
    scene.pass(35 * DAY - 1);
    let refused = early(&scene, 1);
    assert_eq!(scene.claim(11), Err(refused));
    scene.pass(1);
    scene.claim(11).unwrap();
    assert_eq!(scene.inherit(11), Err(VaultError::TooFewClaims));
    scene.pass(DAY);
    scene.upgrade();
    let view = scene.claim(13).unwrap();
    let opens_at = scene.world.now().after(10 * DAY).0;
    assert_eq!(view.opens_at, Some(opens_at));
    // A third claim, and one that is repeated, change nothing.
    scene.pass(DAY);
    assert_eq!(scene.claim(12).unwrap().opens_at, Some(opens_at));
    assert_eq!(scene.claim(13).unwrap().opens_at, Some(opens_at));
    scene.pass(9 * DAY - 1);
    let refused = early(&scene, 1);
    for heir in [11, 12, 13] {
        assert_eq!(scene.inherit(heir), Err(refused.clone()));
        assert_eq!(scene.see(heir), None);
    }
    scene.pass(1);
    scene.upgrade();
    assert_eq!(scene.inherit(12), Ok(()));
    for heir in [11, 12, 13] {
        let space = scene.see(heir).unwrap();
        assert_eq!((space.role, space.from_epoch), (Role::Owner, 1));
        assert!(scene.key(heir, 1, heir as u8).is_ok());
    }
    assert_eq!(scene.inherit(11), Err(VaultError::NoSuchSpace));
    scene.holds_together();
}

#[test]
fn every_update_by_an_owner_is_a_sign_of_life_and_those_of_others_are_none() {
    let acts: [(&str, Act); 5] = [
        ("alive", |scene| {
            scene.alive(1).unwrap();
        }),
        ("put", |scene| {
            scene.put(1, "note", 0, 1, b"I live").unwrap();
        }),
        ("key", |scene| {
            scene.key(1, 1, 9).unwrap();
        }),
        ("rotate", |scene| {
            scene.rotate(1).unwrap();
        }),
        ("share", |scene| {
            scene.share(1, 3, Role::Reader, false).unwrap();
        }),
    ];
    for (name, act) in acts {
        let scene = scene();
        scene.pass(35 * DAY);
        scene.put(2, "other", 0, 1, b"a member lives").unwrap();
        scene.claim(11).unwrap();
        scene.claim(12).unwrap();
        scene.pass(10 * DAY - 1);
        act(&scene);
        scene.pass(1);
        assert_eq!(scene.inherit(11), Err(VaultError::TooFewClaims), "{name}");
        let refused = early(&scene, 35 * DAY - 1);
        assert_eq!(scene.claim(11), Err(refused), "{name}");
    }
}

#[test]
fn an_owner_who_comes_back_late_still_stops_it_before_it_is_opened() {
    let scene = scene();
    scene.pass(35 * DAY);
    scene.claim(11).unwrap();
    scene.claim(12).unwrap();
    scene.pass(100 * DAY);
    scene.alive(1).unwrap();
    assert_eq!(scene.inherit(11), Err(VaultError::TooFewClaims));
}

#[test]
fn only_owners_name_heirs_and_only_heirs_claim() {
    let scene = scene();
    let needed = Role::Owner;
    let refused = Err(VaultError::NeedsRole { needed });
    assert_eq!(scene.set_heirs(2, None), refused);
    assert_eq!(scene.alive(2).map(|_| ()), refused);
    scene.pass(60 * DAY);
    let nothing = VaultError::NoSuchSpace;
    for stranger in [1, 2, 14] {
        assert_eq!(scene.claim(stranger), Err(nothing.clone()));
        assert_eq!(scene.inherit(stranger), Err(nothing.clone()));
    }
    let seen = |who| {
        heirs(
            &scene.kit.borrow(),
            &scene.world,
            person(who),
            crate::scene::first(),
        )
    };
    assert!([1, 2, 11].into_iter().all(|who| seen(who).is_ok()));
    assert_eq!(seen(14), Err(nothing));
    scene.claim(11).unwrap();
    scene.set_heirs(1, None).unwrap();
    assert_eq!(seen(1), Err(VaultError::NoHeirs));
    assert_eq!(seen(11), Err(VaultError::NoSuchSpace));
    assert_eq!(scene.claim(12), Err(VaultError::NoSuchSpace));
    assert_eq!(scene.alive(1), Err(VaultError::NoHeirs));
}

#[test]
fn heirs_get_the_epochs_that_whoever_named_them_may_read() {
    let scene = Scene::with_space();
    scene.rotate(1).unwrap();
    scene.share(1, 2, Role::Owner, false).unwrap();
    scene.set_heirs(2, Some(&plan())).unwrap();
    scene.pass(35 * DAY);
    scene.claim(11).unwrap();
    scene.claim(12).unwrap();
    scene.pass(10 * DAY);
    scene.inherit(11).unwrap();
    assert_eq!(scene.see(13).unwrap().from_epoch, 2);
}

#[test]
fn plans_that_cannot_be_meant_are_refused() {
    let scene = scene();
    let refused = |change: fn(&mut RawPlan)| {
        let mut plan = plan();
        change(&mut plan);
        match scene.set_heirs(1, Some(&plan)) {
            Err(VaultError::Plan(reason)) => reason,
            other => panic!("{other:?}"),
        }
    };
    let none = refused(|plan| plan.heirs.clear());
    assert_eq!(none, PlanError::Heirs { heirs: 0 });
    let many = refused(|plan| plan.heirs = (11..22).map(person).collect());
    assert_eq!(many, PlanError::Heirs { heirs: 11 });
    let twice = refused(|plan| plan.heirs[2] = person(11));
    assert_eq!(twice, PlanError::Twice(person(11)));
    let owner = refused(|plan| plan.heirs[2] = person(1));
    assert_eq!(owner, PlanError::NoHeir(person(1)));
    let nobody = refused(|plan| plan.heirs[2] = Principal::anonymous());
    assert_eq!(nobody, PlanError::NoHeir(Principal::anonymous()));
    for needed in [0, 4] {
        let heirs = 3;
        let expected = PlanError::Needed { needed, heirs };
        let change: fn(&mut RawPlan) = match needed {
            0 => |plan| plan.needed = 0,
            _ => |plan| plan.needed = 4,
        };
        assert_eq!(refused(change), expected);
    }
    let changes: [fn(&mut RawPlan); 3] = [
        |plan| plan.interval_seconds = SHORTEST - 1,
        |plan| plan.contest_seconds = 0,
        |plan| plan.grace_seconds = u64::MAX,
    ];
    for change in changes {
        assert!(matches!(refused(change), PlanError::Times { .. }));
    }
}
