//! The state with which an installation begins.
//!
//! Source: interface specification, `install_code`: memory and globals as the module declares them, active data segments applied.
//! In: a module and the stable memory that it starts with. Out: a [`WasmState`]. Leaves out: the start function and canister_init,
//! which are executions of their own.

use super::instance::read_globals;
use super::{GlobalValue, Trap, WasmState, trap};
use crate::memory::{Heap, StableMemory};
use crate::wasm::CompiledModule;
use wasmtime::{Linker, Store};

/// The state of a canister whose code is newly installed.
///
/// # Errors
/// When a data segment does not fit the memory, or the module cannot be instantiated; both were checked when it was compiled.
pub fn fresh_state(module: &CompiledModule, stable: StableMemory) -> Result<WasmState, Trap> {
    let mut heap = Heap::zeroed(
        module
            .memory
            .as_ref()
            .map_or(0, |memory| memory.minimum_pages),
    );
    for segment in module.data_segments.iter() {
        heap.write(segment.offset, &segment.bytes)
            .map_err(|_| trap::wasm("heap out of bounds"))?;
    }
    let globals = initial_globals(module).map_err(|error| trap::toolchain(format!("{error:#}")))?;
    Ok(WasmState {
        heap,
        stable,
        globals,
    })
}

/// The values that the module gives its globals. No code runs: instantiation only evaluates constant expressions.
fn initial_globals(module: &CompiledModule) -> wasmtime::Result<Vec<GlobalValue>> {
    if module.mutable_globals.is_empty() {
        return Ok(Vec::new());
    }
    let engine = module.module.engine();
    let mut linker = Linker::<()>::new(engine);
    linker.define_unknown_imports_as_traps(&module.module)?;
    let mut store = Store::new(engine, ());
    let instance = linker.instantiate(&mut store, &module.module)?;
    Ok(read_globals(&mut store, &instance, module))
}
