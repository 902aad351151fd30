//! The chain behind the client's mock of outcalls: what goes to [`BASE`] is answered by `bridge`.

use crate::bitcoin::Regtest;
use crate::bitcoin::bridge::{self, Answer};
use crate::outcalls::Answers;
use pocket_ic::common::rest::{CanisterHttpHeader, CanisterHttpReply, CanisterHttpRequest};

pub use crate::outcalls::{answer_waiting, await_call};

/// The URL that a stand-in is given at installation when a test answers for it. The name can't exist (RFC 6761).
pub const BASE: &str = "https://bitcoin.invalid";

impl Answers for Regtest {
    fn answer(&mut self, request: &CanisterHttpRequest) -> Option<Vec<CanisterHttpReply>> {
        let path = request.url.strip_prefix(BASE)?;
        path.starts_with('/')
            .then(|| vec![reply(bridge::answer(self, path, &request.body))])
    }
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
