//! Asking one provider: an HTTP outcall that the caller pays for.
//!
//! - In: a service, a request. Out: the `result` of its JSON-RPC answer, or the EVM RPC canister's error.
//! - Cycles: the price of the outcall by the System API and 10 M for each node, taken before the outcall; none is given back for a short
//!   answer, and another attempt costs again. A caller that brought too little gets `TooFewCycles`.
//! - An answer that is longer than expected is asked for again with twice the length, up to 2 MB.
//! - The outcall is replicated; [`transform`] makes equal what the nodes are told.
//! - Left out: keys of providers, logs, metrics.

use crate::config;
use crate::interface::{
    Fault, HttpOutcallError, JsonRpcError, ProviderError, RejectionCode, RpcApi, RpcError,
    RpcResult, RpcService, ValidationError,
};
use crate::{providers, status};
use candid::{Func, Nat, Principal};
use ic_cdk::api::{canister_self, cost_http_request, msg_cycles_accept, msg_cycles_available};
use ic_cdk::call::{Call, RejectCode};
use ic_management_canister_types::{
    HttpHeader, HttpMethod, HttpRequestArgs, HttpRequestResult, TransformArgs, TransformContext,
    TransformFunc,
};
use serde_json::Value;

/// The longest answer of an outcall.
const MOST: u64 = 2_000_000;

/// The fee for the work of the EVM RPC canister's nodes, for each of them.
const FEE_PER_NODE: u128 = 10_000_000;

/// What is asked of one provider.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) service: RpcService,
    pub(crate) method: String,
    pub(crate) params: Option<Value>,
    pub(crate) id: Value,
    /// The longest answer in bytes.
    pub(crate) most: u64,
}

impl Question {
    /// # Errors
    /// No such provider.
    fn arguments(&self) -> Result<HttpRequestArgs, ProviderError> {
        let RpcApi { url, headers } = providers::endpoint(&self.service)?;
        let mut body = serde_json::json!({
            "jsonrpc": "2.0",
            "method": self.method,
            "id": self.id,
        });
        if let Some(params) = &self.params {
            body["params"] = params.clone();
        }
        let given = headers.unwrap_or_default().into_iter();
        let mut headers: Vec<HttpHeader> = given
            .map(|header| HttpHeader {
                name: header.name.to_lowercase(),
                value: header.value,
            })
            .collect();
        if !headers.iter().any(|header| header.name == "content-type") {
            headers.push(HttpHeader {
                name: "content-type".to_owned(),
                value: "application/json".to_owned(),
            });
        }
        let function = Func {
            principal: canister_self(),
            method: "cleanup_response".to_owned(),
        };
        Ok(HttpRequestArgs {
            url,
            headers,
            max_response_bytes: Some(self.most),
            method: HttpMethod::POST,
            body: Some(body.to_string().into_bytes()),
            transform: Some(TransformContext {
                function: TransformFunc(function),
                context: self.method.clone().into_bytes(),
            }),
            ..HttpRequestArgs::default()
        })
    }

    /// What a caller pays.
    ///
    /// # Errors
    /// No such provider.
    pub(crate) fn price(&self) -> RpcResult<u128> {
        let arguments = self.arguments().map_err(RpcError::ProviderError)?;
        Ok(price(&arguments))
    }

    /// Asks, and asks again for an answer that was longer than expected.
    ///
    /// # Errors
    /// Those of the EVM RPC canister.
    pub(crate) async fn ask_until_it_fits(mut self) -> RpcResult<Value> {
        loop {
            let said = self.clone().ask().await;
            let longer = (self.most.max(1_024) * 2).min(MOST);
            if !is_too_long(&said) || longer == self.most {
                return said.map(|answer| answer["result"].clone());
            }
            self.most = longer;
        }
    }

    /// Asks once. Answers the whole JSON-RPC answer, which has a result.
    ///
    /// # Errors
    /// Those of the EVM RPC canister.
    pub(crate) async fn ask(self) -> RpcResult<Value> {
        let arguments = self.arguments().map_err(RpcError::ProviderError)?;
        charge(price(&arguments))?;
        match config::fault(&self.service, &self.method) {
            None => self.read(fetch(&arguments).await?),
            Some(Fault::Silent) => Err(silence()),
            Some(Fault::Lost) => {
                fetch(&arguments).await?;
                Err(silence())
            }
            Some(Fault::Status(status)) => Err(unreadable(status, "ordered", None)),
            Some(Fault::Error(error)) => Err(RpcError::JsonRpcError(error)),
            Some(Fault::Result(json)) => {
                let result = serde_json::from_str(&json);
                let result: Value = result.expect("the result that was ordered is JSON");
                Ok(serde_json::json!({ "result": result }))
            }
            Some(Fault::Trap) => ic_cdk::trap("this was ordered"),
            Some(Fault::TrapAfter) => {
                fetch(&arguments).await?;
                ic_cdk::trap("this was ordered")
            }
        }
    }

    /// Reads what came.
    fn read(&self, came: HttpRequestResult) -> RpcResult<Value> {
        let status = u16::try_from(came.status.0).unwrap_or(u16::MAX);
        let text = String::from_utf8_lossy(&came.body);
        if !(200..300).contains(&status) {
            return Err(unreadable(status, &text, None));
        }
        let no_answer = |reason: &str| unreadable(status, &text, Some(reason.to_owned()));
        let answer: Value =
            serde_json::from_slice(&came.body).map_err(|error| no_answer(&error.to_string()))?;
        let error = answer.get("error").filter(|error| !error.is_null());
        let code = error.and_then(|error| error.get("code")?.as_i64());
        let id = answer
            .get("id")
            .ok_or_else(|| no_answer("missing field `id`"))?;
        // A node that cannot read a request does not know its id.
        let nameless = id.is_null() && matches!(code, Some(-32_700 | -32_600));
        if *id != self.id && !nameless {
            let text = format!(
                "Unexpected identifier: expected response ID to be {}, but got {id}",
                self.id
            );
            return Err(RpcError::ValidationError(ValidationError::Custom(text)));
        }
        match (error, code) {
            (None, _) if answer.get("result").is_some() => Ok(answer),
            (Some(error), Some(code)) => Err(RpcError::JsonRpcError(JsonRpcError {
                code,
                message: error["message"].as_str().unwrap_or_default().to_owned(),
            })),
            _ => Err(no_answer("neither result nor error")),
        }
    }
}

/// What an unreadable answer is told as.
pub(crate) fn unreadable(status: u16, body: &str, parsing_error: Option<String>) -> RpcError {
    RpcError::HttpOutcallError(HttpOutcallError::InvalidHttpJsonRpcResponse {
        status,
        body: body.to_owned(),
        parsing_error,
    })
}

/// What the network says where a provider does not answer.
fn silence() -> RpcError {
    RpcError::HttpOutcallError(HttpOutcallError::IcError {
        code: RejectionCode::SysTransient,
        message: "Canister http request timed out".to_owned(),
    })
}

/// Whether the nodes refused an answer for its length.
fn is_too_long(said: &RpcResult<Value>) -> bool {
    let Err(RpcError::HttpOutcallError(HttpOutcallError::IcError { code, message })) = said else {
        return false;
    };
    *code == RejectionCode::SysFatal
        && (message.contains("size limit") || message.contains("length limit"))
}

fn price(arguments: &HttpRequestArgs) -> u128 {
    match config::is_demo() {
        true => 0,
        false => cost(arguments) + FEE_PER_NODE * u128::from(config::nodes()),
    }
}

/// What this canister pays.
fn cost(arguments: &HttpRequestArgs) -> u128 {
    let headers = arguments.headers.iter();
    let headers: usize = headers
        .map(|header| header.name.len() + header.value.len())
        .sum();
    let transform = arguments.transform.as_ref().map_or(0, |transform| {
        transform.function.0.method.len() + transform.context.len()
    });
    let body = arguments.body.as_ref().map_or(0, Vec::len);
    let size = arguments.url.len() + headers + transform + body;
    let most = arguments.max_response_bytes.unwrap_or(MOST);
    cost_http_request(size as u64, most)
}

fn charge(price: u128) -> RpcResult<()> {
    let received = msg_cycles_available();
    if received < price {
        return Err(RpcError::ProviderError(ProviderError::TooFewCycles {
            expected: Nat::from(price),
            received: Nat::from(received),
        }));
    }
    let taken = msg_cycles_accept(price);
    assert!(taken == price, "expected {price} cycles, took {taken}");
    Ok(())
}

async fn fetch(arguments: &HttpRequestArgs) -> RpcResult<HttpRequestResult> {
    let ic_error =
        |code, message| RpcError::HttpOutcallError(HttpOutcallError::IcError { code, message });
    let came = Call::unbounded_wait(Principal::management_canister(), "http_request")
        .with_arg(arguments)
        .with_cycles(cost(arguments))
        .await
        .map_err(|failed| match failed {
            ic_cdk::call::CallFailed::CallRejected(reject) => {
                let code = reject.reject_code().map_or(RejectionCode::Unknown, code);
                ic_error(code, reject.reject_message().to_owned())
            }
            other => panic!("{other}"),
        })?;
    let came = came.candid();
    came.map_err(|error| ic_error(RejectionCode::CanisterError, error.to_string()))
}

fn code(code: RejectCode) -> RejectionCode {
    match code {
        RejectCode::SysFatal => RejectionCode::SysFatal,
        RejectCode::SysTransient => RejectionCode::SysTransient,
        RejectCode::DestinationInvalid => RejectionCode::DestinationInvalid,
        RejectCode::CanisterReject => RejectionCode::CanisterReject,
        RejectCode::CanisterError => RejectionCode::CanisterError,
        RejectCode::SysUnknown => RejectionCode::Unknown,
    }
}

/// Makes equal what the nodes are told: no headers, fields in the order of their names, and one text for what becomes of a transaction.
/// The context is the method's name.
pub(crate) fn transform(arguments: TransformArgs) -> HttpRequestResult {
    let mut came = arguments.response;
    came.headers.clear();
    if let Ok(mut answer) = serde_json::from_slice::<Value>(&came.body) {
        if let (b"eth_sendRawTransaction", Value::Object(answer)) =
            (arguments.context.as_slice(), &mut answer)
        {
            status::simplify(answer);
        }
        came.body = answer.to_string().into_bytes();
    }
    came
}
