//! Runs the entry points of canisters and applies what they did.
//!
//! Source: interface specification, "Entry points", "Call contexts", "Cycles". In: a canister taken out of the subnet's
//! state, and a message. Out: the canister changed, answers sent, instructions used. The order is always: prepay, run,
//! apply or discard, answer, give back what was not used. Leaves out: which message comes next (see `round`).

mod answer;
mod apply;
mod call;
mod callback;
mod environment;
pub mod failure;
mod inspect;
mod long;
mod query;
mod task;

pub use answer::{CallResult, answer};
pub use apply::{Keep, reject_at_once, take_over};
pub(crate) use call::composite_in_replicated_mode;
pub use call::{Call, execute_call};
pub use callback::execute_response;
pub use environment::*;
pub use inspect::inspect;
pub use long::{LongExecution, resume};
pub use query::{Query, query, query_with_instructions};
pub use task::{execute_task, method_of};

use crate::canister::{Canister, CyclesUse, Visibility};
use crate::cycles::Cycles;
use crate::cycles::fees::Width;
use crate::error::UserError;
use crate::sandbox::{Context, Execution, Function, Limits, LogRecord, Outcome, Trap};
use crate::subnet::SubnetState;
use candid::Principal;
use failure::Backtraces;

/// An execution that ran, and the balance that it began with.
#[derive(Clone, Debug)]
struct Ran {
    outcome: Outcome,
    balance_before: Cycles,
}

/// What was taken for the instructions of an execution.
#[derive(Clone, Debug)]
struct Prepayment {
    amount: Cycles,
    limit: u64,
    width: Width,
}

impl Prepayment {
    /// Takes the fee of a message with this limit, if the canister can pay it.
    fn take(
        state: &SubnetState,
        canister: &mut Canister,
        limit: u64,
        caller: &Principal,
    ) -> Result<Self, UserError> {
        let width = canister.width();
        let amount = state.fees.execution(limit, width);
        canister.can_pay(&state.fees, amount, caller)?;
        canister.charge(amount, CyclesUse::Instructions);
        Ok(Prepayment {
            amount,
            limit,
            width,
        })
    }

    /// Gives back what was not used.
    fn settle(self, state: &SubnetState, canister: &mut Canister, used: u64) {
        let left = state
            .fees
            .instructions(self.limit.saturating_sub(used), self.width);
        canister.refund(left.min(self.amount), CyclesUse::Instructions);
    }
}

/// Runs code of the canister; its state is not changed yet.
fn run(
    state: &SubnetState,
    canister: &Canister,
    function: Function,
    context: Context,
    limits: Limits,
    adjust: impl FnOnce(&mut crate::sandbox::Environment),
    prepaid: Cycles,
) -> Result<Ran, UserError> {
    let Some(module) = canister.module() else {
        return Err(failure::no_module(canister.id));
    };
    let mut environment = environment(state, canister, prepaid);
    adjust(&mut environment);
    let execution = Execution {
        module: module.clone(),
        state: canister.wasm_state.clone(),
        function,
        context,
        environment,
        limits,
    };
    Ok(Ran {
        balance_before: canister.balance,
        outcome: crate::sandbox::execute(&state.engine, execution),
    })
}

/// Keeps the log records of an execution, and a line for its trap.
fn keep_logs(canister: &mut Canister, outcome: &mut Outcome, now: crate::ids::Time) {
    let mut records = std::mem::take(&mut outcome.logs);
    if let Err(trap) = &outcome.result
        && let Some(line) = failure::log_line(trap)
    {
        let index = records
            .last()
            .map_or(canister.log.next_index(), |record| record.index + 1);
        let content = line.into_bytes();
        records.push(LogRecord {
            index,
            time: now,
            content,
        });
    }
    let capacity = canister.settings.log_memory_limit as usize;
    canister.log.append(records, capacity);
}

/// Whether this reader may see backtraces of the canister.
fn backtraces_for(canister: &Canister, reader: &Principal) -> Backtraces {
    let visible = match &canister.settings.log_visibility {
        Visibility::Public => true,
        Visibility::Controllers => canister.settings.controllers.contains(reader),
        Visibility::Viewers(viewers) => {
            viewers.contains(reader) || canister.settings.controllers.contains(reader)
        }
    };
    if visible {
        Backtraces::Shown
    } else {
        Backtraces::Hidden
    }
}

/// The error that `reader` sees.
fn error_for(canister: &Canister, trap: &Trap, reader: &Principal) -> UserError {
    failure::user_error(canister.id, trap, backtraces_for(canister, reader))
}
