//! `update/mock_canister_http`: answers an HTTP outcall in the place of the nodes.

use crate::app::App;
use crate::body::Body;
use crate::principals;
use crate::reply::Refusal;
use crate::slots::Cost;
use axum::extract::{Path, State};
use axum::response::Response;
use chainkey_execution::error::RejectCode;
use chainkey_execution::management::{OutcallAnswer, OutcallReject};
use chainkey_instance::{InstanceError, OutcallAnswers};
use ic_management_canister_types::{HttpHeader, HttpRequestResult};
use pocket_ic::common::rest::{CanisterHttpResponse, RawMockCanisterHttpResponse};

/// Answers when the outcall is answered.
pub async fn handle(State(app): State<App>, Path(id): Path<String>, body: Body) -> Response {
    let operation = |instance: &mut chainkey_instance::Instance,
                     raw: RawMockCanisterHttpResponse| {
        let others: Result<Vec<OutcallAnswer>, Refusal> =
            raw.additional_responses.into_iter().map(read).collect();
        let answers = OutcallAnswers {
            subnet: principals::subnet(&raw.subnet_id.subnet_id)?,
            number: raw.request_id,
            first: read(raw.response)?,
            others: others?,
        };
        Ok(instance.answer_outcall(answers)?)
    };
    app.answer(&id, &body.0, Cost::Long, operation).await
}

fn read(raw: CanisterHttpResponse) -> Result<OutcallAnswer, Refusal> {
    Ok(match raw {
        CanisterHttpResponse::CanisterHttpReply(reply) => {
            OutcallAnswer::Response(HttpRequestResult {
                status: reply.status.into(),
                headers: reply
                    .headers
                    .into_iter()
                    .map(|header| HttpHeader {
                        name: header.name,
                        value: header.value,
                    })
                    .collect(),
                body: reply.body,
            })
        }
        CanisterHttpResponse::CanisterHttpReject(reject) => OutcallAnswer::Reject(OutcallReject {
            code: reject_code(reject.reject_code)?,
            message: reject.message,
        }),
    })
}

fn reject_code(number: u64) -> Result<RejectCode, Refusal> {
    const CODES: [RejectCode; 6] = [
        RejectCode::SysFatal,
        RejectCode::SysTransient,
        RejectCode::DestinationInvalid,
        RejectCode::CanisterReject,
        RejectCode::CanisterError,
        RejectCode::SysUnknown,
    ];
    CODES
        .into_iter()
        .find(|code| *code as u64 == number)
        .ok_or_else(|| InstanceError::InvalidRejectCode(number).into())
}
