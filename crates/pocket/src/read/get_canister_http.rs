//! `read/get_canister_http`: the HTTP outcalls that wait for an answer.

use crate::app::App;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use pocket_ic::common::rest::RawCanisterHttpRequest;

/// Answers with the outcalls of all subnets.
pub async fn handle(State(app): State<App>, Path(id): Path<String>) -> Response {
    app.answer(&id, b"", Cost::Short, |_instance, ()| {
        Ok(Vec::<RawCanisterHttpRequest>::new())
    })
    .await
}
