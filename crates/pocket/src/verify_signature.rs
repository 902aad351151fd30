//! `/verify_signature`: whether a canister signature is right; not in this version.

use crate::reply;
use axum::response::Response;

/// Answers with an error in the form that clients read.
pub async fn handle() -> Response {
    let verdict: Result<(), &str> = Err(
        "canister signatures are not verified by this version; verify them against the root key with an agent's library",
    );
    reply::ok(&verdict)
}
