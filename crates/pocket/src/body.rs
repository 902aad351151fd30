//! Reading request bodies, leniently.
//!
//! The content type is not looked at, an empty body counts as `null`, and unknown fields are ignored, as the clients in other
//! languages need it. In: a request. Out: its bytes or its arguments.

use crate::reply::Refusal;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use serde::de::DeserializeOwned;

/// Bytes of a request body at most, but for blobs. A module of 100 MiB in base64 and JSON fits.
pub const MAX_BODY: usize = 256 * 1024 * 1024;

/// The bytes of a body.
pub struct Body(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Body {
    type Rejection = Refusal;

    async fn from_request(request: Request, state: &S) -> Result<Self, Refusal> {
        match Bytes::from_request(request, state).await {
            Ok(bytes) => Ok(Body(bytes)),
            Err(rejection) if rejection.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE => {
                Err(Refusal::TooLarge(rejection.body_text()))
            }
            Err(rejection) => Err(Refusal::Unreadable(rejection.body_text())),
        }
    }
}

/// The arguments of an operation.
pub fn arguments<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    let body: &[u8] = if body.is_empty() { b"null" } else { body };
    serde_json::from_slice(body)
        .map_err(|error| Refusal::Unreadable(format!("Failed to parse the request body: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_body_is_null() {
        assert_eq!(arguments::<Option<u8>>(b""), Ok(None));
    }

    #[test]
    fn a_body_that_is_not_json_is_refused_with_status_400() {
        let refusal = arguments::<u8>(b"not json").unwrap_err();
        assert_eq!(refusal.status(), 400);
    }
}
