//! Sends the answer of a call context to whoever waits for it.
//!
//! In: the origin, the answer, the cycles that go back. Out: an ingress status, or a response in the output queue.

use crate::canister::{Canister, Origin};
use crate::cycles::Cycles;
use crate::error::UserError;
use crate::message::{Payload, Response};
use crate::sandbox::Answer;
use crate::subnet::{IngressStatus, SubnetState};

/// What a call came to.
pub enum CallResult {
    /// The canister replied or rejected.
    Answered(Answer),
    /// It ended without an answer.
    NoResponse,
    /// It failed.
    Failed(UserError),
}

/// Tells whoever waits, and gives back `refund`.
pub fn answer(
    state: &mut SubnetState,
    canister: &mut Canister,
    origin: Origin,
    result: CallResult,
    refund: Cycles,
) {
    match origin {
        Origin::System(_) => {}
        Origin::Ingress { id, .. } => {
            let status = ingress_status(canister, result);
            state.ingress.set(id, status, state.time);
        }
        Origin::Canister {
            sender,
            callback,
            deadline,
        } => {
            let payload = payload(result);
            let respondent = canister.id;
            canister.queues.push_response(Response {
                originator: sender,
                respondent,
                callback,
                refund,
                payload,
                deadline,
            });
        }
    }
}

fn ingress_status(canister: &Canister, result: CallResult) -> IngressStatus {
    use crate::error::ErrorCode::{CanisterDidNotReply, CanisterRejectedMessage};
    match result {
        CallResult::Answered(Answer::Reply(data)) => IngressStatus::Replied(data),
        CallResult::Answered(Answer::Reject(message)) => {
            IngressStatus::Failed(UserError::new(CanisterRejectedMessage, message))
        }
        CallResult::NoResponse => {
            let message = format!("Canister {} did not reply to the call", canister.id);
            IngressStatus::Failed(UserError::new(CanisterDidNotReply, message))
        }
        CallResult::Failed(error) => IngressStatus::Failed(error),
    }
}

fn payload(result: CallResult) -> Payload {
    use crate::error::RejectCode;
    match result {
        CallResult::Answered(Answer::Reply(data)) => Payload::Reply(data),
        CallResult::Answered(Answer::Reject(message)) => {
            Payload::reject(RejectCode::CanisterReject, message)
        }
        CallResult::NoResponse => Payload::reject(RejectCode::CanisterError, "No response"),
        CallResult::Failed(error) => Payload::from(error),
    }
}
