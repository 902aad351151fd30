//! `nodes`: what the nodes of all subnets show.

use crate::app::App;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;

/// Answers with a list of reports, in the order in which the subnets were created.
pub async fn handle(State(app): State<App>, Path(id): Path<String>) -> Response {
    app.answer(&id, b"", Cost::Long, |instance, ()| {
        Ok(instance.node_reports()?)
    })
    .await
}
