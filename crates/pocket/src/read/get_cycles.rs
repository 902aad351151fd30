//! `read/get_cycles`: the balance of a canister.

use crate::app::App;
use crate::body::Body;
use crate::principals;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use pocket_ic::common::rest::{RawCanisterId, RawCycles};

/// Answers with the balance.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    app.answer(&id, &body.0, Cost::Short, |instance, raw: RawCanisterId| {
        let canister = principals::canister(&raw.canister_id)?;
        Ok(RawCycles {
            cycles: instance.cycles(canister)?.0,
        })
    })
    .await
}
