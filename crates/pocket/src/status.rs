//! `/status`: whether the server is there.

use axum::http::StatusCode;

/// Answers that it is.
pub async fn handle() -> StatusCode {
    StatusCode::OK
}
