//! Draws on a network: from entries to a transcript that is verified offline, and everything that somebody might try.
//!
//! - In: the server and the modules that [`chainkey_tests::world`] finds. Only the client's public interface is used.
//! - Transcripts are verified by `draw-proof` under the public key that the network tells, as anybody would.

#[path = "draws/scene.rs"]
mod scene;

#[path = "draws/attacks.rs"]
mod attacks;

use chainkey_tests::beacon::BeaconCanister;
use chainkey_tests::draws::{Entrants, Kind, NewDraw, Source, Stage};
use chainkey_tests::wallet::person;
use chainkey_tests::world::local_args;
use draw_proof::merkle::{Sibling, check};
use draw_proof::verify::{Grade, RestsOn};
use draw_proof::vrf::BEACON_CONTEXT;
use scene::Scene;
use std::time::Instant;

const KINDS: [Kind; 4] = [
    Kind::Raffle { winners: 3 },
    Kind::Shuffle,
    Kind::Dice { count: 5, sides: 6 },
    Kind::Lottery {
        count: 6,
        highest: 49,
    },
];

#[test]
fn every_kind_from_every_source_of_the_canister_verifies_offline() {
    let scene = Scene::new();
    let draws = scene.draws();
    let by = person("creator");
    let sources = [
        (Source::Vrf, Grade::Verifiable, RestsOn::PublicKey),
        (Source::RawRand, Grade::Unproven, RestsOn::Nothing),
        (
            Source::VrfAndRawRand,
            Grade::VerifiableAndFresh,
            RestsOn::PublicKey,
        ),
    ];
    for (source, grade, rests_on) in sources {
        for kind in KINDS {
            let mut wish = draws.wish(kind.clone(), source.clone());
            wish.title = format!("{kind:?} {source:?}");
            let draw = draws.made(by, wish, 30).unwrap();
            let transcript = draws.end(by, draw).unwrap();
            let verdict = scene.verdict(&transcript).unwrap();
            assert_eq!((verdict.grade, &verdict.rests_on), (grade, &rests_on));
            assert_eq!(verdict.flags, [], "{kind:?} {source:?}");
            let shown = draws.get(draw).unwrap();
            assert_eq!(shown.stage, Stage::Final);
            assert_eq!(shown.digest.unwrap().as_slice(), verdict.digest);
        }
    }
}

#[test]
fn a_round_of_the_beacon_decides_draws_of_another_canister() {
    let scene = Scene::new();
    let (draws, by) = (scene.draws(), person("creator"));
    let beacon = BeaconCanister::install(&scene.world, &local_args()).unwrap();
    let closes_at = draws.wish(Kind::Shuffle, Source::Vrf).closes_at;
    let round = draw_proof::beacon::Round::after(closes_at).0;
    let asked = beacon.request(by, b"for the draw", Some(round)).unwrap();
    let source = Source::Beacon {
        canister: beacon.canister(),
        round,
    };
    let wish = draws.wish(Kind::Raffle { winners: 4 }, source);
    let draw = draws.made(by, wish, 20).unwrap();
    draws.wait_for_close(draw).unwrap();
    draws.close(by, draw).unwrap();
    draws.draw(by, draw).expect_err("the round is not drawn");
    beacon.wait_for(&asked);
    draws.draw(by, draw).expect_err("the round is not drawn");
    beacon
        .fulfil(candid::Principal::anonymous(), round)
        .unwrap();
    draws.pass(std::time::Duration::from_secs(10));
    draws.draw(by, draw).unwrap();
    draws.finish(by, draw).unwrap();
    let transcript = draws.transcript(draw).unwrap();
    let key = scene.public_key(beacon.canister(), BEACON_CONTEXT);
    let verdict = draw_proof::verify::verify(&transcript, &key).unwrap();
    assert_eq!(verdict.grade, Grade::VerifiableBeacon);
    scene
        .verdict(&transcript)
        .expect_err("another canister's key");
}

#[test]
fn people_enter_for_themselves_and_prove_that_they_are_in() {
    let scene = Scene::new();
    let (draws, by) = (scene.draws(), person("creator"));
    let wish = NewDraw {
        entrants: Entrants::Anyone { each: 1 },
        ..draws.wish(Kind::Raffle { winners: 1 }, Source::VrfAndRawRand)
    };
    let draw = draws.create(by, b"a", wish).unwrap().id;
    for number in 0..20 {
        let who = person(&format!("person {number}"));
        draws.enter(who, b"in", draw).unwrap();
    }
    let transcript = draws.end(person("anyone"), draw).unwrap();
    let verdict = scene.verdict(&transcript).unwrap();
    for index in 0..20 {
        let proof = draws.entry_proof(draw, index).unwrap();
        let who = person(&format!("person {index}"));
        assert_eq!(proof.entry.who, Some(who));
        let siblings = proof.siblings.iter().map(|sibling| Sibling {
            on_the_left: sibling.on_the_left,
            top: sibling.top.as_slice().try_into().unwrap(),
        });
        let siblings: Vec<Sibling> = siblings.collect();
        let leaf = draw_proof::entry::Entry {
            who: who.as_slice().to_vec(),
            label: proof.entry.label.into_vec(),
            weight: 1,
        }
        .leaf(index);
        let checked = check(&verdict.root, 20, index.into(), leaf, &siblings);
        assert_eq!(checked, Ok(()));
    }
}

#[test]
fn a_draw_survives_an_upgrade_at_every_stage() {
    let scene = Scene::new();
    let (draws, by) = (scene.draws(), person("creator"));
    let upgrade = || {
        let canister = draws.canister();
        scene.world.upgrade(canister, "draws").unwrap();
    };
    let wish = draws.wish(Kind::Raffle { winners: 50 }, Source::VrfAndRawRand);
    let draw = draws.made(by, wish, 200).unwrap();
    upgrade();
    draws.wait_for_close(draw).unwrap();
    draws.close(by, draw).unwrap();
    upgrade();
    let seed = draws.draw(by, draw).unwrap().seed;
    upgrade();
    draws.finalize(by, draw, 220).unwrap();
    upgrade();
    assert_eq!(draws.finalize(by, draw, 210).unwrap().given, 20);
    // What was on the heap is gone: loading and values are done again.
    let begun_anew = draws.finalize(by, draw, 10).unwrap();
    assert_eq!((begun_anew.stage, begun_anew.given), (Stage::Drawn, 20));
    draws.finish(by, draw).unwrap();
    upgrade();
    let shown = draws.get(draw).unwrap();
    assert_eq!((shown.seed, shown.given), (seed, 50));
    let verdict = scene.verdict(&draws.transcript(draw).unwrap()).unwrap();
    assert_eq!(verdict.flags.len(), 2, "{:?}", verdict.flags);
}

#[test]
fn a_draw_of_100_000_entries_closes_draws_and_finalizes_in_bounded_messages() {
    let scene = Scene::new();
    let (draws, by) = (scene.draws(), person("creator"));
    let wish = draws.wish(Kind::Raffle { winners: 1000 }, Source::VrfAndRawRand);
    let draw = draws.made(by, wish, 100_000).unwrap();
    draws.wait_for_close(draw).unwrap();
    draws.close(by, draw).unwrap();
    draws.draw(by, draw).unwrap();
    let messages = draws.finish(by, draw).unwrap();
    // 20 000 steps each: 100 000 weights and 1000 values.
    assert_eq!(messages, 6);
    draws.entry_proof(draw, 99_999).unwrap();
    let transcript = draws.transcript(draw).unwrap();
    let begin = Instant::now();
    let verdict = scene.verdict(&transcript).unwrap();
    println!("{} bytes verify in {:?}", transcript.len(), begin.elapsed());
    assert_eq!(verdict.outcome.len(), 1000);
    assert_eq!(verdict.flags, []);
}
