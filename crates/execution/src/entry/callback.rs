//! Executes the callback for a response.
//!
//! Source: interface specification, "Callbacks" and "Cleanup"; recorded behaviour: the execution was prepaid at the call, the
//! callback gets 95 % of the instructions and the cleanup the rest; a response to an uninstalled canister only refunds.

use super::apply::{Keep, apply};
use super::call::{conclude, refund_transmission};
use super::{MESSAGE_INSTRUCTIONS, backtraces_for, failure, keep_logs, limits, run};
use crate::canister::{CallContext, Callback, Canister, CyclesUse};
use crate::error::UserError;
use crate::message::{CallContextId, Payload, Response};
use crate::sandbox::{Answer, CallbackInput, Closure, Context, Function, Outcome, Trap};
use crate::subnet::SubnetState;

/// Instructions kept back for the cleanup callback.
const CLEANUP_INSTRUCTIONS: u64 = MESSAGE_INSTRUCTIONS / 20;

/// Executes the response. Returns the instructions used.
pub fn execute_response(
    state: &mut SubnetState,
    canister: &mut Canister,
    response: Response,
) -> u64 {
    canister.balance += response.refund;
    let Some(callback) = canister.contexts.take_callback(response.callback) else {
        return 0; // Late answer of a best-effort call: only its cycles count.
    };
    canister.queues.release(callback.callee);
    refund_transmission(
        state,
        canister,
        callback.prepaid_transmission,
        response.payload.size(),
    );
    let id = callback.context;
    canister.contexts.settle(id);
    let used = match canister.contexts.get(id).cloned() {
        Some(context) if !context.deleted && canister.installed.is_some() => {
            let input = callback_input(&context, response);
            let (used, result) = run_callback(state, canister, &callback, input, &context);
            conclude(state, canister, id, result);
            used
        }
        _ => {
            canister.contexts.close_if_done(id);
            0
        }
    };
    let left = state
        .fees
        .instructions(MESSAGE_INSTRUCTIONS.saturating_sub(used), canister.width());
    canister.refund(
        left.min(callback.prepaid_execution),
        CyclesUse::Instructions,
    );
    used
}

fn callback_input(context: &CallContext, response: Response) -> CallbackInput {
    CallbackInput {
        caller: context.origin.caller(),
        answer: match response.payload {
            Payload::Reply(data) => Ok(data.into()),
            Payload::Reject(reject) => Err(reject),
        },
        refunded: response.refund,
        available: context.available,
        answered: context.answered,
        deadline: context.origin.deadline(),
    }
}

type CallbackResult = Result<Option<Answer>, UserError>;

fn run_callback(
    state: &mut SubnetState,
    canister: &mut Canister,
    callback: &Callback,
    input: CallbackInput,
    context: &CallContext,
) -> (u64, CallbackResult) {
    let closure = if input.answer.is_ok() {
        callback.on_reply
    } else {
        callback.on_reject
    };
    let limit = MESSAGE_INSTRUCTIONS - CLEANUP_INSTRUCTIONS;
    let entered = Context::Callback {
        input,
        composite: false,
    };
    let outcome = match enter(state, canister, closure, entered, limit, context, 0) {
        Ok(outcome) => outcome,
        Err(error) => return (0, Err(error)),
    };
    let used = outcome.instructions;
    match accept(state, canister, outcome, callback.context) {
        Ok(answer) => (used, Ok(answer)),
        Err(trap) => {
            let (cleanup_used, error) = clean_up(state, canister, callback, context, trap, used);
            (used + cleanup_used, Err(error))
        }
    }
}

/// Runs the cleanup callback, if there is one, after the callback trapped. Returns the error that the caller sees.
fn clean_up(
    state: &mut SubnetState,
    canister: &mut Canister,
    callback: &Callback,
    context: &CallContext,
    trap: Trap,
    used: u64,
) -> (u64, UserError) {
    let reader = context.origin.caller();
    let shown = backtraces_for(canister, &reader);
    let error = failure::user_error(canister.id, &trap, shown);
    let Some(closure) = callback.on_cleanup else {
        return (0, error);
    };
    let left = MESSAGE_INSTRUCTIONS - used;
    let entered = Context::Cleanup {
        caller: reader,
        composite: false,
        deadline: context.origin.deadline(),
    };
    let outcome = match enter(state, canister, closure, entered, left, context, used) {
        Ok(outcome) => outcome,
        Err(error) => return (0, error),
    };
    let cleanup_used = outcome.instructions;
    match accept(state, canister, outcome, callback.context) {
        Ok(_) => (cleanup_used, error),
        Err(second) => (
            cleanup_used,
            failure::cleanup_error(canister.id, &trap, &second, shown),
        ),
    }
}

fn enter(
    state: &SubnetState,
    canister: &Canister,
    closure: Closure,
    context: Context,
    limit: u64,
    call_context: &CallContext,
    used: u64,
) -> Result<Outcome, UserError> {
    let mut limits = limits(canister, limit);
    limits.wasm_memory_limit = None;
    let before = call_context.instructions + used;
    let adjust = |environment: &mut crate::sandbox::Environment| {
        environment.call_context_instructions = before
    };
    run(
        state,
        canister,
        Function::Closure(closure),
        context,
        limits,
        adjust,
        crate::cycles::Cycles::ZERO,
    )
}

fn accept(
    state: &mut SubnetState,
    canister: &mut Canister,
    mut outcome: Outcome,
    id: CallContextId,
) -> Result<Option<Answer>, Trap> {
    keep_logs(canister, &mut outcome, state.time);
    if let Some(context) = canister.contexts.get_mut(id) {
        context.instructions += outcome.instructions;
    }
    let mut changes = outcome.result?;
    let answer = changes.answer.take();
    apply(state, canister, changes, id, Keep::All);
    Ok(answer)
}
