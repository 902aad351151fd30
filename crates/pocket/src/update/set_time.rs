//! `update/set_time`: moves the clocks; the next round runs at the new time.

use crate::app::App;
use crate::body::Body;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use chainkey_execution::ids::Time;
use pocket_ic::common::rest::RawTime;

/// Answers when it is done; the past is refused.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    app.answer(&id, &body.0, Cost::Short, |instance, raw: RawTime| {
        Ok(instance.set_time(Time(raw.nanos_since_epoch))?)
    })
    .await
}
