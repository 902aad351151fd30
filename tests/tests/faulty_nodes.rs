//! Canisters on subnets whose nodes fail: they sign while f nodes lie, stand still without a wrong answer when f + 1 are gone, and go on afterwards.
//!
//! These tests need `chainkey`: they say so and pass where POCKET_IC_BIN names a server that shows no nodes.

use candid::Principal;
use chainkey_control::view::{Effect, Misbehaviour, PayloadKind, Resharing, Rule};
use chainkey_control::{ChainKeyNodes, ControlError, SubnetNodes};
use chainkey_tests::signer::Signer;
use chainkey_tests::wallet::interface::{Intent, KeyKind, Policy, Stage, needs};
use chainkey_tests::wallet::{WalletCanister, person};
use chainkey_tests::world::{World, local_args};
use ic_management_canister_types::SignWithEcdsaResult;
use pocket_ic::common::rest::RawMessageId;
use pocket_ic::{PocketIc, PocketIcBuilder};

fn network() -> PocketIc {
    PocketIcBuilder::new()
        .with_nns_subnet()
        .with_test_threshold_keys_subnet()
        .with_application_subnet()
        .build()
}

/// A canister, and the 13 nodes of the subnet that holds its keys: f is 4.
struct Network<'a> {
    pic: &'a PocketIc,
    signer: Signer<'a>,
    holder: SubnetNodes,
}

/// The network, or nothing on a server that shows no nodes.
fn observe(pic: &PocketIc) -> Option<Network<'_>> {
    let holder = match pic.nodes().of_kind("testthresholdkeys") {
        Err(ControlError::Refused { status: 404, .. }) => {
            println!("skipped: this server shows no nodes");
            return None;
        }
        holder => holder.expect("a subnet with test keys"),
    };
    let signer = Signer::install(pic);
    Some(Network {
        pic,
        signer,
        holder,
    })
}

impl Network<'_> {
    fn public_key(&self) -> secp256k1::PublicKey {
        let key = self.signer.ecdsa_public_key(vec![]).expect("a key");
        secp256k1::PublicKey::from_slice(&key).expect("a key")
    }

    /// Asks for a signature on a hash of these bytes.
    fn ask(&self, byte: u8) -> RawMessageId {
        self.signer.submit_hash([byte; 32], vec![])
    }

    /// Waits for the signature and has the C library verify it.
    fn expect_signature(&self, id: RawMessageId, byte: u8, key: &secp256k1::PublicKey) {
        let signed: SignWithEcdsaResult = self.signer.wait(id).expect("a signature");
        let signature = secp256k1::ecdsa::Signature::from_compact(&signed.signature);
        let message = secp256k1::Message::from_digest([byte; 32]);
        secp256k1::ecdsa::verify(&signature.expect("a signature"), message, key)
            .expect("it verifies");
    }
}

#[test]
fn a_canister_gets_signatures_while_f_nodes_lie_and_the_liars_are_named() {
    let pic = network();
    let Some(network) = observe(&pic) else {
        return;
    };
    let key = network.public_key();
    let lie = |node, how| network.holder.lie([node], how).expect("a lie");
    lie(1, Misbehaviour::WrongValue);
    lie(4, Misbehaviour::Flip);
    lie(7, Misbehaviour::WrongShares(5));
    lie(12, Misbehaviour::Replay);
    for byte in 0..4 {
        network.expect_signature(network.ask(byte), byte, &key);
    }
    let overview = network.holder.report().expect("a report").overview;
    assert_eq!(overview.traces.len(), 4);
    for trace in overview.traces {
        assert!(trace.trace.contributors.len() >= 5, "{trace:?}");
        assert!(trace.trace.presignature.is_some(), "{trace:?}");
    }
    let blamed: Vec<u16> = overview.blames.iter().map(|blame| blame.node).collect();
    assert!(blamed.contains(&1), "{blamed:?}");
    assert!(blamed.iter().all(|node| [1, 4, 7, 12].contains(node)));
}

/// The wallet checks a signature before it shows it, so liars could at most stop it.
#[test]
fn a_wallet_shows_a_signature_of_its_key_while_f_nodes_lie() {
    let world = World::new().expect("a world");
    let Some(network) = observe(world.network()) else {
        return;
    };
    let ann = person("ann");
    let wallet = WalletCanister::install(&world, &local_args()).expect("a wallet");
    let alone = Policy::without_rules(needs(1, 0));
    wallet.create(ann, b"0", &[ann], alone).expect("made");
    wallet.prepare_keys(ann).expect("keys");
    let key = wallet.raw_keys(ann, 1, 0).expect("keys").ecdsa;
    let key = secp256k1::PublicKey::from_slice(&key).expect("a key");
    let faulty = network.holder.report().expect("a report").overview.may_fail;
    let liars: Vec<u16> = (0..faulty as u16).collect();
    network
        .holder
        .lie(liars.clone(), Misbehaviour::WrongValue)
        .expect("a lie");
    for byte in 1..3 {
        let sign = Intent::RawSign {
            key: KeyKind::Ecdsa,
            index: 0,
            message: vec![byte; 32],
        };
        let proposed = wallet.propose(ann, &[byte], 1, &sign).expect("proposed");
        let signed = wallet.execute(ann, &[byte, 1], proposed.id);
        let signed = signed.expect("carried out");
        let Stage::Signed { signature } = signed.stage else {
            panic!("{signed:?}");
        };
        let mut signature = secp256k1::ecdsa::Signature::from_compact(&signature).expect("64");
        signature.normalize_s();
        let message = secp256k1::Message::from_digest([byte; 32]);
        secp256k1::ecdsa::verify(&signature, message, &key).expect("it verifies");
    }
    let overview = network.holder.report().expect("a report").overview;
    let blamed: Vec<u16> = overview.blames.iter().map(|blame| blame.node).collect();
    assert!(!blamed.is_empty() && blamed.iter().all(|node| liars.contains(node)));
}

#[test]
fn with_f_plus_one_nodes_gone_nothing_is_answered_and_all_is_when_one_returns() {
    let pic = network();
    let Some(network) = observe(&pic) else {
        return;
    };
    let key = network.public_key();
    network.expect_signature(network.ask(0), 0, &key);
    let stopped = network.holder.crash([0, 3, 6, 9, 12]).expect("a crash");
    assert!(stopped.stands_still);
    let asked = [1, 2].map(|byte| (byte, network.ask(byte)));
    for _ in 0..30 {
        network.pic.tick();
    }
    for (_, id) in &asked {
        assert!(network.pic.ingress_status(id.clone()).is_none());
    }
    // The subnet of the canister itself goes on.
    let time = network.pic.get_time();
    network.pic.tick();
    assert!(network.pic.get_time() > time);

    let running = network.holder.restart([9]).expect("a restart");
    assert!(!running.stands_still);
    for (byte, id) in asked {
        network.expect_signature(id, byte, &key);
    }
}

#[test]
fn f_plus_one_liars_can_stop_signatures_but_never_make_a_wrong_one() {
    let pic = network();
    let Some(network) = observe(&pic) else {
        return;
    };
    let key = network.public_key();
    network.expect_signature(network.ask(0), 0, &key);
    // Nine honest nodes are enough: positive control of what follows.
    let shares = |nodes: Vec<u16>| {
        let lie = Rule::always(nodes, Effect::Corrupt(Misbehaviour::WrongValue));
        let rule = network.holder.rule(lie.only(PayloadKind::SignatureShare));
        rule.expect("a rule")
    };
    shares(vec![0, 1, 2, 3]);
    network.expect_signature(network.ask(1), 1, &key);
    // With nine liars only four honest shares are left, and five are needed.
    shares(vec![4, 5, 6, 7, 8]);
    let id = network.ask(2);
    for _ in 0..20 {
        network.pic.tick();
    }
    let early = network.pic.ingress_status(id.clone());
    let traces = || network.holder.report().expect("a report").overview.traces;
    assert!(early.is_none(), "{early:?}\n{:#?}", traces());
    network.holder.heal().expect("healed");
    network.expect_signature(id, 2, &key);
}

#[test]
fn keys_stay_while_nodes_are_replaced_added_and_removed() {
    let pic = network();
    let Some(network) = observe(&pic) else {
        return;
    };
    let key = network.public_key();
    network.expect_signature(network.ask(0), 0, &key);
    let before = network.holder.report().expect("a report").overview;
    for (byte, plan) in [
        (1, Resharing::Refresh),
        (2, Resharing::Replace(vec![0, 5, 12])),
        (3, Resharing::Resize(16)),
        (4, Resharing::Resize(7)),
    ] {
        let report = network.holder.reshare(&plan).expect("a resharing");
        assert_eq!(
            report.overview.keys[0].public_key,
            before.keys[0].public_key
        );
        assert_eq!(report.overview.keys[0].stock, 0, "the stock is purged");
        assert_eq!(network.public_key(), key);
        network.expect_signature(network.ask(byte), byte, &key);
    }
    let after = network.holder.report().expect("a report").overview;
    assert_eq!((before.epoch, before.nodes.len()), (0, 13));
    assert_eq!((after.epoch, after.nodes.len()), (4, 7));
}

#[test]
fn the_beacon_is_a_chain_that_the_official_library_verifies() {
    let pic = network();
    let Some(network) = observe(&pic) else {
        return;
    };
    let mut parent = None;
    for height in 1..4 {
        let beacon = network.holder.next_beacon().expect("a beacon");
        let bytes = |digits: &str| hex::decode(digits).expect("digits");
        let (message, key) = (bytes(&beacon.message), bytes(&beacon.public_key));
        let signature = bytes(&beacon.signature);
        let verify = ic_verify_bls_signature::verify_bls_signature;
        verify(&signature, &message, &key).expect("it verifies");
        verify(&signature, &message[1..], &key).expect_err("another message");
        assert_eq!(beacon.height, height);
        assert!(parent.is_none_or(|parent| parent == beacon.parent));
        parent = Some(beacon.hash);
    }
}

/// Keys that come of the nodes' own randomness, and not of anything that is published.
#[test]
fn no_two_networks_have_a_key_in_common() {
    let (one, other) = (network(), network());
    let (Some(one), Some(other)) = (observe(&one), observe(&other)) else {
        return;
    };
    assert_ne!(one.public_key(), other.public_key());
}

#[test]
fn what_cannot_be_is_refused_and_changes_nothing() {
    let pic = network();
    let Some(network) = observe(&pic) else {
        return;
    };
    let refused = |result: Result<_, ControlError>| match result {
        Err(ControlError::Refused { status, message }) => (status, message),
        other => panic!("{other:?}"),
    };
    let (status, message) = refused(network.holder.crash([13]));
    assert_eq!(status, 400);
    assert_eq!(message, "the subnet has no node 13: its nodes are 0 to 12");
    let (_, message) = refused(network.holder.reshare(&Resharing::Resize(8)));
    assert!(message.contains("3f+1"), "{message}");
    let unknown = network.pic.nodes().subnet(Principal::anonymous());
    let (_, message) = refused(unknown.report());
    assert!(message.starts_with("SubnetNotFound"), "{message}");
    let report = network.holder.report().expect("a report");
    assert!(report.faults.conditions.is_empty());
    assert_eq!(report.overview.epoch, 0);
}
