//! `read/pub_key`: the public key of a subnet in DER.

use crate::app::App;
use crate::body::Body;
use crate::principals;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use pocket_ic::common::rest::RawSubnetId;

/// Answers with the key as a list of numbers.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    app.answer(&id, &body.0, Cost::Short, |instance, raw: RawSubnetId| {
        Ok(instance.public_key(principals::subnet(&raw.subnet_id)?)?)
    })
    .await
}
