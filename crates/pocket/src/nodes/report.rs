//! `nodes/{subnet}`: what the nodes of one subnet show.

use crate::app::App;
use crate::principals;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;

/// Answers with the subnet's report.
pub async fn handle(
    State(app): State<App>,
    Path((id, subnet)): Path<(String, String)>,
) -> Response {
    app.answer(&id, b"", Cost::Long, move |instance, ()| {
        Ok(instance.node_report(principals::named(&subnet)?)?)
    })
    .await
}
