//! Runs canister code.
//!
//! [`execute`] runs one function of a module on a canister's state, in an instance of its own that is thrown away afterwards: memory
//! and globals are put in before and taken out after. [`fresh_state`] makes the state with which an installation begins. The
//! engine must have been started with [`heap_creator`].

mod execution;
mod growth;
mod host;
mod host_memory;
mod install;
mod instance;
mod log;
mod stack;
mod stack_depth;
pub(crate) mod trap;

#[cfg(test)]
mod tests;

pub use execution::*;
pub(crate) use host::{Answering, Host};
pub use host_memory::heap_creator;
pub use install::fresh_state;
pub(crate) use instance::WRITTEN_PAGE_INSTRUCTIONS;
pub use stack::{STACK_BYTES, declare_stack};
pub use stack_depth::stack_bytes;

use crate::wasm::WasmEngine;

/// Runs an execution. Threads that run many call [`declare_stack`]; on any other thread each execution gets a thread of its own.
pub fn execute(engine: &WasmEngine, execution: Execution) -> Outcome {
    stack::with_stack(|| instance::run(engine, execution))
}
