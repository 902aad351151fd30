//! `read/ingress_status`: what became of a call, `null` while it is not answered.

use crate::app::App;
use crate::body::Body;
use crate::principals::{self, ReadMessageId, ReadPrincipal};
use crate::reply::Refusal;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use pocket_ic::common::rest::RawCanisterResult;
use serde::Deserialize;

/// Which call, and who asks.
#[derive(Deserialize)]
struct Arguments {
    raw_message_id: ReadMessageId,
    raw_caller: Option<ReadPrincipal>,
}

/// Answers with the result.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    app.answer(&id, &body.0, Cost::Short, |instance, raw: Arguments| {
        let (effective, message) = raw.raw_message_id.resolve()?;
        let caller = match &raw.raw_caller {
            Some(caller) => Some(principals::sender(caller.bytes())?),
            None => None,
        };
        let status = instance.ingress_status(effective, message, caller)?;
        let result: Option<Result<RawCanisterResult, Refusal>> = status.map(principals::result);
        result.transpose()
    })
    .await
}
