//! Answers queries, composite ones included.
//!
//! Source: interface specification, "Query calls" and "Composite query methods"; recorded order of checks. Nothing is kept.
//! A composite query may call queries of its own subnet, at most six deep, all together within the instructions of one query.

use super::{QUERY_REPLY_BYTES, Ran, backtraces_for, error_for, failure, limits, run};
use crate::canister::{Canister, Status};
use crate::cycles::Cycles;
use crate::error::{ErrorCode, RejectCode, UserError};
use crate::ids::CanisterId;
use crate::message::{CallerInfo, Reject};
use crate::sandbox::{
    Answer, CallInput, CallbackInput, Changes, Closure, Context, Function, OutgoingCall, Trap,
};
use crate::subnet::SubnetState;
use crate::wasm::WasmMethod;
use candid::Principal;
use std::collections::VecDeque;
use std::sync::Arc;

const MAX_DEPTH: usize = 6;
/// Instructions that each nested call counts for, beside its own.
const NESTED_CALL_INSTRUCTIONS: u64 = 50_000_000;

/// A query, or a call inside one.
#[derive(Clone, Debug)]
pub struct Query {
    /// The caller.
    pub sender: Principal,
    /// What is vouched for about the caller.
    pub caller_info: Option<Arc<CallerInfo>>,
    /// The canister.
    pub receiver: CanisterId,
    /// The method.
    pub method: String,
    /// The argument.
    pub payload: Vec<u8>,
}

/// Answers a query of a user: the reply, or the reject message as an error of the canister.
pub fn query(
    state: &SubnetState,
    query: Query,
    certificate: Option<Arc<[u8]>>,
) -> Result<Vec<u8>, UserError> {
    evaluate(state, query, certificate).0
}

/// Answers a query of the system itself, such as the transform of an outcall, and tells the instructions that it used.
pub fn query_with_instructions(
    state: &SubnetState,
    query: Query,
) -> (Result<Vec<u8>, UserError>, u64) {
    evaluate(state, query, None)
}

fn evaluate(
    state: &SubnetState,
    query: Query,
    certificate: Option<Arc<[u8]>>,
) -> (Result<Vec<u8>, UserError>, u64) {
    let mut evaluation = Evaluation {
        state,
        certificate,
        used: 0,
    };
    let result = match evaluation.call(query, 0) {
        Ok(Answer::Reply(data)) => Ok(data),
        Ok(Answer::Reject(message)) => {
            Err(UserError::new(ErrorCode::CanisterRejectedMessage, message))
        }
        Err(error) => Err(error),
    };
    (result, evaluation.used)
}

/// One evaluation of a tree of query calls.
struct Evaluation<'a> {
    state: &'a SubnetState,
    certificate: Option<Arc<[u8]>>,
    used: u64,
}

/// One canister's part in the evaluation: its state lives until it answers.
struct Frame {
    canister: Canister,
    sender: Principal,
    caller_info: Option<Arc<CallerInfo>>,
    pending: VecDeque<OutgoingCall>,
    instructions: u64,
}

impl Evaluation<'_> {
    fn call(&mut self, query: Query, depth: usize) -> Result<Answer, UserError> {
        if depth >= MAX_DEPTH {
            let message = "Composite query calls exceeded the maximum call depth.";
            return Err(fatal(ErrorCode::QueryCallGraphTooDeep, message));
        }
        let canister = self
            .state
            .canisters
            .get(&query.receiver)
            .ok_or_else(|| not_found(query.receiver))?;
        let method = resolve(canister, &query.method)?;
        check(self.state, canister)?;
        let input = CallInput {
            caller: query.sender,
            arg: query.payload.into(),
            available: Cycles::ZERO,
            deadline: None,
        };
        let certificate = self.certificate.clone().filter(|_| depth == 0);
        let context = match method {
            WasmMethod::CompositeQuery(_) => Context::CompositeQuery { input, certificate },
            _ => Context::Query { input, certificate },
        };
        let mut frame = Frame {
            canister: canister.clone(),
            sender: query.sender,
            caller_info: query.caller_info,
            pending: VecDeque::new(),
            instructions: 0,
        };
        let changes = self.enter(&mut frame, Function::Method(method), context)?;
        let changes = changes.map_err(|trap| error_for(&frame.canister, &trap, &query.sender))?;
        if let Some(answer) = frame.absorb(changes) {
            return Ok(answer);
        }
        self.settle_calls(&mut frame, depth)
    }

    /// Evaluates the calls of a frame, one after the other, until it answers.
    fn settle_calls(&mut self, frame: &mut Frame, depth: usize) -> Result<Answer, UserError> {
        let mut failed = None;
        while let Some(call) = frame.pending.pop_front() {
            self.charge(NESTED_CALL_INSTRUCTIONS)?;
            let nested = Query {
                sender: frame.canister.id.principal(),
                caller_info: None,
                receiver: call.receiver,
                method: call.method.clone(),
                payload: call.payload.clone(),
            };
            let answer = match self.call(nested, depth + 1) {
                Ok(Answer::Reply(data)) => Ok(data.into()),
                Ok(Answer::Reject(message)) => Err(Reject {
                    code: RejectCode::CanisterReject,
                    message,
                }),
                Err(error) if is_fatal(&error) => return Err(error),
                Err(error) => Err(Reject {
                    code: error.code.reject_code(),
                    message: error.message,
                }),
            };
            match self.callback(frame, &call, answer)? {
                Ok(Some(answer)) => return Ok(answer),
                Ok(None) => {}
                Err(error) => failed = Some(error),
            }
        }
        let silent = || {
            let message = format!("Canister {} did not produce a response", frame.canister.id);
            UserError::new(ErrorCode::CanisterDidNotReply, message)
        };
        Err(failed.unwrap_or_else(silent))
    }

    /// Runs the callback of one call; the inner error is what the frame fails with unless another callback answers.
    fn callback(
        &mut self,
        frame: &mut Frame,
        call: &OutgoingCall,
        answer: Result<Arc<[u8]>, Reject>,
    ) -> Result<Result<Option<Answer>, UserError>, UserError> {
        let closure = if answer.is_ok() {
            call.on_reply
        } else {
            call.on_reject
        };
        let input = CallbackInput {
            caller: frame.sender,
            answer,
            refunded: Cycles::ZERO,
            available: Cycles::ZERO,
            answered: false,
            deadline: None,
        };
        let context = Context::Callback {
            input,
            composite: true,
        };
        match self.enter(frame, Function::Closure(closure), context)? {
            Ok(changes) => Ok(Ok(frame.absorb(changes))),
            Err(trap) => Ok(Err(self.clean_up(frame, call.on_cleanup, trap)?)),
        }
    }

    fn clean_up(
        &mut self,
        frame: &mut Frame,
        cleanup: Option<Closure>,
        trap: Trap,
    ) -> Result<UserError, UserError> {
        let shown = backtraces_for(&frame.canister, &frame.sender);
        let id = frame.canister.id;
        let Some(closure) = cleanup else {
            return Ok(failure::user_error(id, &trap, shown));
        };
        let context = Context::Cleanup {
            caller: frame.sender,
            composite: true,
            deadline: None,
        };
        match self.enter(frame, Function::Closure(closure), context)? {
            Ok(changes) => {
                frame.absorb(changes);
                Ok(failure::user_error(id, &trap, shown))
            }
            Err(second) => Ok(failure::cleanup_error(id, &trap, &second, shown)),
        }
    }

    fn enter(
        &mut self,
        frame: &mut Frame,
        function: Function,
        context: Context,
    ) -> Result<Result<Changes, Trap>, UserError> {
        let mut limits = limits(
            &frame.canister,
            self.state
                .config
                .instructions
                .query
                .saturating_sub(self.used),
        );
        limits.wasm_memory_limit = None;
        limits.reply_bytes = QUERY_REPLY_BYTES;
        let before = frame.instructions;
        let adjust = |environment: &mut crate::sandbox::Environment| {
            environment.call_context_instructions = before;
            environment.caller_info = frame.caller_info.clone();
        };
        let Ran { outcome, .. } = run(
            self.state,
            &frame.canister,
            function,
            context,
            limits,
            adjust,
            Cycles::ZERO,
        )?;
        frame.instructions += outcome.instructions;
        self.used += outcome.instructions;
        Ok(outcome.result)
    }

    fn charge(&mut self, instructions: u64) -> Result<(), UserError> {
        self.used += instructions;
        if self.used < self.state.config.instructions.query {
            return Ok(());
        }
        let message = "Composite query calls exceeded the instruction limit.";
        Err(fatal(
            ErrorCode::QueryCallGraphTotalInstructionLimitExceeded,
            message,
        ))
    }
}

impl Frame {
    /// Takes over what the code did; returns its answer.
    fn absorb(&mut self, changes: Changes) -> Option<Answer> {
        self.canister.wasm_state = changes.state;
        self.pending.extend(changes.calls);
        changes.answer
    }
}

/// Errors that end the whole evaluation.
fn fatal(code: ErrorCode, message: &str) -> UserError {
    UserError::new(code, message)
}

fn is_fatal(error: &UserError) -> bool {
    matches!(
        error.code,
        ErrorCode::QueryCallGraphTooDeep | ErrorCode::QueryCallGraphTotalInstructionLimitExceeded
    )
}

fn not_found(canister: CanisterId) -> UserError {
    UserError::new(
        ErrorCode::CanisterNotFound,
        format!("Canister {canister} not found"),
    )
}

fn resolve(canister: &Canister, name: &str) -> Result<WasmMethod, UserError> {
    if canister.status == Status::Stopped {
        let message = format!(
            "Canister {} is stopped and therefore does not have a CallContextManager",
            canister.id
        );
        return Err(UserError::new(ErrorCode::CanisterStopped, message));
    }
    let module = canister
        .module()
        .ok_or_else(|| failure::no_module(canister.id))?;
    let composite = WasmMethod::CompositeQuery(name.into());
    if module.exports.contains(&composite) {
        return Ok(composite);
    }
    let query = WasmMethod::Query(name.into());
    if module.exports.contains(&query) {
        return Ok(query);
    }
    Err(failure::user_error(
        canister.id,
        &Trap::MethodNotFound(query),
        failure::Backtraces::Hidden,
    ))
}

fn check(state: &SubnetState, canister: &Canister) -> Result<(), UserError> {
    if canister.is_frozen(&state.fees) {
        let message = format!(
            "Canister {} is unable to process query calls because it's frozen. Please top up the canister with cycles and try again.",
            canister.id
        );
        return Err(UserError::new(ErrorCode::CanisterOutOfCycles, message));
    }
    if canister.status != Status::Running {
        let message = format!("Canister {} is not running", canister.id);
        return Err(UserError::new(ErrorCode::CanisterStopping, message));
    }
    Ok(())
}
