//! The beacon on a network: rounds that anyone draws, nobody chooses and everybody checks.
//!
//! - In: the server and the module that [`chainkey_tests::world`] finds. Only the client's public interface is used.
//! - Signatures are checked by the official library and by `draw-proof`, certificates by the official libraries against the root key.

use candid::Principal;
use canister_kit::Refusal;
use chainkey_tests::beacon::{BeaconCanister, BeaconError, Round};
use chainkey_tests::signer::Signer;
use chainkey_tests::wallet::person;
use chainkey_tests::world::{World, guardian, local_args};
use draw_proof::beacon::of_label;
use draw_proof::vrf::{BEACON_CONTEXT, VrfKey};
use ic_cbor::{CertificateToCbor, HashTreeToCbor};
use ic_certificate_verification::VerifyCertificate;
use ic_certification::{Certificate, HashTree, LookupResult};
use pocket_ic::{CanisterSettings, update_candid_as};

/// How old a certificate may be: five minutes.
const FRESH: u128 = 300_000_000_000;

fn anyone() -> Principal {
    Principal::anonymous()
}

/// A round that was asked for, and whose time has come.
fn due(beacon: &BeaconCanister<'_>, id: &str) -> Round {
    let round = beacon.request(person("asker"), id.as_bytes(), None);
    let round = round.expect("a round");
    beacon.wait_for(&round);
    round
}

#[test]
fn a_round_is_drawn_anonymously_and_verifies_with_the_networks_own_key() {
    let world = World::with_root_key().unwrap();
    let beacon = BeaconCanister::install(&world, &local_args()).unwrap();
    let signer = Signer::install(world.network());
    let told = signer.vetkd_public_key_of(beacon.canister(), BEACON_CONTEXT);
    let told = told.unwrap();
    assert_eq!(beacon.public_key().unwrap().as_slice(), told);
    let round = due(&beacon, "a");
    let drawn = beacon.fulfil(anyone(), round.round).unwrap();
    let drawn = drawn.drawn.unwrap();

    let id = beacon.canister();
    let number = draw_proof::beacon::Round(round.round);
    let signature: [u8; 48] = drawn.signature.as_slice().try_into().unwrap();
    let key = VrfKey::parse(&told).unwrap();
    let randomness = number.randomness(id.as_slice(), &key, &signature).unwrap();
    assert_eq!(randomness, drawn.randomness.as_slice());
    let input = number.input(id.as_slice());
    let serialized = [&signature[..], &told, &input].concat();
    let theirs = ic_vetkeys::VrfOutput::deserialize(&serialized).unwrap();
    assert_eq!(theirs.output()[..], randomness);
    // Everyone who asked has randomness of its own.
    let own = |who: &str| of_label(&randomness, person(who).as_slice(), b"a");
    assert_ne!(own("asker"), own("another"));

    let network = world.network();
    for shown in [beacon.round(round.round), beacon.latest()] {
        let shown = shown.unwrap();
        let certificate = shown.certificate.unwrap();
        let certificate = <Certificate as CertificateToCbor>::from_cbor(&certificate).unwrap();
        let now = u128::from(network.get_time().as_nanos_since_unix_epoch());
        let root_key = network.root_key().unwrap();
        certificate
            .verify(id.as_slice(), &root_key, &now, &FRESH)
            .unwrap();
        let witness = <HashTree as HashTreeToCbor>::from_cbor(&shown.witness.unwrap()).unwrap();
        let path: [&[u8]; 3] = [b"canister", id.as_slice(), b"certified_data"];
        let certified = certificate.tree.lookup_path(&path);
        assert_eq!(certified, LookupResult::Found(&witness.digest()));
        let path: [&[u8]; 3] = [b"product", b"rounds", &[0; 8]];
        let value = [
            &round.round.to_be_bytes()[..],
            &drawn.randomness,
            &signature,
        ]
        .concat();
        assert_eq!(witness.lookup_path(path), LookupResult::Found(&value));
    }
}

#[test]
fn nobody_draws_early_or_for_free_and_the_anonymous_principal_asks_for_nothing() {
    let world = World::new().unwrap();
    let beacon = BeaconCanister::install(&world, &local_args()).unwrap();
    let round = beacon.request(person("asker"), b"a", None).unwrap();
    let at = round.drawn_from;
    // The tests' controller is the anonymous principal.
    for by in [anyone(), person("asker"), guardian(), beacon.canister()] {
        let early = beacon.fulfil(by, round.round);
        assert_eq!(early, Err(BeaconError::NotYet { at }));
        for unpaid in [round.round - 1, round.round + 1, 0, u64::MAX] {
            let refused = beacon.fulfil(by, unpaid);
            assert_eq!(refused, Err(BeaconError::NoSuchRound));
        }
    }
    let refused = beacon.request(anyone(), b"a", None);
    let anonymous = BeaconError::Refused(Refusal::Anonymous);
    assert_eq!(refused, Err(anonymous));
    assert_eq!(beacon.waiting(), [round]);
}

#[test]
fn of_two_who_draw_at_once_one_draws_and_both_see_the_same_round() {
    let world = World::new().unwrap();
    let beacon = BeaconCanister::install(&world, &local_args()).unwrap();
    let round = due(&beacon, "a").round;
    let begun = [anyone(), person("a"), person("b")].map(|by| beacon.submit_fulfil(by, round));
    let answers = begun.map(|begun| beacon.wait(begun));
    let drawn = beacon.fulfil(anyone(), round).unwrap();
    let mut winners = 0;
    for answer in answers {
        match answer {
            Ok(answer) => {
                winners += 1;
                assert_eq!(answer, drawn);
            }
            Err(error) => assert_eq!(error, BeaconError::BeingDrawn),
        }
    }
    assert!(winners >= 1);
    assert_eq!(drawn.drawn.unwrap().sequence, 0);
}

#[test]
fn rounds_survive_upgrades_a_pause_and_a_freeze() {
    let world = World::new().unwrap();
    let beacon = BeaconCanister::install(&world, &local_args()).unwrap();
    let upgrade = || world.upgrade(beacon.canister(), "beacon").unwrap();
    upgrade();
    let first = due(&beacon, "a").round;
    let second = due(&beacon, "b").round;
    upgrade();
    let paused: (Result<(), Refusal>,) = update_candid_as(
        world.network(),
        beacon.canister(),
        guardian(),
        "set_paused",
        (true,),
    )
    .unwrap();
    paused.0.unwrap();
    let refused = beacon.request(person("asker"), b"c", None);
    assert_eq!(refused, Err(BeaconError::Refused(Refusal::Paused)));
    let drawn = beacon.fulfil(anyone(), first).unwrap();
    upgrade();
    assert_eq!(beacon.round(first).unwrap().round, drawn);

    let freeze = |threshold: u64| {
        let settings = CanisterSettings {
            freezing_threshold: Some(threshold.into()),
            ..CanisterSettings::default()
        };
        let canister = beacon.canister();
        let set = world
            .network()
            .update_canister_settings(canister, None, settings);
        set.unwrap();
    };
    freeze(u64::MAX);
    let argument = candid::encode_one(second).unwrap();
    let frozen = world
        .network()
        .update_call(beacon.canister(), anyone(), "fulfil", argument);
    assert!(frozen.is_err(), "a frozen canister takes no call");
    freeze(2_592_000);
    let drawn = beacon.fulfil(anyone(), second).unwrap();
    assert_eq!(drawn.drawn.unwrap().sequence, 1);
}

#[test]
fn a_controller_who_goes_back_to_a_snapshot_draws_the_same_round_again() {
    let world = World::new().unwrap();
    let beacon = BeaconCanister::install(&world, &local_args()).unwrap();
    let (network, canister) = (world.network(), beacon.canister());
    let round = due(&beacon, "a").round;
    let taken = network.take_canister_snapshot(canister, None, None);
    let first = beacon.fulfil(anyone(), round).unwrap().drawn.unwrap();
    network
        .load_canister_snapshot(canister, None, taken.unwrap().id)
        .unwrap();
    assert_eq!(beacon.round(round).unwrap().round.drawn, None);
    let again = beacon.fulfil(person("b"), round).unwrap().drawn.unwrap();
    assert_eq!(again.randomness, first.randomness);
}
