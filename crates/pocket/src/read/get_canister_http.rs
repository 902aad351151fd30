//! `read/get_canister_http`: the HTTP outcalls that wait for an answer.

use crate::app::App;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use chainkey_instance::PendingOutcall;
use ic_management_canister_types::HttpMethod;
use pocket_ic::common::rest::{
    CanisterHttpHeader, CanisterHttpMethod, CanisterHttpPricingVersion, CanisterHttpReplication,
    RawCanisterHttpRequest, RawSubnetId,
};

/// Answers with the outcalls of all subnets.
pub async fn handle(State(app): State<App>, Path(id): Path<String>) -> Response {
    app.answer(&id, b"", Cost::Short, |instance, ()| {
        let pending = instance.pending_outcalls();
        Ok(pending.into_iter().map(raw).collect::<Vec<_>>())
    })
    .await
}

fn raw(outcall: PendingOutcall) -> RawCanisterHttpRequest {
    let request = outcall.request;
    RawCanisterHttpRequest {
        subnet_id: RawSubnetId::from(outcall.subnet.0),
        request_id: outcall.number,
        http_method: match request.method {
            HttpMethod::GET => CanisterHttpMethod::GET,
            HttpMethod::HEAD => CanisterHttpMethod::HEAD,
            HttpMethod::POST => CanisterHttpMethod::POST,
            HttpMethod::PUT => CanisterHttpMethod::PUT,
            HttpMethod::DELETE => CanisterHttpMethod::DELETE,
            HttpMethod::PATCH => CanisterHttpMethod::PATCH,
        },
        url: request.url,
        headers: request
            .headers
            .into_iter()
            .map(|header| CanisterHttpHeader {
                name: header.name,
                value: header.value,
            })
            .collect(),
        body: request.body.unwrap_or_default(),
        max_response_bytes: request.max_response_bytes,
        replication: match outcall.replicated {
            true => CanisterHttpReplication::FullyReplicated,
            false => CanisterHttpReplication::NonReplicated,
        },
        pricing_version: match outcall.paid_by_use {
            true => CanisterHttpPricingVersion::PayAsYouGo,
            false => CanisterHttpPricingVersion::Legacy,
        },
    }
}
