//! Supports: forged, counted twice, for other dealings, of other committees, in another role.

use super::K1;
use super::world::{World, id, rng};
use crate::acknowledged::Acknowledgement;
use crate::error::{IdkgError, Needed};
use crate::kind::Unmasked;
use crate::{
    DealerInput, EncryptionSecret, Extraction, Params, PublicDealing, Registration, Support,
    SupportedDealing, Transcript,
};
use chainkey_algebra::NodeIndex;
use ed25519_dalek::SigningKey;

fn dealt(world: &World, number: u64) -> Vec<PublicDealing<K1, Unmasked>> {
    let members = &world.members;
    let params = Params::random_unmasked(id(number), members, members, 1, Extraction::Sum).unwrap();
    world.deal(&params, |_| DealerInput::Nothing, number)
}

fn not_enough(found: usize) -> IdkgError {
    IdkgError::NotEnough {
        what: Needed::Supports,
        needed: 3,
        found,
    }
}

#[test]
fn a_dealing_needs_2f_plus_1_different_supporters() {
    let world = World::new(4, 1);
    let dealing = &dealt(&world, 1)[0];
    let support = |node: u16| {
        let opened = world.open_good(dealing, NodeIndex(node));
        world.support(NodeIndex(node), [&opened])
    };
    let twice = [support(0), support(1), support(1)];
    let refused = SupportedDealing::new(dealing.clone(), &twice).unwrap_err();
    assert_eq!(refused, not_enough(2));
    let enough = [support(0), support(1), support(3)];
    assert!(SupportedDealing::new(dealing.clone(), &enough).is_ok());
}

#[test]
fn supports_of_other_dealings_do_not_count() {
    let world = World::new(4, 1);
    let (dealing, other) = (&dealt(&world, 1)[0], &dealt(&world, 2)[0]);
    let supports: Vec<_> = world
        .nodes()
        .map(|node| world.support(node, [&world.open_good(other, node)]))
        .collect();
    let refused = SupportedDealing::new(dealing.clone(), &supports).unwrap_err();
    assert_eq!(refused, not_enough(0));
    assert!(SupportedDealing::new(other.clone(), &supports).is_ok());
}

#[test]
fn one_signature_supports_dealings_of_several_transcripts() {
    let world = World::new(4, 1);
    let dealings = [dealt(&world, 1), dealt(&world, 2)].concat();
    let supports: Vec<_> = world
        .nodes()
        .map(|node| {
            let opened: Vec<_> = dealings
                .iter()
                .map(|one| world.open_good(one, node))
                .collect();
            world.support(node, &opened)
        })
        .collect();
    for dealing in dealings {
        assert!(SupportedDealing::new(dealing, &supports).is_ok());
    }
}

#[test]
fn refuses_signatures_by_others_over_other_things_or_in_another_role() {
    let world = World::new(4, 1);
    let dealing = &dealt(&world, 1)[0];
    let (node, signer) = (NodeIndex(2), NodeIndex(2));
    let vouched = [world.open_good(dealing, node).vouch()];
    let bad = Err(IdkgError::BadSignature { signer });
    let by_other = Support::sign(node, &world.signing[1], vouched);
    assert_eq!(by_other.verify(&world.members).map(|_| ()), bad);
    let good = Support::sign(node, &world.signing[2], vouched);
    assert!(good.clone().verify(&world.members).is_ok());
    let mut bytes = good.encode();
    bytes[10] ^= 1;
    let other_dealing = Support::decode(&bytes).unwrap();
    assert_eq!(other_dealing.verify(&world.members).map(|_| ()), bad);
    let role = Acknowledgement::sign(node, &world.signing[2], vouched);
    let role = Support::decode(&role.encode()).unwrap();
    assert_eq!(role.verify(&world.members).map(|_| ()), bad);
}

#[test]
fn nobody_signs_for_what_another_node_opened() {
    let world = World::new(4, 1);
    let dealing = &dealt(&world, 1)[0];
    let opened = world.open_good(dealing, NodeIndex(0));
    let support = world.support(NodeIndex(1), [&opened]);
    assert!(support.digests().is_empty());
}

#[test]
fn supports_of_another_committee_do_not_count() {
    let (world, elsewhere) = (World::new(4, 1), World::new(4, 2));
    let dealing = &dealt(&world, 1)[0];
    let opened = world.open_good(dealing, NodeIndex(0));
    let signer = NodeIndex(0);
    let foreign = Support::sign(signer, &elsewhere.signing[0], [opened.vouch()]);
    let foreign = foreign.verify(&elsewhere.members).unwrap();
    let refused = SupportedDealing::new(dealing.clone(), &[foreign]).unwrap_err();
    assert_eq!(refused, IdkgError::OtherMembers { signer });
}

#[test]
fn refuses_two_dealings_of_one_dealer_and_too_few() {
    let world = World::new(4, 1);
    let members = &world.members;
    let params =
        Params::<K1, Unmasked>::random_unmasked(id(1), members, members, 1, Extraction::Sum)
            .unwrap();
    let supported = |seed| {
        let dealing = &world.deal(&params, |_| DealerInput::Nothing, seed)[0];
        let supports: Vec<_> = world
            .nodes()
            .map(|node| world.support(node, [&world.open_good(dealing, node)]))
            .collect();
        SupportedDealing::new(dealing.clone(), &supports).unwrap()
    };
    let (one, other) = (supported(1), supported(2));
    let twice = Transcript::new(&params, &[one.clone(), other]).unwrap_err();
    assert_eq!(twice, IdkgError::Duplicate(NodeIndex(0)));
    let few = Transcript::new(&params, &[one]).unwrap_err();
    let (what, needed, found) = (Needed::Dealings, 2, 1);
    assert_eq!(
        few,
        IdkgError::NotEnough {
            what,
            needed,
            found
        }
    );
}

#[test]
fn refuses_a_registration_that_names_another_epoch_than_it_is_proved_for() {
    let rng = &mut rng(4);
    let node = SigningKey::from_bytes(&[4; 32]).verifying_key();
    let registration = EncryptionSecret::generate(2, rng).register(&node, rng);
    assert!(registration.verify(&node, 2).is_ok());
    assert_eq!(
        registration.verify(&node, 3).unwrap_err(),
        IdkgError::UnprovedKey
    );
    // Epoch (8 bytes): the proof is for the second one, and says so whatever stands here.
    let mut bytes = registration.encode();
    bytes[7] = 3;
    let renamed = Registration::decode(&bytes).unwrap();
    for epoch in [2, 3] {
        let refused = renamed.verify(&node, epoch).unwrap_err();
        assert_eq!(refused, IdkgError::UnprovedKey);
    }
}

#[test]
fn a_support_is_kept_of_known_dealings_only_and_still_counts() {
    let world = World::new(4, 1);
    let dealings = dealt(&world, 1);
    let supports: Vec<_> = [0, 1, 2]
        .map(NodeIndex)
        .iter()
        .map(|node| {
            let opened = dealings.iter().map(|one| world.open_good(one, *node));
            let opened: Vec<_> = opened.collect();
            let first = dealings[0].digest();
            world
                .support(*node, &opened)
                .only(|digest| *digest == first)
        })
        .collect();
    assert!(supports.iter().all(|support| support.digests().len() == 1));
    let first = SupportedDealing::new(dealings[0].clone(), &supports);
    let second = SupportedDealing::new(dealings[1].clone(), &supports);
    assert!(first.is_ok() && second.is_err());
}
