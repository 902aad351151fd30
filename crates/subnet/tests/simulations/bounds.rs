//! How many nodes are needed for what: up to f may be gone, with f + 1 gone everything stands still and nothing wrong comes out.
//!
//! Source: protocols.md of the design, section 0 (the table) and section 9. Each bound has its control on the other side.

use crate::world::{self, ALL, SCHEMES, certified, finish, key, request, sign};
use chainkey_algebra::NodeIndex;
use chainkey_subnet::{Asker, RequestError, Subnet, SubnetError, Work};
use std::collections::BTreeSet;
use subnet_view::{Condition, Effect, KeyScheme, Misbehaviour, PayloadKind, Rule};

/// Rounds that lie ahead.
const AHEAD: u64 = 3;

const SIZES: [u16; 2] = [4, 7];

fn set(subnet: &mut Subnet, nodes: impl IntoIterator<Item = u16>, condition: Condition) {
    for node in nodes {
        subnet.faults_mut().set(NodeIndex(node), condition);
    }
}

/// Nodes that take part in the ordering of messages, and otherwise say nothing, or nothing of a kind.
fn mute(subnet: &mut Subnet, nodes: impl IntoIterator<Item = u16>, kind: Option<PayloadKind>) {
    let mut rule = Rule::always(nodes.into_iter().map(NodeIndex), Effect::Drop);
    rule.kind = kind;
    subnet.faults_mut().rules = vec![rule];
}

/// A subnet with all keys and stocks.
fn settled(nodes: u16, seed: u64) -> Subnet {
    let mut subnet = world::subnet(nodes, seed);
    for scheme in ALL {
        subnet.master_key(&key(scheme)).unwrap();
    }
    subnet.refill();
    certified(&mut subnet, [0; 32]).unwrap();
    subnet.random_bytes(1, b"first").unwrap();
    subnet
}

fn is_stalled<T>(result: Result<T, SubnetError>) -> bool {
    matches!(result, Err(SubnetError::Stalled { .. }))
}

#[test]
fn without_f_nodes_from_the_beginning_everything_is_done() {
    for condition in [Condition::Crashed, Condition::Silent] {
        for nodes in SIZES {
            let mut subnet = world::subnet(nodes, 1);
            set(&mut subnet, 1..=(nodes - 1) / 3, condition);
            sign(&mut subnet, &mut 1, 0).unwrap();
            certified(&mut subnet, [1; 32]).unwrap();
            subnet.random_bytes(99, b"a").unwrap();
        }
    }
}

#[test]
fn without_f_plus_one_nodes_all_stands_still_and_goes_on_when_one_returns() {
    for condition in [Condition::Crashed, Condition::Silent] {
        for nodes in SIZES {
            let mut subnet = settled(nodes, 2);
            let keys = ALL.map(|scheme| subnet.master_key(&key(scheme)).unwrap());
            let waiting: Vec<_> = ALL.iter().map(|scheme| request(*scheme, 5)).collect();
            for request in &waiting {
                subnet.submit(request.clone());
            }
            let gone = (nodes - 1) / 3 + 1;
            set(&mut subnet, 0..gone, condition);
            for round in 2..6 {
                subnet.advance(round);
                for request in &waiting {
                    assert!(subnet.take_result(&request.key, request.id).is_none());
                }
            }
            assert!(is_stalled(subnet.certify(&[2; 32])));
            assert!(is_stalled(subnet.random_bytes(6, b"a")));
            let new = key(KeyScheme::EcdsaSecp256r1);
            assert!(is_stalled(subnet.master_key(&new)));

            set(&mut subnet, [0], Condition::Running);
            finish(&mut subnet, &mut 7, waiting).unwrap();
            certified(&mut subnet, [2; 32]).unwrap();
            subnet.random_bytes(6, b"a").unwrap();
            subnet.master_key(&new).unwrap();
            let after = ALL.map(|scheme| subnet.master_key(&key(scheme)).unwrap());
            assert_eq!(after, keys);
            assert_eq!(subnet.blames().count(), 0);
        }
    }
}

/// Rows of the table: f + 1 nodes that speak are enough for signatures from the stock and for the tape, but not for certifications, new
/// presignatures and new keys, for which it takes 2f + 1.
#[test]
fn f_plus_one_that_speak_sign_from_the_stock_and_no_more() {
    for nodes in SIZES {
        let f = (nodes - 1) / 3;
        let mut subnet = settled(nodes, 3);
        let round = &mut 10;
        mute(&mut subnet, 0..2 * f, None);
        let requests = SCHEMES
            .map(|scheme| request(scheme, scheme as u64))
            .to_vec();
        for request in &requests {
            subnet.submit(request.clone());
        }
        subnet.advance(*round);
        subnet.advance(*round + 1);
        for request in &requests {
            let (signature, trace) = subnet
                .take_result(&request.key, request.id)
                .unwrap()
                .unwrap();
            let master = subnet.master_key(&request.key).unwrap();
            world::check_signature(request, &master, &signature).unwrap();
            assert!(trace.contributors.iter().all(|node| *node >= 2 * f));
        }
        subnet.random_bytes(9, b"a").unwrap();
        assert!(is_stalled(subnet.certify(&[3; 32])));
        let derived = request(KeyScheme::VetKd, 9);
        subnet.submit(derived.clone());
        subnet.advance(*round + 2);
        assert!(subnet.take_result(&derived.key, derived.id).is_none());
        assert!(is_stalled(
            subnet.master_key(&key(KeyScheme::EcdsaSecp256r1))
        ));
        subnet.faults_mut().rules.clear();
        subnet.refill();
        mute(&mut subnet, 0..2 * f + 1, None);
        let stuck = request(KeyScheme::Ed25519, 10);
        subnet.submit(stuck.clone());
        for late in 100..102 {
            subnet.advance(late);
            assert!(subnet.take_result(&stuck.key, stuck.id).is_none());
        }
        assert!(is_stalled(subnet.random_bytes(300, b"a")));
        mute(&mut subnet, 0..f, None);
        certified(&mut subnet, [3; 32]).unwrap();
        subnet.master_key(&key(KeyScheme::EcdsaSecp256r1)).unwrap();
        subnet.random_bytes(300, b"a").unwrap();
        *round = 300;
        finish(&mut subnet, round, vec![stuck, derived]).unwrap();
        sign(&mut subnet, round, 20).unwrap();
    }
}

#[test]
fn dealings_need_the_support_of_two_thirds_and_products_as_many_dealers() {
    for nodes in SIZES {
        let f = (nodes - 1) / 3;
        for kind in [PayloadKind::Support, PayloadKind::Dealing] {
            let mut subnet = world::subnet(nodes, 4);
            let ecdsa = key(KeyScheme::EcdsaSecp256k1);
            mute(&mut subnet, 0..f + 1, Some(kind));
            let made = subnet.master_key(&ecdsa);
            // f + 1 dealers, of 2f that are left, make a key.
            assert_eq!(made.is_ok(), kind == PayloadKind::Dealing && 2 * f > f);
            subnet.prepare(&ecdsa);
            assert_eq!(subnet.stock(&ecdsa), 0, "{kind:?}");
            mute(&mut subnet, 0..f, Some(kind));
            subnet.prepare(&ecdsa);
            assert!(subnet.stock(&ecdsa) > 0, "{kind:?}");
        }
    }
}

/// The dealer serves 2f + 1 nodes, f of them faulty, and reveals the shares of the rest; then the faulty ones go silent.
#[test]
fn a_dealer_that_serves_f_plus_one_honest_nodes_and_goes_silent_harms_no_high_threshold() {
    for nodes in SIZES {
        let f = (nodes - 1) / 3;
        let mut subnet = world::subnet(nodes, 5);
        // The faulty nodes stand at the end, so that the next ones to the last of them are honest.
        let faulty = nodes - f..nodes;
        let lie = Effect::Corrupt(Misbehaviour::WrongShares(f));
        subnet.faults_mut().rules = vec![
            Rule::always([NodeIndex(nodes - 1)], lie),
            // The others deal too late.
            Rule::always((0..nodes - 1).map(NodeIndex), Effect::Delay(9))
                .only(PayloadKind::Dealing),
        ];
        let public = subnet.public_key().unwrap();
        subnet.faults_mut().rules.clear();
        set(&mut subnet, faulty, Condition::Silent);
        certified(&mut subnet, [5; 32]).unwrap();
        assert_eq!(subnet.public_key().unwrap(), public);
    }
}

/// The liar cheats the node after it, is the first to answer its complaint, and in the end no longer needed by anybody: with n = 4 the three others
/// sign only if the cheated one has all its shares.
#[test]
fn a_liar_that_opens_wrong_shares_takes_no_share_from_others() {
    let mut subnet = world::subnet(4, 7);
    let liar = NodeIndex(0);
    let lie = |misbehaviour| Effect::Corrupt(misbehaviour);
    subnet.faults_mut().rules = vec![
        Rule::always([liar], lie(Misbehaviour::WrongShares(1))).only(PayloadKind::Dealing),
        Rule::always([liar], lie(Misbehaviour::WrongValue)).only(PayloadKind::Opening),
    ];
    let round = &mut 1;
    sign(&mut subnet, round, 0).unwrap();
    subnet.refill();
    let blamed: BTreeSet<_> = subnet.blames().collect();
    let opened = "the share that node 0 opens is wrong";
    assert!(blamed.contains(&(liar, opened)), "{blamed:?}");
    assert!(blamed.iter().all(|(node, _)| *node == liar));
    set(&mut subnet, [liar.0], Condition::Crashed);
    for id in [10, 20, 30] {
        sign(&mut subnet, round, id).unwrap();
    }
}

#[test]
fn shares_that_a_dealer_spoiled_are_restored_by_others() {
    for nodes in SIZES {
        let f = (nodes - 1) / 3;
        let mut subnet = world::subnet(nodes, 6);
        let lie = Effect::Corrupt(Misbehaviour::WrongShares(f));
        subnet.faults_mut().rules = vec![Rule::always([NodeIndex(nodes - 1)], lie)];
        let round = &mut 1;
        sign(&mut subnet, round, 0).unwrap();
        let blamed: BTreeSet<_> = subnet.blames().map(|(node, _)| node.0).collect();
        assert_eq!(blamed, BTreeSet::from([nodes - 1]));
        // Products need 2f + 1 dealers: without the liars, all that it cheated.
        set(&mut subnet, nodes - f..nodes, Condition::Crashed);
        for id in [10, 20, 30] {
            sign(&mut subnet, round, id).unwrap();
        }
    }
}

#[test]
fn a_node_that_joins_late_catches_up() {
    for nodes in SIZES {
        let f = (nodes - 1) / 3;
        let mut subnet = world::subnet(nodes, 7);
        set(&mut subnet, 0..f, Condition::Crashed);
        for scheme in ALL {
            subnet.master_key(&key(scheme)).unwrap();
        }
        certified(&mut subnet, [7; 32]).unwrap();
        set(&mut subnet, 0..f, Condition::Running);
        set(&mut subnet, f..2 * f, Condition::Crashed);
        // Nothing of this goes without the shares of those that were not there when the keys were made.
        certified(&mut subnet, [8; 32]).unwrap();
        sign(&mut subnet, &mut 1, 0).unwrap();
    }
}

/// Every node spends its secret of the presignature, the shares get lost, all nodes go down and come back.
#[test]
fn a_crash_of_all_in_mid_signature_spends_no_presignature_twice() {
    let mut subnet = settled(4, 8);
    let mut used = BTreeSet::new();
    for (id, scheme) in SCHEMES.into_iter().cycle().take(9).enumerate() {
        let request = request(scheme, id as u64);
        let round = 10 * (id as u64 + 1);
        subnet.refill();
        subnet.submit(request.clone());
        mute(&mut subnet, 0..4, Some(PayloadKind::SignatureShare));
        subnet.advance(round);
        subnet.advance(round + 1);
        assert!(subnet.take_result(&request.key, request.id).is_none());
        set(&mut subnet, 0..4, Condition::Crashed);
        subnet.advance(round + 2);
        set(&mut subnet, 0..4, Condition::Running);
        subnet.faults_mut().rules.clear();
        subnet.advance(round + 3);
        let (signature, trace) = subnet
            .take_result(&request.key, request.id)
            .unwrap()
            .unwrap();
        let master = subnet.master_key(&request.key).unwrap();
        world::check_signature(&request, &master, &signature).unwrap();
        let presignature = trace.presignature.unwrap();
        assert!(used.insert((request.key.clone(), presignature)));
    }
}

/// A node that was down while others signed must not be able to use that presignature afterwards.
#[test]
fn a_node_that_was_down_during_a_signature_goes_on_with_the_next_presignature() {
    let mut subnet = settled(4, 9);
    let mut used = BTreeSet::new();
    for (id, down) in [0, 1, 2, 3, 0, 1].into_iter().enumerate() {
        set(&mut subnet, 0..4, Condition::Running);
        set(&mut subnet, [down], Condition::Crashed);
        let request = request(KeyScheme::EcdsaSecp256k1, id as u64);
        let round = 10 * (id as u64 + 1);
        subnet.refill();
        subnet.submit(request.clone());
        subnet.advance(round);
        subnet.advance(round + 1);
        let (_, trace) = subnet
            .take_result(&request.key, request.id)
            .unwrap()
            .unwrap();
        assert!(used.insert(trace.presignature.unwrap()));
        assert!(!trace.contributors.contains(&down));
    }
}

/// Sources: eprint 2021/1330 and 2023/1019. Who knows the randomness before the message is fixed can choose messages that belong together.
#[test]
fn a_tape_that_somebody_asked_for_before_a_request_was_bound_never_makes_its_nonce() {
    let mut subnet = settled(4, 10);
    let mut used = BTreeSet::new();
    for (id, scheme) in SCHEMES.into_iter().cycle().take(6).enumerate() {
        let request = request(scheme, id as u64);
        let round = 10 * (id as u64 + 1);
        // Tapes of the rounds in which it is bound and signed are known to all, one is known to those who stopped the others' shares.
        for ahead in 0..AHEAD {
            subnet.random_bytes(round + ahead, b"early").unwrap();
        }
        mute(&mut subnet, 0..3, Some(PayloadKind::TapeShare));
        assert!(is_stalled(subnet.random_bytes(round + AHEAD, b"early")));
        subnet.faults_mut().rules.clear();
        let known = subnet.latest_tape();
        subnet.refill();
        subnet.submit(request.clone());
        subnet.advance(round);
        subnet.advance(round + 1);
        let (signature, trace) = subnet
            .take_result(&request.key, request.id)
            .unwrap()
            .unwrap();
        let master = subnet.master_key(&request.key).unwrap();
        world::check_signature(&request, &master, &signature).unwrap();
        assert!(trace.bound_at_height >= known, "{trace:?} {known}");
        assert!(trace.drawn_at_height > trace.bound_at_height, "{trace:?}");
        assert!(used.insert((scheme, trace.presignature)));
    }
}

/// What is dealt after a tape is known could be chosen to suit it: a request waits for its presignature before it waits for a tape.
#[test]
fn a_request_that_found_the_stock_empty_gets_no_tape_from_before_its_presignature() {
    for scheme in SCHEMES {
        let mut subnet = world::subnet(4, 11);
        subnet.master_key(&key(scheme)).unwrap();
        mute(&mut subnet, 0..4, Some(PayloadKind::Support));
        let request = request(scheme, 1);
        subnet.submit(request.clone());
        for round in 1..4 {
            subnet.advance(round);
        }
        assert_eq!(subnet.stock(&key(scheme)), 0);
        subnet.faults_mut().rules.clear();
        // The request waits, the stock is empty, and a tape becomes known.
        subnet.random_bytes(5, b"early").unwrap();
        let known = subnet.latest_tape();
        subnet.prepare(&key(scheme));
        subnet.advance(5);
        let (_, trace) = subnet
            .take_result(&request.key, request.id)
            .unwrap()
            .unwrap();
        assert!(trace.bound_at_height >= known && trace.drawn_at_height > known);
    }
}

#[test]
fn each_asker_is_answered_in_its_own_next_round_whatever_rounds_others_are_in() {
    let mut subnet = settled(4, 12);
    let askers = [
        (b"far".to_vec(), 1000),
        (b"near".to_vec(), 3),
        (b"own".to_vec(), 50),
    ];
    let mut round = askers.map(|(asker, round)| (Asker(asker), round));
    let mut tapes = BTreeSet::new();
    for turn in 0..4 {
        for (place, (asker, round)) in round.iter_mut().enumerate() {
            let scheme = SCHEMES[(place + turn) % 3];
            let own = request(scheme, (10 * turn + place) as u64);
            subnet.advance_of(asker, *round);
            subnet.refill();
            subnet.submit_of(asker, own.clone());
            subnet.advance_of(asker, *round);
            assert!(subnet.take_result(&own.key, own.id).is_none());
            // Others, far ahead or far behind, neither hurry it nor hold it up.
            let other = Asker(b"other".to_vec());
            subnet.advance_of(
                &other,
                1_000_000 + u64::from(place as u16) + 10 * turn as u64,
            );
            assert!(subnet.take_result(&own.key, own.id).is_none());
            *round += 1;
            subnet.advance_of(asker, *round);
            let (signature, trace) = subnet.take_result(&own.key, own.id).unwrap().unwrap();
            let master = subnet.master_key(&own.key).unwrap();
            world::check_signature(&own, &master, &signature).unwrap();
            assert!(tapes.insert(trace.drawn_at_height), "a tape of its own");
        }
    }
}

/// Without shares of f + 1 nodes a request takes its presignature with it; afterwards it is bound anew, and nobody is blamed for a share that comes late.
#[test]
fn a_request_that_nobody_can_sign_is_given_up_after_some_rounds_and_bound_anew() {
    let mut subnet = settled(4, 13);
    for (id, scheme) in SCHEMES.into_iter().enumerate() {
        let request = request(scheme, id as u64);
        let first = 100 * (id as u64 + 1);
        subnet.refill();
        subnet.submit(request.clone());
        // Shares come, but hundreds of steps too late: while the nodes are at work with the next presignature.
        let late = Rule::always([0, 1, 2, 3].map(NodeIndex), Effect::Delay(260));
        subnet.faults_mut().rules = vec![late.only(PayloadKind::SignatureShare)];
        for round in first..first + 7 {
            subnet.advance(round);
            assert!(subnet.take_result(&request.key, request.id).is_none());
        }
        subnet.faults_mut().rules.clear();
        subnet.refill();
        for round in first + 7..first + 12 {
            subnet.advance(round);
        }
        let (signature, trace) = subnet
            .take_result(&request.key, request.id)
            .unwrap()
            .unwrap();
        let master = subnet.master_key(&request.key).unwrap();
        world::check_signature(&request, &master, &signature).unwrap();
        assert_ne!(trace.presignature, Some((0, 0)));
        assert_eq!(subnet.blames().collect::<Vec<_>>(), []);
    }
}

#[test]
fn a_request_that_cannot_be_served_is_answered_with_the_reason_and_costs_no_presignature() {
    let mut subnet = settled(4, 14);
    let mut wrong = Vec::new();
    for (id, scheme) in ALL.into_iter().enumerate() {
        let mut request = request(scheme, id as u64);
        request.work = match scheme {
            KeyScheme::EcdsaSecp256k1 | KeyScheme::VetKd => Work::SignMessage {
                message: Vec::new(),
                merkle_root: None,
            },
            _ => Work::SignHash([0; 32]),
        };
        wrong.push((request, RequestError::Work));
    }
    let mut root = request(KeyScheme::Ed25519, 10);
    root.work = Work::SignMessage {
        message: Vec::new(),
        merkle_root: Some(vec![1; 32]),
    };
    wrong.push((root, RequestError::MerkleRoot));
    let before = SCHEMES.map(|scheme| subnet.stock(&key(scheme)));
    for (request, _) in &wrong {
        subnet.submit(request.clone());
    }
    subnet.advance(1);
    for (request, reason) in wrong {
        let answer = subnet.take_result(&request.key, request.id).unwrap();
        assert_eq!(answer.unwrap_err(), reason);
    }
    assert_eq!(SCHEMES.map(|scheme| subnet.stock(&key(scheme))), before);
}

/// Dealings that cost everybody time and are of no use: their dealer is heard once in each ceremony, however often it sends them.
#[test]
fn a_member_whose_dealing_is_no_dealing_is_heard_once_in_each_ceremony() {
    for lie in [Misbehaviour::Truncate, Misbehaviour::WrongValue] {
        let mut subnet = world::subnet(4, 15);
        let liar = NodeIndex(2);
        // The others deal late, so that the liar has time to say it again and again.
        subnet.faults_mut().rules = vec![
            Rule::always([liar], Effect::Corrupt(lie)).only(PayloadKind::Dealing),
            Rule::always([0, 1, 3].map(NodeIndex), Effect::Delay(30)).only(PayloadKind::Dealing),
        ];
        subnet.master_key(&key(KeyScheme::Ed25519)).unwrap();
        let blames = subnet.blames().filter(|(node, _)| *node == liar).count();
        // A masked value, and the key out of it.
        assert!((1..=2).contains(&blames), "{blames} blames for {lie:?}");
        assert!(subnet.blames().all(|(node, _)| node == liar));
    }
}
