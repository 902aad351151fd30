//! Threads with enough stack for canister code.
//!
//! The engine lets Wasm use up to `MAX_WASM_STACK_BYTES` of the thread's stack, whatever it has; a thread with less would end the
//! process. In: work. Out: its result, computed on a thread that has the stack. Threads started with [`spawn`] run it directly.

use crate::wasm::MAX_WASM_STACK_BYTES;
use std::cell::Cell;
use std::io;
use std::thread::{Builder, JoinHandle};

/// Stack of a thread: what Wasm may use and as much again for the host.
const STACK_BYTES: usize = 2 * MAX_WASM_STACK_BYTES;

thread_local! {
    static HAS_STACK: Cell<bool> = const { Cell::new(false) };
}

/// Starts a thread on which canister code runs without a change of thread.
///
/// # Errors
/// When the system cannot start a thread.
pub fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<JoinHandle<T>> {
    builder(name).spawn(move || {
        HAS_STACK.set(true);
        work()
    })
}

/// Runs `work` here if this thread has the stack, else on a thread of its own.
pub(super) fn with_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if HAS_STACK.get() {
        return work();
    }
    let on_own_thread = || {
        HAS_STACK.set(true);
        work()
    };
    std::thread::scope(|scope| {
        let thread = builder("canister").spawn_scoped(scope, on_own_thread);
        let result = thread.expect("the system can start a thread").join();
        result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn builder(name: &str) -> Builder {
    Builder::new()
        .name(name.to_string())
        .stack_size(STACK_BYTES)
}
