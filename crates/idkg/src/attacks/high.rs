//! Acknowledge or reveal: dealers that serve only some, silent nodes, reveals that say too much or wrong things.

use super::world::{World, id, rng};
use super::{add, seal, spoil_for};
use crate::acknowledged::{
    AcknowledgedDealing, Acknowledgement, HighDealing, HighParams, KeptShares, Reveal,
    VerifiedAcknowledgement,
};
use crate::error::{IdkgError, Needed};
use crate::faulty::cancelling;
use crate::kind::{Kind, Masked, Unmasked};
use crate::proof::Proof;
use crate::{
    DealerInput, Opened, OpenedDealing, PublicDealing, SupportedDealing, Transcript,
    TranscriptShare,
};
use chainkey_algebra::{BlsG2, Curve, NodeIndex, Secp256k1, lagrange};
use std::collections::BTreeMap;

/// A finished ceremony: shares of those that took part in it to the end.
struct High<C: Curve, K: Kind> {
    transcript: Transcript<C, K>,
    shares: BTreeMap<NodeIndex, TranscriptShare<C, K>>,
}

/// One dealing under way: who opened it, and who acknowledged.
struct Dealt<C: Curve, K: Kind> {
    public: PublicDealing<C, K>,
    kept: KeptShares<C, K>,
    opened: BTreeMap<NodeIndex, OpenedDealing<C, K>>,
}

impl<C: Curve, K: Kind> Dealt<C, K> {
    fn new(
        world: &World,
        params: &HighParams<C, K>,
        dealer: u16,
        input: DealerInput<'_, C>,
    ) -> Self {
        let rng = &mut rng(u64::from(dealer) + 50);
        let HighDealing { dealing, kept } = params.deal(NodeIndex(dealer), input, rng).unwrap();
        let public = dealing.verify(params.params()).unwrap();
        Dealt::opened_by_all(world, public, kept)
    }

    fn opened_by_all(world: &World, public: PublicDealing<C, K>, kept: KeptShares<C, K>) -> Self {
        let opened = world
            .nodes()
            .filter_map(|node| match world.open(&public, node) {
                Opened::Good(opened) => Some((node, opened)),
                Opened::Bad(_) => None,
            });
        Dealt {
            opened: opened.collect(),
            public,
            kept,
        }
    }

    fn acknowledge(
        &self,
        world: &World,
        nodes: impl IntoIterator<Item = u16>,
    ) -> Vec<VerifiedAcknowledgement> {
        let sign = |node: u16| {
            let vouched = self.opened[&NodeIndex(node)].vouch();
            let key = &world.signing[usize::from(node)];
            let signed = Acknowledgement::sign(NodeIndex(node), key, [vouched]);
            let sent = Acknowledgement::decode(&signed.encode()).unwrap();
            sent.verify(&world.members).unwrap()
        };
        nodes.into_iter().map(sign).collect()
    }

    /// Ends the dealing: the dealer reveals for those that are not among the acknowledging ones.
    fn finish(
        self,
        world: &World,
        nodes: impl IntoIterator<Item = u16>,
    ) -> (
        AcknowledgedDealing<C, K>,
        BTreeMap<NodeIndex, OpenedDealing<C, K>>,
    ) {
        let acknowledged = self.acknowledge(world, nodes);
        let reveal = self.kept.reveal(&self.public, &acknowledged).unwrap();
        let reveal = Reveal::decode(&reveal.encode()).unwrap();
        let dealing = AcknowledgedDealing::new(self.public, &acknowledged, reveal).unwrap();
        let mut opened = self.opened;
        for node in world.nodes() {
            if let Some(revealed) = dealing.revealed(node) {
                opened.insert(node, revealed.clone());
            }
        }
        (dealing, opened)
    }
}

/// A ceremony in which the last f receivers never acknowledge.
fn ceremony<'a, C: Curve, K: Kind>(
    world: &World,
    params: &HighParams<C, K>,
    input: impl Fn(NodeIndex) -> DealerInput<'a, C>,
) -> High<C, K> {
    let enough = world.members.committee().high().shares() as u16;
    let needed = params.params().needed_dealings() as u16;
    let mut dealings = Vec::new();
    let mut opened = Vec::new();
    for dealer in 0..needed {
        let dealt = Dealt::new(world, params, dealer, input(NodeIndex(dealer)));
        let (dealing, own) = dealt.finish(world, 0..enough);
        dealings.push(dealing);
        opened.push(own);
    }
    let transcript = params.transcript(&dealings).unwrap();
    let share = |node: NodeIndex| {
        let own: Vec<_> = opened.iter().map(|own| own[&node].clone()).collect();
        (node, transcript.share(node, &own).unwrap())
    };
    let shares = world.nodes().map(share).collect();
    High { transcript, shares }
}

impl<C: Curve> High<C, Unmasked> {
    fn public(&self) -> C::Point {
        self.transcript.commitments()[0].constant()
    }

    /// What these nodes would find together: only tests may do this.
    fn collude(&self, nodes: impl IntoIterator<Item = u16>) -> C::Point {
        let nodes = nodes.into_iter().map(NodeIndex);
        let shares: Vec<_> = nodes
            .map(|node| (node, *self.shares[&node].shares()[0].value.expose()))
            .collect();
        C::mul_base(&lagrange::masked_at_zero::<C>(&shares).unwrap())
    }
}

fn fresh<C: Curve>(world: &World) -> HighParams<C, Unmasked> {
    HighParams::random_unmasked(id(1), &world.members, &world.members, 1).unwrap()
}

#[test]
fn a_high_key_is_made_and_moved_and_2f_plus_1_shares_are_needed() {
    let world = World::new(7, 1);
    let key = ceremony(&world, &fresh::<BlsG2>(&world), |_| DealerInput::Nothing);
    assert_eq!(key.transcript.threshold().shares(), 5);
    assert_eq!(key.collude([0, 2, 3, 5, 6]), key.public());
    assert_ne!(key.collude([0, 2, 3, 5]), key.public());
    let mut key = key;
    let public = key.public();
    for (seed, nodes) in [(1, 7), (2, 4), (3, 13)] {
        let next = World::new(nodes, seed);
        let number = id(u64::from(nodes) + 10);
        let params = HighParams::reshare_of_unmasked(number, &key.transcript, &next.members);
        let old = key;
        let input = |node| DealerInput::Unmasked(&old.shares[&node]);
        key = ceremony(&next, &params.unwrap(), input);
        let needed = next.members.committee().high().shares() as u16;
        assert_eq!(key.public(), public);
        assert_eq!(key.collude(0..needed), public);
        assert_ne!(key.collude(1..needed), public);
    }
}

#[test]
fn an_unbiased_high_key_is_reshared_from_a_masked_value() {
    let world = World::new(4, 1);
    let members = &world.members;
    let params = HighParams::<Secp256k1, Masked>::random(id(1), members, members, 1).unwrap();
    let masked = ceremony(&world, &params, |_| DealerInput::Nothing);
    let params = HighParams::reshare_of_masked(id(2), &masked.transcript, members).unwrap();
    let key = ceremony(&world, &params, |node| {
        DealerInput::Masked(&masked.shares[&node])
    });
    assert_eq!(key.collude([0, 1, 3]), key.public());
}

/// The attack that complaints can't answer. n = 7, f = 2: the dealer is faulty and serves just the honest nodes 0, 1, 2; the faulty 5 and 6
/// acknowledge as well and then go silent. The honest nodes 3 and 4 got nothing.
#[test]
fn a_dealer_that_serves_f_plus_1_honest_nodes_must_reveal_to_be_used() {
    let world = World::new(7, 1);
    let params = fresh::<BlsG2>(&world);
    let plan = super::plan(1, 5, 1);
    let bad = [3, 4];
    let dealing = seal(
        params.params(),
        NodeIndex(6),
        &plan,
        Proof::None,
        spoil_for(&bad),
    );
    let public = dealing.verify(params.params()).unwrap();
    let HighDealing { kept, .. } = params
        .deal(NodeIndex(6), DealerInput::Nothing, &mut rng(1))
        .unwrap();
    let dealt = Dealt::opened_by_all(&world, public, kept);
    assert_eq!(dealt.opened.len(), 5);
    let acknowledged = dealt.acknowledge(&world, [0, 1, 2, 5, 6]);
    let reveal = |nodes: &[u16]| Reveal::<BlsG2, Unmasked> {
        digest: dealt.public.digest(),
        dealer: NodeIndex(6),
        shares: nodes
            .iter()
            .map(|node| {
                let mut scalars = plan.scalars(NodeIndex(*node)).into_iter();
                (
                    NodeIndex(*node),
                    vec![Unmasked::share(&mut scalars).unwrap()],
                )
            })
            .collect(),
    };
    let complete = |reveal| AcknowledgedDealing::new(dealt.public.clone(), &acknowledged, reveal);
    // Silent or half silent, the dealer is not used, and nobody waits for it: enough others are honest.
    for silent in [&[][..], &[3], &[4]] {
        assert!(matches!(
            complete(reveal(silent)),
            Err(IdkgError::NotCovered(_))
        ));
    }
    let usable = complete(reveal(&bad)).unwrap();
    // Used, every honest node has its share, and the honest ones alone can use the key.
    let others = Dealt::new(&world, &params, 0, DealerInput::Nothing).finish(&world, 0..5);
    let third = Dealt::new(&world, &params, 1, DealerInput::Nothing).finish(&world, 0..5);
    let all = [usable.clone(), others.0, third.0];
    let transcript = params.transcript(&all).unwrap();
    let honest: Vec<_> = (0..5)
        .map(NodeIndex)
        .map(|node| {
            let first = usable
                .revealed(node)
                .or(dealt.opened.get(&node))
                .unwrap()
                .clone();
            let own = [first, others.1[&node].clone(), third.1[&node].clone()];
            let share = transcript.share(node, &own).unwrap();
            (node, *share.shares()[0].value.expose())
        })
        .collect();
    let found = lagrange::masked_at_zero::<BlsG2>(&honest).unwrap();
    let public = transcript.commitments()[0].constant();
    assert_eq!(BlsG2::mul_base(&found), public);
}

#[test]
fn what_the_adversary_may_know_of_a_dealing_does_not_determine_it() {
    let world = World::new(7, 1);
    let params = fresh::<Secp256k1>(&world);
    let dealt = Dealt::new(&world, &params, 0, DealerInput::Nothing);
    let constant = dealt.public.commitments()[0].constant();
    let share = |node: u16| {
        let shares = dealt.opened[&NodeIndex(node)].shares();
        (NodeIndex(node), *shares[0].value.expose())
    };
    // Its own two and two that were revealed; and a fifth as the control.
    let known: Vec<_> = [5, 6, 3, 4, 0].map(share).into();
    let found =
        |shares| Secp256k1::mul_base(&lagrange::masked_at_zero::<Secp256k1>(shares).unwrap());
    assert_ne!(found(&known[..4]), constant);
    assert_eq!(found(&known), constant);
}

#[test]
fn refuses_reveals_that_say_too_much_or_wrong_things() {
    let world = World::new(4, 1);
    let params = fresh::<Secp256k1>(&world);
    let make = || Dealt::new(&world, &params, 2, DealerInput::Nothing);
    let dealer = NodeIndex(2);
    let revealed = |nodes: &[u16], spoil: bool| {
        let kept = make().kept;
        let mut shares = kept.shares;
        shares.retain(|node, _| nodes.contains(&node.0));
        for share in shares.values_mut().filter(|_| spoil) {
            add(&mut share[0].value, <Secp256k1 as Curve>::Scalar::ONE);
        }
        Reveal::<Secp256k1, Unmasked> {
            digest: kept.digest,
            dealer,
            shares,
        }
    };
    let complete = |reveal| {
        let dealt = make();
        let acknowledged = dealt.acknowledge(&world, [0, 1, 2]);
        AcknowledgedDealing::new(dealt.public, &acknowledged, reveal).map(|_| ())
    };
    assert_eq!(complete(revealed(&[3], false)), Ok(()));
    let wrong = complete(revealed(&[3], true)).unwrap_err();
    let receiver = NodeIndex(3);
    assert_eq!(wrong, IdkgError::BadReveal { dealer, receiver });
    assert_eq!(wrong.culprits(), [dealer]);
    let much = complete(revealed(&[0, 3], false)).unwrap_err();
    let (limit, found) = (1, 2);
    assert_eq!(
        much,
        IdkgError::TooMuchRevealed {
            dealer,
            limit,
            found
        }
    );
    let missing = complete(revealed(&[1], false)).unwrap_err();
    assert_eq!(missing, IdkgError::NotCovered(NodeIndex(3)));
    assert!(missing.culprits().is_empty());
    let mut other = revealed(&[3], false);
    other.digest.0[0] ^= 1;
    let from = dealer;
    assert_eq!(complete(other), Err(IdkgError::OtherDealing { from }));
}

/// The dealer knows the weights of 6.2 when it reveals: two errors that cancel out would give the receiver a share of nothing.
#[test]
fn refuses_a_reveal_forged_with_the_weights_of_the_dealing() {
    let world = World::new(4, 1);
    let members = &world.members;
    let params =
        HighParams::<Secp256k1, Unmasked>::random_unmasked(id(1), members, members, 2).unwrap();
    let (dealer, receiver) = (NodeIndex(2), NodeIndex(3));
    let dealt = Dealt::new(&world, &params, dealer.0, DealerInput::Nothing);
    let acknowledged = dealt.acknowledge(&world, [0, 1, 2]);
    let honest = dealt.kept.reveal(&dealt.public, &acknowledged).unwrap();
    let mut forged = honest.clone();
    let shares = cancelling(&dealt.public, &honest.shares[&receiver]);
    // The control: weighted, they pass.
    assert!(dealt.public.opens(receiver, &shares));
    forged.shares.insert(receiver, shares);
    let complete = |reveal| AcknowledgedDealing::new(dealt.public.clone(), &acknowledged, reveal);
    let error = complete(forged).unwrap_err();
    assert_eq!(error, IdkgError::BadReveal { dealer, receiver });
    assert!(complete(honest).is_ok());
}

#[test]
fn a_dealer_reveals_nothing_before_2f_plus_1_acknowledgements() {
    let world = World::new(4, 1);
    let params = fresh::<Secp256k1>(&world);
    let dealt = Dealt::new(&world, &params, 2, DealerInput::Nothing);
    let few = dealt.acknowledge(&world, [0, 1]);
    let enough = dealt.acknowledge(&world, [0, 1, 3]);
    let (kept, error) = dealt.kept.reveal(&dealt.public, &few).unwrap_err();
    let (what, needed, found) = (Needed::Acknowledgements, 3, 2);
    assert_eq!(
        error,
        IdkgError::NotEnough {
            what,
            needed,
            found
        }
    );
    let reveal = kept.reveal(&dealt.public, &enough).unwrap();
    assert_eq!(
        reveal.shares.keys().copied().collect::<Vec<_>>(),
        [NodeIndex(2)]
    );
}

#[test]
fn high_and_low_thresholds_do_not_mix() {
    let world = World::new(4, 1);
    let params = fresh::<Secp256k1>(&world);
    let dealt = Dealt::new(&world, &params, 2, DealerInput::Nothing);
    let supports: Vec<_> = world
        .nodes()
        .map(|node| world.support(node, [&dealt.opened[&node]]))
        .collect();
    let refused = SupportedDealing::new(dealt.public, &supports).unwrap_err();
    let (expected, found) = (2, 3);
    assert_eq!(refused, IdkgError::ThresholdMismatch { expected, found });
    let low = world.key::<Secp256k1>(5);
    let refused = HighParams::reshare_of_unmasked(id(9), &low.transcript, &world.members);
    let (expected, found) = (3, 2);
    assert_eq!(
        refused.unwrap_err(),
        IdkgError::ThresholdMismatch { expected, found }
    );
    let high = ceremony(&world, &params, |_| DealerInput::Nothing);
    let refused = crate::Params::reshare_of_unmasked(id(9), &high.transcript, &world.members);
    let (expected, found) = (2, 3);
    assert_eq!(
        refused.unwrap_err(),
        IdkgError::ThresholdMismatch { expected, found }
    );
}
