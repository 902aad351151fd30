//! The management canister.
//!
//! Source: interface specification, "The IC management canister"; argument types of `ic-management-canister-types`.
//! In: a [`ManagementCall`]. Out: changes of the subnet's state and an answer, at once or in a later round, always through
//! `SubnetState::answer_management`. [`METHODS`] is the one table of what there is, who may call it and who serves it.
//! Leaves out: bitcoin_*, flexible_http_request.

mod access;
mod allocation;
mod blobs;
mod chunks;
mod code;
mod create;
mod destination;
mod info;
mod ingress;
mod install;
mod keys;
mod lifecycle;
mod logs;
mod long_installation;
mod methods;
mod outcalls;
mod randomness;
mod refusal;
mod settings;
mod snapshot_transfer;
mod snapshots;
mod status;
mod subnet_info;
#[cfg(test)]
mod tests;
mod wire;

pub use chunks::{MAX_CHUNK_BYTES, MAX_CHUNKS};
pub use create::allocate_canister_id;
pub use destination::destination;
pub use ingress::{admit_ingress, ingress_effective_canister, ingress_payer};
pub use keys::KeyRequests;
pub use lifecycle::uninstall;
pub use long_installation::{LongInstallation, must_wait, resume as resume_installations};
pub use methods::{Callers, IngressAccess, METHODS, Method, Route};
pub use outcalls::{
    Outcall, OutcallAnswer, OutcallError, OutcallId, OutcallReject, Outcalls, Replication,
    answer_outcall,
};
pub use wire::nothing as empty_reply;

use crate::canister::{ChangeOrigin, ManagementOrigin};
use crate::cycles::Cycles;
use crate::error::{ErrorCode, UserError};
use crate::subnet::SubnetState;
use candid::Principal;

/// A call of the management canister.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ManagementCall {
    /// Who waits for the answer.
    pub origin: ManagementOrigin,
    /// The method.
    pub method: String,
    /// The Candid argument.
    pub payload: Vec<u8>,
    /// Attached cycles.
    pub cycles: Cycles,
}

/// A call that a handler works on. It takes out of `cycles` what it keeps; the rest goes back with the answer.
struct Invocation {
    origin: ManagementOrigin,
    payload: Vec<u8>,
    cycles: Cycles,
}

impl Invocation {
    fn caller(&self) -> Principal {
        self.origin.caller()
    }

    fn decode<T: wire::Argument>(&self) -> Result<T, UserError> {
        wire::decode(&self.payload)
    }

    /// Who makes a change, for the history.
    fn change_origin(&self, sender_version: Option<u64>) -> ChangeOrigin {
        match &self.origin {
            ManagementOrigin::Ingress { sender, .. } => ChangeOrigin::User(*sender),
            ManagementOrigin::Canister { sender, .. } => {
                ChangeOrigin::Canister(*sender, sender_version)
            }
        }
    }

    /// The calling canister; users are refused where only canisters may call.
    fn calling_canister(&self) -> Option<crate::ids::CanisterId> {
        match &self.origin {
            ManagementOrigin::Ingress { .. } => None,
            ManagementOrigin::Canister { sender, .. } => Some(*sender),
        }
    }
}

/// What a handler comes to.
enum Reply {
    /// The answer.
    Now(Vec<u8>),
    /// The handler has kept the call and answers later.
    Later,
}

/// Executes a management call and answers it, or keeps it until it can be answered.
pub fn execute(state: &mut SubnetState, call: ManagementCall) {
    let ManagementCall {
        origin,
        method,
        payload,
        cycles,
    } = call;
    let Some(entry) = methods::find(&method) else {
        let error = UserError::new(
            ErrorCode::CanisterMethodNotFound,
            format!("Management canister has no method '{method}'"),
        );
        return state.answer_management(origin, Err(error), cycles);
    };
    let mut invocation = Invocation {
        origin: origin.clone(),
        payload,
        cycles,
    };
    let result = (entry.handler)(state, &mut invocation);
    match result {
        Ok(Reply::Now(reply)) => state.answer_management(origin, Ok(reply), invocation.cycles),
        Ok(Reply::Later) => {}
        Err(error) => state.answer_management(origin, Err(error), invocation.cycles),
    }
}

/// Ends what waited too long: calls of stop_canister after five minutes. To be called once a round.
pub fn expire(state: &mut SubnetState) {
    lifecycle::expire_stop_requests(state);
}

/// Answers the calls that waited for something outside of execution: HTTP outcalls and threshold signatures. To be called
/// once a round, before management calls are executed.
pub fn answer_waiting(state: &mut SubnetState) {
    outcalls::settle(state);
    keys::answer_requests(state);
}

/// Answers a query call to `aaaaa-aa`.
pub fn query(
    state: &SubnetState,
    sender: Principal,
    method: &str,
    payload: &[u8],
) -> Result<Vec<u8>, UserError> {
    match methods::find(method).and_then(|entry| entry.query) {
        Some(serve) => serve(state, sender, payload),
        None => Err(UserError::new(
            ErrorCode::CanisterMethodNotFound,
            format!("Query method {method} not found."),
        )),
    }
}
