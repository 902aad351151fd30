//! Threads with enough stack for canister code.
//!
//! The engine lets Wasm use up to `MAX_WASM_STACK_BYTES` of the thread's stack, whatever it has; a thread with less would end the
//! process. In: work. Out: its result, computed on a thread that has the stack. Threads that say so with [`declare_stack`] run it
//! directly; starting a thread costs more than most messages.

use crate::wasm::MAX_WASM_STACK_BYTES;
use std::cell::Cell;
use std::thread::Builder;

/// Stack of a thread that runs canister code: what Wasm may use and as much again for the host.
pub const STACK_BYTES: usize = 2 * MAX_WASM_STACK_BYTES;

thread_local! {
    static HAS_STACK: Cell<bool> = const { Cell::new(false) };
}

/// Says that this thread was started with at least [`STACK_BYTES`] of stack, so canister code runs on it directly. If that is not
/// so, deep recursion of a canister ends the process.
pub fn declare_stack() {
    HAS_STACK.set(true);
}

/// Runs `work` here if this thread has the stack, else on a thread of its own.
pub(super) fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if HAS_STACK.get() {
        return work();
    }
    let on_own_thread = || {
        declare_stack();
        work()
    };
    std::thread::scope(|scope| {
        let thread = Builder::new()
            .name("canister".to_string())
            .stack_size(STACK_BYTES)
            .spawn_scoped(scope, on_own_thread);
        let result = thread.expect("the system can start a thread").join();
        result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}
