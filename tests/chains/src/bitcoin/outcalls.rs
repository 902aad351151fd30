//! Between the client's mock of outcalls and the chain, for tests: works on every server that speaks the client's interface.
//!
//! - In: the client, the chain. Out: every outcall that waits and goes to [`BASE`] is answered from the chain; others are left waiting.
//! - Needs: the network is not in live mode, where the server itself makes the requests (`server` then answers them).

use crate::bitcoin::Regtest;
use crate::bitcoin::bridge::{self, Answer};
use pocket_ic::common::rest::{
    CanisterHttpHeader, CanisterHttpReply, CanisterHttpRequest, CanisterHttpResponse,
    MockCanisterHttpResponse, RawMessageId,
};
use pocket_ic::{PocketIc, RejectResponse};

/// The URL that a stand-in is given at installation when a test answers for it. The name can't exist (RFC 6761).
pub const BASE: &str = "https://bitcoin.invalid";
/// Rounds until a call that is not answered is given up: enough for a hundred signatures one after the other.
const PATIENCE: usize = 2_000;

/// Answers every outcall that waits and asks this chain; how many there were.
pub fn answer_waiting(network: &PocketIc, chain: &mut Regtest) -> usize {
    let waiting = network.get_canister_http();
    let mine = waiting.iter().filter(|request| asks_this_chain(request));
    mine.map(|request| {
        let answer = bridge::answer(chain, &request.url, &request.body);
        network.mock_canister_http_response(MockCanisterHttpResponse {
            subnet_id: request.subnet_id,
            request_id: request.request_id,
            response: CanisterHttpResponse::CanisterHttpReply(reply(answer)),
            additional_responses: Vec::new(),
        });
    })
    .count()
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
    chain: &mut Regtest,
    call: &RawMessageId,
) -> Result<Vec<u8>, RejectResponse> {
    for _ in 0..PATIENCE {
        if let Some(answer) = network.ingress_status(call.clone()) {
            return answer;
        }
        network.tick();
        answer_waiting(network, chain);
    }
    panic!("no answer to the call after {PATIENCE} rounds");
}

fn asks_this_chain(request: &CanisterHttpRequest) -> bool {
    let path = request.url.strip_prefix(BASE);
    path.is_some_and(|path| path.starts_with('/'))
}

fn reply(answer: Answer) -> CanisterHttpReply {
    let header = |value| CanisterHttpHeader {
        name: bridge::REFUSED.to_owned(),
        value,
    };
    CanisterHttpReply {
        status: answer.status,
        headers: answer.refused.map(header).into_iter().collect(),
        body: answer.body,
    }
}
