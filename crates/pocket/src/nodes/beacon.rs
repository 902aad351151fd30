//! `nodes/{subnet}/beacon`: makes the next value of the random beacon.

use crate::app::App;
use crate::principals;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;

/// Answers with the value and what it takes to verify it.
pub async fn handle(
    State(app): State<App>,
    Path((id, subnet)): Path<(String, String)>,
) -> Response {
    app.answer(&id, b"", Cost::Long, move |instance, ()| {
        Ok(instance.next_beacon(principals::named(&subnet)?)?)
    })
    .await
}
