//! Calls to other canisters.
//!
//! Source: interface specification, "Inter-canister calls". In: callee, method, argument, callbacks, cycles. Out: an
//! [`OutgoingCall`] in the host, or a code that is not zero, which leaves everything as it was. Cycles that are attached to a call
//! which is then not made come back.

use super::system_call::SystemCall;
use crate::cycles::Cycles;
use crate::error::ErrorCode;
use crate::ids::CanisterId;
use crate::queue::QUEUE_CAPACITY;
use crate::sandbox::{Closure, Context, Host, OutgoingCall, Trap, trap};
use candid::Principal;

/// Bytes of the largest call within a subnet, method name and argument together: five times that between subnets.
const MAX_CALL_BYTES: u64 = 5 * MAX_RESPONSE_BYTES;
/// Bytes that a call reserves for its response.
const MAX_RESPONSE_BYTES: u64 = 2 << 20;
/// Bytes of the longest method name: no canister exports longer ones.
const MAX_METHOD_BYTES: u64 = 20_000;
/// Longest time that a best-effort call waits, in seconds.
const MAX_TIMEOUT_SECONDS: u64 = 300;
/// The code of a call that could not be made now.
const TRANSIENT_ERROR: u64 = 2;

/// A call between `call_new` and `call_perform`.
pub(crate) struct CallInPreparation {
    receiver: CanisterId,
    method: String,
    payload: Vec<u8>,
    /// Attached, and already out of the balance.
    pub cycles: Cycles,
    on_reply: Closure,
    on_reject: Closure,
    on_cleanup: Option<Closure>,
    timeout_seconds: Option<u32>,
}

impl CallInPreparation {
    fn bytes(&self) -> u64 {
        (self.method.len() + self.payload.len()) as u64
    }
}

/// Larger indices than 32 bits hold are certainly not in the table.
fn closure(call: &SystemCall, first: usize) -> Closure {
    let function = call.argument(first).min(u32::MAX as u64);
    Closure {
        function,
        env: call.argument(first + 1),
    }
}

pub(super) fn new(call: &mut SystemCall) -> Result<u64, Trap> {
    drop_unfinished(call.host);
    let name_length = call.argument(3);
    if name_length > MAX_METHOD_BYTES {
        let message = format!(
            "Size of method_name {name_length} exceeds the allowed limit of {MAX_METHOD_BYTES}."
        );
        let advice = "Size of method_name {} exceeds the allowed limit of {}.";
        return Err(trap::contract(
            message,
            advice,
            Some("canister-made-a-call-with-too-large-method-name"),
        ));
    }
    let method = call.slice(2, "ic0.call_new method_name")?;
    let method = String::from_utf8_lossy(method).into_owned();
    let callee = call.slice(0, "ic0.call_new callee_src")?.to_vec();
    let callee = Principal::try_from(callee).map_err(|_| trap::invalid_principal())?;
    call.host.call = Some(CallInPreparation {
        receiver: CanisterId::new(callee),
        method,
        payload: Vec::new(),
        cycles: Cycles::ZERO,
        on_reply: closure(call, 4),
        on_reject: closure(call, 6),
        on_cleanup: None,
        timeout_seconds: None,
    });
    Ok(0)
}

fn drop_unfinished(host: &mut Host) {
    if let Some(unfinished) = host.call.take() {
        host.balance += unfinished.cycles;
    }
}

fn unfinished<'a>(host: &'a mut Host, import: &str) -> Result<&'a mut CallInPreparation, Trap> {
    host.call.as_mut().ok_or_else(|| {
        trap::toolchain(format!(
            "{import} called when no call is under construction."
        ))
    })
}

pub(super) fn data_append(call: &mut SystemCall) -> Result<u64, Trap> {
    let size = call.argument(1);
    let request = unfinished(call.host, "ic0.call_data_append")?;
    let total = request.bytes().saturating_add(size);
    if total > MAX_CALL_BYTES {
        return Err(too_large(request, total, MAX_CALL_BYTES));
    }
    let data = call.slice(0, "ic0.call_data_append")?.to_vec();
    unfinished(call.host, "ic0.call_data_append")?
        .payload
        .extend_from_slice(&data);
    Ok(0)
}

fn too_large(request: &CallInPreparation, bytes: u64, limit: u64) -> Trap {
    let message = format!(
        "Request to {}:{} has a payload size of {bytes}, which exceeds the allowed limit of {limit}.",
        request.receiver, request.method
    );
    let advice =
        "Check the canister for errors or redesign the target API to allow shorter messages";
    trap::contract(
        message,
        advice,
        Some("canister-made-a-call-with-too-large-payload"),
    )
}

pub(super) fn on_cleanup(call: &mut SystemCall) -> Result<u64, Trap> {
    let cleanup = closure(call, 0);
    let request = unfinished(call.host, "ic0.call_on_cleanup")?;
    if request.on_cleanup.replace(cleanup).is_some() {
        return Err(trap::toolchain(
            "ic0.call_on_cleanup can be called at most once between `ic0.call_new` and `ic0.call_perform`",
        ));
    }
    Ok(0)
}

pub(super) fn with_best_effort_response(call: &mut SystemCall) -> Result<u64, Trap> {
    let seconds = call.argument(0).min(MAX_TIMEOUT_SECONDS) as u32;
    let request = unfinished(call.host, "ic0.call_with_best_effort_response")?;
    if request.timeout_seconds.replace(seconds).is_some() {
        return Err(trap::toolchain(
            "ic0_call_with_best_effort_response failed because a timeout is already set.",
        ));
    }
    Ok(0)
}

fn add(call: &mut SystemCall, amount: Cycles, import: &str) -> Result<u64, Trap> {
    unfinished(call.host, import)?;
    if call.host.liquid_balance() < amount {
        let canister = call.host.environment.canister;
        let text = format!("Canister {canister} is out of cycles");
        return Err(trap::other(ErrorCode::CanisterContractViolation, &text));
    }
    call.host.balance -= amount;
    unfinished(call.host, import)?.cycles += amount;
    Ok(0)
}

pub(super) fn cycles_add(call: &mut SystemCall) -> Result<u64, Trap> {
    let amount = Cycles(call.argument(0) as u128);
    add(call, amount, "ic0_call_cycles_add")
}

pub(super) fn cycles_add128(call: &mut SystemCall) -> Result<u64, Trap> {
    let amount = call.cycles(0);
    add(call, amount, "ic0_call_cycles_add128")
}

pub(super) fn perform(call: &mut SystemCall) -> Result<u64, Trap> {
    let Some(request) = call.host.call.take() else {
        return Err(trap::toolchain(
            "ic0.call_perform called when no call is under construction.",
        ));
    };
    let attached = request.cycles;
    match send(call.host, request) {
        Some(outgoing) => {
            *call.host.slots_used.entry(outgoing.receiver).or_default() += 1;
            call.host.calls.push(outgoing);
            Ok(0)
        }
        None => {
            call.host.balance += attached;
            Ok(TRANSIENT_ERROR)
        }
    }
}

/// Pays for a call, or refuses it: for lack of cycles or of a place in the queue.
fn send(host: &mut Host, request: CallInPreparation) -> Option<OutgoingCall> {
    let fees = host.environment.fees.clone();
    let message_bytes = match request.timeout_seconds {
        Some(_) => request.bytes(),
        None => request.bytes().max(MAX_RESPONSE_BYTES),
    };
    let usage = host.memory_usage();
    let is_checked = matches!(host.context, Context::Update(_) | Context::Task(_));
    let threshold =
        host.freezing_threshold_at(usage, if fees.is_free() { 0 } else { message_bytes });
    if is_checked && host.balance < threshold {
        return None;
    }
    let prepaid_execution = fees.response_execution_reserve(host.width);
    let prepaid_transmission = fees.response_transmission_reserve();
    let transmission_fee = fees.request_transmission(request.bytes());
    let fee = prepaid_execution + prepaid_transmission + transmission_fee;
    if host.balance < threshold + fee {
        return None;
    }
    let free = host
        .environment
        .free_output_slots
        .get(&request.receiver)
        .copied()
        .unwrap_or(QUEUE_CAPACITY);
    if host.slots_used.get(&request.receiver).copied().unwrap_or(0) >= free {
        return None;
    }
    host.balance -= fee;
    Some(OutgoingCall {
        receiver: request.receiver,
        method: request.method,
        payload: request.payload,
        cycles: request.cycles,
        on_reply: request.on_reply,
        on_reject: request.on_reject,
        on_cleanup: request.on_cleanup,
        timeout_seconds: request.timeout_seconds,
        prepaid_execution,
        prepaid_transmission,
        transmission_fee,
    })
}
