//! What instrumented modules do when they run, and what they show to the host.

use wasmtime::{Instance, Store, Trap, Val};

use super::{engine, wasm};
use crate::wasm::instrumentation::instrument;
use crate::wasm::sections::Sections;
use crate::wasm::{
    CompiledModule, INSTRUCTION_COUNTER_EXPORT, MEMORY_EXPORT, OUT_OF_INSTRUCTIONS_EXPORT,
    SystemMethod, TABLE_EXPORT, WasmEngine, WasmMethod,
};

struct Running {
    store: Store<()>,
    instance: Instance,
}

impl Running {
    fn start(engine: &WasmEngine, module: &CompiledModule, instructions: i64) -> Self {
        let mut store = Store::new(engine.engine(), ());
        let instance =
            Instance::new(&mut store, &module.module, &[]).expect("the module instantiates");
        let mut running = Running { store, instance };
        running.set(INSTRUCTION_COUNTER_EXPORT, instructions);
        running
    }

    fn set(&mut self, global: &str, value: i64) {
        let global = self
            .instance
            .get_global(&mut self.store, global)
            .expect("the global is exported");
        global
            .set(&mut self.store, Val::I64(value))
            .expect("an i64");
    }

    fn get(&mut self, global: &str) -> i64 {
        let global = self
            .instance
            .get_global(&mut self.store, global)
            .expect("the global is exported");
        match global.get(&mut self.store) {
            Val::I32(value) => i64::from(value),
            Val::I64(value) => value,
            other => panic!("no integer: {other:?}"),
        }
    }

    fn call(&mut self, method: &str) -> Result<(), Trap> {
        let function = self
            .instance
            .get_typed_func::<(), ()>(&mut self.store, method)
            .expect("an entry point");
        function
            .call(&mut self.store, ())
            .map_err(|error| *error.downcast_ref::<Trap>().expect("a trap"))
    }
}

fn run(text: &str, instructions: i64) -> (Result<(), Trap>, Running) {
    let engine = engine();
    let module = engine.compile(&wasm(text)).expect("a good module");
    let mut running = Running::start(&engine, &module, instructions);
    (running.call("canister_update m"), running)
}

#[test]
fn an_endless_loop_ends_without_instructions() {
    let (result, mut running) = run(
        "(module (func (export \"canister_update m\") (loop br 0)))",
        1_000_000,
    );
    assert_eq!(result, Err(Trap::UnreachableCodeReached));
    assert_eq!(running.get(OUT_OF_INSTRUCTIONS_EXPORT), 1);
    assert!(running.get(INSTRUCTION_COUNTER_EXPORT) < 0);
}

#[test]
fn an_unreachable_of_the_canister_is_told_apart() {
    let (result, mut running) = run(
        "(module (func (export \"canister_update m\") unreachable))",
        10,
    );
    assert_eq!(result, Err(Trap::UnreachableCodeReached));
    assert_eq!(running.get(OUT_OF_INSTRUCTIONS_EXPORT), 0);
    assert_eq!(running.get(INSTRUCTION_COUNTER_EXPORT), 8);
}

#[test]
fn a_bulk_operation_pays_before_it_runs() {
    let module = "(module (memory 1) (func (export \"canister_update m\")
        (memory.fill (i32.const 0) (i32.const 7) (i32.const 1000))))";
    let (result, mut running) = run(module, 1_103);
    assert_eq!(result, Err(Trap::UnreachableCodeReached));
    let memory = running
        .instance
        .get_memory(&mut running.store, MEMORY_EXPORT)
        .expect("a heap");
    assert_eq!(memory.data(&running.store)[0], 0);
    let (result, mut running) = run(module, 1_104);
    assert_eq!(result, Ok(()));
    assert_eq!(running.get(INSTRUCTION_COUNTER_EXPORT), 0);
}

#[test]
fn a_length_beyond_the_counter_does_not_wrap_it() {
    let module = "(module (memory i64 1) (func (export \"canister_update m\")
        (memory.fill (i64.const 0) (i32.const 7) (i64.const 0x7fffffffffffffff))
        (memory.fill (i64.const 0) (i32.const 7) (i64.const 0x7fffffffffffffff))))";
    let (result, mut running) = run(module, 1_000);
    assert_eq!(result, Err(Trap::UnreachableCodeReached));
    assert_eq!(running.get(OUT_OF_INSTRUCTIONS_EXPORT), 1);
}

#[test]
fn a_module_with_64_bit_addresses_runs() {
    let module = "(module (memory i64 1) (data (i64.const 8) \"x\")
        (func (export \"canister_update m\")
            (i64.store (i64.const 16) (memory.grow (i64.const 2)))
            (i64.store (i64.const 24) (memory.size))))";
    let (result, mut running) = run(module, 1_000_000);
    assert_eq!(result, Ok(()));
    let memory = running
        .instance
        .get_memory(&mut running.store, MEMORY_EXPORT)
        .expect("a heap");
    assert_eq!(
        memory.data(&running.store)[16..32],
        [1, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0]
    );
    assert_eq!(
        memory.data(&running.store)[8],
        0,
        "active data is for the host to apply"
    );
}

#[test]
fn an_active_data_segment_looks_dropped() {
    let module = "(module (memory 1) (data $active (i32.const 0) \"abc\") (data $passive \"def\")
        (func (export \"canister_update m\")
            (memory.init $passive (i32.const 8) (i32.const 0) (i32.const 3))
            (data.drop $active)
            (memory.init $active (i32.const 8) (i32.const 0) (i32.const 1))))";
    let (result, mut running) = run(module, 1_000_000);
    assert_eq!(result, Err(Trap::MemoryOutOfBounds));
    let memory = running
        .instance
        .get_memory(&mut running.store, MEMORY_EXPORT)
        .expect("a heap");
    assert_eq!(&memory.data(&running.store)[8..11], b"def");
}

#[test]
fn the_host_gets_everything_that_persists() {
    let engine = engine();
    let module = engine
        .compile(&wasm(
            "(module (memory 2 9) (table 3 funcref) (elem (i32.const 1) $s)
                (global i32 (i32.const 1)) (global (mut f32) (f32.const 2)) (global (mut i64) (i64.const 3))
                (data (i32.const 5) \"ab\") (data (i32.const 6) \"c\")
                (func $s) (start $s)
                (export \"global 1\" (func $s)) (export \"memory\" (func $s)) (export \"x\" (table 0))
                (export \"canister_init\" (func $s)) (export \"canister_query q r\" (func $s)))",
        ))
        .expect("a good module");
    let memory = module.memory.expect("a heap");
    assert_eq!(
        (memory.minimum_pages, memory.maximum_pages, memory.is_64),
        (2, Some(9), false)
    );
    let names: Vec<_> = module
        .mutable_globals
        .iter()
        .map(|global| (global.index, global.name.as_str()))
        .collect();
    assert_eq!(names, [(1, "global 1"), (2, "global 2")]);
    let data: Vec<_> = module
        .data_segments
        .iter()
        .map(|segment| (segment.offset, &*segment.bytes))
        .collect();
    assert_eq!(data, [(5, &b"ab"[..]), (6, &b"c"[..])]);
    let expected = [
        WasmMethod::Query("q r".to_string()),
        WasmMethod::System(SystemMethod::Start),
        WasmMethod::System(SystemMethod::Init),
    ];
    assert_eq!(module.exports, expected.into());
    let mut running = Running::start(&engine, &module, 1_000);
    assert_eq!(
        running.get(INSTRUCTION_COUNTER_EXPORT),
        1_000,
        "the start function did not run by itself"
    );
    running
        .call("canister_start")
        .expect("the start function returns");
    let table = running
        .instance
        .get_table(&mut running.store, TABLE_EXPORT)
        .expect("a table");
    assert!(
        module.has_table
            && !table
                .get(&mut running.store, 1)
                .expect("in bounds")
                .is_null()
    );
}

#[test]
fn instrumenting_twice_gives_the_same_bytes_and_a_valid_module() {
    let module = wasm(
        "(module (memory 1) (func $f (param i32) (result i32)
            (loop (br_if 0 (local.get 0))) (if (result i32) (local.get 0) (then (i32.const 1)) (else (unreachable)))))",
    );
    let sections = Sections::read(&module).expect("a good module");
    let first = instrument(&module, &sections).expect("a good module");
    let second = instrument(&module, &sections).expect("a good module");
    assert_eq!(first.wasm, second.wasm);
    wasmtime::Module::validate(engine().engine(), &first.wasm).expect("the result is valid");
}

#[test]
fn references_to_functions_whose_export_goes_stay_valid() {
    let engine = engine();
    for segment in ["", "(table 1 funcref) (elem (i32.const 0) $other)"] {
        let module = wasm(&format!(
            "(module (func $f (export \"not a method\")) (func $other) {segment}
                (func (export \"canister_update m\") (drop (ref.func $f))))"
        ));
        let module = engine.compile(&module).expect("a good module");
        let mut running = Running::start(&engine, &module, 1_000);
        let function = running
            .instance
            .get_typed_func::<(), ()>(&mut running.store, "canister_update m")
            .expect("is exported");
        function.call(&mut running.store, ()).expect("runs");
    }
}

#[test]
fn backtraces_name_functions() {
    let engine = engine();
    let module = engine
        .compile(&wasm("(module (func $inner unreachable) (func (export \"canister_update m\") (call $inner)))"))
        .expect("a good module");
    let mut running = Running::start(&engine, &module, 1_000);
    let function = running
        .instance
        .get_typed_func::<(), ()>(&mut running.store, "canister_update m")
        .expect("there");
    let error = function.call(&mut running.store, ()).expect_err("it traps");
    let trace = error
        .downcast_ref::<wasmtime::WasmBacktrace>()
        .expect("a backtrace");
    assert_eq!(trace.frames()[0].func_name(), Some("inner"));
}
