//! The wallet is upgraded while something of it is under way.

use crate::scene::{ANN, BOB, FEE, Scene, block_of, text, tiered};
use candid::{Nat, encode_one};
use canister_kit::Refusal;
use chainkey_tests::modules::{FORWARDER, wasm};
use chainkey_tests::wallet::interface::{Intent, Stage, WalletError};
use chainkey_tests::wallet::{WalletCanister, person};
use chainkey_tests::world::{World, local_args};
use ic_management_canister_types::HttpRequestArgs;
use ledger::error::TransferError;
use ledger::fault::Fault;
use pocket_ic::common::rest::{CanisterHttpReply, CanisterHttpResponse, MockCanisterHttpResponse};

#[test]
fn an_upgrade_between_loss_and_resumption_changes_nothing() {
    let world = World::new().unwrap();
    let scene = Scene::new(&world);
    let (ann, bob, wallet) = (person(ANN), person(BOB), scene.wallet);
    let open = scene.agree(b"1", &scene.pay(5_000_000));
    let before = scene.blocks();
    scene.fail(1, Fault::TrapAfter);
    let lost = scene.pay_alone(b"2", 1_000);
    assert_eq!(lost.stage, Stage::Sent);

    let network = world.network();
    network.stop_canister(wallet.canister(), None).unwrap();
    world.upgrade(wallet.canister(), "wallet").unwrap();
    network.start_canister(wallet.canister(), None).unwrap();
    assert_eq!(wallet.proposal(bob, lost.id), Ok(lost.clone()));
    assert_eq!(wallet.proposal(bob, open.id), Ok(open.clone()));
    assert_eq!(wallet.pending(bob, 1), Ok(vec![open.id, lost.id]));
    let resumed = wallet.resume(bob, lost.id).unwrap();
    assert_eq!(block_of(&resumed), before);
    let paid = wallet.execute(ann, b"3", open.id).unwrap();
    assert_eq!(block_of(&paid), before + 1);
    assert_eq!(scene.blocks(), before + 2);
}

/// Bytes as WebAssembly text writes them.
fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("\\{byte:02x}")).collect()
}

/// A ledger that begins an outcall when it is asked for a transfer, and answers when that is answered. Asked again for exactly the same
/// transfer, to the last byte, it answers at once that block 7 has it; for another one it traps.
fn slow_ledger() -> Vec<u8> {
    let request = HttpRequestArgs {
        url: "https://ledger.test/".to_owned(),
        max_response_bytes: Some(100),
        ..HttpRequestArgs::default()
    };
    let request = encode_one(request).unwrap();
    let fee = encode_one(Nat::from(FEE)).unwrap();
    let duplicate: Result<Nat, TransferError> = Err(TransferError::Duplicate {
        duplicate_of: 7_u64.into(),
    });
    let duplicate = encode_one(duplicate).unwrap();
    let ledger = format!(
        r#"(data (i32.const 500000) "{}") (data (i32.const 600000) "http_request")
        (data (i32.const 610000) "{}") (data (i32.const 620000) "{}")
        (global $size (mut i32) (i32.const -1))
        (func (export "canister_query icrc1_fee")
            (call $append (i32.const 610000) (i32.const {})) (call $msg_reply))
        (func (export "canister_update icrc1_transfer") (local $i i32)
            (if (i32.eq (global.get $size) (i32.const -1)) (then
                (global.set $size (call $arg_size))
                (call $arg_copy (i32.const 1000000) (i32.const 0) (call $arg_size))
                (call $call_new (i32.const 0) (i32.const 0) (i32.const 600000) (i32.const 12)
                    (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
                (call $call_append (i32.const 500000) (i32.const {}))
                (call $call_cycles (i64.const 0) (i64.const 100000000000))
                (if (call $call_perform) (then unreachable))
                (return)))
            (if (i32.ne (global.get $size) (call $arg_size)) (then unreachable))
            (call $arg_copy (i32.const 2000000) (i32.const 0) (call $arg_size))
            (block $end (loop $next
                (br_if $end (i32.eq (local.get $i) (global.get $size)))
                (if (i32.ne (i32.load8_u offset=1000000 (local.get $i))
                    (i32.load8_u offset=2000000 (local.get $i))) (then unreachable))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br $next)))
            (call $append (i32.const 620000) (i32.const {})) (call $msg_reply)))"#,
        digits(&request),
        digits(&fee),
        digits(&duplicate),
        fee.len(),
        request.len(),
        duplicate.len(),
    );
    let forwarder = FORWARDER.trim_end().strip_suffix(')').unwrap();
    wasm(&format!("{forwarder}{ledger}"))
}

/// The ledger's answer comes into the memory of a module that did not ask.
#[test]
fn an_upgrade_while_the_ledger_works_loses_its_answer_and_nothing_else() {
    let world = World::new().unwrap();
    let network = world.network();
    let wallet = WalletCanister::install(&world, &local_args()).unwrap();
    let ledger = network.create_canister();
    network.install_canister(ledger, slow_ledger(), Vec::new(), None);
    let (ann, bob) = (person(ANN), person(BOB));
    let members = [ann, bob];
    wallet.create(ann, b"0", &members, tiered(ledger)).unwrap();
    let wish = Intent::IcrcTransfer {
        ledger,
        from_index: 0,
        to: text(person("carol")),
        amount: 1_000,
        max_fee: FEE,
    };
    wallet.propose(ann, b"1", 1, &wish).unwrap();

    wallet.submit_execute(ann, b"2", 1);
    let waits = (0..50).any(|_| {
        network.tick();
        network.get_canister_http().len() == 1
    });
    assert!(waits, "{:?}", wallet.proposal(ann, 1));
    let is_sent = || wallet.proposal(ann, 1).unwrap().stage == Stage::Sent;
    assert!(is_sent());
    let meanwhile = wallet.resume(bob, 1);
    assert_eq!(meanwhile, Err(WalletError::BeingCarriedOut));
    let anew = wallet.execute(bob, b"3", 1);
    assert_eq!(anew, Err(WalletError::NotOpen));

    world.upgrade(wallet.canister(), "wallet").unwrap();
    let outcall = network.get_canister_http().remove(0);
    network.mock_canister_http_response(MockCanisterHttpResponse {
        subnet_id: outcall.subnet_id,
        request_id: outcall.request_id,
        response: CanisterHttpResponse::CanisterHttpReply(CanisterHttpReply {
            status: 200,
            headers: Vec::new(),
            body: b"done".to_vec(),
        }),
        additional_responses: Vec::new(),
    });
    for _ in 0..5 {
        network.tick();
    }
    assert!(network.get_canister_http().is_empty());
    assert!(is_sent(), "{:?}", wallet.proposal(ann, 1));
    let resumed = wallet.resume(bob, 1).unwrap();
    assert_eq!(block_of(&resumed), 7, "the very same transfer was sent");
    // The request of the module before is still on record as begun.
    let repeated = wallet.execute(ann, b"2", 1);
    let unknown = Err(WalletError::Refused(Refusal::OutcomeUnknown));
    assert!(
        repeated == unknown || repeated == Ok(resumed),
        "{repeated:?}"
    );
}
