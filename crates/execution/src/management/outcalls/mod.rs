//! HTTP outcalls. Method: http_request.
//!
//! Source: interface specification, "http_request"; recorded texts, fees and rounds. A call becomes an [`Outcall`] that nodes
//! answer from outside ([`answer_outcall`]): each node's answer goes through the transform, then the round that follows looks
//! for agreement. In: arguments, answers, time. Out: the reply, the reject, refunds.

mod answer;
mod request;

pub use answer::answer_outcall;
pub(super) use answer::settle;
pub(super) use request::http_request;

use crate::canister::ManagementOrigin;
use crate::cycles::Cycles;
use crate::error::RejectCode;
use crate::ids::{CanisterId, NodeId, Time};
use ic_management_canister_types as types;
use std::collections::BTreeMap;

/// Number of an outcall on its subnet.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct OutcallId(pub u64);

/// Which nodes make the request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Replication {
    /// All of them, and they have to agree.
    All,
    /// This one.
    One(NodeId),
}

/// How an outcall is charged.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Pricing {
    /// Version 1: paid when it is accepted.
    Paid,
    /// Version 2: paid by use out of these cycles when it is answered.
    ByUse { payment: Cycles },
}

/// An outcall that waits for answers.
#[derive(Clone, Debug)]
pub struct Outcall {
    /// Its number.
    pub id: OutcallId,
    /// Who asked.
    pub caller: CanisterId,
    /// What to request.
    pub request: types::HttpRequestArgs,
    /// Which nodes request it.
    pub replication: Replication,
    /// When it was accepted; after 60 s it times out.
    pub time: Time,
    origin: ManagementOrigin,
    pricing: Pricing,
    refund: Cycles,
    request_bytes: u64,
    shares: Vec<Share>,
}

/// One node's answer after the transform.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Share {
    content: Content,
    raw_bytes: u64,
    instructions: u64,
    milliseconds: u64,
}

/// What nodes have to agree on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Content {
    Reply(Vec<u8>),
    Reject(RejectCode, String),
}

impl Content {
    fn len(&self) -> usize {
        match self {
            Content::Reply(bytes) => bytes.len(),
            Content::Reject(_, message) => message.len(),
        }
    }
}

/// What one node got.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OutcallAnswer {
    /// A response.
    Response(types::HttpRequestResult),
    /// None, for a reason.
    Reject(OutcallReject),
}

/// Why a node got no response.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OutcallReject {
    /// The code.
    pub code: RejectCode,
    /// The message.
    pub message: String,
}

/// Why answers are not taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum OutcallError {
    /// There is no such outcall, or it has been answered.
    #[error("no outcall {} waits for an answer", .0.0)]
    Unknown(OutcallId),
    /// One answer for all nodes, or one for each, is needed.
    #[error("{given} answers for {nodes} nodes")]
    WrongNumber {
        /// Answers given.
        given: usize,
        /// Nodes that make the request.
        nodes: usize,
    },
}

/// The outcalls of a subnet.
#[derive(Clone, Debug, Default)]
pub struct Outcalls {
    next: u64,
    open: BTreeMap<OutcallId, Outcall>,
}

impl Outcalls {
    /// Those that nobody has answered yet.
    pub fn pending(&self) -> impl Iterator<Item = &Outcall> {
        self.open
            .values()
            .filter(|outcall| outcall.shares.is_empty())
    }

    /// One of them.
    pub fn get(&self, id: OutcallId) -> Option<&Outcall> {
        self.open.get(&id)
    }
}
