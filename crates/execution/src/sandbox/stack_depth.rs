//! How much stack canister code gets, so that recursion ends at the same depth in every build.
//!
//! The engine counts the stack from a place in its own code, some frames above the first frame of the canister. How many bytes lie
//! between them is decided by whoever compiled the engine, and differs between builds. So that distance is measured, once in a
//! process, with a recursion whose frames are known, and given on top. All code is entered through [`enter`], of which there is
//! one copy only, so that the way measured is the way taken. Out: bytes for the engine's configuration.

use super::host::Host;
use super::{Context, Environment, Limits};
use crate::cycles::fees::{CostSchedule, FeeSchedule, Width};
use crate::cycles::{Cycles, StorageUse};
use crate::ids::{CanisterId, SubnetId, Time};
use crate::memory::StableMemory;
use crate::wasm::GUEST_STACK_BYTES;
use candid::Principal;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use wasm_encoder::{
    CodeSection, ConstExpr, ExportKind, ExportSection, Function, FunctionSection, GlobalSection,
    GlobalType, TypeSection, ValType,
};
use wasmtime::{Config, Engine, Func, Instance, Module, Store, Val};

/// Stack of the measurement, in bytes.
const MEASURED_STACK_BYTES: usize = 16 * 1024;
/// Bytes by which the frames of the two entry points of the measurement differ. Every frame is a multiple of it.
const STEP_BYTES: usize = 16;
/// Steps that a frame of the recursion takes.
const FRAME_STEPS: usize = 2;

/// The one way into canister code.
type Entry = fn(&mut Store<Host>, Func, &[Val]) -> wasmtime::Result<()>;

#[inline(never)]
fn call(store: &mut Store<Host>, function: Func, arguments: &[Val]) -> wasmtime::Result<()> {
    function.call(store, arguments, &mut [])
}

/// Enters canister code. The compiler must not see what is called: else it makes copies of the way for callers of whose arguments it knows
/// something, and these copies have other frames.
pub(super) fn enter(
    store: &mut Store<Host>,
    function: Func,
    arguments: &[Val],
) -> wasmtime::Result<()> {
    let entry: Entry = std::hint::black_box(call);
    entry(store, function, arguments)
}

/// What the engine must be given as the stack of canister code.
pub fn stack_bytes() -> usize {
    static DISTANCE: OnceLock<usize> = OnceLock::new();
    // An engine that cannot measure cannot start either, and says why.
    let measure = || distance(MEASURED_STACK_BYTES).unwrap_or_default();
    GUEST_STACK_BYTES + *DISTANCE.get_or_init(measure)
}

/// Bytes between the place from which the engine counts and the recursion of the measurement, up to a constant.
fn distance(stack: usize) -> wasmtime::Result<usize> {
    let mut config = Config::new();
    config.max_wasm_stack(stack);
    let engine = Engine::new(&config)?;
    let module = Module::new(&engine, measuring_module())?;
    let mut store = Store::new(&engine, nobody());
    let instance = Instance::new(&mut store, &module, &[])?;
    let mut depth = |entry| -> wasmtime::Result<usize> {
        let missing = || wasmtime::Error::msg("the measuring module lacks an export");
        let function = instance.get_func(&mut store, entry).ok_or_else(missing)?;
        let count = instance
            .get_global(&mut store, "depth")
            .ok_or_else(missing)?;
        count.set(&mut store, Val::I32(0))?;
        // It ends in a stack overflow.
        let _ = enter(&mut store, function, &[]);
        Ok(count.get(&mut store).i32().unwrap_or(0) as usize)
    };
    let (narrow, wide) = (depth("narrow")?, depth("wide")?);
    let steps = narrow * FRAME_STEPS + usize::from(wide == narrow);
    Ok(stack.saturating_sub(steps * STEP_BYTES))
}

/// A recursion that counts how deep it gets, and two ways into it of which one takes one step more of the stack.
fn measuring_module() -> Vec<u8> {
    const DEPTH: u32 = 0;
    const RECURSION: u32 = 0;
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut functions = FunctionSection::new();
    let mut globals = GlobalSection::new();
    let mut exports = ExportSection::new();
    let mut code = CodeSection::new();
    let mut global = |value_type, zero: &ConstExpr| {
        let global = GlobalType {
            val_type: value_type,
            mutable: true,
            shared: false,
        };
        globals.global(global, zero);
    };
    global(ValType::I32, &ConstExpr::i32_const(0));
    for _ in 0..3 {
        global(ValType::I64, &ConstExpr::i64_const(0));
    }
    let mut recursion = Function::new([]);
    let mut body = recursion.instructions();
    body.global_get(DEPTH).i32_const(1).i32_add();
    body.global_set(DEPTH).call(RECURSION).end();
    code.function(&recursion);
    // The values wait on the stack until the call returns.
    for values in [1, 3] {
        let mut entry = Function::new([]);
        let mut body = entry.instructions();
        for value in 1..=values {
            body.global_get(value);
        }
        body.call(RECURSION);
        for value in 1..=values {
            body.global_set(value);
        }
        body.end();
        code.function(&entry);
    }
    for _ in 0..3 {
        functions.function(0);
    }
    exports.export("depth", ExportKind::Global, DEPTH);
    exports.export("narrow", ExportKind::Func, 1);
    exports.export("wide", ExportKind::Func, 2);
    let mut module = wasm_encoder::Module::new();
    module.section(&types).section(&functions).section(&globals);
    module.section(&exports).section(&code);
    module.finish()
}

/// The host of code that calls nothing.
fn nobody() -> Host {
    let environment = Environment {
        canister: CanisterId::MANAGEMENT,
        subnet: SubnetId(Principal::management_canister()),
        node_count: 1,
        time: Time(0),
        caller_info: None,
        status: 1,
        canister_version: 0,
        controllers: Arc::new(BTreeSet::new()),
        balance: Cycles::ZERO,
        prepaid: Cycles::ZERO,
        freezing_threshold: Cycles::ZERO,
        reserved_balance: Cycles::ZERO,
        reserved_cycles_limit: None,
        storage: StorageUse::of_subnet(0),
        memory_usage: 0,
        memory_allocation: 0,
        freezing_seconds: 0,
        compute_allocation: 0,
        fees: Arc::new(FeeSchedule::new(CostSchedule::Free, 1)),
        root_key: Arc::from([]),
        environment_variables: Arc::default(),
        signing_keys: Arc::default(),
        free_output_slots: Arc::default(),
        call_context_instructions: 0,
        next_log_index: 0,
        global_timer: None,
    };
    let limits = Limits {
        instructions: 0,
        heap_bytes: 0,
        wasm_memory_limit: None,
        wasm_memory_threshold: 0,
        stable_bytes: 0,
        memory_growth_bytes: 0,
        reply_bytes: 0,
        log_bytes: 0,
    };
    let stable = StableMemory::default();
    Host::new(
        Context::Start,
        environment,
        limits,
        Width::Wasm32,
        0,
        stable,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_measurement_sees_each_step_of_the_stack() {
        let known = distance(MEASURED_STACK_BYTES).unwrap();
        for more in (0..8 * STEP_BYTES).step_by(STEP_BYTES) {
            let measured = distance(MEASURED_STACK_BYTES + more).unwrap();
            assert_eq!(measured, known, "with {more} bytes more");
        }
    }
}
