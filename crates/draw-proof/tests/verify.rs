//! Transcripts of every kind and source verify, nothing else does, and verdicts say what a draw is worth.

mod scene;

use draw_proof::DrawProofError;
use draw_proof::beacon::Round;
use draw_proof::entry::Entry;
use draw_proof::history::Moments;
use draw_proof::merkle::{self, Peaks, node};
use draw_proof::spec::{Entrants, Kind, Source, Spec};
use draw_proof::transcript::Transcript;
use draw_proof::verify::{Flag, Grade, RestsOn, TrustAnchor, verify};
use draw_proof::vrf::{BEACON_CONTEXT, DRAWS_CONTEXT, VrfKey};
use scene::{CANISTER, CLOSES_AT, Scene, kinds, sources};

fn given() -> TrustAnchor {
    TrustAnchor::Given(scene::master().to_vec())
}

fn refused(transcript: &Transcript) -> DrawProofError {
    verify(&transcript.encode(), &given()).unwrap_err()
}

#[test]
fn every_kind_from_every_source_verifies() {
    for source in sources() {
        for kind in kinds() {
            for count in [0, 1, 2, 7] {
                let made = Scene::new(kind, source.clone(), count).transcript();
                let verdict = verify(&made.encode(), &given()).unwrap();
                assert_eq!(verdict.outcome, made.tail.outcome);
                assert_eq!(verdict.flags, []);
                assert_eq!(Transcript::decode(&made.encode()), Ok(made));
            }
        }
    }
}

#[test]
fn verdicts_name_the_grade_and_what_they_rest_on() {
    let grades = [
        (Grade::Verifiable, RestsOn::GivenKey),
        (Grade::Unproven, RestsOn::Nothing),
        (Grade::VerifiableAndFresh, RestsOn::GivenKey),
        (Grade::VerifiableBeacon, RestsOn::GivenKey),
    ];
    for (source, expected) in sources().into_iter().zip(grades) {
        let bytes = Scene::new(Kind::Shuffle, source, 3).transcript().encode();
        let verdict = verify(&bytes, &given()).unwrap();
        assert_eq!((verdict.grade, verdict.rests_on.clone()), expected);
        assert!(verdict.to_string().contains("A draw of the tests"));
    }
}

#[test]
fn changing_any_byte_makes_verification_fail() {
    for source in sources() {
        let bytes = Scene::new(Kind::Raffle { winners: 2 }, source, 4)
            .transcript()
            .encode();
        for place in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1 << (place % 8);
            assert!(verify(&changed, &given()).is_err(), "byte {place}");
        }
        for length in 0..bytes.len() {
            assert!(verify(&bytes[..length], &given()).is_err());
        }
        let longer = [&bytes[..], &[0]].concat();
        let left_over = Err(DrawProofError::LeftOver { bytes: 1 });
        assert_eq!(verify(&longer, &given()), left_over);
    }
}

/// What a forger can do who writes a new last hash.
#[test]
fn a_new_last_hash_does_not_help_a_forger() {
    let honest = Scene::new(Kind::Raffle { winners: 2 }, Source::VrfAndRawRand, 5).transcript();
    let forge = |change: &dyn Fn(&mut Transcript)| {
        let mut forged = honest.clone();
        change(&mut forged);
        forged.digest = forged.tail.digest(&forged.header.encode());
        refused(&forged)
    };
    use DrawProofError::{Outcome, Root, Signature};
    assert_eq!(forge(&|draw| draw.tail.outcome.swap(0, 1)), Outcome);
    assert_eq!(forge(&|draw| draw.tail.outcome.truncate(1)), Outcome);
    assert_eq!(forge(&|draw| draw.entries[0].weight = 10), Root);
    assert_eq!(forge(&|draw| draw.entries.swap(0, 1)), Root);
    assert_eq!(forge(&|draw| draw.entries[0].who[5] ^= 1), Root);
    assert_eq!(forge(&|draw| draw.header.draw = 8), Signature);
    assert_eq!(forge(&|draw| draw.header.canister[7] = 6), Signature);
    assert_eq!(forge(&|draw| draw.header.key_name.push('1')), Signature);
    assert_eq!(forge(&|draw| draw.header.created.at -= 1), Signature);
    assert_eq!(
        forge(&|draw| draw.header.closed.facts.total_changes -= 1),
        Signature
    );
    assert_eq!(
        forge(&|draw| draw.tail.drawn.facts.module_hash = Some([0x78; 32])),
        Signature
    );
    let respecify = |draw: &mut Transcript| {
        let mut raw = draw.header.spec.get().clone();
        raw.kind = Kind::Raffle { winners: 1 };
        draw.header.spec = Spec::parse(raw).unwrap();
    };
    assert_eq!(forge(&respecify), Signature);
    // Attempts are the canister's word: they stand in its certified log, under the transcript's hash.
    let mut draw = honest.clone();
    draw.tail.attempts = 2;
    let mut bytes = draw.encode();
    let end = bytes.len() - 32;
    bytes[end..].copy_from_slice(&honest.digest);
    let refused_bytes = verify(&bytes, &given());
    assert_eq!(refused_bytes, Err(DrawProofError::Digest));
    draw.tail.attempts = 0;
    assert_eq!(refused(&draw), DrawProofError::Attempts);
}

#[test]
fn another_draws_signature_and_another_fresh_value_are_refused() {
    let one = Scene::new(Kind::Shuffle, Source::Vrf, 5).transcript();
    let other = Scene::new(Kind::Shuffle, Source::Vrf, 6).transcript();
    let mut forged = one.clone();
    forged.tail.evidence = other.tail.evidence;
    assert_eq!(refused(&forged), DrawProofError::Signature);
    let honest = Scene::new(Kind::Shuffle, Source::VrfAndRawRand, 5).transcript();
    let source = &honest.header.spec.get().source;
    let signature = honest.tail.evidence.signature_bytes();
    let evidence = draw_proof::evidence::Evidence::of(source, &[1; 32], signature);
    let mut forged = honest.clone();
    forged.tail.evidence = evidence.unwrap();
    assert_eq!(refused(&forged), DrawProofError::Signature);
}

#[test]
fn another_master_key_does_not_verify_it() {
    let bytes = Scene::new(Kind::Shuffle, Source::Vrf, 3)
        .transcript()
        .encode();
    let refused = Err(DrawProofError::Signature);
    assert_eq!(verify(&bytes, &TrustAnchor::Mainnet), refused);
    let bad = Err(DrawProofError::BadMasterKey);
    assert_eq!(verify(&bytes, &TrustAnchor::Given(vec![0xc0; 96])), bad);
    assert_eq!(verify(&bytes, &TrustAnchor::Given(Vec::new())), bad);
}

#[test]
fn the_public_key_that_a_network_tells_verifies_it_too_and_another_canisters_does_not() {
    for source in sources() {
        let bytes = Scene::new(Kind::Shuffle, source.clone(), 3)
            .transcript()
            .encode();
        let (canister, context) = match source {
            Source::Beacon { .. } => (&scene::BEACON, BEACON_CONTEXT),
            _ => (&CANISTER, DRAWS_CONTEXT),
        };
        let anchor = |canister: &[u8]| {
            let key = scene::key(canister, context);
            TrustAnchor::PublicKey(key.bytes().to_vec())
        };
        let verdict = verify(&bytes, &anchor(canister)).unwrap();
        match source {
            Source::RawRand => assert_eq!(verdict.rests_on, RestsOn::Nothing),
            _ => {
                assert_eq!(verdict.rests_on, RestsOn::PublicKey);
                let refused = verify(&bytes, &anchor(b"another"));
                assert_eq!(refused, Err(DrawProofError::Signature));
            }
        }
    }
}

#[test]
fn mainnets_keys_are_known_by_name_and_no_others() {
    let mut made = Scene::new(Kind::Shuffle, Source::Vrf, 3).transcript();
    made.header.key_name = "dfx_test_key".to_owned();
    let unknown = verify(&made.encode(), &TrustAnchor::Mainnet);
    assert_eq!(unknown, Err(DrawProofError::UnknownMasterKey));
}

#[test]
fn entries_that_break_the_rules_are_refused() {
    let scene = Scene::new(Kind::Shuffle, Source::RawRand, 3);
    let broken = |change: &dyn Fn(&mut Scene)| {
        let mut scene = scene.clone();
        change(&mut scene);
        refused(&scene.transcript())
    };
    let weight = DrawProofError::Weight { index: 1 };
    assert_eq!(broken(&|scene| scene.entries[1].weight = 0), weight);
    assert_eq!(broken(&|scene| scene.entries[1].weight = 11), weight);
    let many = DrawProofError::TooManyEntries {
        count: 3,
        at_most: 2,
    };
    assert_eq!(broken(&|scene| scene.spec.most_entries = 2), many);
    let anyone = |scene: &mut Scene, each| {
        scene.spec.entrants = Entrants::Anyone { each };
        scene.entries.iter_mut().for_each(|entry| entry.weight = 1);
    };
    let twice = DrawProofError::TooManyOfOne { index: 2 };
    let hoard = |scene: &mut Scene| {
        anyone(scene, 1);
        scene.entries[2].who = scene.entries[0].who.clone();
    };
    assert_eq!(broken(&hoard), twice);
    let nobody = |scene: &mut Scene| {
        anyone(scene, 1);
        scene.entries[2].who.clear();
    };
    assert_eq!(broken(&nobody), DrawProofError::Nobody { index: 2 });
    let heavy = |scene: &mut Scene| {
        anyone(scene, 1);
        scene.entries[1].weight = 2;
    };
    assert_eq!(broken(&heavy), weight);
}

#[test]
fn moments_out_of_order_and_an_early_close_are_refused() {
    let scene = Scene::new(Kind::Shuffle, Source::RawRand, 3);
    let refused = |change: &dyn Fn(&mut Scene)| {
        let mut scene = scene.clone();
        change(&mut scene);
        refused(&scene.transcript())
    };
    let closed = DrawProofError::Order(Moments::Closed);
    assert_eq!(
        refused(&|scene| scene.history.closed.at = CLOSES_AT - 1),
        closed
    );
    assert_eq!(
        refused(&|scene| scene.history.created.at = scene.history.closed.at + 1),
        closed
    );
    assert_eq!(
        refused(&|scene| scene.history.drawn.at = scene.history.closed.at - 1),
        DrawProofError::Order(Moments::Drawn)
    );
}

#[test]
fn changes_of_code_between_the_moments_and_attempts_are_flagged() {
    let mut scene = Scene::new(Kind::Shuffle, Source::VrfAndRawRand, 3);
    scene.attempts = 3;
    scene.history.closed.facts.total_changes += 2;
    scene.history.closed.facts.module_hash = Some([0x78; 32]);
    scene.history.closed.facts.last_install = Some(CLOSES_AT);
    scene.history.drawn.facts = scene.history.closed.facts;
    // Loading a snapshot brings the same module back, and is a change all the same.
    scene.history.drawn.facts.total_changes += 1;
    scene.history.drawn.facts.last_install = None;
    let verdict = verify(&scene.transcript().encode(), &given()).unwrap();
    let changed = |after, changes, other_module| Flag::Changed {
        after,
        changes,
        other_module,
    };
    let expected = [
        changed(Moments::Created, 2, true),
        changed(Moments::Closed, 1, false),
        Flag::InstallUnknown(Moments::Drawn),
        Flag::Attempts(3),
    ];
    assert_eq!(verdict.flags, expected);
    assert_eq!(verdict.to_string().matches("\nflag ").count(), 4);
}

#[test]
fn the_official_library_has_the_same_key_and_output() {
    let made = Scene::new(Kind::Shuffle, Source::Vrf, 3).transcript();
    let input = b"any input";
    let signature = scene::sign(&CANISTER, DRAWS_CONTEXT, input);
    let key = scene::key(&CANISTER, DRAWS_CONTEXT);
    let serialized = [&signature[..], &key.bytes()[..], input].concat();
    let theirs = ic_vetkeys::VrfOutput::deserialize(&serialized).unwrap();
    assert_eq!(key.output(input, &signature).unwrap(), *theirs.output());
    let master = ic_vetkeys::MasterPublicKey::deserialize(scene::master()).unwrap();
    let theirs = master
        .derive_canister_key(&CANISTER)
        .derive_sub_key(DRAWS_CONTEXT);
    assert_eq!(theirs.serialize(), key.bytes());
    assert_eq!(VrfKey::parse(&theirs.serialize()), Ok(key));
    assert_eq!(VrfKey::parse(&[0; 96]), Err(DrawProofError::BadMasterKey));
    drop(made);
}

#[test]
fn an_entry_proof_leads_to_the_root_of_the_verdict() {
    let scene = Scene::new(Kind::Shuffle, Source::VrfAndRawRand, 300);
    let verdict = verify(&scene.transcript().encode(), &given()).unwrap();
    let mut complete = |level: u32, index: u64| {
        let mut peaks = Peaks::default();
        let first = index << level;
        for index in first..first + (1 << level) {
            let index = index as u32;
            peaks.push(scene.entries[index as usize].leaf(index), node);
        }
        peaks.top(node).unwrap()
    };
    for index in [0u32, 1, 255, 256, 299] {
        let siblings = merkle::prove(300, index.into(), node, &mut complete).unwrap();
        let leaf = scene.entries[index as usize].leaf(index);
        let checked = merkle::check(&verdict.root, 300, index.into(), leaf, &siblings);
        assert_eq!(checked, Ok(()));
        let other = Entry {
            weight: 11,
            ..scene.entries[index as usize].clone()
        };
        let leaf = other.leaf(index);
        assert!(merkle::check(&verdict.root, 300, index.into(), leaf, &siblings).is_err());
    }
}

#[test]
fn specifications_keep_their_rules() {
    let scene = Scene::new(Kind::Shuffle, Source::Vrf, 3);
    let refused = |change: &dyn Fn(&mut draw_proof::spec::RawSpec)| {
        let mut raw = scene.spec.clone();
        change(&mut raw);
        Spec::parse(raw).unwrap_err()
    };
    assert_eq!(refused(&|spec| spec.title.clear()), DrawProofError::Title);
    assert_eq!(
        refused(&|spec| spec.title = "é".repeat(51)),
        DrawProofError::Title
    );
    assert_eq!(
        refused(&|spec| spec.title.push('\n')),
        DrawProofError::Title
    );
    assert_eq!(
        refused(&|spec| spec.creator.clear()),
        DrawProofError::Principal
    );
    assert_eq!(
        refused(&|spec| spec.creator = vec![1; 30]),
        DrawProofError::Principal
    );
    let out_of_bounds = |kind| {
        let error = refused(&|spec| spec.kind = kind);
        matches!(error, DrawProofError::Bounds { .. })
    };
    for (count, other) in [(0, 6), (10_001, 6), (1, 0), (1, 1)] {
        assert!(out_of_bounds(Kind::Dice {
            count,
            sides: other
        }));
    }
    for (count, highest) in [(0, 49), (50, 49), (1, 0), (1, 10_001)] {
        assert!(out_of_bounds(Kind::Lottery { count, highest }));
    }
    for winners in [0, 200_001] {
        assert!(out_of_bounds(Kind::Raffle { winners }));
    }
    for entrants in [
        Entrants::Anyone { each: 0 },
        Entrants::Anyone { each: 1001 },
        Entrants::Creator { most_weight: 0 },
        Entrants::Creator {
            most_weight: (1 << 40) + 1,
        },
    ] {
        let error = refused(&|spec| spec.entrants = entrants);
        assert!(matches!(error, DrawProofError::Bounds { .. }));
    }
    let early = Round(Round::after(CLOSES_AT).0 - 1);
    let source = Source::Beacon {
        canister: CANISTER.to_vec(),
        round: early.0,
    };
    assert_eq!(
        refused(&|spec| spec.source = source.clone()),
        DrawProofError::EarlyRound
    );
}
