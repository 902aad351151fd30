//! A message that traps leaves nothing behind but its fee and its log, wherever it traps.

mod support;

use chainkey_execution::canister::Canister;
use chainkey_execution::error::ErrorCode;
use chainkey_execution::ids::CanisterId;
use support::World;

/// A module whose method `go` does `$effect` and then traps, and whose method `ok` does it and replies.
fn module(effect: &str) -> String {
    format!(
        r#"(module
          (import "ic0" "msg_reply" (func $msg_reply))
          (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
          (import "ic0" "stable64_grow" (func $stable64_grow (param i64) (result i64)))
          (import "ic0" "stable64_write" (func $stable64_write (param i64 i64 i64)))
          (import "ic0" "certified_data_set" (func $certified_data_set (param i32 i32)))
          (import "ic0" "global_timer_set" (func $global_timer_set (param i64) (result i64)))
          (import "ic0" "cycles_burn128" (func $cycles_burn128 (param i64 i64 i32)))
          (import "ic0" "call_new" (func $call_new (param i32 i32 i32 i32 i32 i32 i32 i32)))
          (import "ic0" "call_cycles_add128" (func $call_cycles_add128 (param i64 i64)))
          (import "ic0" "call_perform" (func $call_perform (result i32)))
          (import "ic0" "canister_self_copy" (func $canister_self_copy (param i32 i32 i32)))
          (memory 1 4)
          (table 1 funcref)
          (elem (i32.const 0) $callback)
          (global $g (mut i64) (i64.const 5))
          (data (i32.const 100) "some data")
          (func $callback (param i32))
          (func $effect {effect})
          (func (export "canister_update go") (call $effect) unreachable)
          (func (export "canister_update ok") (call $effect) (call $msg_reply)))"#
    )
}

const EFFECTS: &[(&str, &str)] = &[
    ("a heap write", "(i32.store (i32.const 60000) (i32.const 7))"),
    ("memory growth", "(drop (memory.grow (i32.const 2))) (i32.store (i32.const 130000) (i32.const 7))"),
    ("a global", "(global.set $g (i64.const 6))"),
    ("stable growth", "(drop (call $stable64_grow (i64.const 3)))"),
    (
        "a stable write",
        "(drop (call $stable64_grow (i64.const 1))) (call $stable64_write (i64.const 9) (i64.const 100) (i64.const 4))",
    ),
    ("certified data", "(call $certified_data_set (i32.const 100) (i32.const 9))"),
    ("a timer", "(drop (call $global_timer_set (i64.const 1)))"),
    ("burnt cycles", "(call $cycles_burn128 (i64.const 0) (i64.const 1000000) (i32.const 0))"),
    (
        "a call with cycles",
        "(call $canister_self_copy (i32.const 0) (i32.const 0) (i32.const 10))
         (call $call_new (i32.const 0) (i32.const 10) (i32.const 100) (i32.const 4) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))
         (call $call_cycles_add128 (i64.const 0) (i64.const 1000000))
         (drop (call $call_perform))",
    ),
    ("an answer", "(call $append (i32.const 100) (i32.const 9))"),
];

/// Everything that code can change, but for the account and the log.
fn visible(world: &World, id: CanisterId) -> String {
    let canister: &Canister = world.subnet.canister(id).expect("exists");
    format!(
        "{:?}",
        (
            canister.wasm_state.heap.digest(),
            canister.wasm_state.stable.digest(),
            &canister.wasm_state.globals,
            &canister.certified_data,
            canister.global_timer,
            canister.contexts.iter().count(),
            canister.contexts.callbacks().count(),
            canister.queues.is_empty(),
            canister.version,
        )
    )
}

#[test]
fn a_trap_takes_every_effect_back() {
    for (name, effect) in EFFECTS {
        let mut world = World::new();
        let canister = world.canister(&module(effect));
        let before = visible(&world, canister);
        let error = world.call(canister, "go", Vec::new()).expect_err("traps");
        assert_eq!(error.code, ErrorCode::CanisterTrapped, "{name}: {error}");
        assert_eq!(
            before,
            visible(&world, canister),
            "{name} stayed after a trap"
        );
    }
}

#[test]
fn without_a_trap_every_effect_stays() {
    for (name, effect) in EFFECTS {
        let mut world = World::new();
        let canister = world.canister(&module(effect));
        let before = visible(&world, canister);
        world
            .call(canister, "ok", Vec::new())
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_ne!(
            before,
            visible(&world, canister),
            "{name} did not happen at all"
        );
    }
}

#[test]
fn a_trap_is_charged_and_refunds_the_rest() {
    let mut world = World::new();
    let canister = world.canister(&module(""));
    let before = world.subnet.canister(canister).expect("exists").balance;
    world.call(canister, "go", Vec::new()).expect_err("traps");
    let paid = before - world.subnet.canister(canister).expect("exists").balance;
    assert!(paid.0 > 5_000_000 && paid.0 < 10_000_000, "paid {paid}");
}
