//! `read/get_subnet`: the subnet of a canister, `null` if there is no such canister.

use crate::app::App;
use crate::body::Body;
use crate::principals;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use pocket_ic::common::rest::{RawCanisterId, RawSubnetId};

/// Answers with the subnet's id.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    app.answer(&id, &body.0, Cost::Short, |instance, raw: RawCanisterId| {
        let canister = principals::canister(&raw.canister_id)?;
        let subnet = instance.subnet_of(canister);
        Ok(subnet.map(|subnet| RawSubnetId::from(subnet.0)))
    })
    .await
}
