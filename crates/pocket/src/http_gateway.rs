//! `/http_gateway`: not in this version.

use crate::reply::{self, Refusal};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use pocket_ic::common::rest::{CreateHttpGatewayResponse, HttpGatewayDetails};

const MESSAGE: &str = "the HTTP gateway is not part of this version";

/// `GET`: an empty list.
pub async fn list() -> Response {
    reply::ok(&Vec::<HttpGatewayDetails>::new())
}

/// `POST`: refuses in the form that clients read.
pub async fn create() -> Response {
    let answer = CreateHttpGatewayResponse::Error {
        message: MESSAGE.into(),
    };
    match reply::encode(&answer) {
        Ok(json) => reply::json_bytes(StatusCode::NOT_IMPLEMENTED, json),
        Err(refusal) => refusal.into_response(),
    }
}

/// `POST .../stop`: there is none to stop.
pub async fn stop() -> Refusal {
    Refusal::NotFound(MESSAGE.into())
}
