//! Starting, stopping, emptying and deleting canisters.
//!
//! Methods: start_canister, stop_canister, uninstall_code, delete_canister. Source: interface specification, "Canister status";
//! recorded texts and versions. A canister stops at the end of a round in which nothing of it is open (see `round`).

use super::access::{controlled, controlled_mut, existing};
use super::refusal::{advised, not_found};
use super::{Invocation, Reply, wire};
use crate::canister::{
    Canister, HistoryChange, HistoryEntry, LowMemoryHook, ManagementOrigin, Origin, Status,
    StopRequest,
};
use crate::cycles::Cycles;
use crate::error::{ErrorCode, RejectCode, UserError};
use crate::ids::CanisterId;
use crate::message::{Payload, Reject, Response};
use crate::sandbox::WasmState;
use crate::subnet::{IngressStatus, SubnetState};
use candid::Principal;
use ic_management_canister_types as types;

/// How long stop_canister waits, in nanoseconds.
const STOP_TIMEOUT: u64 = 5 * 60 * 1_000_000_000;
const UNINSTALLED: &str = "Canister has been uninstalled.";

/// start_canister
pub(super) fn start_canister(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::StartCanisterArgs = call.decode()?;
    let id = CanisterId::new(arguments.canister_id);
    let canister = controlled_mut(state, id, call.caller())?;
    let waiting = match std::mem::replace(&mut canister.status, Status::Running) {
        Status::Running => return Ok(Reply::Now(wire::nothing())),
        Status::Stopped => Vec::new(),
        Status::Stopping(waiting) => waiting,
    };
    canister.version += 1;
    for request in waiting {
        let error = match request.origin {
            ManagementOrigin::Ingress { .. } => UserError::new(
                ErrorCode::CanisterStoppingCancelled,
                format!("Canister {id}'s stop request was cancelled."),
            ),
            ManagementOrigin::Canister { .. } => UserError::new(
                ErrorCode::CanisterRejectedMessage,
                format!("Canister {id}'s stop request cancelled"),
            ),
        };
        state.answer_management(request.origin, Err(error), request.cycles);
    }
    Ok(Reply::Now(wire::nothing()))
}

/// stop_canister
pub(super) fn stop_canister(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::StopCanisterArgs = call.decode()?;
    let now = state.time;
    let canister = controlled_mut(state, CanisterId::new(arguments.canister_id), call.caller())?;
    let request = StopRequest {
        origin: call.origin.clone(),
        time: now,
        cycles: call.cycles,
    };
    match &mut canister.status {
        Status::Stopped => return Ok(Reply::Now(wire::nothing())),
        Status::Stopping(waiting) => waiting.push(request),
        Status::Running => {
            canister.status = Status::Stopping(vec![request]);
            canister.version += 1;
        }
    }
    Ok(Reply::Later)
}

/// Rejects calls of stop_canister that have waited for five minutes; the canisters go on stopping.
pub(super) fn expire_stop_requests(state: &mut SubnetState) {
    let now = state.time;
    let mut expired = Vec::new();
    for canister in state.canisters.values_mut() {
        if let Status::Stopping(waiting) = &mut canister.status {
            expired
                .extend(waiting.extract_if(.., |request| now.since(request.time) >= STOP_TIMEOUT));
        }
    }
    for request in expired {
        let error = UserError::new(
            ErrorCode::StopCanisterRequestTimeout,
            "Stop canister request timed out",
        );
        state.answer_management(request.origin, Err(error), request.cycles);
    }
}

/// uninstall_code
pub(super) fn uninstall_code(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::UninstallCodeArgs = call.decode()?;
    let id = CanisterId::new(arguments.canister_id);
    if !is_governance(call.caller()) {
        controlled(state, id, call.caller())?;
    }
    let mut canister = state.canisters.remove(&id).ok_or_else(|| not_found(id))?;
    uninstall(state, &mut canister);
    canister.history.push(HistoryEntry {
        time: state.time,
        version: canister.version,
        origin: call.change_origin(arguments.sender_canister_version),
        change: HistoryChange::CodeUninstall,
    });
    state.canisters.insert(id, canister);
    Ok(Reply::Now(wire::nothing()))
}

/// The governance canister of the NNS may uninstall every canister.
fn is_governance(caller: Principal) -> bool {
    CanisterId::new(caller).number() == Some(1)
}

/// Takes code and state away from a canister and rejects what it has open. The history is the caller's to write.
pub fn uninstall(state: &mut SubnetState, canister: &mut Canister) {
    canister.installed = None;
    canister.wasm_state = WasmState::default();
    canister.certified_data.clear();
    canister.chunks.clear();
    canister.global_timer = None;
    canister.low_memory_hook = LowMemoryHook::NotSatisfied;
    canister.tasks.clear();
    canister.log.clear();
    canister.installed_at = None;
    canister.version += 1;
    for (origin, refund) in canister.contexts.delete_all() {
        reject_open_call(state, canister, origin, refund);
    }
}

fn reject_open_call(
    state: &mut SubnetState,
    canister: &mut Canister,
    origin: Origin,
    refund: Cycles,
) {
    match origin {
        Origin::System(_) => {}
        Origin::Ingress { id, .. } => {
            let error = UserError::new(ErrorCode::CanisterRejectedMessage, UNINSTALLED);
            state
                .ingress
                .set(id, IngressStatus::Failed(error), state.time);
        }
        Origin::Canister {
            sender,
            callback,
            deadline,
        } => canister.queues.push_response(Response {
            originator: sender,
            respondent: canister.id,
            callback,
            refund,
            payload: Payload::Reject(Reject {
                code: RejectCode::CanisterReject,
                message: UNINSTALLED.into(),
            }),
            deadline,
        }),
    }
}

/// delete_canister
pub(super) fn delete_canister(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::DeleteCanisterArgs = call.decode()?;
    let id = CanisterId::new(arguments.canister_id);
    if call.caller() == id.principal() {
        return Err(advised(
            ErrorCode::CanisterInvalidController,
            format!("Canister {id} cannot delete itself."),
            "Delete the canister from one of its other controllers.",
            "delete-canister-self",
        ));
    }
    existing(state, id)?;
    let canister = controlled(state, id, call.caller())?;
    if canister.status != Status::Stopped {
        return Err(advised(
            ErrorCode::CanisterNotStopped,
            format!("Canister {id} must be stopped before it is deleted."),
            "Stop the canister before deleting it.",
            "delete-canister-not-stopped",
        ));
    }
    if !canister.queues.is_empty() {
        return Err(advised(
            ErrorCode::CanisterQueueNotEmpty,
            format!(
                "Canister {id} has messages in its queues and cannot be deleted now. Please retry after some time."
            ),
            "Wait until the queues have been cleared to delete the canister and in the meantime stop the canister.",
            "delete-canister-queue-not-empty",
        ));
    }
    state.canisters.remove(&id);
    Ok(Reply::Now(wire::nothing()))
}
