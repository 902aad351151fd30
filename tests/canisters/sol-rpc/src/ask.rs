//! Putting a question to providers: the price of each outcall is taken, all are made at once, the answers become one.
//!
//! - In: a question, sources, configuration. Out: what the SOL RPC canister would answer.
//! - Left out: the transform function. One server makes the request for all nodes of a development network, so there is nothing to make equal;
//!   what the canister cuts off there is cut off in `question`.

use crate::fault;
use crate::interface::error::{
    HttpOutcallError, JsonRpcError, MultiRpcResult, RpcError, RpcResult,
};
use crate::interface::install::Fault;
use crate::interface::source::{RpcConfig, RpcSource, RpcSources};
use crate::question::Question;
use crate::{price, providers, reduce};
use candid::Principal;
use ic_cdk::call::{Call, CallFailed};
use ic_management_canister_types::{HttpHeader, HttpMethod, HttpRequestArgs, HttpRequestResult};
use serde_json::{Value, json};
use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

thread_local! {
    static NEXT_ID: Cell<u64> = const { Cell::new(0) };
}

/// The answer to a question.
pub(crate) async fn ask<Reply: PartialEq + Clone>(
    question: Result<Question<Reply>, RpcError>,
    sources: RpcSources,
    config: RpcConfig,
) -> MultiRpcResult<Reply> {
    let prepared = question.and_then(|question| {
        let requests = requests(&question, sources, &config)?;
        Ok((question, requests))
    });
    let (question, requests) = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return MultiRpcResult::Consistent(Err(error)),
    };
    let method = question.request["method"].as_str().unwrap_or_default();
    let fault = fault::take(method);
    let calls = requests.into_iter().map(|(source, request)| {
        let paid = price::take(&request).map_err(RpcError::ProviderError);
        let call = one(request, paid, fault, &question.read);
        Box::pin(async move { (source, call.await) }) as Pin<Box<dyn Future<Output = _>>>
    });
    let results = all(calls.collect()).await;
    let strategy = config.responseConsensus.unwrap_or_default();
    fault::change(fault, results, |results| reduce::reduce(results, strategy))
}

/// What a question would cost.
pub(crate) fn cost<Reply>(
    question: Result<Question<Reply>, RpcError>,
    sources: RpcSources,
    config: &RpcConfig,
) -> Result<u128, RpcError> {
    let requests = requests(&question?, sources, config)?;
    Ok(requests
        .iter()
        .map(|(_, request)| price::charge(request))
        .sum())
}

/// One request for each source.
fn requests<Reply>(
    question: &Question<Reply>,
    sources: RpcSources,
    config: &RpcConfig,
) -> Result<Vec<(RpcSource, HttpRequestArgs)>, RpcError> {
    let strategy = config.responseConsensus.unwrap_or_default();
    let sources = providers::choose(sources, strategy).map_err(RpcError::ProviderError)?;
    let longest = config.responseSizeEstimate.unwrap_or(question.longest);
    let request = |source: RpcSource| {
        let endpoint = providers::endpoint(&source);
        let mut headers: Vec<HttpHeader> = endpoint
            .headers
            .unwrap_or_default()
            .into_iter()
            .map(|header| HttpHeader {
                name: header.name,
                value: header.value,
            })
            .collect();
        let is_type = |header: &HttpHeader| header.name.eq_ignore_ascii_case("content-type");
        if !headers.iter().any(is_type) {
            headers.push(HttpHeader {
                name: "content-type".to_owned(),
                value: "application/json".to_owned(),
            });
        }
        let mut body = question.request.clone();
        body["id"] = json!(next_id());
        let arguments = HttpRequestArgs {
            url: endpoint.url,
            max_response_bytes: Some(longest),
            method: HttpMethod::POST,
            headers,
            body: Some(body.to_string().into_bytes()),
            ..HttpRequestArgs::default()
        };
        (source, arguments)
    };
    Ok(sources.into_iter().map(request).collect())
}

/// Ids have one length, so that prices don't grow with them.
fn next_id() -> String {
    let id = NEXT_ID.get();
    NEXT_ID.set(id + 1);
    format!("{id:020}")
}

/// One provider's answer.
async fn one<Reply>(
    request: HttpRequestArgs,
    paid: RpcResult<()>,
    fault: Option<Fault>,
    read: &dyn Fn(Value) -> serde_json::Result<Reply>,
) -> RpcResult<Reply> {
    paid?;
    if fault == Some(Fault::not_asked) {
        return Err(fault::timeout());
    }
    let answer = Call::unbounded_wait(Principal::management_canister(), "http_request")
        .with_arg(&request)
        .with_cycles(price::outcall(&request))
        .await
        .map_err(|error| ic_error(&error))?;
    let answer: HttpRequestResult = answer
        .candid()
        .map_err(|error| RpcError::ValidationError(error.to_string()))?;
    parse(&request, &answer, read)
}

fn ic_error(error: &CallFailed) -> RpcError {
    let (code, message) = match error {
        CallFailed::CallRejected(rejected) => (
            rejected.raw_reject_code(),
            rejected.reject_message().to_owned(),
        ),
        other => (2, other.to_string()),
    };
    RpcError::HttpOutcallError(HttpOutcallError::IcError {
        code: code.into(),
        message,
    })
}

fn parse<Reply>(
    request: &HttpRequestArgs,
    answer: &HttpRequestResult,
    read: &dyn Fn(Value) -> serde_json::Result<Reply>,
) -> RpcResult<Reply> {
    let status = answer.status.0.to_string().parse().unwrap_or(u16::MAX);
    let invalid = |error: Option<String>| {
        RpcError::HttpOutcallError(HttpOutcallError::InvalidHttpJsonRpcResponse {
            status,
            body: String::from_utf8_lossy(&answer.body).into_owned(),
            parsingError: error,
        })
    };
    if !(200..300).contains(&status) {
        return Err(invalid(None));
    }
    let unreadable = |error: serde_json::Error| invalid(Some(error.to_string()));
    let mut reply: Value = serde_json::from_slice(&answer.body).map_err(unreadable)?;
    let asked: Value =
        serde_json::from_slice(request.body.as_deref().unwrap_or_default()).unwrap_or_default();
    if reply["id"] != asked["id"] {
        let text = format!(
            "Unexpected identifier: expected {}, got {}",
            asked["id"], reply["id"]
        );
        return Err(RpcError::ValidationError(text));
    }
    match reply["error"].take() {
        Value::Null => read(reply["result"].take()).map_err(unreadable),
        error => {
            let error: JsonRpcError = serde_json::from_value(error).map_err(unreadable)?;
            Err(RpcError::JsonRpcError(error))
        }
    }
}

/// Waits for all of them, which run at the same time.
async fn all<T>(mut futures: Vec<Pin<Box<dyn Future<Output = T> + '_>>>) -> Vec<T> {
    let mut done: Vec<Option<T>> = futures.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (future, done) in futures.iter_mut().zip(&mut done) {
            if done.is_none()
                && let Poll::Ready(value) = future.as_mut().poll(context)
            {
                *done = Some(value);
            }
        }
        match done.iter().all(Option::is_some) {
            true => Poll::Ready(()),
            false => Poll::Pending,
        }
    })
    .await;
    done.into_iter().flatten().collect()
}
