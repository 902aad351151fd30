//! `update/mock_flexible_canister_http`: not in this version, which has no flexible outcalls.

use crate::app::App;
use crate::body::Body;
use crate::reply::Refusal;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use chainkey_instance::InstanceError;
use serde::de::IgnoredAny;

/// Refuses.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    app.answer(&id, &body.0, Cost::Short, |_, _: IgnoredAny| {
        Err::<(), Refusal>(
            InstanceError::Unsupported(
                "flexible_http_request is not supported by this version, so there is no such outcall to answer".into(),
            )
            .into(),
        )
    })
    .await
}
