//! `/verify_signature`: whether a canister signature is right; not in this version, which signs nothing yet.

use crate::reply;
use axum::response::Response;

/// Answers with an error in the form that clients read.
pub async fn handle() -> Response {
    let verdict: Result<(), &str> =
        Err("canister signatures can't be verified by this version, which holds no keys yet");
    reply::ok(&verdict)
}
