//! What a trap leaves behind: nothing. And what success leaves: the same every time.

use super::runner::{BALANCE, Machine, reply, trap_of};
use crate::cycles::Cycles;
use crate::sandbox::{Changes, Closure, Context, Function, GlobalValue, Trap};
use crate::wasm::WasmMethod;
use proptest::prelude::*;

const COUNTER: &str = r#"(module
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "msg_reply_data_append" (func $append (param i32 i32)))
  (import "ic0" "stable64_grow" (func $grow (param i64) (result i64)))
  (import "ic0" "stable64_write" (func $write (param i64 i64 i64)))
  (import "ic0" "msg_cycles_accept" (func $accept (param i64) (result i64)))
  (import "ic0" "global_timer_set" (func $timer (param i64) (result i64)))
  (import "ic0" "debug_print" (func $print (param i32 i32)))
  (import "ic0" "certified_data_set" (func $certify (param i32 i32)))
  (memory 1)
  (global $count (mut i32) (i32.const 0))
  (func $work
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store (i32.const 70000) (global.get $count))
    (drop (call $grow (i64.const 1)))
    (call $write (i64.const 10) (i64.const 70000) (i64.const 4))
    (drop (call $timer (i64.const 99)))
    (call $certify (i32.const 0) (i32.const 4))
    (drop (call $accept (i64.const 3)))
    (call $print (i32.const 100) (i32.const 5)))
  (func (export "canister_update work")
    (drop (memory.grow (i32.const 1)))
    (call $work)
    (call $append (i32.const 70000) (i32.const 4)) (call $reply))
  (func (export "canister_update fail")
    (drop (memory.grow (i32.const 1)))
    (call $work) (unreachable))
  (func (export "canister_update spin") (drop (memory.grow (i32.const 1))) (call $work) (loop $l (br $l)))
  (data (i32.const 100) "hello"))"#;

#[test]
fn a_trap_discards_everything_but_the_log() {
    let mut machine = Machine::new(COUNTER);
    for method in ["fail", "spin"] {
        let before = (
            machine.state.heap.digest(),
            machine.state.stable.digest(),
            machine.state.globals.clone(),
        );
        machine.limits.instructions = 1_000_000;
        let outcome = machine.update(method);
        assert!(matches!(
            trap_of(&outcome),
            Trap::Wasm { .. } | Trap::InstructionLimit { .. }
        ));
        assert_eq!(
            outcome.logs.len(),
            1,
            "the message printed before the trap stays"
        );
        let after = (
            machine.state.heap.digest(),
            machine.state.stable.digest(),
            machine.state.globals.clone(),
        );
        assert_eq!(before, after);
    }
    assert_eq!(machine.state.heap.pages(), 1);
}

#[test]
fn running_out_of_instructions_costs_the_limit() {
    let mut machine = Machine::new(COUNTER);
    machine.limits.instructions = 1_000_000;
    let outcome = machine.update("spin");
    assert_eq!(
        trap_of(&outcome),
        &Trap::InstructionLimit { limit: 1_000_000 }
    );
    assert_eq!(outcome.instructions, 1_000_000);
}

#[test]
fn memory_globals_and_stable_memory_persist() {
    let mut machine = Machine::new(COUNTER);
    for count in 1..=5u8 {
        assert_eq!(reply(&machine.update("work")), [count, 0, 0, 0]);
        assert_eq!(machine.state.stable.read(10, 4).unwrap(), [count, 0, 0, 0]);
        assert_eq!(machine.state.globals, [GlobalValue::I32(count.into())]);
        assert_eq!(machine.state.heap.pages(), 1 + u64::from(count));
    }
}

#[test]
fn the_same_execution_gives_the_same_outcome() {
    let run = || {
        let mut machine = Machine::new(COUNTER);
        let outcomes: Vec<_> = (0..3)
            .map(|_| machine.update("work"))
            .map(|outcome| outcome.instructions)
            .collect();
        (
            outcomes,
            machine.state.heap.digest(),
            machine.state.stable.digest(),
        )
    };
    assert_eq!(run(), run());
}

const CALLER: &str = r#"(module
  (import "ic0" "msg_reply" (func $reply))
  (import "ic0" "call_new" (func $new (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (import "ic0" "call_cycles_add" (func $add (param i64)))
  (import "ic0" "call_perform" (func $perform (result i32)))
  (import "ic0" "call_on_cleanup" (func $cleanup (param i32 i32)))
  (memory 1)
  (table 2 funcref) (elem (i32.const 0) $f)
  (func $f (param i32) (i32.store (i32.const 0) (local.get 0)) (call $reply))
  (func $prepare
    (call $new (i32.const 0) (i32.const 0) (i32.const 8) (i32.const 3) (i32.const 0) (i32.const 7) (i32.const 0) (i32.const 8))
    (call $add (i64.const 1000)))
  (func (export "canister_update dropped") (call $prepare))
  (func (export "canister_update called")
    (call $prepare) (call $cleanup (i32.const 0) (i32.const 9)) (if (call $perform) (then unreachable)))
  (func (export "canister_update poor") (call $prepare) (if (i32.eqz (call $perform)) (then unreachable)))
  (data (i32.const 8) "foo"))"#;

fn changes(outcome: crate::sandbox::Outcome) -> Changes {
    outcome.result.expect("success")
}

#[test]
fn a_call_that_is_not_performed_gives_its_cycles_back() {
    let mut machine = Machine::new(CALLER);
    let changes = changes(machine.update("dropped"));
    assert_eq!(changes.balance, BALANCE);
    assert!(changes.calls.is_empty());
}

#[test]
fn a_call_takes_attached_cycles_and_prepayments() {
    let mut machine = Machine::new(CALLER);
    let changes = changes(machine.update("called"));
    let [call] = &changes.calls[..] else {
        panic!("one call")
    };
    assert_eq!((call.method.as_str(), call.cycles), ("foo", Cycles(1000)));
    assert_eq!(
        call.on_cleanup,
        Some(Closure {
            function: 0,
            env: 9
        })
    );
    let fee = call.prepaid_execution + call.prepaid_transmission + call.transmission_fee;
    assert_eq!(
        fee,
        Cycles(5_000_000 + 40_000_000_000 + 2_097_152_000 + 263_000)
    );
    assert_eq!(changes.balance + fee + call.cycles, BALANCE);
}

#[test]
fn a_canister_that_cannot_pay_gets_a_code_and_its_cycles() {
    let mut machine = Machine::new(CALLER);
    machine.environment.balance = Cycles(30_000_000_000);
    let changes = changes(machine.update("poor"));
    assert_eq!(changes.balance, Cycles(30_000_000_000));
}

#[test]
fn callbacks_run_by_their_index_in_the_table() {
    let mut machine = Machine::new(CALLER);
    let context = || Context::Update(super::runner::input(b""));
    let run = |machine: &mut Machine, function| {
        machine.enter(Function::Closure(Closure { function, env: 77 }), context())
    };
    assert!(run(&mut machine, 0).result.is_ok());
    assert_eq!(machine.state.heap.read(0, 1).unwrap(), [77]);
    for missing in [1, 2, u64::from(u32::MAX)] {
        let outcome = run(&mut machine, missing);
        assert_eq!(
            trap_of(&outcome),
            &Trap::FunctionNotFound {
                table: 0,
                function: missing
            }
        );
    }
    let missing = WasmMethod::Update("nope".into());
    let outcome = machine.run(missing.clone(), context());
    assert_eq!(trap_of(&outcome), &Trap::MethodNotFound(missing));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn older_states_do_not_see_what_newer_executions_write(steps in prop::collection::vec((0..4usize, any::<bool>()), 1..20)) {
        let first = Machine::new(COUNTER);
        let mut states = vec![(first.state.clone(), 0u8)];
        let mut machine = first;
        for (back, fails) in steps {
            let (state, count) = states[states.len().saturating_sub(1 + back)].clone();
            machine.state = state;
            if fails {
                machine.update("fail");
                states.push((machine.state.clone(), count));
            } else {
                prop_assert_eq!(reply(&machine.update("work")), vec![count + 1, 0, 0, 0]);
                states.push((machine.state.clone(), count + 1));
            }
            for (state, count) in &states {
                if *count > 0 {
                    prop_assert_eq!(state.heap.read(70_000, 1).unwrap(), vec![*count]);
                    prop_assert_eq!(state.stable.read(10, 1).unwrap(), vec![*count]);
                }
            }
        }
    }
}
