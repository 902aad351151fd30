//! What a request costs: for each provider the outcall, and ten million cycles for each node; what is left of a call's cycles goes back.
//!
//! - Source: the SOL RPC canister's own accounting (release 1.3). The outcall is priced by the network on which this canister is, the rest by the
//!   number of nodes of its installation.

use crate::config;
use crate::interface::error::ProviderError;
use ic_cdk::api::{cost_http_request, msg_cycles_accept, msg_cycles_available};
use ic_management_canister_types::HttpRequestArgs;

/// Cycles for each node that come on top of an outcall.
const COLLATERAL: u128 = 10_000_000;
/// What the transform function of the canister adds to a request: its name and its argument.
const TRANSFORM: usize = "cleanup_response".len() + 4;

/// What the outcall itself costs.
pub(crate) fn outcall(request: &HttpRequestArgs) -> u128 {
    let headers = request.headers.iter();
    let headers: usize = headers
        .map(|header| header.name.len() + header.value.len())
        .sum();
    let body = request.body.as_ref().map_or(0, Vec::len);
    let size = request.url.len() + headers + body + TRANSFORM;
    let most = request.max_response_bytes.unwrap_or(2_000_000);
    cost_http_request(size as u64, most)
}

/// What the caller pays for it.
pub(crate) fn charge(request: &HttpRequestArgs) -> u128 {
    match config::is_demo() {
        true => 0,
        false => outcall(request) + COLLATERAL * config::nodes(),
    }
}

/// Takes the price of an outcall from the call's cycles.
pub(crate) fn take(request: &HttpRequestArgs) -> Result<(), ProviderError> {
    let (expected, received) = (charge(request), msg_cycles_available());
    if received < expected {
        return Err(ProviderError::TooFewCycles { expected, received });
    }
    let taken = msg_cycles_accept(expected);
    assert!(
        taken == expected,
        "accepting cycles that are there succeeds"
    );
    Ok(())
}

/// A call must carry the basic fee of an outcall, or it is rejected.
pub(crate) fn require_base_fee() -> Result<(), String> {
    let nodes = config::nodes();
    let base = (3_000_000 + 60_000 * nodes) * nodes;
    match config::is_demo() || msg_cycles_available() >= base {
        true => Ok(()),
        false => Err("Not enough cycles".to_owned()),
    }
}
