//! `update/await_ingress_message`: runs rounds until a call is answered.

use crate::app::App;
use crate::body::Body;
use crate::principals::{self, ReadMessageId};
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;

/// Answers with the result of the call.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    app.answer(&id, &body.0, Cost::Long, |instance, raw: ReadMessageId| {
        let (effective, message) = raw.resolve()?;
        principals::result(instance.await_call(effective, message)?)
    })
    .await
}
