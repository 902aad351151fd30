//! Asking the chain: one HTTP outcall for each request.
//!
//! - In: a method's name and the request. Out: what the chain answered, its own errors included.
//! - The outcall is replicated, and the bridge gives equal answers to equal requests, so no transform is needed.

use crate::config;
use candid::{CandidType, Deserialize, Principal};
use ic_cdk::api::cost_http_request;
use ic_cdk::call::Call;
use ic_management_canister_types::{HttpMethod, HttpRequestArgs, HttpRequestResult};

/// The outcome of a method as the bridge encodes it.
pub(crate) type Outcome<Reply, Error> = Result<Reply, Error>;

/// Asks the chain. `most` is the longest answer in bytes.
///
/// # Errors
/// A text: the outcall failed, or the answer is none. The Bitcoin canister has no such error.
pub(crate) async fn ask<Reply, Error>(
    method: &str,
    request: &impl CandidType,
    most: u64,
) -> Result<Outcome<Reply, Error>, String>
where
    Reply: CandidType + for<'a> Deserialize<'a>,
    Error: CandidType + for<'a> Deserialize<'a>,
{
    let arguments = HttpRequestArgs {
        url: format!("{}/{method}", config::get().bridge),
        max_response_bytes: Some(most),
        method: HttpMethod::POST,
        body: Some(candid::encode_one(request).map_err(|error| error.to_string())?),
        ..HttpRequestArgs::default()
    };
    let size = arguments.url.len() + arguments.body.as_ref().map_or(0, Vec::len);
    let answer = Call::unbounded_wait(Principal::management_canister(), "http_request")
        .with_arg(&arguments)
        .with_cycles(cost_http_request(size as u64, most))
        .await
        .map_err(|error| format!("the bridge can't be asked: {error}"))?;
    let answer: HttpRequestResult = answer
        .candid()
        .map_err(|error| format!("the bridge's answer can't be read: {error}"))?;
    if answer.status != 200_u16 {
        let text = String::from_utf8_lossy(&answer.body);
        return Err(format!("the bridge answered {}: {text}", answer.status));
    }
    log_refusal(&answer);
    candid::decode_one(&answer.body)
        .map_err(|error| format!("the bridge's answer can't be read: {error}"))
}

/// The network's reason for refusing a transaction goes to the log only: the Bitcoin canister never hears of it.
fn log_refusal(answer: &HttpRequestResult) {
    let mut headers = answer.headers.iter();
    if let Some(header) = headers.find(|header| header.name.eq_ignore_ascii_case("x-refused")) {
        ic_cdk::api::debug_print(format!("refused by the network: {}", header.value));
    }
}
