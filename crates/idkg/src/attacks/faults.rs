//! Whole ceremonies with up to f nodes that do anything: all honest nodes finish with the same key, whose value resharing keeps.
//!
//! Each case is determined by a seed, which a failing property prints.

use super::world::{World, id, rng};
use super::{K1, plan, seal};
use crate::error::IdkgError;
use crate::kind::Kind;
use crate::proof::Proof;
use crate::{
    Complaint, DealerInput, Dealing, Extraction, Opened, OpenedDealing, Params, PublicDealing,
    Support, SupportedDealing, Transcript, TranscriptShare, VerifiedSupport,
};
use chainkey_algebra::{Curve, NodeIndex, Secret, lagrange};
use proptest::prelude::*;
use rand_core::RngCore;
use std::collections::{BTreeMap, BTreeSet};

/// What a faulty node does as a dealer.
#[derive(Clone, Copy, Debug)]
enum Fault {
    Silent,
    WrongShares,
    WrongDegree,
    NoProof,
    Garbage,
}

struct Ceremony<'a> {
    world: &'a World,
    faulty: BTreeMap<NodeIndex, Fault>,
    seed: u64,
}

fn draw_faulty(world: &World, seed: u64) -> BTreeMap<NodeIndex, Fault> {
    let rng = &mut rng(seed);
    let committee = world.members.committee();
    let mut faulty = BTreeMap::new();
    for _ in 0..committee.faulty() {
        let node = NodeIndex((rng.next_u32() % committee.size() as u32) as u16);
        let faults = [
            Fault::Silent,
            Fault::WrongShares,
            Fault::WrongDegree,
            Fault::NoProof,
            Fault::Garbage,
        ];
        faulty.insert(node, faults[rng.next_u32() as usize % faults.len()]);
    }
    faulty
}

type Shares<K> = BTreeMap<NodeIndex, TranscriptShare<K1, K>>;

impl Ceremony<'_> {
    fn honest(&self) -> impl Iterator<Item = NodeIndex> + '_ {
        let nodes = self.world.nodes();
        nodes.filter(|node| !self.faulty.contains_key(node))
    }

    /// A faulty dealing as it is sent; nothing from a silent dealer.
    fn faulty_bytes<K: Kind>(&self, params: &Params<K1, K>, dealer: NodeIndex) -> Option<Vec<u8>> {
        let threshold = params.threshold().shares();
        let spoil = |node: NodeIndex, scalars: &mut Vec<Secret<K1>>| {
            if (self.seed >> (node.0 % 60)) & 1 == 1 {
                scalars[0] = Secret::random(&mut rng(self.seed));
            }
        };
        let (threshold, bad) = match self.faulty[&dealer] {
            Fault::Silent => return None,
            Fault::WrongShares => (threshold, true),
            Fault::WrongDegree => (threshold + 1, false),
            Fault::NoProof => (threshold, false),
            Fault::Garbage => return Some(vec![0x5a; 300]),
        };
        let plan = plan(params.batch(), threshold, self.seed);
        let honestly = |_: NodeIndex, _: &mut Vec<Secret<K1>>| {};
        let dealing = match bad {
            true => seal(params, dealer, &plan, Proof::None, spoil),
            false => seal(params, dealer, &plan, Proof::None, honestly),
        };
        Some(dealing.encode().to_vec())
    }

    /// The dealings that pass the public checks; a dealing that does not is its dealer's fault.
    fn dealings<'i, K: Kind>(
        &self,
        params: &Params<K1, K>,
        input: impl Fn(NodeIndex) -> DealerInput<'i, K1>,
    ) -> Vec<PublicDealing<K1, K>> {
        let mut verified = Vec::new();
        for dealer in params.dealers().committee().members() {
            let bytes = match self.faulty.contains_key(&dealer) {
                true => self.faulty_bytes(params, dealer),
                false => {
                    let rng = &mut rng(self.seed ^ u64::from(dealer.0));
                    let dealing = Dealing::create(params, dealer, input(dealer), rng).unwrap();
                    Some(dealing.encode().to_vec())
                }
            };
            let Some(bytes) = bytes else { continue };
            match Dealing::decode(&bytes).and_then(|dealing| dealing.verify(params)) {
                Ok(public) => verified.push(public),
                Err(IdkgError::Malformed(_)) => assert!(self.faulty.contains_key(&dealer)),
                Err(error) => {
                    assert_eq!(error.culprits(), [dealer]);
                    assert!(self.faulty.contains_key(&dealer));
                }
            }
        }
        verified
    }

    /// A whole operation. Faulty nodes neither support nor open.
    fn run<'i, K: Kind>(
        &self,
        params: &Params<K1, K>,
        input: impl Fn(NodeIndex) -> DealerInput<'i, K1>,
    ) -> (Transcript<K1, K>, Shares<K>) {
        let dealings = self.dealings(params, input);
        let mut opened: BTreeMap<NodeIndex, Vec<OpenedDealing<K1, K>>> = BTreeMap::new();
        let mut complaints: Vec<(usize, Box<Complaint>)> = Vec::new();
        for node in self.honest() {
            let own = opened.entry(node).or_default();
            for (index, dealing) in dealings.iter().enumerate() {
                match self.world.open(dealing, node) {
                    Opened::Good(good) => own.push(good),
                    Opened::Bad(complaint) => complaints.push((index, complaint)),
                }
            }
        }
        let sign = |(node, own): (&NodeIndex, &Vec<OpenedDealing<K1, K>>)| {
            let key = &self.world.signing[usize::from(node.0)];
            let support = Support::sign(*node, key, own.iter().map(OpenedDealing::vouch));
            support.verify(&self.world.members).unwrap()
        };
        let supports: Vec<VerifiedSupport> = opened.iter().map(sign).collect();
        let usable: Vec<_> = dealings
            .iter()
            .filter_map(|one| SupportedDealing::new(one.clone(), &supports).ok())
            .collect();
        let transcript = Transcript::new(params, &usable).unwrap();
        let used: BTreeSet<_> = transcript
            .dealings()
            .iter()
            .map(|(_, digest)| *digest)
            .collect();
        for (index, complaint) in complaints {
            let public = &dealings[index];
            let verified = complaint.verify(public).unwrap();
            assert!(self.faulty.contains_key(&verified.dealer()));
            if !used.contains(&public.digest()) {
                continue;
            }
            let openings: Vec<_> = opened
                .values()
                .flatten()
                .filter_map(|own| own.answer(&verified).ok())
                .map(|opening| opening.verify(public, &verified).unwrap())
                .collect();
            let restored = public.restore(&verified, &openings).unwrap();
            opened
                .get_mut(&verified.complainer())
                .unwrap()
                .push(restored);
        }
        let shares = opened
            .iter()
            .map(|(node, own)| (*node, transcript.share(*node, own).unwrap()))
            .collect();
        (transcript, shares)
    }
}

fn secret<K: Kind>(shares: &Shares<K>, threshold: usize) -> <K1 as Curve>::Scalar {
    let value = |share: &TranscriptShare<K1, K>| *K::scalars(&share.shares()[0])[0].expose();
    let all: Vec<_> = shares
        .iter()
        .map(|(node, share)| (*node, value(share)))
        .collect();
    let found = lagrange::masked_at_zero::<K1>(&all[..threshold]).unwrap();
    let again = lagrange::masked_at_zero::<K1>(&all[all.len() - threshold..]).unwrap();
    assert_eq!(found, again);
    found
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn honest_nodes_make_and_keep_a_key_whatever_f_nodes_do(seed: u64, nodes in prop_oneof![Just(4u16), Just(7u16)]) {
        let world = World::new(nodes, 1);
        let faulty = draw_faulty(&world, seed);
        let ceremony = Ceremony { world: &world, faulty, seed };
        let members = &world.members;
        let params = Params::random(id(1), members, members, 1, Extraction::Sum).unwrap();
        let (masked, masks) = ceremony.run(&params, |_| DealerInput::Nothing);
        let params = Params::reshare_of_masked(id(2), &masked, members).unwrap();
        let (key, shares) = ceremony.run(&params, |node| DealerInput::Masked(&masks[&node]));
        let threshold = members.committee().low().shares();
        let value = secret(&shares, threshold);
        prop_assert_eq!(value, secret(&masks, threshold));
        let point = key.commitments()[0].constant();
        prop_assert_eq!(K1::mul_base(&value), point);
        let params = Params::reshare_of_unmasked(id(3), &key, members).unwrap();
        let (moved, new) = ceremony.run(&params, |node| DealerInput::Unmasked(&shares[&node]));
        prop_assert_eq!(moved.commitments()[0].constant(), point);
        prop_assert_eq!(secret(&new, threshold), value);
    }

    #[test]
    fn no_byte_of_a_dealing_can_be_changed(seed: u64) {
        let world = World::new(4, 1);
        let members = &world.members;
        let params = Params::<K1, _>::random(id(1), members, members, 2, Extraction::Sum).unwrap();
        let nothing = DealerInput::Nothing;
        let dealing = Dealing::create(&params, NodeIndex(1), nothing, &mut rng(seed)).unwrap();
        let mut bytes = dealing.encode().to_vec();
        let position = seed as usize % bytes.len();
        bytes[position] ^= 1 << (seed >> 32 & 7);
        let changed = Dealing::decode(&bytes).and_then(|dealing| dealing.verify(&params));
        prop_assert!(changed.is_err(), "byte {}", position);
    }
}
