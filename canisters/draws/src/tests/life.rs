//! The whole life of draws, and what survives in it.

use crate::draw::DrawId;
use crate::event::DrawsEvent;
use crate::fake::person;
use crate::read;
use crate::scene::{Scene, ticket, wish};
use crate::shape::{Entrants, EntryView, Kind, NewDraw, Source, Stage};
use candid::Principal;
use canister_kit::encoding::Timestamp;
use canister_kit::{Logged, Stamped};
use draw_proof::beacon::Round;
use draw_proof::entry::Entry;
use draw_proof::merkle::{Sibling, check};
use draw_proof::verify::{Flag, Grade};
use serde_bytes::ByteBuf;

const KINDS: [Kind; 4] = [
    Kind::Raffle { winners: 3 },
    Kind::Shuffle,
    Kind::Dice { count: 5, sides: 6 },
    Kind::Lottery {
        count: 6,
        highest: 49,
    },
];

fn sources(scene: &Scene) -> [(Source, Grade); 4] {
    let closes_at = scene.world.fake.now.get().after(Timestamp::DAY).0;
    let beacon = Source::Beacon {
        canister: person(77),
        round: Round::after(closes_at).0,
    };
    [
        (Source::Vrf, Grade::Verifiable),
        (Source::RawRand, Grade::Unproven),
        (Source::VrfAndRawRand, Grade::VerifiableAndFresh),
        (beacon, Grade::VerifiableBeacon),
    ]
}

#[test]
fn every_kind_from_every_source_ends_with_a_transcript_that_verifies() {
    let sources = sources(&Scene::new());
    for (source, grade) in sources {
        for kind in KINDS {
            let scene = Scene::new();
            let draw = scene.made(kind, source, 20);
            let ended = scene.end(draw);
            assert_eq!((ended.stage, ended.attempts), (Stage::Final, 1));
            let verdict = scene.verdict(draw).unwrap();
            assert_eq!((verdict.grade, verdict.flags), (grade, Vec::new()));
            assert_eq!(verdict.outcome, scene.outcome(draw));
            assert_eq!(verdict.digest, ended.digest.unwrap().as_slice());
        }
    }
}

#[test]
fn without_a_word_about_it_the_source_is_vrf_and_raw_rand() {
    let scene = Scene::new();
    let said = NewDraw {
        source: None,
        ..wish(&scene, Kind::Shuffle, Source::Vrf)
    };
    let draw = scene.create(1, 1, said).unwrap().unwrap().id;
    scene.end(draw);
    let grade = scene.verdict(draw).unwrap().grade;
    assert_eq!(grade, Grade::VerifiableAndFresh);
}

#[test]
fn a_draw_without_entries_ends_too() {
    for kind in KINDS {
        let scene = Scene::new();
        let draw = scene.made(kind, Source::VrfAndRawRand, 0);
        scene.end(draw);
        scene.verdict(draw).unwrap();
    }
}

#[test]
fn in_a_raffle_of_300_entries_entry_299_can_win() {
    // A byte as an index, or modulo 300, would never reach it.
    let scene = Scene::new();
    let kind = Kind::Raffle { winners: 300 };
    let draw = scene.made(kind, Source::Vrf, 300);
    scene.end(draw);
    let mut winners = scene.outcome(draw);
    assert!(winners.contains(&299));
    winners.sort_unstable();
    assert_eq!(winners, (0..300).collect::<Vec<_>>());
}

#[test]
fn an_upgrade_at_every_stage_changes_nothing() {
    let (one, other) = (Scene::new(), Scene::new());
    let ends = [&one, &other].map(|scene| {
        let draw = scene.made(Kind::Raffle { winners: 30 }, Source::VrfAndRawRand, 100);
        let upgrade = || {
            if std::ptr::eq(scene, &other) {
                scene.upgrade();
            }
        };
        upgrade();
        scene.wait_for_close(draw);
        upgrade();
        scene.close(2, draw).unwrap().unwrap();
        upgrade();
        scene.draw(3, draw).unwrap().unwrap();
        upgrade();
        // The work that is on the heap is done again up to where it was.
        for _ in 0..30 {
            scene.finalize(4, draw, 7).unwrap();
        }
        upgrade();
        for _ in 0..100 {
            scene.finalize(4, draw, 21).unwrap();
            if scene.get(draw).given == 10 {
                upgrade();
            }
        }
        upgrade();
        assert_eq!(scene.get(draw).stage, Stage::Final);
        scene.verdict(draw).unwrap();
        scene.transcript(draw)
    });
    assert_eq!(ends[0], ends[1]);
}

#[test]
fn finalizing_in_any_steps_by_anyone_gives_the_same() {
    let transcripts = [1, 2, 13, 1000].map(|steps| {
        let scene = Scene::new();
        let draw = scene.made(Kind::Raffle { winners: 20 }, Source::VrfAndRawRand, 40);
        scene.wait_for_close(draw);
        scene.close(2, draw).unwrap().unwrap();
        scene.draw(3, draw).unwrap().unwrap();
        let mut by = 10;
        while scene.get(draw).stage != Stage::Final {
            by += 1;
            scene.finalize(by, draw, steps).unwrap();
        }
        // Finalizing again changes nothing.
        scene.finalize(by, draw, steps).unwrap();
        scene.transcript(draw)
    });
    assert!(transcripts.windows(2).all(|pair| pair[0] == pair[1]));
}

#[test]
fn a_large_draw_is_finalized_in_bounded_messages_beside_others() {
    let scene = Scene::new();
    let kind = Kind::Raffle { winners: 2000 };
    let draw = scene.made(kind, Source::VrfAndRawRand, 3000);
    let wish = wish(&scene, Kind::Shuffle, Source::RawRand);
    let small = scene.create(9, 9, wish).unwrap().unwrap().id;
    scene.wait_for_close(small);
    for draw in [draw, small] {
        scene.close(2, draw).unwrap().unwrap();
        scene.draw(3, draw).unwrap().unwrap();
    }
    let mut messages = 0;
    while scene.get(draw).stage != Stage::Final {
        let before = scene.get(draw).given;
        let after = scene.finalize(4, draw, 500).unwrap().given;
        assert!(after - before <= 500);
        messages += 1;
        scene.finalize(5, small, 1).unwrap();
    }
    assert_eq!(messages, 3000 / 500 + 2000 / 500);
    scene.verdict(draw).unwrap();
    scene.verdict(small).unwrap();
}

#[test]
fn a_pause_stops_what_begins_and_never_what_has_begun() {
    let scene = Scene::new();
    let draw = scene.made(Kind::Shuffle, Source::VrfAndRawRand, 5);
    scene.world.fake.call_as(person(50));
    let mut kit = scene.kit.borrow_mut();
    kit.set_paused(&scene.world, true).unwrap();
    drop(kit);
    let paused = Err(crate::error::DrawsError::Refused(
        canister_kit::Refusal::Paused,
    ));
    let wish = wish(&scene, Kind::Shuffle, Source::Vrf);
    assert_eq!(scene.create(1, 7, wish), Some(paused.clone()));
    assert_eq!(scene.enter_batch(1, 8, draw, vec![ticket(9)]), paused);
    scene.end(draw);
    scene.verdict(draw).unwrap();
}

#[test]
fn a_controllers_changes_at_any_stage_stand_in_the_transcript() {
    let scene = Scene::new();
    let draw = scene.made(Kind::Shuffle, Source::VrfAndRawRand, 5);
    let change = |module| {
        let mut facts = scene.world.more.facts.get();
        facts.total_changes += 1;
        facts.last_install = Some(scene.world.fake.now.get().0);
        facts.module_hash = Some([module; 32]);
        scene.world.more.facts.set(facts);
    };
    // Another code before the close, and ours again.
    change(8);
    change(7);
    scene.wait_for_close(draw);
    scene.close(2, draw).unwrap().unwrap();
    // A snapshot of the time before the seed.
    change(7);
    scene.draw(3, draw).unwrap().unwrap();
    // What comes after the seed changes nothing about it.
    change(9);
    scene.finalize(4, draw, 100).unwrap();
    let flags = scene.verdict(draw).unwrap().flags;
    use draw_proof::history::Moments::{Closed, Created};
    let changed = |after, changes| Flag::Changed {
        after,
        changes,
        other_module: false,
    };
    assert_eq!(flags, [changed(Created, 2), changed(Closed, 1)]);
}

#[test]
fn people_enter_for_themselves_and_prove_it() {
    let scene = Scene::new();
    let wish = NewDraw {
        entrants: Entrants::Anyone { each: 2 },
        ..wish(&scene, Kind::Raffle { winners: 1 }, Source::VrfAndRawRand)
    };
    let draw = scene.create(1, 1, wish).unwrap().unwrap().id;
    for by in 10..60 {
        scene.enter(by, 1, draw, b"first").unwrap();
        scene.enter(by, 2, draw, b"second").unwrap();
    }
    scene.upgrade();
    let ended = scene.end(draw);
    let verdict = scene.verdict(draw).unwrap();
    let kit = scene.kit.borrow();
    for index in 0..100u32 {
        let proof = read::entry_proof(&kit, DrawId(draw), index).unwrap();
        assert_eq!(proof.entry.who, Some(person(10 + index / 2)));
        let siblings: Vec<Sibling> = proof
            .siblings
            .iter()
            .map(|sibling| Sibling {
                on_the_left: sibling.on_the_left,
                top: sibling.top.as_slice().try_into().unwrap(),
            })
            .collect();
        let leaf = Entry::from(proof.entry).leaf(index);
        assert_eq!(proof.root, ended.root);
        let checked = check(&verdict.root, 100, index.into(), leaf, &siblings);
        assert_eq!(checked, Ok(()));
    }
    let listed = read::entries(&kit, DrawId(draw), 98, 10).unwrap();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[1].label, ByteBuf::from(*b"second"));
}

#[test]
fn an_entry_looks_as_it_was_entered() {
    let entered = [
        ticket(7),
        EntryView {
            who: Some(Principal::anonymous()),
            label: ByteBuf::new(),
            weight: 10,
        },
    ];
    for entry in entered {
        assert_eq!(EntryView::from(Entry::from(entry.clone())), entry);
    }
}

#[test]
fn replaying_the_log_gives_the_same_draws() {
    let scene = Scene::new();
    let draw = scene.made(Kind::Raffle { winners: 30 }, Source::VrfAndRawRand, 100);
    scene.end(draw);
    let other = Scene::new();
    let mut from = 0;
    loop {
        let page = scene.kit.borrow().audit_log(&scene.world, from, 100);
        for bytes in &page.events {
            let event: Stamped<Logged<DrawsEvent>> = minicbor::decode(bytes).unwrap();
            let stamp = event.stamp();
            if let Logged::Product(event) = event.event {
                other.kit.borrow_mut().record(stamp, event);
            }
        }
        from += page.events.len() as u64;
        if from == page.length {
            break;
        }
    }
    assert_eq!(other.get(draw), scene.get(draw));
    assert_eq!(other.transcript(draw), scene.transcript(draw));
}
