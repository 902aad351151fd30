//! Executes a call of a method: an update, or a query in replicated mode.
//!
//! Source: interface specification, "Update calls"; order of checks and charges as recorded: prepay (nothing is charged if
//! that fails), then status, code, method (the message's base fee stays charged), then run.

use super::answer::{CallResult, answer};
use super::apply::{Keep, apply};
use super::long::{Held, settle_or_hold};
use super::{Prepayment, Ran, error_for, failure, keep_logs, message_limits, run};
use crate::canister::{Canister, CyclesUse, Origin, Status};
use crate::cycles::Cycles;
use crate::error::{ErrorCode, UserError};
use crate::message::{CallContextId, Ingress, Request};
use crate::sandbox::{CallInput, Context, Function, Trap};
use crate::subnet::SubnetState;
use crate::wasm::WasmMethod;

/// A call of a method.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who waits for the answer.
    pub origin: Origin,
    /// The method.
    pub method: String,
    /// The argument.
    pub payload: Vec<u8>,
    /// Attached cycles.
    pub cycles: Cycles,
}

impl Call {
    /// The call that an ingress message makes.
    pub fn from_ingress(ingress: Ingress) -> Call {
        Call {
            origin: Origin::Ingress {
                id: ingress.id,
                sender: ingress.sender,
                caller_info: ingress.caller_info,
            },
            method: ingress.method,
            payload: ingress.payload,
            cycles: Cycles::ZERO,
        }
    }

    /// The call that a request makes.
    pub fn from_request(request: Request) -> Call {
        Call {
            origin: Origin::Canister {
                sender: request.sender,
                callback: request.callback,
                deadline: request.deadline,
            },
            method: request.method,
            payload: request.payload,
            cycles: request.cycles,
        }
    }
}

/// As what a method is run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Update,
    ReplicatedQuery,
}

/// Executes the call and answers it if it ends with that. Returns the instructions used.
pub fn execute_call(state: &mut SubnetState, canister: &mut Canister, call: Call) -> u64 {
    let caller = call.origin.caller();
    let (mode, method) = resolve(canister, &call.method);
    let limit = match mode {
        Mode::Update => state.config.instructions.message,
        Mode::ReplicatedQuery => state.config.instructions.replicated_query,
    };
    let prepayment = match Prepayment::take(state, canister, limit, &caller) {
        Ok(prepayment) => prepayment,
        Err(error) => {
            answer(
                state,
                canister,
                call.origin,
                CallResult::Failed(error),
                call.cycles,
            );
            return 0;
        }
    };
    match check(canister, mode, &method, &caller) {
        Ok(()) => enter(state, canister, call, mode, method, prepayment),
        Err(error) => {
            prepayment.settle(state, canister, 0);
            let failed = CallResult::Failed(error);
            answer(state, canister, call.origin, failed, call.cycles);
            0
        }
    }
}

/// Opens the call context and runs the method.
fn enter(
    state: &mut SubnetState,
    canister: &mut Canister,
    call: Call,
    mode: Mode,
    method: WasmMethod,
    prepayment: Prepayment,
) -> u64 {
    let input = CallInput {
        caller: call.origin.caller(),
        arg: call.payload.into(),
        available: call.cycles,
        deadline: call.origin.deadline(),
    };
    let (context, keep) = match mode {
        Mode::Update => (Context::Update(input), Keep::All),
        Mode::ReplicatedQuery => (Context::ReplicatedQuery(input), Keep::Account),
    };
    let caller_info = call.origin.caller_info();
    let ran = run(
        state,
        canister,
        Function::Method(method),
        context,
        message_limits(state, canister, prepayment.limit),
        |environment| environment.caller_info = caller_info,
        prepayment.amount,
    );
    let id = canister.contexts.open(call.origin, call.cycles, state.time);
    match ran {
        Ok(ran) => {
            let held = Held::Message {
                id,
                keep,
                prepayment,
            };
            settle_or_hold(state, canister, ran, held)
        }
        Err(error) => {
            conclude(state, canister, id, Err(error));
            prepayment.settle(state, canister, 0);
            0
        }
    }
}

/// Which entry point a method name means in a replicated call.
fn resolve(canister: &Canister, name: &str) -> (Mode, WasmMethod) {
    let query = WasmMethod::Query(name.into());
    match canister.module() {
        Some(module) if module.exports.contains(&query) => (Mode::ReplicatedQuery, query),
        _ => (Mode::Update, WasmMethod::Update(name.into())),
    }
}

fn check(
    canister: &Canister,
    mode: Mode,
    method: &WasmMethod,
    caller: &candid::Principal,
) -> Result<(), UserError> {
    match canister.status {
        Status::Running => {}
        Status::Stopping(_) => {
            return Err(UserError::new(
                ErrorCode::CanisterStopping,
                format!("Canister {} is not running", canister.id),
            ));
        }
        Status::Stopped => {
            return Err(UserError::new(
                ErrorCode::CanisterStopped,
                format!("Canister {} is not running", canister.id),
            ));
        }
    }
    let module = canister
        .module()
        .ok_or_else(|| failure::no_module(canister.id))?;
    if let WasmMethod::Update(name) = method
        && module
            .exports
            .contains(&WasmMethod::CompositeQuery(name.clone()))
    {
        return Err(composite_in_replicated_mode());
    }
    if !module.exports.contains(method) {
        return Err(error_for(
            canister,
            &Trap::MethodNotFound(method.clone()),
            caller,
        ));
    }
    let limit = canister.settings.wasm_memory_limit;
    if mode == Mode::Update && limit > 0 && canister.heap_bytes() > limit {
        let trap = Trap::WasmMemoryLimit {
            bytes: canister.heap_bytes(),
            limit,
        };
        return Err(error_for(canister, &trap, caller));
    }
    Ok(())
}

/// The error for a composite query that is called as an update.
pub(crate) fn composite_in_replicated_mode() -> UserError {
    let message = "Composite query cannot be called in replicated mode";
    UserError::new(ErrorCode::CompositeQueryCalledInReplicatedMode, message)
}

/// Applies the outcome of a message of the call context, answers if it ended with that. Returns the instructions used.
pub(super) fn finish(
    state: &mut SubnetState,
    canister: &mut Canister,
    id: CallContextId,
    ran: Ran,
    keep: Keep,
) -> u64 {
    let Ran {
        mut outcome,
        balance_before,
    } = ran;
    keep_logs(canister, &mut outcome, state.time);
    if let Some(context) = canister.contexts.get_mut(id) {
        context.instructions += outcome.instructions;
    }
    let result = match outcome.result {
        Ok(mut changes) => {
            let given = changes.answer.take();
            apply(state, canister, changes, balance_before, id, keep);
            Ok(given)
        }
        Err(trap) => {
            let caller = canister
                .contexts
                .get(id)
                .map_or(candid::Principal::anonymous(), |c| c.origin.caller());
            Err(error_for(canister, &trap, &caller))
        }
    };
    conclude(state, canister, id, result);
    outcome.instructions
}

/// Answers the call context if this result of one of its messages calls for it, and closes it when it is done.
pub(super) fn conclude(
    state: &mut SubnetState,
    canister: &mut Canister,
    id: CallContextId,
    result: Result<Option<crate::sandbox::Answer>, UserError>,
) {
    let waits = canister
        .contexts
        .get(id)
        .is_some_and(|context| context.outstanding > 0);
    let ended = match result {
        Ok(Some(given)) => Some(CallResult::Answered(given)),
        _ if waits => None,
        Ok(None) => Some(CallResult::NoResponse),
        Err(error) => Some(CallResult::Failed(error)),
    };
    if let Some(ended) = ended
        && let Some((origin, refund)) = canister.contexts.answer(id)
    {
        answer(state, canister, origin, ended, refund);
    }
    canister.contexts.close_if_done(id);
}

/// Books the attached cycles of a response, and what of the transmission reserve was not needed.
pub(super) fn refund_transmission(
    state: &SubnetState,
    canister: &mut Canister,
    reserve: Cycles,
    bytes: usize,
) {
    let used = state.fees.transmission_bytes(bytes as u64);
    canister.refund(reserve - used, CyclesUse::RequestAndResponseTransmission);
}
