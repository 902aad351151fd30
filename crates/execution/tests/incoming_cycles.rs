//! Calls that bring fewer cycles than their callee demands are refused at no cost for it.

mod support;

use chainkey_execution::cycles::Cycles;
use chainkey_execution::ids::CanisterId;
use ic_management_canister_types::{CanisterSettings, UpdateSettingsArgs};
use support::World;

/// `call` with a callee's ten bytes and eight bytes of cycles calls its method `hello` and answers the reply, or the reject's message.
const CALLER: &str = r#"(module
    (import "ic0" "msg_reply" (func $msg_reply))
    (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
    (import "ic0" "msg_arg_data_copy" (func $arg (param i32 i32 i32)))
    (import "ic0" "msg_arg_data_size" (func $arg_size (result i32)))
    (import "ic0" "msg_reject_msg_size" (func $message_size (result i32)))
    (import "ic0" "msg_reject_msg_copy" (func $message (param i32 i32 i32)))
    (import "ic0" "call_new" (func $call_new (param i32 i32 i32 i32 i32 i32 i32 i32)))
    (import "ic0" "call_cycles_add128" (func $add (param i64 i64)))
    (import "ic0" "call_perform" (func $perform (result i32)))
    (memory 1)
    (table funcref (elem $reply $reject))
    (data (i32.const 100) "hello")
    (func $reply (param i32)
        (call $arg (i32.const 200) (i32.const 0) (call $arg_size))
        (call $append (i32.const 200) (call $arg_size))
        (call $msg_reply))
    (func $reject (param i32)
        (call $message (i32.const 200) (i32.const 0) (call $message_size))
        (call $append (i32.const 200) (call $message_size))
        (call $msg_reply))
    (func (export "canister_update hello")
        (call $append (i32.const 100) (i32.const 5))
        (call $msg_reply))
    (func (export "canister_update call")
        (call $arg (i32.const 0) (i32.const 0) (i32.const 18))
        (call $call_new (i32.const 0) (i32.const 10) (i32.const 100) (i32.const 5)
            (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 0))
        (call $add (i64.const 0) (i64.load (i32.const 10)))
        (drop (call $perform))))"#;

const MINIMUM: u64 = 1_000;

fn demanding(world: &mut World) -> CanisterId {
    let callee = world.canister(CALLER);
    let settings = CanisterSettings {
        minimum_incoming_canister_call_cycles: Some(MINIMUM.into()),
        ..CanisterSettings::default()
    };
    let argument = UpdateSettingsArgs {
        canister_id: callee.principal(),
        settings,
        sender_canister_version: None,
    };
    world
        .manage("update_settings", &argument)
        .expect("settings");
    callee
}

fn call(world: &mut World, caller: CanisterId, callee: CanisterId, cycles: u64) -> String {
    let argument = [callee.as_slice(), &cycles.to_le_bytes()].concat();
    let reply = world.call(caller, "call", argument).expect("a reply");
    String::from_utf8(reply).expect("a text")
}

fn balance(world: &World, canister: CanisterId) -> Cycles {
    world.subnet.canister(canister).expect("exists").balance
}

#[test]
fn a_call_with_too_few_cycles_is_refused_and_costs_its_callee_nothing() {
    let mut world = World::new();
    let (caller, callee) = (world.canister(CALLER), demanding(&mut world));
    let before = balance(&world, callee);
    let refused = call(&mut world, caller, callee, MINIMUM - 1);
    assert_eq!(
        refused,
        format!(
            "Canister {callee} requires at least 1_000 transferred cycles, but only 999 were transferred"
        )
    );
    assert_eq!(balance(&world, callee), before);
    assert_eq!(call(&mut world, caller, callee, MINIMUM), "hello");
    assert!(balance(&world, callee) < before);
}

#[test]
fn calls_to_itself_and_calls_of_users_need_no_cycles() {
    let mut world = World::new();
    let callee = demanding(&mut world);
    assert_eq!(call(&mut world, callee, callee, 0), "hello");
}
