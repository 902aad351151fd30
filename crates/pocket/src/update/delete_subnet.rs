//! `update/delete_subnet`: removes a subnet with its canisters.

use crate::app::App;
use crate::body::Body;
use crate::principals;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use pocket_ic::common::rest::RawSubnetId;

/// Answers when it is done; named subnets and the last one stay.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    app.answer(&id, &body.0, Cost::Long, |instance, raw: RawSubnetId| {
        Ok(instance.delete_subnet(principals::subnet(&raw.subnet_id)?)?)
    })
    .await
}
