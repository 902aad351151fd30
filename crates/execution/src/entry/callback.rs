//! Executes the callback for a response.
//!
//! Source: interface specification, "Callbacks" and "Cleanup"; recorded behaviour: the execution was prepaid at the call, the
//! callback gets 95 % of the instructions and the cleanup the rest; a response to an uninstalled canister only refunds.

use super::apply::{Keep, apply};
use super::call::{conclude, refund_transmission};
use super::long::{Held, settle_or_hold};
use super::{Ran, backtraces_for, failure, keep_logs, message_limits, run};
use crate::canister::{CallContext, Callback, Canister, CyclesUse};
use crate::cycles::Cycles;
use crate::error::UserError;
use crate::message::{CallContextId, Payload, Response};
use crate::sandbox::{Answer, CallbackInput, Closure, Context, Environment, Function, Trap};
use crate::subnet::SubnetState;

/// Executes the response. Returns the instructions used in this round.
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
    let bytes = response.payload.size();
    refund_transmission(state, canister, callback.prepaid_transmission, bytes);
    let id = callback.context;
    canister.contexts.settle(id);
    let open = |context: &CallContext| !context.deleted && canister.installed.is_some();
    let Some(context) = canister.contexts.get(id).filter(|c| open(c)).cloned() else {
        canister.contexts.close_if_done(id);
        refund_execution(state, canister, &callback, 0);
        return 0;
    };
    let closure = match response.payload {
        Payload::Reply(_) => callback.on_reply,
        Payload::Reject(_) => callback.on_reject,
    };
    let entered = Context::Callback {
        input: callback_input(&context, response),
        composite: false,
    };
    let instructions = &state.config.instructions;
    let limit = instructions.message - instructions.cleanup();
    match enter(state, canister, closure, entered, limit, &context) {
        Ok(ran) => settle_or_hold(state, canister, ran, Held::Callback(Box::new(callback))),
        Err(error) => {
            conclude(state, canister, id, Err(error));
            refund_execution(state, canister, &callback, 0);
            0
        }
    }
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

/// Deals with what the callback came to: applies it, or cleans up. Returns the instructions used.
pub(super) fn complete(
    state: &mut SubnetState,
    canister: &mut Canister,
    callback: &Callback,
    ran: Ran,
) -> u64 {
    let mut used = ran.outcome.instructions;
    let result = match accept(state, canister, ran, callback.context) {
        Ok(answer) => Ok(answer),
        Err(trap) => {
            let (cleanup_used, error) = clean_up(state, canister, callback, trap, used);
            used += cleanup_used;
            Err(error)
        }
    };
    conclude(state, canister, callback.context, result);
    refund_execution(state, canister, callback, used);
    used
}

fn refund_execution(state: &SubnetState, canister: &mut Canister, callback: &Callback, used: u64) {
    let left = state.config.instructions.message.saturating_sub(used);
    let refund = state.fees.instructions(left, canister.width());
    canister.refund(
        refund.min(callback.prepaid_execution),
        CyclesUse::Instructions,
    );
}

/// Runs the cleanup callback, if there is one, after the callback trapped. Returns the error that the caller sees.
fn clean_up(
    state: &mut SubnetState,
    canister: &mut Canister,
    callback: &Callback,
    trap: Trap,
    used: u64,
) -> (u64, UserError) {
    let context = canister.contexts.get(callback.context).cloned();
    let reader = context.as_ref().map(|context| context.origin.caller());
    let shown = reader.map_or(failure::Backtraces::Hidden, |r| {
        backtraces_for(canister, &r)
    });
    let error = failure::user_error(canister.id, &trap, shown);
    let (Some(closure), Some(context)) = (callback.on_cleanup, context) else {
        return (0, error);
    };
    let entered = Context::Cleanup {
        caller: context.origin.caller(),
        composite: false,
        deadline: context.origin.deadline(),
    };
    let left = state.config.instructions.message - used;
    let ran = match enter(state, canister, closure, entered, left, &context) {
        Ok(ran) => ran,
        Err(error) => return (0, error),
    };
    let cleanup_used = ran.outcome.instructions;
    let error = match accept(state, canister, ran, callback.context) {
        Ok(_) => error,
        Err(second) => failure::cleanup_error(canister.id, &trap, &second, shown),
    };
    (cleanup_used, error)
}

fn enter(
    state: &SubnetState,
    canister: &Canister,
    closure: Closure,
    context: Context,
    limit: u64,
    call_context: &CallContext,
) -> Result<Ran, UserError> {
    let mut limits = message_limits(state, canister, limit);
    limits.wasm_memory_limit = None;
    let before = call_context.instructions;
    let adjust = |environment: &mut Environment| {
        environment.call_context_instructions = before;
        environment.caller_info = call_context.origin.caller_info();
    };
    let function = Function::Closure(closure);
    run(
        state,
        canister,
        function,
        context,
        limits,
        adjust,
        Cycles::ZERO,
    )
}

fn accept(
    state: &mut SubnetState,
    canister: &mut Canister,
    mut ran: Ran,
    id: CallContextId,
) -> Result<Option<Answer>, Trap> {
    keep_logs(canister, &mut ran.outcome, state.time);
    if let Some(context) = canister.contexts.get_mut(id) {
        context.instructions += ran.outcome.instructions;
    }
    let mut changes = ran.outcome.result?;
    let answer = changes.answer.take();
    let before = ran.balance_before;
    apply(state, canister, changes, before, id, Keep::All);
    Ok(answer)
}
