//! `update/submit_ingress_message`: puts a call before its subnet, without running a round.

use crate::app::App;
use crate::body::Body;
use crate::principals::{self, ReadCall};
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use pocket_ic::RejectResponse;
use pocket_ic::common::rest::{RawEffectivePrincipal, RawMessageId};

/// Answers with the id of the call, or with the reject if the call was not taken.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    app.answer(&id, &body.0, Cost::Long, |instance, call: ReadCall| {
        let submission: Result<RawMessageId, RejectResponse> =
            match instance.submit(call.try_into()?)? {
                Ok(submitted) => Ok(RawMessageId {
                    effective_principal: RawEffectivePrincipal::SubnetId(
                        submitted.subnet.0.as_slice().to_vec(),
                    ),
                    message_id: submitted.message.0.to_vec(),
                }),
                Err(rejected) => Err(principals::reject(rejected)?),
            };
        Ok(submission)
    })
    .await
}
