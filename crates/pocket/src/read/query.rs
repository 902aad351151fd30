//! `read/query`: runs a query on the latest state.

use crate::app::App;
use crate::body::Body;
use crate::principals::{self, ReadCall};
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;

/// Answers with the result of the query.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    app.answer(&id, &body.0, Cost::Long, |instance, call: ReadCall| {
        principals::result(instance.query(call.try_into()?)?)
    })
    .await
}
