//! Answers: JSON with status 200, or `{message}` with another status.
//!
//! In: results of operations. Out: HTTP responses as the clients read them.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chainkey_instance::InstanceError;
use serde::Serialize;
use serde_json::json;

/// Why a request was not served.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Refusal {
    /// The request can't be read: status 400.
    #[error("{0}")]
    Unreadable(String),
    /// The operation failed: status 400, or 403 if it is forbidden.
    #[error("{0}")]
    Operation(#[from] InstanceError),
    /// The instance does not exist (any more): status 400.
    #[error("UpdateError {{ message: {0:?} }}")]
    NoInstance(String),
    /// There is no such thing: status 404.
    #[error("{0}")]
    NotFound(String),
    /// The body is too large: status 413.
    #[error("{0}")]
    TooLarge(String),
    /// This version does not do that: status 501.
    #[error("{0}")]
    NotImplemented(String),
    /// The server failed: status 500.
    #[error("{0}")]
    Internal(String),
}

impl Refusal {
    /// The HTTP status.
    pub fn status(&self) -> StatusCode {
        match self {
            Refusal::Operation(InstanceError::Forbidden(_)) => StatusCode::FORBIDDEN,
            Refusal::Unreadable(_) | Refusal::Operation(_) | Refusal::NoInstance(_) => {
                StatusCode::BAD_REQUEST
            }
            Refusal::NotFound(_) => StatusCode::NOT_FOUND,
            Refusal::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Refusal::NotImplemented(_) => StatusCode::NOT_IMPLEMENTED,
            Refusal::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn message(&self) -> String {
        match self {
            Refusal::Operation(InstanceError::Forbidden(message)) => message.clone(),
            other => other.to_string(),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        json_bytes(
            self.status(),
            json!({ "message": self.message() })
                .to_string()
                .into_bytes(),
        )
    }
}

/// A response that carries these bytes of JSON.
pub fn json_bytes(status: StatusCode, bytes: Vec<u8>) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], bytes).into_response()
}

/// JSON of a value.
pub fn encode<T: Serialize>(value: &T) -> Result<Vec<u8>, Refusal> {
    serde_json::to_vec(value).map_err(|error| Refusal::Internal(error.to_string()))
}

/// A response with status 200, or the refusal.
pub fn ok<T: Serialize>(value: &T) -> Response {
    match encode(value) {
        Ok(bytes) => json_bytes(StatusCode::OK, bytes),
        Err(refusal) => refusal.into_response(),
    }
}
