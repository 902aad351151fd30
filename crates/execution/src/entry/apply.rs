//! Applies the changes of a successful execution to its canister.
//!
//! In: the canister, the changes, the call context. Out: memories, account, timers and calls as the code left them. Calls
//! are registered in order; those to the management canister are routed at once, and a call that can't be routed is
//! answered into the caller's own input.

use crate::canister::{Callback, Canister, CyclesUse};
use crate::cycles::Cycles;
use crate::ids::{CanisterId, Time};
use crate::management;
use crate::message::{CallContextId, CanisterMessage, Payload, Request};
use crate::sandbox::{Changes, OutgoingCall};
use crate::subnet::SubnetState;

const SECOND: u64 = 1_000_000_000;

/// What of the Wasm state an execution may keep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keep {
    /// Everything.
    All,
    /// Nothing but the account (replicated queries).
    Account,
}

/// Applies `changes`, made in the call context `context` by an execution that began with `balance_before`.
pub fn apply(
    state: &mut SubnetState,
    canister: &mut Canister,
    changes: Changes,
    balance_before: Cycles,
    context: CallContextId,
    keep: Keep,
) {
    if let Some(context) = canister.contexts.get_mut(context) {
        context.available -= changes.accepted;
    }
    // The version is still the one that the code saw: management calls may name it.
    for call in take_over(canister, changes, balance_before, keep) {
        send(state, canister, call, context);
    }
    canister.version += 1;
}

/// Makes the changes the canister's own, but for its calls, which are handed back (none if only the account is kept).
pub fn take_over(
    canister: &mut Canister,
    changes: Changes,
    balance_before: Cycles,
    keep: Keep,
) -> Vec<OutgoingCall> {
    canister.balance = canister.balance + changes.balance - balance_before;
    canister.reserved_balance += changes.newly_reserved;
    *canister.consumed.entry(CyclesUse::Burned).or_default() += changes.burned;
    if keep == Keep::Account {
        return Vec::new();
    }
    canister.wasm_state = changes.state;
    if let Some(data) = changes.certified_data {
        canister.certified_data = data;
    }
    if let Some(timer) = changes.global_timer {
        canister.global_timer = timer;
    }
    canister.update_low_memory_hook(changes.low_wasm_memory);
    changes.calls
}

fn send(
    state: &mut SubnetState,
    canister: &mut Canister,
    call: OutgoingCall,
    context: CallContextId,
) {
    let deadline = call
        .timeout_seconds
        .map(|seconds| deadline(state.time, seconds));
    *canister
        .consumed
        .entry(CyclesUse::RequestAndResponseTransmission)
        .or_default() += call.transmission_fee + call.prepaid_transmission;
    *canister
        .consumed
        .entry(CyclesUse::Instructions)
        .or_default() += call.prepaid_execution;
    let routed = management_route(state, canister, &call);
    let receiver = *routed.as_ref().unwrap_or(&call.receiver);
    canister.queues.reserve(receiver);
    let callback = canister.contexts.register(Callback {
        context,
        callee: receiver,
        on_reply: call.on_reply,
        on_reject: call.on_reject,
        on_cleanup: call.on_cleanup,
        cycles: call.cycles,
        prepaid_execution: call.prepaid_execution,
        prepaid_transmission: call.prepaid_transmission,
        deadline,
    });
    let request = Request {
        sender: canister.id,
        callback,
        receiver,
        method: call.method,
        payload: call.payload,
        cycles: call.cycles,
        deadline,
    };
    match routed {
        Ok(_) => canister.queues.push_request(request),
        Err(reject) => reject_at_once(canister, request, reject),
    }
}

/// The receiver of a call: a call to `aaaaa-aa` goes to a subnet.
fn management_route(
    state: &SubnetState,
    canister: &Canister,
    call: &OutgoingCall,
) -> Result<CanisterId, Payload> {
    if call.receiver != CanisterId::MANAGEMENT {
        return Ok(call.receiver);
    }
    management::destination(state, canister, &call.method, &call.payload)
        .map(|subnet| CanisterId::new(subnet.0))
}

/// Answers a request into its sender's own input.
pub fn reject_at_once(canister: &mut Canister, request: Request, payload: Payload) {
    let respondent = request.receiver;
    let response = request.refused(payload);
    // A response always has its place.
    let _ = canister
        .queues
        .push_input(respondent, CanisterMessage::Response(response));
}

/// Deadlines are whole seconds.
fn deadline(now: Time, seconds: u32) -> Time {
    Time(now.0 / SECOND * SECOND).plus(seconds as u64 * SECOND)
}
