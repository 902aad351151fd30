//! Nobody can choose a seed: not by trying again, not by making calls fail, not by coming late.

use crate::draw::DrawId;
use crate::error::DrawsError;
use crate::fake::person;
use crate::scene::{Scene, ticket};
use crate::seeding::{self, Started};
use crate::shape::{Kind, Source, Stage};
use crate::world::Fate;
use candid::Principal;
use canister_kit::encoding::Timestamp;
use draw_proof::beacon::Round;
use draw_proof::verify::Flag;

const KIND: Kind = Kind::Raffle { winners: 5 };

fn closed(source: Source) -> (Scene, u64) {
    let scene = Scene::new();
    let draw = scene.made(KIND, source, 50);
    scene.wait_for_close(draw);
    scene.close(2, draw).unwrap().unwrap();
    (scene, draw)
}

fn later(scene: &Scene) {
    scene.world.fake.pass(10 * Timestamp::SECOND);
}

#[test]
fn drawing_again_changes_nothing() {
    for source in [Source::Vrf, Source::RawRand, Source::VrfAndRawRand] {
        let (scene, draw) = closed(source);
        let first = scene.draw(3, draw).unwrap().unwrap();
        assert_eq!((first.stage, first.attempts), (Stage::Drawn, 1));
        for by in [3, 4, 1] {
            later(&scene);
            assert_eq!(scene.draw(by, draw).unwrap(), Ok(first.clone()));
        }
        scene.finalize(3, draw, 1000).unwrap();
        let ended = scene.draw(3, draw).unwrap().unwrap();
        assert_eq!(ended.seed, first.seed);
        let closed_again = scene.close(3, draw).unwrap().unwrap();
        assert_eq!(closed_again, ended);
    }
}

/// Facts, key and fresh value are asked for in the order key, facts, raw_rand, signature.
#[test]
fn a_failed_signature_is_tried_again_with_what_was_fixed_before() {
    let (undisturbed, draw) = closed(Source::VrfAndRawRand);
    undisturbed.draw(3, draw).unwrap().unwrap();
    let (scene, draw) = closed(Source::VrfAndRawRand);
    let answered = Fate::Answered;
    let bad = [
        [answered, answered, answered, Fate::Rejected(6)],
        [Fate::Forged, answered, answered, answered],
    ];
    scene.world.next(&bad[0]);
    let failed = scene.draw(3, draw).unwrap();
    assert!(matches!(failed, Err(DrawsError::Silent(_))), "{failed:?}");
    assert_eq!(scene.get(draw).moments.len(), 3);
    later(&scene);
    // Now the first call is for the signature.
    scene.world.next(&bad[1]);
    let forged = scene.draw(4, draw).unwrap();
    assert!(matches!(forged, Err(DrawsError::Silent(_))), "{forged:?}");
    later(&scene);
    scene.upgrade();
    scene.world.next(&[Fate::Lost]);
    assert_eq!(scene.draw(5, draw), None);
    later(&scene);
    let drawn = scene.draw(6, draw).unwrap().unwrap();
    assert_eq!(drawn.attempts, 4);
    assert_eq!(drawn.seed, undisturbed.get(draw).seed);
    assert_eq!(scene.world.more.tape.get(), 2, "one fresh value was drawn");
    scene.finalize(7, draw, 1000).unwrap();
    let flags = scene.verdict(draw).unwrap().flags;
    assert_eq!(flags, [Flag::Attempts(4)]);
}

#[test]
fn what_could_not_be_fixed_is_asked_for_again_and_every_attempt_is_published() {
    let answered = Fate::Answered;
    let (scene, draw) = closed(Source::VrfAndRawRand);
    let fates: [&[Fate]; 4] = [
        &[Fate::Rejected(2)],
        &[Fate::Forged],
        &[answered, Fate::Rejected(2)],
        &[answered, answered, Fate::Lost],
    ];
    for fates in fates {
        scene.world.next(fates);
        let failed = scene.draw(3, draw);
        assert!(!matches!(failed, Some(Ok(_))), "{failed:?}");
        assert_eq!(scene.get(draw).moments.len(), 2);
        later(&scene);
    }
    let drawn = scene.draw(3, draw).unwrap().unwrap();
    assert_eq!(drawn.attempts, 5);
    scene.finalize(3, draw, 1000).unwrap();
    let flags = scene.verdict(draw).unwrap().flags;
    assert_eq!(flags, [Flag::Attempts(5)]);
}

#[test]
fn nobody_tries_again_at_once() {
    let (scene, draw) = closed(Source::Vrf);
    scene.world.next(&[Fate::Rejected(2)]);
    scene.draw(3, draw).unwrap().unwrap_err();
    let at = scene.world.fake.now.get().after(10 * Timestamp::SECOND).0;
    let refused = Some(Err(DrawsError::TriedJustNow { at }));
    assert_eq!(scene.draw(4, draw), refused);
    later(&scene);
    assert!(scene.draw(4, draw).unwrap().is_ok());
}

#[test]
fn while_one_caller_draws_another_is_refused() {
    let (scene, draw) = closed(Source::Vrf);
    let caller = scene.call_as(3);
    let begun = seeding::begin(
        &mut scene.kit.borrow_mut(),
        &scene.world,
        caller,
        DrawId(draw),
    );
    let Ok(Started::Run(running)) = begun else {
        panic!("the draw can be drawn");
    };
    later(&scene);
    let refused = Some(Err(DrawsError::BeingWorkedOn));
    assert_eq!(scene.draw(4, draw), refused);
    drop(running);
    assert!(scene.draw(4, draw).unwrap().is_ok());
}

#[test]
fn entries_are_fixed_before_anything_random_is_asked_for() {
    let scene = Scene::new();
    let draw = scene.made(KIND, Source::VrfAndRawRand, 10);
    assert_eq!(scene.draw(3, draw), Some(Err(DrawsError::NotClosed)));
    assert_eq!(scene.finalize(3, draw, 1), Err(DrawsError::NotDrawn));
    scene.wait_for_close(draw);
    // The closing time alone keeps entries out, closed or not.
    let late = || scene.enter_batch(1, 9, draw, vec![ticket(11)]);
    assert_eq!(late(), Err(DrawsError::ClosedForEntries));
    assert_eq!(scene.draw(3, draw), Some(Err(DrawsError::NotClosed)));
    let closed = scene.close(3, draw).unwrap().unwrap();
    assert_eq!(late(), Err(DrawsError::ClosedForEntries));
    assert_eq!(scene.world.more.tape.get(), 1);
    assert_eq!(scene.finalize(3, draw, 1), Err(DrawsError::NotDrawn));
    scene.draw(3, draw).unwrap().unwrap();
    assert_eq!(late(), Err(DrawsError::ClosedForEntries));
    scene.finalize(3, draw, 1000).unwrap();
    assert_eq!(late(), Err(DrawsError::ClosedForEntries));
    assert_eq!(scene.get(draw).root, closed.root);
}

#[test]
fn nobody_closes_early_whoever_asks() {
    let scene = Scene::new();
    let draw = scene.made(KIND, Source::Vrf, 10);
    let at = scene.get(draw).closes_at;
    scene.world.fake.now.set(Timestamp(at - 1));
    for by in [1, 2, 50, 100] {
        let refused = Some(Err(DrawsError::NotYet { at }));
        assert_eq!(scene.close(by, draw), refused);
    }
    scene.world.fake.now.set(Timestamp(at));
    assert!(scene.close(9, draw).unwrap().is_ok());
}

#[test]
fn a_close_without_facts_is_repeated() {
    let scene = Scene::new();
    let draw = scene.made(KIND, Source::Vrf, 10);
    scene.wait_for_close(draw);
    scene.world.next(&[Fate::Rejected(2)]);
    let failed = scene.close(2, draw).unwrap();
    assert!(matches!(failed, Err(DrawsError::Silent(_))));
    scene.world.next(&[Fate::Lost]);
    assert_eq!(scene.close(2, draw), None);
    assert_eq!(scene.get(draw).stage, Stage::Open);
    assert_eq!(scene.close(2, draw).unwrap().unwrap().stage, Stage::Closed);
}

#[test]
fn a_beacons_round_is_waited_for_and_another_one_is_refused() {
    let scene = Scene::new();
    let closes_at = scene.world.fake.now.get().after(Timestamp::DAY).0;
    let round = Round::after(closes_at).0 + 3;
    let source = Source::Beacon {
        canister: person(77),
        round,
    };
    let draw = scene.made(KIND, source, 50);
    scene.wait_for_close(draw);
    scene.close(2, draw).unwrap().unwrap();
    let at = Round(round).drawn_from().unwrap();
    scene.world.fake.now.set(Timestamp(at - 1));
    assert_eq!(scene.draw(3, draw), Some(Err(DrawsError::NotYet { at })));
    scene.world.fake.now.set(Timestamp(at));
    // Key and facts come; the beacon tells the next round instead of this one.
    scene
        .world
        .next(&[Fate::Answered, Fate::Answered, Fate::Forged]);
    let failed = scene.draw(3, draw).unwrap();
    assert!(matches!(failed, Err(DrawsError::Silent(_))));
    later(&scene);
    scene.draw(3, draw).unwrap().unwrap();
    assert_eq!(scene.world.asked.get(), 0, "no key of the canister's own");
    scene.finalize(3, draw, 1000).unwrap();
    scene.verdict(draw).unwrap();
}

#[test]
fn different_fresh_values_draws_and_entries_have_different_seeds() {
    let seed = |prepare: &dyn Fn(&Scene) -> u64| {
        let scene = Scene::new();
        let draw = prepare(&scene);
        scene.end(draw).seed.unwrap()
    };
    let made = |scene: &Scene| scene.made(KIND, Source::VrfAndRawRand, 50);
    let seeds = [
        seed(&made),
        seed(&|scene| {
            scene.world.more.tape.set(7);
            made(scene)
        }),
        seed(&|scene| scene.made(KIND, Source::VrfAndRawRand, 49)),
        seed(&|scene| scene.made(KIND, Source::Vrf, 50)),
        seed(&|scene| {
            let wish = crate::scene::wish(scene, KIND, Source::Vrf);
            scene.create(8, 1, wish).unwrap().unwrap();
            scene.create(1, 2, crate::scene::wish(scene, KIND, Source::Vrf));
            made(scene)
        }),
    ];
    let all: std::collections::BTreeSet<_> = seeds.iter().collect();
    assert_eq!(all.len(), seeds.len());
    assert_eq!(seed(&made), seeds[0], "and the same ones the same");
}

#[test]
fn the_anonymous_principal_can_do_nothing_here() {
    let scene = Scene::new();
    scene.world.fake.call_as(Principal::anonymous());
    let caller = canister_kit::Caller::of(&scene.world);
    assert_eq!(caller, Err(canister_kit::Refusal::Anonymous));
}
