//! Ends best-effort calls whose deadline has passed.
//!
//! Source: interface specification, "Bounded-wait calls". In: the state at the time of the round. Out: rejects with code 6 in
//! the callers' inputs; expired requests are dropped wherever they wait. A late answer still refunds its cycles.

use crate::canister::Canister;
use crate::cycles::Cycles;
use crate::error::RejectCode;
use crate::ids::{CanisterId, Time};
use crate::message::{CanisterMessage, Payload, Response};
use crate::subnet::SubnetState;

/// Rejects all calls of the subnet's canisters whose deadline has passed.
pub fn best_effort_calls(state: &mut SubnetState) {
    let now = state.time;
    let expired: Vec<CanisterId> = state
        .canisters
        .iter()
        .filter(|(_, canister)| {
            canister
                .contexts
                .callbacks()
                .any(|(_, callback)| has_passed(callback.deadline, now))
        })
        .map(|(id, _)| *id)
        .collect();
    for id in expired {
        if let Some(canister) = state.canisters.get_mut(&id) {
            reject_expired(canister, now);
        }
    }
}

fn has_passed(deadline: Option<Time>, now: Time) -> bool {
    deadline.is_some_and(|deadline| deadline < now)
}

fn reject_expired(canister: &mut Canister, now: Time) {
    let mut responses = Vec::new();
    for (id, callback) in canister.contexts.callbacks() {
        if has_passed(callback.deadline, now) && !canister.queues.holds_response(*id) {
            responses.push(Response {
                originator: canister.id,
                respondent: callback.callee,
                callback: *id,
                refund: Cycles::ZERO,
                payload: Payload::reject(RejectCode::SysUnknown, "Call deadline has expired."),
                deadline: callback.deadline,
            });
        }
    }
    for response in responses {
        canister.queues.drop_request(response.callback);
        // A response always has its place.
        let _ = canister
            .queues
            .push_input(response.respondent, CanisterMessage::Response(response));
    }
}
