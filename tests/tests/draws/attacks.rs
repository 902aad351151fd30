//! What somebody might try: to come late, to draw again, to go back, to change the code, to change what was drawn.

use super::scene::Scene;
use candid::Principal;
use canister_kit::Refusal;
use chainkey_tests::draws::{DrawsError, Entrants, Kind, NewDraw, Source, Stage, ticket};
use chainkey_tests::modules::wasm;
use chainkey_tests::wallet::person;
use chainkey_tests::world::guardian;
use draw_proof::history::Moments;
use draw_proof::verify::{Flag, verify};
use draw_proof::vrf::DRAWS_CONTEXT;
use ic_management_canister_types::CanisterInstallMode;
use pocket_ic::{CanisterSettings, update_candid_as};

const RAFFLE: Kind = Kind::Raffle { winners: 5 };

fn by() -> Principal {
    person("creator")
}

/// A draw with 50 tickets, closed.
fn closed(scene: &Scene, source: Source) -> u64 {
    let draws = scene.draws();
    let wish = draws.wish(RAFFLE, source);
    let draw = draws.made(by(), wish, 50).unwrap();
    draws.wait_for_close(draw).unwrap();
    draws.close(by(), draw).unwrap();
    draw
}

fn changed(flags: &[Flag], moment: Moments) -> bool {
    flags
        .iter()
        .any(|flag| matches!(flag, Flag::Changed { after, .. } if *after == moment))
}

#[test]
fn changing_any_byte_of_a_transcript_makes_verification_fail() {
    let scene = Scene::new();
    let draws = scene.draws();
    let draw = draws
        .made(by(), draws.wish(RAFFLE, Source::VrfAndRawRand), 5)
        .unwrap();
    let transcript = draws.end(by(), draw).unwrap();
    let key = scene.public_key(draws.canister(), DRAWS_CONTEXT);
    verify(&transcript, &key).unwrap();
    for place in 0..transcript.len() {
        let mut other = transcript.clone();
        other[place] ^= 1 << (place % 8);
        assert!(verify(&other, &key).is_err(), "byte {place}");
    }
}

#[test]
fn nobody_enters_late_closes_early_or_hoards() {
    let scene = Scene::new();
    let draws = scene.draws();
    let wish = NewDraw {
        entrants: Entrants::Anyone { each: 1 },
        ..draws.wish(RAFFLE, Source::VrfAndRawRand)
    };
    let draw = draws.create(by(), b"a", wish).unwrap().id;
    draws.enter(by(), b"1", draw).unwrap();
    let hoard = draws.enter(by(), b"2", draw);
    assert_eq!(hoard, Err(DrawsError::TooManyOfOne { each: 1 }));
    let at = draws.get(draw).unwrap().closes_at;
    for who in [by(), guardian(), person("anyone")] {
        assert_eq!(draws.close(who, draw), Err(DrawsError::NotYet { at }));
        assert_eq!(draws.draw(who, draw), Err(DrawsError::NotClosed));
    }
    draws.wait_for_close(draw).unwrap();
    // Whether somebody has closed or not.
    let late = || draws.enter(person("late"), b"1", draw);
    assert_eq!(late(), Err(DrawsError::ClosedForEntries));
    draws.close(person("anyone"), draw).unwrap();
    assert_eq!(late(), Err(DrawsError::ClosedForEntries));
    draws.draw(person("anyone"), draw).unwrap();
    assert_eq!(late(), Err(DrawsError::ClosedForEntries));
    let anonymous = draws.draw(Principal::anonymous(), draw);
    let refused = DrawsError::Refused(Refusal::Anonymous);
    assert_eq!(anonymous, Err(refused));
}

#[test]
fn of_two_who_draw_at_once_one_draws_and_there_is_one_seed() {
    let scene = Scene::new();
    let draws = scene.draws();
    let draw = closed(&scene, Source::VrfAndRawRand);
    let begun = ["a", "b", "c"].map(|name| draws.submit_draw(person(name), draw));
    let answers = begun.map(|begun| draws.wait(begun));
    let seed = draws.get(draw).unwrap().seed;
    assert!(seed.is_some());
    for answer in answers {
        match answer {
            Ok(drawn) => assert_eq!(drawn.seed, seed),
            Err(error) => assert_eq!(error, DrawsError::BeingWorkedOn),
        }
    }
    // Drawing again tells the same.
    let again = draws.draw(person("a"), draw).unwrap();
    assert_eq!((again.seed, again.attempts), (seed, 1));
}

#[test]
fn a_controller_who_goes_back_to_before_the_seed_is_visible() {
    let scene = Scene::new();
    let draws = scene.draws();
    let (network, canister) = (scene.world.network(), draws.canister());
    for source in [Source::VrfAndRawRand, Source::RawRand, Source::Vrf] {
        let mut wish = draws.wish(RAFFLE, source.clone());
        wish.title = format!("{source:?}");
        let draw = draws.made(by(), wish, 50).unwrap();
        draws.wait_for_close(draw).unwrap();
        draws.close(by(), draw).unwrap();
        let snapshot = network.take_canister_snapshot(canister, None, None);
        draws.draw(by(), draw).unwrap();
        network
            .load_canister_snapshot(canister, None, snapshot.unwrap().id)
            .unwrap();
        assert_eq!(draws.get(draw).unwrap().stage, Stage::Closed);
        draws.draw(by(), draw).unwrap();
        draws.finish(by(), draw).unwrap();
        let transcript = draws.transcript(draw).unwrap();
        let verdict = scene.verdict(&transcript).unwrap();
        assert!(changed(&verdict.flags, Moments::Closed), "{source:?}");
        assert!(verdict.to_string().contains("flag"));
    }
}

#[test]
fn a_controller_who_changes_the_code_before_the_close_and_back_is_visible() {
    let scene = Scene::new();
    let draws = scene.draws();
    let canister = draws.canister();
    let wish = draws.wish(RAFFLE, Source::VrfAndRawRand);
    let draw = draws.made(by(), wish, 50).unwrap();
    let mode = CanisterInstallMode::Upgrade(None);
    // Code that leaves stable memory alone.
    let other = wasm("(module)");
    scene
        .world
        .install_code(canister, mode, other, Vec::new())
        .unwrap();
    scene.world.upgrade(canister, "draws").unwrap();
    let transcript = draws.end(by(), draw).unwrap();
    let verdict = scene.verdict(&transcript).unwrap();
    let flag = Flag::Changed {
        after: Moments::Created,
        changes: 2,
        other_module: false,
    };
    assert_eq!(verdict.flags, [flag]);
}

#[test]
fn a_pause_or_a_freeze_never_keeps_an_outcome_back() {
    let scene = Scene::new();
    let draws = scene.draws();
    let network = scene.world.network();
    let draw = closed(&scene, Source::VrfAndRawRand);
    let set: (Result<(), Refusal>,) =
        update_candid_as(network, draws.canister(), guardian(), "set_paused", (true,)).unwrap();
    set.0.unwrap();
    let wish = draws.wish(Kind::Shuffle, Source::Vrf);
    let paused = DrawsError::Refused(Refusal::Paused);
    assert_eq!(draws.create(by(), b"b", wish), Err(paused));
    let freeze = |threshold: u64| {
        let settings = CanisterSettings {
            freezing_threshold: Some(threshold.into()),
            ..CanisterSettings::default()
        };
        network
            .update_canister_settings(draws.canister(), None, settings)
            .unwrap();
    };
    freeze(u64::MAX);
    let argument = candid::encode_one(draw).unwrap();
    let frozen = network.update_call(draws.canister(), by(), "draw", argument);
    assert!(frozen.is_err(), "a frozen canister takes no call");
    freeze(2_592_000);
    draws.draw(by(), draw).unwrap();
    draws.finish(person("anyone"), draw).unwrap();
    let transcript = draws.transcript(draw).unwrap();
    scene.verdict(&transcript).unwrap();
}

#[test]
fn entries_of_another_persons_draw_and_repeated_batches_do_nothing() {
    let scene = Scene::new();
    let draws = scene.draws();
    let wish = draws.wish(Kind::Shuffle, Source::Vrf);
    let draw = draws.made(by(), wish, 3).unwrap();
    let stolen = draws.enter_batch(person("thief"), b"x", draw, vec![ticket(9)]);
    assert_eq!(stolen, Err(DrawsError::OtherEntrants));
    for _ in 0..3 {
        draws
            .enter_batch(by(), b"once", draw, vec![ticket(3)])
            .unwrap();
    }
    assert_eq!(draws.get(draw).unwrap().entries, 4);
}
