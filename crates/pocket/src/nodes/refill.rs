//! `nodes/{subnet}/refill`: fills the stocks of presignatures now.

use crate::app::App;
use crate::principals;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;

/// Answers with the subnet's report when the stocks of all keys in use are full, or can't be filled.
pub async fn handle(
    State(app): State<App>,
    Path((id, subnet)): Path<(String, String)>,
) -> Response {
    app.answer(&id, b"", Cost::Long, move |instance, ()| {
        Ok(instance.refill(principals::named(&subnet)?)?)
    })
    .await
}
