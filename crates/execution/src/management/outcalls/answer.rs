//! Answering an outcall: transform, agreement of the nodes, timeout, refund.

use super::request::{book, encode_response};
use super::{
    Content, Outcall, OutcallAnswer, OutcallError, OutcallId, Pricing, Replication, Share,
};
use crate::canister::ManagementOrigin;
use crate::cycles::Cycles;
use crate::cycles::outcalls::OutcallUse;
use crate::entry::{Query, query_with_instructions};
use crate::error::RejectCode;
use crate::ids::CanisterId;
use crate::management::wire;
use crate::message::{Payload, Response};
use crate::subnet::SubnetState;
use ic_management_canister_types as types;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// How long an outcall may take, in nanoseconds.
const TIMEOUT: u64 = 60 * 1_000_000_000;
/// Until when the real network would have kept trying, as its text of a disagreement says.
const CONSENSUS_TIMEOUT: u64 = 300 * 1_000_000_000;
const MILLISECOND: u64 = 1_000_000;

/// Takes the nodes' answers: one for all of them, or one for each. The canister gets its answer in the next round.
///
/// # Errors
/// Nobody waits for an answer, or there is a wrong number of them.
pub fn answer_outcall(
    state: &mut SubnetState,
    id: OutcallId,
    answers: Vec<OutcallAnswer>,
) -> Result<(), OutcallError> {
    let outcall = state
        .outcalls
        .open
        .get(&id)
        .ok_or(OutcallError::Unknown(id))?;
    if !outcall.shares.is_empty() {
        return Err(OutcallError::Unknown(id));
    }
    let nodes = nodes(state, outcall);
    let given = answers.len();
    if given != 1 && given != nodes {
        return Err(OutcallError::WrongNumber { given, nodes });
    }
    let milliseconds = state.time.since(outcall.time) / MILLISECOND;
    let mut shares: Vec<Share> = answers
        .into_iter()
        .map(|answer| share(state, outcall, answer, milliseconds))
        .collect();
    if let [only] = shares.as_slice() {
        shares = vec![only.clone(); nodes];
    }
    if let Some(outcall) = state.outcalls.open.get_mut(&id) {
        outcall.shares = shares;
    }
    Ok(())
}

fn nodes(state: &SubnetState, outcall: &Outcall) -> usize {
    match outcall.replication {
        Replication::All => state.config.nodes.len().max(1),
        Replication::One(_) => 1,
    }
}

fn share(
    state: &SubnetState,
    outcall: &Outcall,
    answer: OutcallAnswer,
    milliseconds: u64,
) -> Share {
    let (content, raw_bytes, instructions) = match answer {
        OutcallAnswer::Reject(reject) => (Content::Reject(reject.code, reject.message), 0, 0),
        OutcallAnswer::Response(response) => {
            let raw_bytes = response.body.len() as u64;
            let (content, instructions) = transformed(state, outcall, response);
            (content, raw_bytes, instructions)
        }
    };
    Share {
        content,
        raw_bytes,
        instructions,
        milliseconds,
    }
}

/// The response after the caller's transform, which runs as a query of the caller.
fn transformed(
    state: &SubnetState,
    outcall: &Outcall,
    response: types::HttpRequestResult,
) -> (Content, u64) {
    let Some(transform) = &outcall.request.transform else {
        return (Content::Reply(encode_response(&response)), 0);
    };
    let arguments = types::TransformArgs {
        response,
        context: transform.context.clone(),
    };
    let query = Query {
        caller_info: None,
        sender: CanisterId::MANAGEMENT.principal(),
        receiver: outcall.caller,
        method: transform.function.0.method.clone(),
        payload: wire::encode(&arguments),
    };
    let (result, instructions) = query_with_instructions(state, query);
    let content = match result {
        Ok(reply) => Content::Reply(reply),
        Err(error) => Content::Reject(error.code.reject_code(), error.message),
    };
    (content, instructions)
}

/// Answers the outcalls that the nodes have answered, and those whose time is over.
pub fn settle(state: &mut SubnetState) {
    let now = state.time;
    let ended: Vec<OutcallId> = state
        .outcalls
        .open
        .values()
        .filter(|outcall| !outcall.shares.is_empty() || now.since(outcall.time) > TIMEOUT)
        .map(|outcall| outcall.id)
        .collect();
    for id in ended {
        if let Some(outcall) = state.outcalls.open.remove(&id) {
            let content = verdict(&outcall);
            conclude(state, outcall, content);
        }
    }
}

/// What the nodes agree on.
fn verdict(outcall: &Outcall) -> Content {
    let shares = &outcall.shares;
    if shares.is_empty() {
        let message = "Canister http request timed out";
        return Content::Reject(RejectCode::SysTransient, message.into());
    }
    let mut votes: BTreeMap<&Content, usize> = BTreeMap::new();
    for share in shares {
        *votes.entry(&share.content).or_default() += 1;
    }
    let faulty = (shares.len() - 1) / 3;
    let agreed = votes
        .iter()
        .find(|(_, count)| **count >= shares.len() - faulty);
    match agreed {
        Some((content, _)) => (*content).clone(),
        None => disagreement(outcall, &votes),
    }
}

fn disagreement(outcall: &Outcall, votes: &BTreeMap<&Content, usize>) -> Content {
    let mut hashes: Vec<(usize, String)> = votes
        .iter()
        .map(|(content, count)| (*count, hash(content)))
        .collect();
    hashes.sort();
    let hashes: Vec<String> = hashes
        .into_iter()
        .rev()
        .map(|(count, hash)| format!("[{hash}: {count}]"))
        .collect();
    let message = format!(
        "No consensus could be reached. Replicas had different responses. Details: request_id: {}, timeout: {}, hashes: {}",
        outcall.id.0,
        outcall.time.plus(CONSENSUS_TIMEOUT).0,
        hashes.join(", ")
    );
    Content::Reject(RejectCode::SysTransient, message)
}

fn hash(content: &Content) -> String {
    let mut hasher = Sha256::new();
    match content {
        Content::Reply(bytes) => hasher.update(bytes),
        Content::Reject(code, message) => {
            hasher.update([*code as u8]);
            hasher.update(message);
        }
    }
    hex::encode(hasher.finalize())
}

fn conclude(state: &mut SubnetState, outcall: Outcall, content: Content) {
    let refund = match outcall.pricing {
        Pricing::Paid => outcall.refund,
        Pricing::ByUse { payment } => {
            let fee = state
                .fees
                .http_request_by_use(&usage(&outcall, &content))
                .min(payment);
            book(state, outcall.caller, fee);
            payment - fee
        }
    };
    respond(state, outcall.origin, content, refund);
}

/// What the outcall used: the most that one of its nodes did.
fn usage(outcall: &Outcall, content: &Content) -> OutcallUse {
    let most = |amount: fn(&Share) -> u64| outcall.shares.iter().map(amount).max().unwrap_or(0);
    OutcallUse {
        request_bytes: outcall.request_bytes,
        raw_response_bytes: most(|share| share.raw_bytes),
        roundtrip_milliseconds: most(|share| share.milliseconds),
        transform_instructions: most(|share| share.instructions),
        transformed_response_bytes: content.len() as u64,
    }
}

fn respond(state: &mut SubnetState, origin: ManagementOrigin, content: Content, refund: Cycles) {
    let ManagementOrigin::Canister {
        sender,
        callback,
        receiver,
        deadline,
    } = origin
    else {
        return;
    };
    let payload = match content {
        Content::Reply(bytes) => Payload::Reply(bytes),
        Content::Reject(code, message) => Payload::reject(code, message),
    };
    state.route_response(Response {
        originator: sender,
        respondent: receiver,
        callback,
        refund,
        payload,
        deadline,
    });
}
