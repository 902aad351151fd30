//! Rows of the table of faults that drawn lives do not force: each kind of message withheld by f nodes, dealers that contradict themselves in different
//! blocks, committees that are one dealer short.
//!
//! Source: protocols.md of the design, section 10. Each row has its control: what stops when one node more is faulty.

use crate::plan::KINDS;
use crate::world::{self, ALL, SCHEMES, certified, key, sign, text};
use chainkey_algebra::NodeIndex;
use chainkey_subnet::{Membership, Subnet, SubnetError};
use std::collections::BTreeSet;
use subnet_view::{Condition, Effect, Misbehaviour, PayloadKind, Rule};

fn withhold(nodes: impl IntoIterator<Item = u16>, kind: PayloadKind) -> Rule {
    Rule::always(nodes.into_iter().map(NodeIndex), Effect::Drop).only(kind)
}

fn lie(node: u16, misbehaviour: Misbehaviour) -> Rule {
    Rule::always([NodeIndex(node)], Effect::Corrupt(misbehaviour))
}

/// Everything that a subnet does: keys, presignatures, signatures, randomness, a certification.
fn everything(subnet: &mut Subnet, round: &mut u64, id: u64) -> Result<(), String> {
    for scheme in ALL {
        subnet.master_key(&key(scheme)).map_err(text)?;
    }
    sign(subnet, round, id)?;
    certified(subnet, [id as u8; 32])?;
    subnet.random_bytes(*round, b"a").map_err(text)?;
    world::next_beacon(subnet).map(drop)
}

#[test]
fn each_kind_of_message_may_be_withheld_by_f_nodes() {
    for kind in KINDS {
        for nodes in [4, 7] {
            let f = (nodes - 1) / 3;
            for silent in 1..=f {
                let mut subnet = world::subnet(nodes, 1);
                // The faulty nodes that are left deal wrong shares, so that there is something to complain about, to open and to reveal.
                let mut rules = vec![withhold(0..silent, kind)];
                rules.extend((silent..f).map(|node| lie(node, Misbehaviour::WrongShares(f))));
                subnet.faults_mut().rules = rules;
                let round = &mut 1;
                everything(&mut subnet, round, 0).unwrap();
                subnet
                    .reshare(&Membership::refresh(subnet.committee()))
                    .unwrap();
                everything(&mut subnet, round, 10).unwrap();
                assert!(
                    subnet.blames().all(|(node, _)| node.0 >= silent),
                    "{kind:?}"
                );
            }
        }
    }
}

/// The controls: so many nodes more, and what needs this kind of message stands still, until they speak.
#[test]
fn each_kind_of_message_stops_what_needs_it_when_too_many_withhold_it() {
    use PayloadKind::{
        Acknowledgement, BeaconShare, CertificationShare, Dealing, SignatureShare, Support,
        TapeShare,
    };
    for nodes in [4, 7] {
        let f = (nodes - 1) / 3;
        for (kind, enough) in [
            (Dealing, f + 1),
            (Support, f + 1),
            (Acknowledgement, f + 1),
            (CertificationShare, f + 1),
            (TapeShare, 2 * f + 1),
            (BeaconShare, 2 * f + 1),
            (SignatureShare, 2 * f + 1),
        ] {
            let mut subnet = world::subnet(nodes, 2);
            let round = &mut 1;
            subnet.faults_mut().rules = vec![withhold(0..enough, kind)];
            assert!(everything(&mut subnet, round, 0).is_err(), "{kind:?}");
            subnet.faults_mut().rules.clear();
            everything(&mut subnet, round, 10).unwrap();
            assert_eq!(subnet.blames().count(), 0, "{kind:?}");
        }
    }
}

/// Without openings nobody restores what a dealer spoiled: when it is gone, products lack the cheated node's dealings.
#[test]
fn without_openings_a_cheated_node_stays_without_its_shares() {
    let mut subnet = world::subnet(4, 3);
    subnet.faults_mut().rules = vec![
        lie(3, Misbehaviour::WrongShares(1)).only(PayloadKind::Dealing),
        withhold(0..4, PayloadKind::Opening),
    ];
    let ecdsa = key(SCHEMES[0]);
    subnet.master_key(&ecdsa).unwrap();
    subnet.faults_mut().set(NodeIndex(3), Condition::Crashed);
    subnet.refill();
    assert_eq!(subnet.stock(&ecdsa), 0);
    subnet.faults_mut().rules.clear();
    subnet.refill();
    assert!(subnet.stock(&ecdsa) > 0);
}

#[test]
fn a_dealer_that_deals_twice_is_blamed_in_whatever_blocks_its_dealings_arrive() {
    let mut blamed = 0;
    for seed in 0..8 {
        let mut subnet = world::subnet(4, seed);
        let liar = NodeIndex(2);
        subnet.faults_mut().rules = vec![
            lie(liar.0, Misbehaviour::SecondDealing),
            Rule::always([liar], Effect::Delay(2))
                .only(PayloadKind::Dealing)
                .sometimes(50),
        ];
        everything(&mut subnet, &mut 1, 0).unwrap();
        let blames: BTreeSet<_> = subnet.blames().collect();
        assert!(blames.iter().all(|(node, _)| *node == liar), "{blames:?}");
        blamed += usize::from(blames.contains(&(liar, "dealt twice")));
    }
    assert_eq!(blamed, 8);
}

/// A resharing takes as many old dealers as the key has shares that are needed: 2f + 1 for the certification key, f + 1 for the others.
#[test]
fn one_old_dealer_too_few_and_no_key_moves() {
    for nodes in [4, 7] {
        let f = (nodes - 1) / 3;
        for (high, dealers) in [(true, 2 * f + 1), (false, f + 1)] {
            let mut subnet = world::subnet(nodes, 4);
            let ed25519 = key(SCHEMES[2]);
            let before = if high {
                certified(&mut subnet, [1; 32]).unwrap()
            } else {
                subnet.master_key(&ed25519).unwrap()
            };
            let plan = Membership::strangers(nodes);
            let others = |dealers| withhold(dealers..nodes, PayloadKind::Dealing);
            subnet.faults_mut().rules = vec![others(dealers - 1)];
            let refused = subnet.reshare(&plan);
            assert!(matches!(refused, Err(SubnetError::HandoverStopped { .. })));
            assert_eq!(subnet.epoch(), 0);
            subnet.faults_mut().rules = vec![others(dealers)];
            subnet.reshare(&plan).unwrap();
            subnet.faults_mut().rules.clear();
            let after = if high {
                certified(&mut subnet, [2; 32]).unwrap()
            } else {
                subnet.master_key(&ed25519).unwrap()
            };
            assert_eq!(after, before);
        }
    }
}
