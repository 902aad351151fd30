//! `read/get_stable_memory`: the stable memory of a canister.

use crate::app::App;
use crate::body::Body;
use crate::principals;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use pocket_ic::common::rest::{RawCanisterId, RawStableMemory};

/// Answers with all its bytes.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    app.answer(&id, &body.0, Cost::Long, |instance, raw: RawCanisterId| {
        let canister = principals::canister(&raw.canister_id)?;
        Ok(RawStableMemory {
            blob: instance.stable_memory(canister)?,
        })
    })
    .await
}
