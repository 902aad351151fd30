//! Executes system tasks: heartbeat, global timer, low-memory hook.
//!
//! Source: interface specification, "Heartbeat", "Global timer", "On low Wasm memory". Charged as an update; a canister that
//! can't pay skips the task. The timer is switched off before its task runs, also if that then traps.

use super::apply::Keep;
use super::long::{Held, settle_or_hold};
use super::{Prepayment, message_limits, run};
use crate::canister::{Canister, LowMemoryHook, Origin};
use crate::cycles::Cycles;
use crate::sandbox::{Context, Function, SystemTask};
use crate::subnet::SubnetState;
use crate::wasm::{SystemMethod, WasmMethod};

/// The entry point of a task.
pub fn method_of(task: SystemTask) -> WasmMethod {
    WasmMethod::System(match task {
        SystemTask::Heartbeat => SystemMethod::Heartbeat,
        SystemTask::GlobalTimer => SystemMethod::GlobalTimer,
        SystemTask::OnLowWasmMemory => SystemMethod::OnLowWasmMemory,
    })
}

/// Executes the task if the canister exports it and can pay. Returns the instructions used.
pub fn execute_task(state: &mut SubnetState, canister: &mut Canister, task: SystemTask) -> u64 {
    let method = method_of(task);
    if !canister
        .module()
        .is_some_and(|module| module.exports.contains(&method))
    {
        return 0;
    }
    let origin = Origin::System(task);
    let instructions = state.config.instructions.message;
    let Ok(prepayment) = Prepayment::take(state, canister, instructions, &origin.caller()) else {
        if task == SystemTask::OnLowWasmMemory {
            canister.low_memory_hook = LowMemoryHook::Ready;
        }
        return 0;
    };
    if task == SystemTask::GlobalTimer {
        canister.global_timer = None;
    }
    let mut limits = message_limits(state, canister, instructions);
    limits.wasm_memory_limit = None;
    let ran = run(
        state,
        canister,
        Function::Method(method),
        Context::Task(task),
        limits,
        |_| (),
        prepayment.amount,
    );
    let id = canister.contexts.open(origin, Cycles::ZERO, state.time);
    match ran {
        Ok(ran) => {
            let held = Held::Message {
                id,
                keep: Keep::All,
                prepayment,
            };
            settle_or_hold(state, canister, ran, held)
        }
        Err(_) => {
            prepayment.settle(state, canister, 0);
            0
        }
    }
}
