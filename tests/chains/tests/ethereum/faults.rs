//! The wallet while the EVM RPC canister, its providers, the chain or the wallet itself fail: nothing is paid twice, and nothing is lost.

use super::scene::{ASKED, CHAIN, FEES, Scene, ether, hash, is_at, is_sent, stranger, transaction};
use candid::{Decode, Encode, encode_one};
use chainkey_chains::ethereum::interface::{
    EthMainnetService, Fault, FaultOrder, InitArgs, JsonRpcError, NetworkUrl, RpcService,
};
use chainkey_chains::ethereum::{Address, Anvil, ETHER, outcalls};
use chainkey_tests::wallet::ethereum::EvmPayments;
use chainkey_tests::wallet::interface::{
    Answer, EvmTransfer, Intent, Policy, Proposal, Setback, Stage, Standing, needs,
};
use chainkey_tests::wallet::{WalletCanister, person};
use chainkey_tests::world::{World, canister_wasm, local_args};
use pocket_ic::PocketIc;
use serde_json::json;
use std::time::{Duration, Instant};

/// What each payment is.
const PART: u128 = ETHER / 100;

/// All providers, in a method.
fn everybody(method: &str, fault: &Fault) -> Vec<FaultOrder> {
    vec![FaultOrder {
        service: None,
        method: Some(method.to_owned()),
        fault: fault.clone(),
    }]
}

fn faults() -> [Fault; 6] {
    let busy = JsonRpcError {
        code: -32_603,
        message: "internal error".to_owned(),
    };
    [
        Fault::Trap,
        Fault::TrapAfter,
        Fault::Silent,
        Fault::Lost,
        Fault::Status(502),
        Fault::Error(busy),
    ]
}

/// Executes or resumes, whatever the stage asks for.
fn go_on(scene: &mut Scene<'_>, proposal: &Proposal, attempt: u8) -> Proposal {
    match proposal.stage {
        Stage::Open(_) => scene.execute(&[b'e', proposal.id as u8, attempt], proposal.id),
        _ => scene.resume(proposal.id),
    }
}

#[test]
fn whatever_fails_while_it_is_carried_out_it_is_paid_once() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let to = stranger(9);
    let methods = [
        "eth_getTransactionCount",
        "eth_feeHistory",
        "eth_sendRawTransaction",
    ];
    let mut paid = 0;
    for method in methods {
        for fault in faults() {
            paid += 1;
            // A caller's quota grows with time.
            world.network().advance_time(Duration::from_secs(300));
            let context = format!("{method}, {fault:?}");
            let id = scene.propose(&[paid], &ether(to, PART)).id;
            scene.pay.order(&everybody(method, &fault));
            let stopped = scene.execute(&[paid], id);
            let sending = method == "eth_sendRawTransaction";
            match (&stopped.stage, &stopped.setback) {
                (Stage::Open(Standing::Ready), Some(Setback::EvmSilent(_))) if !sending => {
                    assert_eq!(stopped.evm, None, "{context}: nothing is reserved");
                }
                (Stage::Sent, Some(Setback::NotTaken(_))) if sending => {}
                other => panic!("{context}: {other:?}"),
            }
            let arrived = matches!(fault, Fault::Lost | Fault::TrapAfter) && sending;
            assert_eq!(scene.waiting().len(), usize::from(arrived), "{context}");
            scene.pay.order(&[]);
            let sent = go_on(&mut scene, &stopped, 1);
            is_sent(&sent);
            assert_eq!(scene.waiting(), [hash(&sent)], "{context}");
            assert_eq!(transaction(&sent).nonce, u64::from(paid) - 1, "{context}");
            is_at(&scene.settle(id), &Stage::Confirmed, None);
            let count = u128::from(paid);
            assert_eq!(
                (scene.ether(to), scene.nonce()),
                (count * PART, count),
                "{context}"
            );
        }
    }
}

#[test]
fn whatever_fails_while_it_is_settled_it_ends_once() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let to = stranger(10);
    let sent = scene.carry_out(b"pay", &ether(to, PART));
    is_sent(&sent);
    scene.pay.finalize().unwrap();
    scene.pay.finalize().unwrap();
    for method in ["eth_feeHistory", "eth_getTransactionReceipt"] {
        for fault in faults() {
            scene.pay.order(&everybody(method, &fault));
            let stopped = scene.resume(sent.id);
            let silent = matches!(stopped.setback, Some(Setback::EvmSilent(_)));
            assert!(silent, "{method}, {fault:?}: {:?}", stopped.setback);
            assert_eq!(stopped.stage, Stage::Sent);
        }
    }
    scene.pay.order(&[]);
    is_at(&scene.resume(sent.id), &Stage::Confirmed, None);
    assert_eq!((scene.ether(to), scene.nonce()), (PART, 1));
}

/// Carries a proposal out; the canister goes away while the transaction is on its way, and the answer with it.
fn gone_while_it_is_sent(scene: &mut Scene<'_>, network: &PocketIc, id: u64) -> Proposal {
    let call = scene.pay.wallet.submit_execute(person("ann"), b"again", id);
    let sending = (0..100).any(|_| {
        network.tick();
        let waiting = network.get_canister_http();
        let sends = |body: &[u8]| {
            let text = String::from_utf8_lossy(body);
            text.contains("eth_sendRawTransaction")
        };
        match waiting.iter().find(|request| sends(&request.body)) {
            Some(request) => {
                scene.pay.evm.rpc().post(request.body.clone()).unwrap();
                true
            }
            None => {
                outcalls::answer_waiting(network, &mut scene.pay.evm);
                false
            }
        }
    });
    assert!(sending, "it is not sent");
    network.uninstall_canister(scene.pay.standin, None).unwrap();
    let reply = outcalls::await_call(network, &mut scene.pay.evm, &call).unwrap();
    Decode!(&reply, Answer<Proposal>).unwrap().unwrap()
}

#[test]
fn a_canister_that_is_stopped_upgraded_or_gone_delays_and_doubles_nothing() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let network = world.network();
    let (to, standin) = (stranger(11), scene.pay.standin);
    let wallet = scene.pay.wallet.canister();
    let upgrade = || {
        let module = canister_wasm("evm_rpc_standin").unwrap();
        network
            .upgrade_canister(standin, module, vec![], None)
            .unwrap();
        world.upgrade(wallet, "wallet").unwrap();
    };
    let id = scene.propose(b"pay", &ether(to, PART)).id;
    network.stop_canister(standin, None).unwrap();
    let stopped = scene.execute(b"pay", id);
    assert!(
        matches!(stopped.setback, Some(Setback::EvmSilent(_))),
        "{stopped:?}"
    );
    network.start_canister(standin, None).unwrap();
    upgrade();

    let lost = gone_while_it_is_sent(&mut scene, network, id);
    assert_eq!(lost.stage, Stage::Sent);
    assert!(
        matches!(lost.setback, Some(Setback::NotTaken(_))),
        "{lost:?}"
    );
    assert_eq!(scene.waiting(), [hash(&lost)], "it has arrived");

    let silent = scene.resume(id);
    assert!(
        matches!(silent.setback, Some(Setback::EvmSilent(_))),
        "{silent:?}"
    );
    let args = InitArgs {
        networks: vec![NetworkUrl {
            chain_id: CHAIN,
            url: outcalls::provider("other", CHAIN),
        }],
        ..InitArgs::default()
    };
    let module = canister_wasm("evm_rpc_standin").unwrap();
    network.install_canister(standin, module, encode_one(&args).unwrap(), None);
    upgrade();
    is_sent(&scene.resume(id));
    assert_eq!(scene.waiting(), [hash(&lost)]);
    network.stop_canister(standin, None).unwrap();
    scene.pay.finalize().unwrap();
    scene.pay.finalize().unwrap();
    let silent = scene.resume(id);
    assert!(
        matches!(silent.setback, Some(Setback::EvmSilent(_))),
        "{silent:?}"
    );
    network.start_canister(standin, None).unwrap();
    upgrade();
    let settled = scene.resume(id);
    is_at(&settled, &Stage::Confirmed, None);
    assert_eq!(transaction(&settled).versions.len(), 1);
    assert_eq!((scene.ether(to), scene.nonce()), (PART, 1));
}

/// A provider says something in a method.
fn differ(method: &str, provider: EthMainnetService, fault: Fault) -> FaultOrder {
    FaultOrder {
        service: Some(RpcService::EthMainnet(provider)),
        method: Some(method.to_owned()),
        fault,
    }
}

fn says(text: &str) -> Fault {
    Fault::Result(text.to_owned())
}

#[test]
fn one_provider_that_lies_is_outvoted_and_three_opinions_change_nothing() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let to = stranger(12);
    let [one, two, three] = ASKED;
    let id = scene.propose(b"pay", &ether(to, PART)).id;

    // All differ, so nobody is believed.
    let count = "eth_getTransactionCount";
    scene.pay.order(&[
        differ(count, one, says(r#""0x7""#)),
        differ(count, two, says(r#""0x8""#)),
    ]);
    let stopped = scene.execute(b"1", id);
    assert_eq!(stopped.setback, Some(Setback::ProvidersDiffer));
    assert_eq!(
        (stopped.stage, stopped.evm),
        (Stage::Open(Standing::Ready), None)
    );

    // One lies about everything there is to ask.
    let fees = r#"{"oldestBlock":"0x1","baseFeePerGas":["0x1","0x1"],"gasUsedRatio":[0.5],"reward":[["0x1"]]}"#;
    let lies = [
        differ(count, one, says(r#""0x9""#)),
        differ("eth_feeHistory", one, says(fees)),
        differ("eth_sendRawTransaction", one, says(r#""NonceTooLow""#)),
        differ("eth_getTransactionReceipt", one, says("null")),
    ];
    scene.pay.order(&lies);
    let sent = scene.execute(b"2", id);
    is_sent(&sent);
    assert_eq!(transaction(&sent).nonce, 0);
    is_at(&scene.settle(id), &Stage::Confirmed, None);

    // Two of three are needed where one is silent; with two silent nothing is believed.
    let receipt = "eth_getTransactionReceipt";
    let id = scene.propose(b"more", &ether(to, PART)).id;
    scene.break_providers(&[three], "eth_sendRawTransaction", &Fault::Silent);
    is_sent(&scene.execute(b"more", id));
    scene.pay.finalize().unwrap();
    scene.pay.finalize().unwrap();
    scene.break_providers(&[one, three], receipt, &Fault::Silent);
    let stopped = scene.resume(id);
    is_at(&stopped, &Stage::Sent, Some(&Setback::ProvidersDiffer));
    scene.break_providers(&[three], receipt, &Fault::Silent);
    is_at(&scene.resume(id), &Stage::Confirmed, None);
    assert_eq!((scene.ether(to), scene.nonce()), (2 * PART, 2));
}

#[test]
fn of_three_different_fees_the_middle_one_is_taken() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let to = stranger(20);
    let [one, two, _] = ASKED;
    // Nodes are rarely at the same block: of three different fees the middle one is taken.
    let fees = |base_fee: u128| {
        let history = json!({
            "oldestBlock": "0x1",
            "baseFeePerGas": [format!("{base_fee:#x}")],
            "gasUsedRatio": [0.5],
            "reward": [["0x1"]],
        });
        says(&history.to_string())
    };
    scene.pay.order(&[
        differ("eth_feeHistory", one, fees(1)),
        differ("eth_feeHistory", two, fees(1_000 * FEES.0)),
    ]);
    let id = scene.propose(b"middle", &ether(to, PART)).id;
    is_sent(&scene.execute(b"middle", id));
    scene.pay.order(&[]);
    is_at(&scene.settle(id), &Stage::Confirmed, None);
    assert_eq!((scene.ether(to), scene.nonce()), (PART, 1));
}

#[test]
fn a_reorganisation_of_what_is_not_final_pays_again_the_same_and_only_once() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let to = stranger(13);
    let sent = scene.carry_out(b"pay", &ether(to, PART));
    scene.pay.evm.mine(3).unwrap();
    is_sent(&scene.resume(sent.id));
    assert_eq!((scene.ether(to), scene.nonce()), (PART, 1));
    scene.pay.evm.reorganise(3).unwrap();
    assert_eq!((scene.ether(to), scene.nonce()), (0, 0), "it is gone");
    assert_eq!(scene.waiting(), Vec::<String>::new());
    let again = scene.resume(sent.id);
    is_sent(&again);
    assert_eq!(scene.waiting(), [hash(&sent)], "the same transaction");
    let settled = scene.settle(sent.id);
    is_at(&settled, &Stage::Confirmed, None);
    assert_eq!((scene.ether(to), scene.nonce()), (PART, 1));
}

#[test]
fn two_proposals_at_once_get_two_nonces_and_both_are_paid() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let (network, wallet) = (world.network(), scene.pay.wallet);
    let receivers = [stranger(14), stranger(15), stranger(16)];
    let ids = receivers.map(|to| scene.propose(&to.0[..2], &ether(to, PART)).id);
    let calls = ids.map(|id| wallet.submit_execute(person("ann"), &[b'x', id as u8], id));
    let sent = calls.map(|call| {
        let reply = outcalls::await_call(network, &mut scene.pay.evm, &call).unwrap();
        Decode!(&reply, Answer<Proposal>).unwrap().unwrap()
    });
    let mut nonces = sent.clone().map(|one| transaction(&one).nonce);
    nonces.sort_unstable();
    assert_eq!(nonces, [0, 1, 2]);
    // One whose predecessor has not arrived may have been refused; each is sent again until all wait.
    for proposal in &sent {
        is_sent(&scene.resume(proposal.id));
    }
    assert_eq!(scene.waiting().len(), 3);
    for proposal in &sent {
        is_at(&scene.settle(proposal.id), &Stage::Confirmed, None);
    }
    assert_eq!(receivers.map(|to| scene.ether(to)), [PART; 3]);
    assert_eq!(scene.nonce(), 3);
}

#[test]
fn what_the_nodes_forget_is_sent_again_and_whichever_version_is_mined_counts() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let to = stranger(17);
    let evm = |scene: &Scene<'_>, method: &str, raw: &[u8]| {
        let raw = json!([format!("0x{}", hex::encode(raw))]);
        scene.pay.evm.rpc().call(method, raw).expect("is taken")
    };
    let higher = |proposal: &Proposal| {
        let offered = &transaction(proposal).versions[0];
        let priority = (offered.max_priority_fee_per_gas * 2).max(2);
        (offered.max_fee_per_gas * 2, priority)
    };
    for (cancels, payments) in [(false, 1), (true, 2)] {
        let request = [u8::from(cancels)];
        let first = scene.carry_out(&request, &ether(to, PART));
        scene.pay.evm.forget(&hash(&first)).unwrap();
        assert_eq!(scene.waiting(), Vec::<String>::new());
        is_sent(&scene.resume(first.id));
        assert_eq!(scene.waiting(), [hash(&first)]);

        let raw = scene.pay.wallet.signed_tx(person("ann"), first.id).unwrap();
        let (bob, fees) = (person("bob"), higher(&first));
        let second = match cancels {
            true => scene.pay.cancel(bob, b"cancel", first.id, fees).unwrap(),
            false => scene.pay.bump(bob, b"bump", first.id, fees).unwrap(),
        };
        is_sent(&second);
        assert_eq!(scene.waiting(), [hash(&second)]);
        // Somebody has kept the first version, and a block takes that one.
        scene.pay.evm.forget(&hash(&second)).unwrap();
        evm(&scene, "eth_sendRawTransaction", &raw);
        let settled = scene.settle(first.id);
        is_at(&settled, &Stage::Confirmed, None);
        let mined = transaction(&settled).mined.clone().expect("is mined");
        assert_eq!(mined.hash, hash(&first));
        assert_eq!(
            (scene.ether(to), scene.nonce()),
            (payments * PART, payments)
        );
    }
}

#[test]
fn no_more_than_eight_wait_and_the_ninth_is_not_signed() {
    let world = World::new().unwrap();
    let mut scene = Scene::new(&world);
    let to = stranger(18);
    let mut sent = Vec::new();
    for number in 0..8 {
        world.network().advance_time(Duration::from_secs(300));
        sent.push(scene.carry_out(&[number], &ether(to, PART)));
    }
    assert_eq!(scene.waiting().len(), 8);
    let ninth = scene.carry_out(&[8], &ether(to, PART));
    let full = Setback::TooManyInFlight { in_flight: 8 };
    assert_eq!((&ninth.setback, &ninth.evm), (&Some(full), &None));
    for proposal in &sent {
        is_sent(proposal);
        is_at(&scene.settle(proposal.id), &Stage::Confirmed, None);
    }
    is_sent(&scene.execute(b"again", ninth.id));
    is_at(&scene.settle(ninth.id), &Stage::Confirmed, None);
    assert_eq!((scene.ether(to), scene.nonce()), (9 * PART, 9));
}

#[test]
fn on_a_live_network_a_wallet_pays_on_a_chain_of_its_owners() {
    let world = World::new().unwrap();
    let network = world.network();
    let wallet = WalletCanister::install(&world, &local_args()).unwrap();
    let pay = EvmPayments::install(&world, &wallet, Anvil::CHAIN_ID).unwrap();
    let (standin, url) = (pay.standin.to_text(), pay.evm.url().to_owned());
    let variables = [
        ("PUBLIC_CANISTER_ID:evm_rpc", standin.as_str()),
        ("EVM_RPC_URL:31337", &url),
    ];
    wallet.set_environment(&variables).unwrap();
    let (ann, to) = (person("ann"), stranger(19));
    let policy = Policy::without_rules(needs(1, 0));
    wallet.create(ann, b"create", &[ann], policy).unwrap();
    wallet.prepare_keys(ann).unwrap();
    let own: Address = wallet.addresses(ann, 1, 0).unwrap().evm.parse().unwrap();
    pay.evm.set_balance(own, ETHER).unwrap();
    pay.evm.mine_at_once(true).unwrap();
    network.auto_progress();
    let intent = Intent::EvmTransfer(EvmTransfer {
        chain_id: Anvil::CHAIN_ID,
        from_index: 0,
        to: to.to_string(),
        value: PART,
        gas_limit: 21_000,
        max_fee_per_gas: FEES.0,
        max_priority_fee_per_gas: FEES.1,
    });
    let id = wallet.propose(ann, b"pay", 1, &intent).unwrap().id;
    let live = |method: &str, arguments: Vec<u8>| {
        let call = network.submit_call(wallet.canister(), ann, method, arguments);
        let (call, start) = (call.unwrap(), Instant::now());
        loop {
            if let Some(reply) = network.ingress_status(call.clone()) {
                break Decode!(&reply.unwrap(), Answer<Proposal>).unwrap().unwrap();
            }
            assert!(start.elapsed() < Duration::from_secs(120), "no answer");
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    let execute = Encode!(&b"execute".to_vec(), &id).unwrap();
    is_sent(&live("execute", execute));
    pay.finalize().unwrap();
    pay.finalize().unwrap();
    let settled = live("resume", Encode!(&id).unwrap());
    is_at(&settled, &Stage::Confirmed, None);
    network.stop_progress();
    assert_eq!(pay.evm.balance(to).unwrap(), PART);
}
