//! What people see of a subnet's nodes, and what they can do to them.
//!
//! - What it does: plain values that travel as JSON between the network and whoever watches or breaks it: faults, overviews, resharing.
//! - Source: protocols.md of the design, section 10.
//! - In and out: values; the only computation is on them.
//! - The caller must guarantee: nothing. Bad values are refused with an error that names what is wrong.
//! - Leaves out: secrets. No type here can hold a share, a nonce or a secret key.

mod change;
mod fault;
mod key;
mod overview;
mod report;
mod resharing;

pub use change::{FaultChange, FaultError};
pub use fault::{Condition, Effect, Faults, Misbehaviour, PayloadKind, Rule};
pub use key::{KeyId, KeyScheme};
pub use overview::{
    BeaconView, BlameView, CeremonyView, KeyView, NodeView, Overview, Trace, TraceView,
};
pub use report::{SubnetReport, Timing};
pub use resharing::Resharing;
