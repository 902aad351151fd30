//! Accepting an outcall: validation and payment.

use super::{Outcall, OutcallId, Pricing, Replication};
use crate::canister::CyclesUse;
use crate::cycles::Cycles;
use crate::cycles::outcalls::{MAX_OUTCALL_RESPONSE_BYTES as MAX_RESPONSE_BYTES, OutcallUse};
use crate::error::UserError;
use crate::ids::CanisterId;
use crate::management::refusal::{rejected, too_few_cycles};
use crate::management::{Invocation, Reply, wire};
use crate::subnet::SubnetState;
use ic_management_canister_types as types;

const MAX_URL_BYTES: usize = 8192;
/// Bytes of the name of a header, and of its value. How many there may be, and of which size together, is checked when they are decoded.
const MAX_HEADER_BYTES: usize = 8 << 10;
const MAX_REQUEST_BYTES: usize = 2_000_000;
/// Outcalls that may wait at a time.
const MAX_OPEN: usize = 3_000;

/// http_request
pub fn http_request(state: &mut SubnetState, call: &mut Invocation) -> Result<Reply, UserError> {
    let request: types::HttpRequestArgs = call.decode()?;
    let caller = call
        .calling_canister()
        .ok_or_else(|| rejected("http_request can only be called by canisters"))?;
    validate(&request, caller)?;
    if state.outcalls.open.len() >= MAX_OPEN {
        return Err(rejected(format!(
            "max number ({MAX_OPEN}) of http requests in-flight reached."
        )));
    }
    let request_bytes = size(&request) as u64;
    let by_use = request.pricing_version == Some(2);
    let fee = if by_use {
        state.fees.http_request_by_use(&OutcallUse {
            request_bytes,
            roundtrip_milliseconds: 0,
            raw_response_bytes: 0,
            transformed_response_bytes: 0,
            transform_instructions: 0,
        })
    } else {
        let limit = request.max_response_bytes.unwrap_or(MAX_RESPONSE_BYTES);
        state.fees.http_request(request_bytes, limit)
    };
    let rest = call
        .cycles
        .checked_sub(fee)
        .ok_or_else(|| too_few_cycles("http_request", call.cycles, fee))?;
    let (pricing, refund) = if by_use {
        let payment = call.cycles;
        (Pricing::ByUse { payment }, Cycles::ZERO)
    } else {
        book(state, caller, fee);
        (Pricing::Paid, rest)
    };
    let id = OutcallId(state.outcalls.next);
    state.outcalls.next += 1;
    let outcall = Outcall {
        id,
        caller,
        replication: replication(state, &request, id),
        time: state.time,
        origin: call.origin.clone(),
        pricing,
        refund,
        request_bytes,
        shares: Vec::new(),
        request,
    };
    state.outcalls.open.insert(id, outcall);
    call.cycles = Cycles::ZERO;
    Ok(Reply::Later)
}

/// Books cycles as spent on outcalls with the canister that spent them.
pub(super) fn book(state: &mut SubnetState, caller: CanisterId, fee: Cycles) {
    if let Some(canister) = state.canisters.get_mut(&caller) {
        *canister
            .consumed
            .entry(CyclesUse::HttpOutcalls)
            .or_default() += fee;
    }
}

fn replication(
    state: &SubnetState,
    request: &types::HttpRequestArgs,
    id: OutcallId,
) -> Replication {
    let nodes = &state.config.nodes;
    if request.is_replicated != Some(false) || nodes.is_empty() {
        return Replication::All;
    }
    Replication::One(nodes[(id.0 % nodes.len() as u64) as usize])
}

/// Bytes of URL, headers, body and transform: what the fee counts.
fn size(request: &types::HttpRequestArgs) -> usize {
    let headers: usize = request.headers.iter().map(header_size).sum();
    let body = request.body.as_ref().map_or(0, Vec::len);
    let transform = request.transform.as_ref().map_or(0, |transform| {
        transform.function.0.method.len() + transform.context.len()
    });
    request.url.len() + headers + body + transform
}

fn header_size(header: &types::HttpHeader) -> usize {
    header.name.len() + header.value.len()
}

fn validate(request: &types::HttpRequestArgs, caller: CanisterId) -> Result<(), UserError> {
    if let Some(limit) = request.max_response_bytes
        && limit > MAX_RESPONSE_BYTES
    {
        return Err(rejected(format!(
            "max_response_bytes expected to be in the range [0..{MAX_RESPONSE_BYTES}], got {limit}"
        )));
    }
    if request.url.len() > MAX_URL_BYTES {
        return Err(rejected(format!(
            "url size {} exceeds {MAX_URL_BYTES}",
            request.url.len()
        )));
    }
    request.headers.iter().try_for_each(validate_header)?;
    let headers: usize = request.headers.iter().map(header_size).sum();
    let body = request.body.as_ref().map_or(0, Vec::len);
    if headers + body > MAX_REQUEST_BYTES {
        return Err(rejected(format!(
            "total number of bytes to represent all http header names and values and http body {} exceeds {MAX_REQUEST_BYTES}",
            headers + body
        )));
    }
    if let Some(transform) = &request.transform
        && transform.function.0.principal != caller.principal()
    {
        return Err(rejected(format!(
            "transform principal id expected to be {caller}, got {}",
            transform.function.0.principal
        )));
    }
    Ok(())
}

fn validate_header(header: &types::HttpHeader) -> Result<(), UserError> {
    for (part, bytes) in [("name", header.name.len()), ("value", header.value.len())] {
        if bytes > MAX_HEADER_BYTES {
            return Err(rejected(format!(
                "number of bytes to represent some http header {part} {bytes} exceeds {MAX_HEADER_BYTES}"
            )));
        }
    }
    Ok(())
}

/// The reply of an outcall without a transform.
pub(super) fn encode_response(response: &types::HttpRequestResult) -> Vec<u8> {
    wire::encode(response)
}
