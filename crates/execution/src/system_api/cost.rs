//! What things cost: the `cost_*` imports.
//!
//! Source: interface specification, "Cycle cost calculation". In: sizes and key names. Out: cycles, and for keys a code: 0, 1 (unknown
//! curve or algorithm) or 2 (unknown key).

use super::system_call::SystemCall;
use crate::cycles::Cycles;
use crate::cycles::fees::FeeSchedule;
use crate::sandbox::{KeyName, KeyScheme, Trap, trap};
use candid::{CandidType, Deserialize};

const UNKNOWN_CURVE_OR_ALGORITHM: u64 = 1;
const UNKNOWN_KEY: u64 = 2;

pub(super) fn call(call: &mut SystemCall) -> Result<u64, Trap> {
    let bytes = call.argument(0).saturating_add(call.argument(1));
    let cost = call
        .host
        .environment
        .fees
        .call_at_reference_size(bytes, call.host.width);
    call.write_cycles(2, cost, "ic0_cost_call")?;
    Ok(0)
}

pub(super) fn create_canister(call: &mut SystemCall) -> Result<u64, Trap> {
    let cost = call.host.environment.fees.canister_creation();
    call.write_cycles(0, cost, "ic0_cost_create_canister")?;
    Ok(0)
}

pub(super) fn http_request(call: &mut SystemCall) -> Result<u64, Trap> {
    let cost = call
        .host
        .environment
        .fees
        .http_request(call.argument(0), call.argument(1));
    call.write_cycles(2, cost, "ic0_cost_http_request")?;
    Ok(0)
}

/// What `cost_http_request_v2` is asked about.
#[derive(CandidType, Deserialize)]
struct HttpRequestParameters {
    request_bytes: u64,
    http_roundtrip_time_ms: u64,
    raw_response_bytes: u64,
    transformed_response_bytes: u64,
    transform_instructions: u64,
}

pub(super) fn http_request_v2(call: &mut SystemCall) -> Result<u64, Trap> {
    let bytes = call.slice(0, "ic0.cost_http_request_v2 heap")?.to_vec();
    let parameters: HttpRequestParameters = candid::decode_one(&bytes).map_err(|error| {
        trap::toolchain(format!(
            "Failed to decode HttpRequestV2CostParams from Candid: {error}"
        ))
    })?;
    let cost =
        call.host
            .environment
            .fees
            .http_request_by_use(&crate::cycles::outcalls::OutcallUse {
                request_bytes: parameters.request_bytes,
                roundtrip_milliseconds: parameters.http_roundtrip_time_ms,
                raw_response_bytes: parameters.raw_response_bytes,
                transformed_response_bytes: parameters.transformed_response_bytes,
                transform_instructions: parameters.transform_instructions,
            });
    call.write_cycles(2, cost, "ic0_cost_http_request_v2")?;
    Ok(0)
}

/// Arguments: name, its length, curve or algorithm, destination.
fn signature(call: &mut SystemCall, scheme: KeyScheme, import: &str) -> Result<u64, Trap> {
    let kinds = match scheme {
        KeyScheme::Ecdsa | KeyScheme::VetKd => 1,
        KeyScheme::Schnorr => 2,
    };
    let name = call.slice(0, &format!("ic0.{import} heap"))?.to_vec();
    let name = String::from_utf8(name).map_err(|error| {
        let shown = String::from_utf8_lossy(error.as_bytes()).into_owned();
        trap::toolchain(format!("Failed to decode key name {shown}"))
    })?;
    let kind = call.argument(2);
    if kind >= kinds {
        return Ok(UNKNOWN_CURVE_OR_ALGORITHM);
    }
    let key = KeyName {
        scheme,
        kind: kind as u32,
        name,
    };
    let cost = match call.host.environment.signing_keys.get(&key) {
        None => return Ok(UNKNOWN_KEY),
        // A subnet that charges nothing signs for nothing.
        Some(0) => Cycles::ZERO,
        Some(nodes) => FeeSchedule::threshold_signature(*nodes),
    };
    call.write_cycles(3, cost, &format!("ic0_{import}"))?;
    Ok(0)
}

pub(super) fn sign_with_ecdsa(call: &mut SystemCall) -> Result<u64, Trap> {
    signature(call, KeyScheme::Ecdsa, "cost_sign_with_ecdsa")
}

pub(super) fn sign_with_schnorr(call: &mut SystemCall) -> Result<u64, Trap> {
    signature(call, KeyScheme::Schnorr, "cost_sign_with_schnorr")
}

pub(super) fn vetkd_derive_key(call: &mut SystemCall) -> Result<u64, Trap> {
    signature(call, KeyScheme::VetKd, "cost_vetkd_derive_key")
}
