//! `nodes/{subnet}/faults`: breaks nodes, and heals them.

use crate::app::App;
use crate::body::Body;
use crate::principals;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use subnet_view::FaultChange;

/// Takes one change; answers with the subnet's report after it.
pub async fn handle(
    State(app): State<App>,
    Path((id, subnet)): Path<(String, String)>,
    body: Body,
) -> Response {
    let change = move |instance: &mut chainkey_instance::Instance, change: FaultChange| {
        Ok(instance.change_faults(principals::named(&subnet)?, change)?)
    };
    app.answer(&id, &body.0, Cost::Long, change).await
}
