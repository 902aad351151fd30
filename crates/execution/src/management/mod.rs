//! The management canister.
//!
//! Source: interface specification, "The IC management canister"; argument types of `ic-management-canister-types`.
//! In: a [`ManagementCall`]. Out: changes of the subnet's state and an answer, at once or in a later round, always through
//! `SubnetState::answer_management`. Leaves out: bitcoin_*, node_metrics_history, flexible_http_request.

mod outcalls;

pub use outcalls::Outcalls;

use crate::canister::ManagementOrigin;
use crate::cycles::Cycles;

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

// The signatures that the round and the doors rely on; the bodies come with the management canister itself.
mod pending {
    #![allow(missing_docs, unused_variables)]
    use super::ManagementCall;
    use crate::{
        canister::Canister,
        error::UserError,
        ids::{CanisterId, SubnetId},
        message::{Ingress, Payload},
        subnet::SubnetState,
    };
    /// To which subnet a canister's call to `aaaaa-aa` goes, or the reject that it gets at once.
    pub fn destination(
        state: &SubnetState,
        caller: &Canister,
        method: &str,
        payload: &[u8],
    ) -> Result<SubnetId, Payload> {
        unimplemented!()
    }
    /// Start of a round, after induction: answers of the world (outcalls with consensus, signatures) become responses.
    pub fn answer_waiting(state: &mut SubnetState) {}
    pub fn execute(state: &mut SubnetState, call: ManagementCall) {}
    /// End of a round: stop requests and outcalls that timed out.
    pub fn expire(state: &mut SubnetState) {}
    /// Candid `()`.
    pub fn empty_reply() -> Vec<u8> {
        unimplemented!()
    }
    /// Uninstalls the code of a canister that was taken out of the state (no history entry, no check of rights).
    pub fn uninstall(state: &mut SubnetState, canister: &mut Canister) {}
    /// Who pays for an ingress message to the management canister (None: nobody); errors as at submit.
    pub fn ingress_payer(method: &str, payload: &[u8]) -> Result<Option<CanisterId>, UserError> {
        unimplemented!()
    }
    /// Who may send it.
    pub fn admit_ingress(state: &SubnetState, ingress: &Ingress) -> Result<(), UserError> {
        unimplemented!()
    }
    pub fn query(
        state: &SubnetState,
        sender: candid::Principal,
        method: &str,
        payload: &[u8],
    ) -> Result<Vec<u8>, UserError> {
        unimplemented!()
    }
}
pub use pending::*;
