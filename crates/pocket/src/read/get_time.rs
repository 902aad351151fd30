//! `read/get_time`: what the clocks show.

use crate::app::App;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use pocket_ic::common::rest::RawTime;

/// Answers with the time in nanoseconds.
pub async fn handle(State(app): State<App>, Path(id): Path<String>) -> Response {
    app.answer(&id, b"", Cost::Short, |instance, ()| {
        Ok(RawTime {
            nanos_since_epoch: instance.time().0,
        })
    })
    .await
}
