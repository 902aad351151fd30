//! Steps of the demo for beacon and draws: a round and a raffle that are checked with what the network tells of their keys.

use crate::{Outcome, Verified, hold};
use candid::Principal;
use chainkey_tests::beacon::BeaconCanister;
use chainkey_tests::draws::{DrawsCanister, Kind, Source};
use chainkey_tests::signer::Signer;
use chainkey_tests::wallet::person;
use chainkey_tests::world::{World, target_dir};
use draw_proof::verify::{Grade, TrustAnchor, verify};
use draw_proof::vrf::{BEACON_CONTEXT, DRAWS_CONTEXT};

/// Cycles that a canister gets for the demo.
const CYCLES: u128 = 100_000_000_000_000;

/// A round of the beacon: asked for, not drawn before its time, drawn anonymously, and checked with the official library.
pub fn beacon_round(world: &World, canister: Principal) -> Outcome {
    let network = world.network();
    network.add_cycles(canister, CYCLES);
    let beacon = BeaconCanister::at(network, canister);
    let asker = person("asker");
    beacon.prepare_key(asker)?;
    let round = beacon.request(asker, b"demo", None)?;
    let early = beacon.fulfil(Principal::anonymous(), round.round);
    hold(early.is_err(), || "the round was drawn early".into())?;
    beacon.wait_for(&round);
    let drawn = beacon.fulfil(Principal::anonymous(), round.round)?;
    let drawn = drawn.drawn.ok_or("the round is not drawn")?;
    let key = Signer::install(network).vetkd_public_key_of(canister, BEACON_CONTEXT)?;
    let input = draw_proof::beacon::Round(round.round).input(canister.as_slice());
    let serialized = [&drawn.signature[..], &key, &input].concat();
    let output = ic_vetkeys::VrfOutput::deserialize(&serialized)
        .map_err(|error| format!("the round does not verify: {error:?}"))?;
    hold(output.output()[..] == drawn.randomness[..], || {
        "the library has other randomness".into()
    })?;
    let text = format!(
        "round {} verifies, drawn by nobody in particular",
        round.round
    );
    Ok(Verified(text, "ic-vetkeys"))
}

/// A raffle of 100 tickets whose transcript verifies offline; a changed one does not.
pub fn raffle(world: &World, canister: Principal) -> Outcome {
    let network = world.network();
    network.add_cycles(canister, CYCLES);
    let draws = DrawsCanister::at(network, canister);
    let creator = person("creator");
    let wish = draws.wish(Kind::Raffle { winners: 3 }, Source::VrfAndRawRand);
    let draw = draws.made(creator, wish, 100)?;
    let transcript = draws.end(creator, draw)?;
    let key = Signer::install(network).vetkd_public_key_of(canister, DRAWS_CONTEXT)?;
    let anchor = TrustAnchor::PublicKey(key);
    let verdict = verify(&transcript, &anchor)?;
    let good = verdict.grade == Grade::VerifiableAndFresh && verdict.flags.is_empty();
    hold(good, || verdict.to_string())?;
    let mut forged = transcript.clone();
    forged[transcript.len() / 2] ^= 1;
    hold(verify(&forged, &anchor).is_err(), || {
        "a changed transcript verifies".into()
    })?;
    std::fs::write(target_dir().join("demo.draw"), &transcript)?;
    let text = format!(
        "tickets {:?} of 100 win; the transcript (target/demo.draw) verifies offline, a changed one does not",
        verdict.outcome
    );
    Ok(Verified(text, "draw-proof"))
}
