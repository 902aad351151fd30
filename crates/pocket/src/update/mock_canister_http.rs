//! `update/mock_canister_http`: answers an HTTP outcall in the place of the nodes.

use crate::app::App;
use crate::body::Body;
use crate::principals;
use crate::reply::Refusal;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use chainkey_execution::ids::SubnetId;
use chainkey_instance::InstanceError;
use pocket_ic::common::rest::RawMockCanisterHttpResponse;

/// Answers when the outcall is answered.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    let operation = |_: &mut chainkey_instance::Instance, raw: RawMockCanisterHttpResponse| {
        let subnet = SubnetId(principals::subnet(&raw.subnet_id.subnet_id)?);
        Err::<(), Refusal>(
            InstanceError::InvalidOutcall {
                subnet,
                request: raw.request_id,
            }
            .into(),
        )
    };
    app.answer(&id, &body.0, Cost::Long, operation).await
}
