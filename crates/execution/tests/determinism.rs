//! The same inputs give the same state root; other inputs give another one.

mod support;

use ic_management_canister_types::CanisterInstallMode;
use support::World;

const COUNTER: &str = r#"(module
  (import "ic0" "msg_reply" (func $msg_reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "time" (func $time (result i64)))
  (import "ic0" "debug_print" (func $debug_print (param i32 i32)))
  (memory 1)
  (func (export "canister_update add")
    (i64.store (i32.const 0) (i64.add (i64.load (i32.const 0)) (call $time)))
    (call $debug_print (i32.const 0) (i32.const 4))
    (call $append (i32.const 0) (i32.const 8))
    (call $msg_reply))
  (func (export "canister_heartbeat")
    (i64.store (i32.const 8) (i64.add (i64.load (i32.const 8)) (i64.const 1)))))"#;

fn run(calls: usize) -> [u8; 32] {
    let mut world = World::new();
    let first = world.canister(COUNTER);
    let second = world.canister(COUNTER);
    for i in 0..calls {
        let target = if i % 3 == 0 { first } else { second };
        world.call(target, "add", vec![i as u8]).expect("adds");
    }
    world
        .install(second, CanisterInstallMode::Reinstall, COUNTER)
        .expect("reinstalls");
    world.round();
    world.subnet.state_root()
}

#[test]
fn the_same_inputs_give_the_same_root() {
    assert_eq!(run(7), run(7));
}

#[test]
fn other_inputs_give_another_root() {
    assert_ne!(run(7), run(8));
}
