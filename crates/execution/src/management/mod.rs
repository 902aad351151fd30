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
