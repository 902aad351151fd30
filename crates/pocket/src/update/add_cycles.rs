//! `update/add_cycles`: adds cycles to a canister.

use crate::app::App;
use crate::body::Body;
use crate::principals;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use chainkey_execution::cycles::Cycles;
use pocket_ic::common::rest::{RawAddCycles, RawCycles};

/// Answers with the new balance.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    app.answer(&id, &body.0, Cost::Short, |instance, raw: RawAddCycles| {
        let canister = principals::canister(&raw.canister_id)?;
        Ok(RawCycles {
            cycles: instance.add_cycles(canister, Cycles(raw.amount))?.0,
        })
    })
    .await
}
