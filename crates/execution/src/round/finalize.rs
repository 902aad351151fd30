//! Ends a round: canisters that can stop do, time is charged, old statuses go, outputs go into streams.

use crate::canister::{Canister, CyclesUse, Status};
use crate::cycles::Cycles;
use crate::entry::reject_at_once;
use crate::error::RejectCode;
use crate::ids::{CanisterId, SubnetId};
use crate::management;
use crate::message::{CanisterMessage, Payload};
use crate::subnet::SubnetState;

/// Bytes of the largest request between subnets, method name and argument together.
const MAX_REMOTE_BYTES: usize = 2 << 20;

/// Ends the round; returns the messages for other subnets (and for this one, through its own stream).
pub fn finish(state: &mut SubnetState) -> Vec<(SubnetId, CanisterMessage)> {
    stop_canisters(state);
    management::expire(state);
    charge_for_time(state);
    for canister in state.canisters.values_mut() {
        canister.tasks.clear();
    }
    state.ingress.prune(state.time);
    state.previous_time = state.time;
    outbound(state)
}

/// Stops the stopping canisters that have nothing open, and answers who waits for that.
fn stop_canisters(state: &mut SubnetState) {
    let mut answers = Vec::new();
    for canister in state.canisters.values_mut() {
        let Status::Stopping(requests) = &mut canister.status else {
            continue;
        };
        if canister.contexts.is_empty() && !canister.queues.has_input() {
            answers.append(requests);
            canister.status = Status::Stopped;
            canister.version += 1;
        }
    }
    for request in answers {
        state.answer_management(
            request.origin,
            Ok(management::empty_reply()),
            request.cycles,
        );
    }
}

/// Charges storage and compute; who can't pay is uninstalled and loses what is left.
fn charge_for_time(state: &mut SubnetState) {
    let (fees, now) = (state.fees.clone(), state.time);
    let broke: Vec<CanisterId> = state
        .canisters
        .values_mut()
        .filter_map(|canister| (!canister.charge_for_time(&fees, now)).then_some(canister.id))
        .collect();
    for id in broke {
        if let Some(mut canister) = state.canisters.remove(&id) {
            forfeit(state, &mut canister);
            state.canisters.insert(id, canister);
        }
    }
}

fn forfeit(state: &mut SubnetState, canister: &mut Canister) {
    management::uninstall(state, canister);
    canister.history.clear();
    canister.snapshots.clear();
    canister.settings.compute_allocation = 0;
    canister.settings.memory_allocation = 0;
    let lost = canister.balance + canister.reserved_balance;
    canister.balance = Cycles::ZERO;
    canister.reserved_balance = Cycles::ZERO;
    *canister.consumed.entry(CyclesUse::Uninstall).or_default() += lost;
}

/// Collects outputs by destination. A request to nowhere, or too large for its way, is refused into its sender's own
/// input.
fn outbound(state: &mut SubnetState) -> Vec<(SubnetId, CanisterMessage)> {
    let mut messages = std::mem::take(&mut state.outbound);
    let routing = state.routing.clone();
    for canister in state.canisters.values_mut() {
        if !canister.queues.has_output() {
            continue;
        }
        for message in canister.queues.take_output() {
            match (routing.destination(message.destination()), message) {
                (Some(subnet), CanisterMessage::Request(request))
                    if subnet != state.config.id && request.bytes() > MAX_REMOTE_BYTES =>
                {
                    let reason = format!(
                        "Canister {} violated contract: attempted to send a message of size {} exceeding the limit {MAX_REMOTE_BYTES}",
                        request.sender,
                        request.bytes()
                    );
                    let reject = Payload::reject(RejectCode::CanisterError, reason);
                    reject_at_once(canister, request, reject);
                }
                (Some(subnet), message) => messages.push((subnet, message)),
                (None, CanisterMessage::Request(request)) => {
                    let reason = format!("No route to canister {}", request.receiver);
                    reject_at_once(
                        canister,
                        request,
                        Payload::reject(RejectCode::DestinationInvalid, reason),
                    );
                }
                (None, CanisterMessage::Response(_)) => {}
            }
        }
    }
    messages
}
