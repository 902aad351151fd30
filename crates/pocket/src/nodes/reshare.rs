//! `nodes/{subnet}/reshare`: hands all keys over to the next committee.

use crate::app::App;
use crate::body::Body;
use crate::principals;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use subnet_view::Resharing;

/// Takes the plan; answers with the subnet's report when the next committee has all keys.
pub async fn handle(
    State(app): State<App>,
    Path((id, subnet)): Path<(String, String)>,
    body: Body,
) -> Response {
    let reshare = move |instance: &mut chainkey_instance::Instance, plan: Resharing| {
        Ok(instance.reshare(principals::named(&subnet)?, &plan)?)
    };
    app.answer(&id, &body.0, Cost::Long, reshare).await
}
