//! Every refusal of making and entering draws, and what they cost.

use crate::create::COST;
use crate::draw::DrawId;
use crate::enter;
use crate::error::DrawsError;
use crate::read;
use crate::scene::{Scene, ticket, wish};
use crate::shape::{DrawView, Entrants, EntryView, Kind, NewDraw, Source, Stage};
use crate::world::{FEE, Fate};
use canister_kit::encoding::Timestamp;
use canister_kit::{Refusal, UsageStanding};
use draw_proof::beacon::Round;

fn left(scene: &Scene) -> u128 {
    match scene.kit.borrow().usage(&scene.world).standing {
        UsageStanding::LeftToday(left) => left,
        other => panic!("{other:?}"),
    }
}

fn shuffle(scene: &Scene) -> NewDraw {
    wish(scene, Kind::Shuffle, Source::VrfAndRawRand)
}

fn create(scene: &Scene, request_id: u8, wish: NewDraw) -> Result<DrawView, DrawsError> {
    scene.create(1, request_id, wish).unwrap()
}

#[test]
fn refuses_specifications_that_break_a_rule() {
    let scene = Scene::new();
    let broken = |change: &dyn Fn(&mut NewDraw)| {
        let mut wish = shuffle(&scene);
        change(&mut wish);
        let refused = create(&scene, 1, wish);
        assert!(matches!(refused, Err(DrawsError::Spec(_))), "{refused:?}");
    };
    broken(&|wish| wish.title.clear());
    broken(&|wish| wish.title = "x".repeat(101));
    broken(&|wish| wish.kind = Kind::Raffle { winners: 0 });
    broken(&|wish| wish.kind = Kind::Dice { count: 1, sides: 1 });
    broken(&|wish| {
        wish.kind = Kind::Lottery {
            count: 7,
            highest: 6,
        };
    });
    broken(&|wish| wish.entrants = Entrants::Anyone { each: 0 });
    broken(&|wish| wish.entrants = Entrants::Creator { most_weight: 0 });
    broken(&|wish| wish.most_entries = 200_001);
    let round = Round::after(shuffle(&scene).closes_at).0 - 1;
    let canister = crate::fake::person(7);
    broken(&|wish| wish.source = Some(Source::Beacon { canister, round }));
}

#[test]
fn refuses_closing_times_that_are_over_or_far_ahead() {
    let scene = Scene::new();
    let now = scene.world.fake.now.get();
    let (after, at_latest) = (now.0, now.after(400 * Timestamp::DAY).0);
    let refused = Err(DrawsError::ClosingTime { after, at_latest });
    for closes_at in [0, after, at_latest + 1] {
        let wish = NewDraw {
            closes_at,
            ..shuffle(&scene)
        };
        assert_eq!(create(&scene, 1, wish), refused);
    }
}

#[test]
fn a_repeated_request_gets_the_draw_of_the_first_also_after_its_closing_time() {
    let scene = Scene::new();
    let wish = shuffle(&scene);
    let made = create(&scene, 1, wish.clone()).unwrap();
    let before = left(&scene);
    scene.world.fake.pass(2 * Timestamp::DAY);
    assert_eq!(create(&scene, 1, wish.clone()), Ok(made));
    scene
        .world
        .fake
        .now
        .set(Timestamp(scene.world.fake.now.get().0 - 2 * Timestamp::DAY));
    assert_eq!(left(&scene), before);
    let other = NewDraw {
        title: "Another".to_owned(),
        ..wish
    };
    let reused = Err(DrawsError::Refused(Refusal::RequestIdReused));
    assert_eq!(create(&scene, 1, other), reused);
    assert_eq!(read::list(&scene.kit.borrow(), DrawId(0), 10).len(), 1);
}

#[test]
fn a_draw_pays_for_its_signature_when_it_is_made() {
    let scene = Scene::new();
    let paid = |source| {
        let scene = Scene::new();
        let before = left(&scene);
        scene.made(Kind::Shuffle, source, 0);
        before - left(&scene)
    };
    assert_eq!(paid(Source::VrfAndRawRand), COST.plus(FEE).0);
    assert_eq!(paid(Source::Vrf), COST.plus(FEE).0);
    assert_eq!(paid(Source::RawRand), COST.0);
    let draw = scene.made(Kind::Shuffle, Source::VrfAndRawRand, 0);
    let before = left(&scene);
    scene
        .enter_batch(1, 7, draw, vec![ticket(1), ticket(2)])
        .unwrap();
    assert_eq!(before - left(&scene), enter::COST.times(2).0);
    let before = left(&scene);
    scene
        .enter_batch(1, 7, draw, vec![ticket(1), ticket(2)])
        .unwrap();
    scene.wait_for_close(draw);
    scene.close(9, draw).unwrap().unwrap();
    scene.draw(9, draw).unwrap().unwrap();
    scene.finalize(9, draw, 10).unwrap();
    scene
        .world
        .fake
        .now
        .set(Timestamp(scene.world.fake.now.get().0 - Timestamp::DAY));
    assert_eq!(before, left(&scene));
    assert_eq!(scene.get(draw).entries, 2);
}

#[test]
fn a_draw_whose_facts_did_not_come_is_not_made_and_costs_nothing() {
    let scene = Scene::new();
    let before = left(&scene);
    scene.world.next(&[Fate::Rejected(2)]);
    let failed = create(&scene, 1, shuffle(&scene));
    assert!(matches!(failed, Err(DrawsError::Silent(_))), "{failed:?}");
    assert_eq!(before, left(&scene));
    // Lost, the outcome is unknown to the journal; but a draw is recorded last, so it is taken up again.
    scene.world.next(&[Fate::Lost]);
    assert_eq!(scene.create(1, 1, shuffle(&scene)), None);
    scene.upgrade();
    let made = create(&scene, 1, shuffle(&scene)).unwrap();
    assert_eq!((made.id, made.stage), (1, Stage::Open));
    assert_eq!(before - left(&scene), COST.plus(FEE).0);
    let none = read::get(&scene.kit.borrow(), DrawId(2));
    assert_eq!(none, Err(DrawsError::NoSuchDraw));
}

#[test]
fn one_person_has_no_more_entries_than_the_specification_says() {
    let scene = Scene::new();
    let wish = NewDraw {
        entrants: Entrants::Anyone { each: 2 },
        most_entries: 3,
        ..shuffle(&scene)
    };
    let draw = create(&scene, 1, wish).unwrap().id;
    scene.enter(5, 1, draw, b"").unwrap();
    // The same request again enters once.
    scene.enter(5, 1, draw, b"").unwrap();
    scene.enter(5, 2, draw, b"").unwrap();
    let hoard = scene.enter(5, 3, draw, b"");
    assert_eq!(hoard, Err(DrawsError::TooManyOfOne { each: 2 }));
    scene.enter(6, 1, draw, b"").unwrap();
    let full = scene.enter(7, 1, draw, b"");
    assert_eq!(full, Err(DrawsError::Full { left: 0 }));
    let long = scene.enter(6, 2, draw, &[0; 65]);
    assert_eq!(long, Err(DrawsError::Full { left: 0 }));
    assert_eq!(scene.get(draw).entries, 3);
    // Nobody enters others here, the creator included.
    let batch = scene.enter_batch(1, 4, draw, vec![ticket(1)]);
    assert_eq!(batch, Err(DrawsError::OtherEntrants));
}

#[test]
fn only_the_creator_enters_where_the_creator_enters() {
    let scene = Scene::new();
    let draw = scene.made(Kind::Shuffle, Source::Vrf, 1);
    let other = Err(DrawsError::OtherEntrants);
    assert_eq!(scene.enter_batch(2, 1, draw, vec![ticket(1)]), other);
    assert_eq!(scene.enter(1, 2, draw, b""), other);
    let none = scene.enter(1, 3, 99, b"");
    assert_eq!(none, Err(DrawsError::NoSuchDraw));
}

#[test]
fn a_batch_is_entered_whole_or_not_at_all() {
    let scene = Scene::new();
    let draw = scene.made(Kind::Shuffle, Source::Vrf, 0);
    let length = Err(DrawsError::BatchLength);
    assert_eq!(scene.enter_batch(1, 7, draw, Vec::new()), length);
    let many = (0..1001).map(ticket).collect();
    assert_eq!(scene.enter_batch(1, 7, draw, many), length);
    let heavy = EntryView {
        weight: 11,
        ..ticket(1)
    };
    let light = EntryView {
        weight: 0,
        ..ticket(1)
    };
    for bad in [heavy, light] {
        let refused = scene.enter_batch(1, 7, draw, vec![ticket(0), bad]);
        assert!(matches!(refused, Err(DrawsError::Entry(_))), "{refused:?}");
    }
    assert_eq!(scene.get(draw).entries, 0);
}

#[test]
fn transcripts_and_proofs_are_told_of_what_there_is() {
    let scene = Scene::new();
    let draw = scene.made(Kind::Shuffle, Source::Vrf, 3);
    let result = |part| read::result(&scene.kit.borrow(), &scene.world, DrawId(draw), part);
    assert_eq!(result(0), Err(DrawsError::NotFinal));
    let proof = |index| read::entry_proof(&scene.kit.borrow(), DrawId(draw), index);
    assert_eq!(proof(3), Err(DrawsError::OutOfRange));
    assert!(proof(2).is_ok());
    scene.end(draw);
    assert_eq!(result(0).unwrap().parts, 3);
    assert_eq!(result(3), Err(DrawsError::OutOfRange));
    assert_eq!(result(u32::MAX), Err(DrawsError::OutOfRange));
}
