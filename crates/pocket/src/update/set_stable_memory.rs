//! `update/set_stable_memory`: replaces the stable memory of a canister by an uploaded blob.

use crate::app::App;
use crate::body::Body;
use crate::principals;
use crate::reply::Refusal;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use pocket_ic::common::rest::RawSetStableMemory;

/// Answers when it is done.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    let shared = app.0.clone();
    let operation = move |instance: &mut chainkey_instance::Instance, raw: RawSetStableMemory| {
        let canister = principals::canister(&raw.canister_id)?;
        let blob = shared
            .blobs
            .get(&raw.blob_id.0)
            .ok_or_else(|| Refusal::Unreadable("Bad blob id".into()))?;
        let data = blob.plain()?;
        Ok(instance.set_stable_memory(canister, &data)?)
    };
    app.answer(&id, &body.0, Cost::Long, operation).await
}
