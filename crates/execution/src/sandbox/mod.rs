//! Runs canister code.

mod execution;

pub use execution::*;

/// Runs an execution.
pub fn execute(_engine: &crate::wasm::WasmEngine, _execution: Execution) -> Outcome {
    unimplemented!()
}
