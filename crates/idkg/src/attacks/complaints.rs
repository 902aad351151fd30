//! Bad ciphertexts and complaints: valid, false, forged, replayed; openings good and bad.

use super::world::{World, id, rng};
use super::{K1, add, honestly, plan, seal, spoil_for};
use crate::dealing::Plan;
use crate::error::{IdkgError, Needed};
use crate::faulty::{cancelling, open_wrong};
use crate::kind::Masked;
use crate::proof::Proof;
use crate::{
    Complaint, Extraction, Opened, OpenedDealing, Opening, Params, PublicDealing, PublicDealings,
    SupportedDealing, Transcript, VerifiedComplaint,
};
use chainkey_algebra::codec::CodecError;
use chainkey_algebra::{Curve, NodeIndex, Secret};

const DEALER: NodeIndex = NodeIndex(1);

struct Scene {
    world: World,
    params: Params<K1, Masked>,
    plan: Plan<K1, Masked>,
    public: PublicDealing<K1, Masked>,
}

/// Seven nodes, of which some get bad shares.
fn scene(spoil: impl Fn(NodeIndex, &mut Vec<Secret<K1>>)) -> Scene {
    let world = World::new(7, 1);
    let members = &world.members;
    let params = Params::random(id(1), members, members, 2, Extraction::Sum).unwrap();
    let plan = plan(2, 3, 1);
    let dealing = seal(&params, DEALER, &plan, Proof::None, spoil);
    let public = dealing.verify(&params).unwrap();
    Scene {
        world,
        params,
        plan,
        public,
    }
}

impl Scene {
    fn complaint(&self, node: u16) -> Complaint {
        match self.world.open(&self.public, NodeIndex(node)) {
            Opened::Good(_) => panic!("node {node} has a good share"),
            Opened::Bad(complaint) => Complaint::decode(&complaint.encode()).unwrap(),
        }
    }

    fn good(&self, node: u16) -> OpenedDealing<K1, Masked> {
        self.world.open_good(&self.public, NodeIndex(node))
    }

    fn opening(&self, node: u16, complaint: &VerifiedComplaint) -> Opening<K1, Masked> {
        let opening = self.good(node).answer(complaint).unwrap();
        Opening::decode(&opening.encode()).unwrap()
    }

    /// A complaint by a node whose share may be good: what a faulty node can make.
    fn complain_anyway(&self, node: u16, secret_of: u16) -> Complaint {
        let secret = &self.world.secrets[usize::from(secret_of)];
        let shared = secret.shared(&self.public.dealing().ephemeral.point);
        Complaint::new(&self.public, NodeIndex(node), secret, shared, &mut rng(8))
    }

    fn has_its_shares(&self, opened: &OpenedDealing<K1, Masked>) {
        let expected = self.plan.scalars(opened.receiver());
        let shares = opened.shares().iter();
        let scalars = shares.flat_map(|share| [*share.value.expose(), *share.mask.expose()]);
        assert!(scalars.eq(expected.iter().map(|scalar| *scalar.expose())));
    }
}

#[test]
fn up_to_f_bad_shares_are_restored_and_more_make_the_dealing_useless() {
    let everybody: Vec<u16> = (0..7).collect();
    for bad in [1usize, 2, 3] {
        let scene = scene(spoil_for(&everybody[..bad]));
        let supports: Vec<_> = everybody[bad..]
            .iter()
            .map(|node| scene.world.support(NodeIndex(*node), [&scene.good(*node)]))
            .collect();
        let supported = SupportedDealing::new(scene.public.clone(), &supports);
        if bad > 2 {
            let error = supported.unwrap_err();
            let (what, needed, found) = (Needed::Supports, 5, 4);
            assert_eq!(
                error,
                IdkgError::NotEnough {
                    what,
                    needed,
                    found
                }
            );
            continue;
        }
        assert!(supported.is_ok());
        for victim in &everybody[..bad] {
            let complaint = scene.complaint(*victim).verify(&scene.public).unwrap();
            assert_eq!(complaint.dealer(), DEALER);
            let openings: Vec<_> = everybody[bad..]
                .iter()
                .map(|node| scene.opening(*node, &complaint))
                .map(|opening| opening.verify(&scene.public, &complaint).unwrap())
                .collect();
            let restored = scene.public.restore(&complaint, &openings[..3]).unwrap();
            scene.has_its_shares(&restored);
            let other = scene.public.restore(&complaint, &openings[1..4]).unwrap();
            scene.has_its_shares(&other);
        }
    }
}

#[test]
fn a_restored_share_makes_a_share_of_the_transcript() {
    let scene = scene(spoil_for(&[4]));
    let good = scene
        .world
        .deal(&scene.params, |_| crate::DealerInput::Nothing, 3);
    let all = [scene.public.clone(), good[0].clone(), good[2].clone()];
    let supports: Vec<_> = [0, 2, 3, 5, 6]
        .map(NodeIndex)
        .iter()
        .map(|node| {
            let opened: Vec<_> = all
                .iter()
                .map(|one| scene.world.open_good(one, *node))
                .collect();
            scene.world.support(*node, &opened)
        })
        .collect();
    let supported = all
        .each_ref()
        .map(|one| SupportedDealing::new(one.clone(), &supports).unwrap());
    let transcript = Transcript::new(&scene.params, &supported).unwrap();
    let victim = NodeIndex(4);
    let mut opened: Vec<_> = all[1..]
        .iter()
        .map(|one| scene.world.open_good(one, victim))
        .collect();
    let missing = transcript.share(victim, &opened).unwrap_err();
    assert_eq!(missing, IdkgError::NotOpened { dealer: DEALER });
    let complaint = scene.complaint(4).verify(&scene.public).unwrap();
    let openings = [0, 3, 6].map(|node| {
        let opening = scene.opening(node, &complaint);
        opening.verify(&scene.public, &complaint).unwrap()
    });
    opened.push(scene.public.restore(&complaint, &openings).unwrap());
    let share = transcript.share(victim, &opened).unwrap();
    let slots = transcript.commitments().iter().zip(share.shares());
    for (commitment, share) in slots {
        assert!(commitment.check(victim, share.clone()).is_ok());
    }
}

#[test]
fn refuses_a_complaint_about_a_good_share() {
    let scene = scene(honestly);
    let error = scene
        .complain_anyway(3, 3)
        .verify(&scene.public)
        .unwrap_err();
    let complainer = NodeIndex(3);
    assert_eq!(error, IdkgError::UnfoundedComplaint { complainer });
    assert_eq!(error.culprits(), [complainer]);
}

#[test]
fn refuses_forged_complaints() {
    let scene = scene(spoil_for(&[4]));
    let complainer = NodeIndex(4);
    // In another node's name, with one's own secret; and with a point that is not the shared one.
    let forged = scene
        .complain_anyway(4, 3)
        .verify(&scene.public)
        .unwrap_err();
    assert_eq!(forged, IdkgError::BadComplaint { complainer });
    let secret = &scene.world.secrets[4];
    let wrong = secret.shared(secret.public());
    let forged = Complaint::new(&scene.public, complainer, secret, wrong, &mut rng(1));
    let forged = forged.verify(&scene.public).unwrap_err();
    assert_eq!(forged, IdkgError::BadComplaint { complainer });
    // A valid complaint of another under one's own name.
    let mut bytes = scene.complaint(4).encode();
    bytes[33] = 3;
    let stolen = Complaint::decode(&bytes).unwrap().verify(&scene.public);
    let complainer = NodeIndex(3);
    assert_eq!(stolen.unwrap_err(), IdkgError::BadComplaint { complainer });
    bytes[33] = 30;
    let outsider = Complaint::decode(&bytes).unwrap().verify(&scene.public);
    assert_eq!(
        outsider.unwrap_err(),
        IdkgError::NotAReceiver(NodeIndex(30))
    );
}

#[test]
fn refuses_a_complaint_replayed_against_another_dealing() {
    let scene = scene(spoil_for(&[4]));
    let other = scene
        .world
        .deal(&scene.params, |_| crate::DealerInput::Nothing, 3);
    let from = NodeIndex(4);
    let replayed = scene.complaint(4).verify(&other[0]).unwrap_err();
    assert_eq!(replayed, IdkgError::OtherDealing { from });
    let mut bytes = scene.complaint(4).encode();
    bytes[..32].copy_from_slice(&other[0].digest().0);
    let rewritten = Complaint::decode(&bytes).unwrap().verify(&other[0]);
    let complainer = from;
    assert_eq!(
        rewritten.unwrap_err(),
        IdkgError::BadComplaint { complainer }
    );
}

#[test]
fn opens_no_other_dealing_than_the_accused_one() {
    let scene = scene(spoil_for(&[4]));
    let complaint = scene.complaint(4).verify(&scene.public).unwrap();
    let other = scene
        .world
        .deal(&scene.params, |_| crate::DealerInput::Nothing, 3);
    let opened = scene.world.open_good(&other[0], NodeIndex(0));
    let from = NodeIndex(4);
    assert_eq!(
        opened.answer(&complaint).unwrap_err(),
        IdkgError::OtherDealing { from }
    );
    // An opening sent before any complaint about its dealing is of no use to anyone: the complaint must be about that dealing.
    let early = scene.opening(0, &complaint);
    let refused = early.verify(&other[0], &complaint).unwrap_err();
    let from = NodeIndex(0);
    assert_eq!(refused, IdkgError::OtherDealing { from });
}

#[test]
fn refuses_wrong_openings_and_too_few() {
    let scene = scene(spoil_for(&[4]));
    let complaint = scene.complaint(4).verify(&scene.public).unwrap();
    let mut bytes = scene.opening(0, &complaint).encode();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let wrong = Opening::<K1, Masked>::decode(&bytes).unwrap();
    let error = wrong.verify(&scene.public, &complaint).unwrap_err();
    let opener = NodeIndex(0);
    assert_eq!(error, IdkgError::BadOpening { opener });
    assert_eq!(error.culprits(), [opener]);
    let verified = |node| {
        let opening = scene.opening(node, &complaint);
        opening.verify(&scene.public, &complaint).unwrap()
    };
    // The same opening thrice counts once.
    let openings = [verified(0), verified(0), verified(0), verified(2)];
    let error = scene.public.restore(&complaint, &openings).unwrap_err();
    let (what, needed, found) = (Needed::Openings, 3, 2);
    assert_eq!(
        error,
        IdkgError::NotEnough {
            what,
            needed,
            found
        }
    );
}

#[test]
fn refuses_an_opening_with_a_scalar_that_is_no_share() {
    let scene = scene(spoil_for(&[4]));
    let complaint = scene.complaint(4).verify(&scene.public).unwrap();
    let mut bytes = scene.good(0).answer(&complaint).unwrap().encode();
    assert!(Opening::<K1, Masked>::decode(&bytes).is_ok());
    // Digest (32), opener (2), number of scalars (4).
    assert_eq!(bytes[34..38], 4_u32.to_be_bytes());
    bytes[37] = 5;
    bytes.extend([0; 32]);
    let refused = Opening::<K1, Masked>::decode(&bytes).unwrap_err();
    assert_eq!(refused, IdkgError::Malformed(CodecError::TooLong(32)));
}

/// The opener knows the weights of 6.2, which the dealing alone determines, and lets two errors cancel out.
#[test]
fn refuses_an_opening_forged_with_the_weights_of_the_dealing() {
    let scene = scene(spoil_for(&[4]));
    let complaint = scene.complaint(4).verify(&scene.public).unwrap();
    let opener = NodeIndex(0);
    let good = scene.good(0);
    // The control: weighted, the forged shares pass, and so would those restored from them.
    let forged = cancelling(&scene.public, good.shares());
    assert!(scene.public.opens(opener, &forged));
    assert!(!scene.public.opens_each(opener, &forged));
    assert!(scene.public.opens_each(opener, good.shares()));
    let forged = open_wrong(&good, &complaint).unwrap();
    let forged = Opening::<K1, Masked>::decode(&forged.encode()).unwrap();
    let error = forged.verify(&scene.public, &complaint).unwrap_err();
    assert_eq!(error, IdkgError::BadOpening { opener });
    assert_eq!(error.culprits(), [opener]);
    let others = [1, 2, 3].map(|node| {
        let opening = scene.opening(node, &complaint);
        opening.verify(&scene.public, &complaint).unwrap()
    });
    scene.has_its_shares(&scene.public.restore(&complaint, &others).unwrap());
}

#[test]
fn notices_errors_in_a_batch_that_cancel_out_without_weights() {
    let one = <K1 as Curve>::Scalar::ONE;
    // Value and mask of the first sharing up, of the second down.
    let scene = scene(|node, scalars| {
        if node == NodeIndex(4) {
            add(&mut scalars[0], one);
            add(&mut scalars[2], -one);
        }
    });
    assert!(scene.complaint(4).verify(&scene.public).is_ok());
}

#[test]
fn dealings_opened_together_give_what_each_gives_alone() {
    let scene = scene(spoil_for(&[4]));
    let nothing = |_| crate::DealerInput::Nothing;
    let good = scene.world.deal(&scene.params, nothing, 3);
    let all = vec![good[0].clone(), scene.public.clone(), good[2].clone()];
    let together = PublicDealings::new(all.clone()).unwrap();
    // The first to ask is checked in another way than those after it, and node 4 falls back to one by one.
    for node in [4, 0, 1, 4, 5].map(NodeIndex) {
        let secret = &scene.world.secrets[usize::from(node.0)];
        let opened = together.open(node, secret, &mut rng(1)).unwrap();
        for (opened, alone) in opened.into_iter().zip(&all) {
            match (opened, scene.world.open(alone, node)) {
                (Opened::Good(one), Opened::Good(other)) => {
                    let pairs = one.shares().iter().zip(other.shares());
                    for (one, other) in pairs {
                        assert_eq!(one.value.expose(), other.value.expose());
                        assert_eq!(one.mask.expose(), other.mask.expose());
                    }
                }
                (Opened::Bad(one), Opened::Bad(_)) => {
                    assert_eq!((one.complainer(), alone.dealer()), (NodeIndex(4), DEALER));
                    assert!(one.verify(alone).is_ok());
                }
                (one, other) => panic!("{one:?} together, {other:?} alone"),
            }
        }
    }
}
