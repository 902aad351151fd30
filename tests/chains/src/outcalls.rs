//! Between the client's mock of outcalls and the chains, for tests: works on every server that speaks the client's interface.
//!
//! - In: the client, whoever answers. Out: every outcall that waits and is for it is answered; others are left waiting.
//! - Needs: the network is not in live mode, where the server itself makes the requests.

use pocket_ic::common::rest::{
    CanisterHttpHeader, CanisterHttpReject, CanisterHttpReply, CanisterHttpRequest,
    CanisterHttpResponse, MockCanisterHttpResponse, RawMessageId,
};
use pocket_ic::{PocketIc, RejectResponse};

/// Rounds until a call that is not answered is given up: enough for a hundred signatures one after the other.
const PATIENCE: usize = 2_000;

/// What a node rejects an outcall with that breaks a rule, as the interface specification numbers it.
const SYS_FATAL: u64 = 1;

/// Whoever answers outcalls.
pub trait Answers {
    /// What each node is told; nothing if the request is for somebody else. One answer is for all nodes; if there are more, there is
    /// one for each node of the subnet.
    fn answer(&mut self, request: &CanisterHttpRequest) -> Option<Vec<CanisterHttpReply>>;
}

/// An answer without headers.
pub fn reply(status: u16, body: Vec<u8>) -> CanisterHttpReply {
    let headers = Vec::<CanisterHttpHeader>::new();
    CanisterHttpReply {
        status,
        headers,
        body,
    }
}

/// Answers every outcall that waits and is for this one; how many there were.
pub fn answer_waiting(network: &PocketIc, answering: &mut impl Answers) -> usize {
    let mut answered = 0;
    for request in network.get_canister_http() {
        let Some(replies) = answering.answer(&request) else {
            continue;
        };
        let mut responses = replies.into_iter().map(|reply| within(&request, reply));
        let Some(response) = responses.next() else {
            continue;
        };
        network.mock_canister_http_response(MockCanisterHttpResponse {
            subnet_id: request.subnet_id,
            request_id: request.request_id,
            response,
            additional_responses: responses.collect(),
        });
        answered += 1;
    }
    answered
}

/// An answer, or what a node makes of one that is longer than the canister allowed.
fn within(request: &CanisterHttpRequest, reply: CanisterHttpReply) -> CanisterHttpResponse {
    let headers = reply.headers.iter();
    let headers: usize = headers
        .map(|header| header.name.len() + header.value.len())
        .sum();
    let most = request.max_response_bytes.unwrap_or(u64::MAX);
    if (headers + reply.body.len()) as u64 <= most {
        return CanisterHttpResponse::CanisterHttpReply(reply);
    }
    CanisterHttpResponse::CanisterHttpReject(CanisterHttpReject {
        reject_code: SYS_FATAL,
        message: format!("Http body exceeds size limit of {most} bytes."),
    })
}

/// Runs rounds and answers outcalls until a call has its answer.
///
/// # Errors
/// The call was rejected.
///
/// # Panics
/// It has no answer after 2000 rounds.
pub fn await_call(
    network: &PocketIc,
    answering: &mut impl Answers,
    call: &RawMessageId,
) -> Result<Vec<u8>, RejectResponse> {
    for _ in 0..PATIENCE {
        if let Some(answer) = network.ingress_status(call.clone()) {
            return answer;
        }
        network.tick();
        answer_waiting(network, answering);
    }
    panic!("no answer to the call after {PATIENCE} rounds");
}
