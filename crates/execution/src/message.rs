//! Messages: ingress, requests and responses between canisters.
//!
//! Source: interface specification, "Canister methods and inter-canister calls". In and out: plain values. Leaves out:
//! queues (see `queue`) and call contexts (see `canister::call_context`).

use crate::cycles::Cycles;
use crate::error::{RejectCode, UserError};
use crate::ids::{CanisterId, MessageId, Time};
use candid::Principal;
use std::sync::Arc;

/// What a signer vouches for about the sender of a call from outside, as `msg_caller_info_*` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerInfo {
    /// The information, in a form of the signer's choice.
    pub data: Vec<u8>,
    /// Who vouches for it.
    pub signer: Principal,
}

/// A call from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ingress {
    /// Hash of the content.
    pub id: MessageId,
    /// Who calls.
    pub sender: Principal,
    /// What is vouched for about the sender, if anything is.
    pub caller_info: Option<Arc<CallerInfo>>,
    /// Whom: a canister, or `aaaaa-aa`.
    pub receiver: CanisterId,
    /// The method.
    pub method: String,
    /// The argument.
    pub payload: Vec<u8>,
    /// Bytes of the envelope as it was received; the fee counts them.
    pub envelope_bytes: u64,
    /// When the message expires.
    pub expiry: Time,
}

impl Ingress {
    /// Bytes of the CBOR envelope that the PocketIC server makes for a call that came without one: unsigned, self-described,
    /// an indefinite map with an eight-byte nonce and a full expiry. `receiver` is the callee's id, empty for `aaaaa-aa`.
    pub fn unsigned_envelope_bytes(
        receiver: &[u8],
        method: &str,
        payload: &[u8],
        sender: &Principal,
    ) -> u64 {
        const FIXED: usize = 106;
        let sized = |length: usize| {
            length
                + match length {
                    0..24 => 1,
                    24..256 => 2,
                    256..65_536 => 3,
                    _ => 5,
                }
        };
        let parts = [
            receiver.len(),
            method.len(),
            payload.len(),
            sender.as_slice().len(),
        ];
        (FIXED + parts.into_iter().map(sized).sum::<usize>()) as u64
    }
}

/// Number of a callback within a canister.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CallbackId(pub u64);

/// Number of a call context within a canister.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct CallContextId(pub u64);

/// A request from one canister to another, or to the management canister.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who calls.
    pub sender: CanisterId,
    /// The caller's callback.
    pub callback: CallbackId,
    /// Whom: a canister, `aaaaa-aa`, or a subnet id.
    pub receiver: CanisterId,
    /// The method.
    pub method: String,
    /// The argument.
    pub payload: Vec<u8>,
    /// Attached cycles.
    pub cycles: Cycles,
    /// Set for best-effort calls.
    pub deadline: Option<Time>,
}

impl Request {
    /// Bytes of method name and argument.
    pub fn bytes(&self) -> usize {
        self.method.len() + self.payload.len()
    }

    /// The response that refuses the request and gives its cycles back.
    pub fn refused(self, payload: Payload) -> Response {
        Response {
            originator: self.sender,
            respondent: self.receiver,
            callback: self.callback,
            refund: self.cycles,
            payload,
            deadline: self.deadline,
        }
    }
}

/// What a call comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// A reply with its data.
    Reply(Vec<u8>),
    /// A reject.
    Reject(Reject),
}

/// A reject as a calling canister sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reject {
    /// The code.
    pub code: RejectCode,
    /// The message.
    pub message: String,
}

impl From<UserError> for Payload {
    fn from(error: UserError) -> Payload {
        Payload::Reject(Reject {
            code: error.code.reject_code(),
            message: error.to_reject_message(),
        })
    }
}

impl Payload {
    /// A reject.
    pub fn reject(code: RejectCode, message: impl Into<String>) -> Payload {
        Payload::Reject(Reject {
            code,
            message: message.into(),
        })
    }

    /// Bytes of data that the payload carries.
    pub fn size(&self) -> usize {
        match self {
            Payload::Reply(data) => data.len(),
            Payload::Reject(reject) => reject.message.len() + 1,
        }
    }
}

/// The answer to a [`Request`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// Who called.
    pub originator: CanisterId,
    /// Who answers.
    pub respondent: CanisterId,
    /// The caller's callback.
    pub callback: CallbackId,
    /// Cycles given back.
    pub refund: Cycles,
    /// The answer.
    pub payload: Payload,
    /// The deadline of the call that is answered.
    pub deadline: Option<Time>,
}

/// What travels between canisters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CanisterMessage {
    /// A call.
    Request(Request),
    /// An answer.
    Response(Response),
}

impl CanisterMessage {
    /// The canister (or management canister) that the message goes to.
    pub fn destination(&self) -> CanisterId {
        match self {
            CanisterMessage::Request(request) => request.receiver,
            CanisterMessage::Response(response) => response.originator,
        }
    }
}
