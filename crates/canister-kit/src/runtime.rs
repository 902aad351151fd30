//! The world outside a canister, as far as this package needs it.
//!
//! - What it does: one trait for time, callers, cycles and certified data; [`Replica`] answers from
//!   the System API. Tests answer from `runtime/fake.rs`, which exists only under `#[cfg(test)]`.
//! - Specification: IC interface specification, "The System API".
//! - The caller passes the runtime down as an argument. A canister with more needs (signatures,
//!   randomness, outcalls) adds a trait of its own with this one above it.

use crate::encoding::{Cycles, Timestamp};
use candid::Principal;

#[cfg(test)]
pub mod fake;

/// What the world tells a canister, and the little that it takes.
pub trait Runtime {
    /// The time of the running message.
    fn now(&self) -> Timestamp;
    /// Who sent the running message. After an await this may be another principal: keep it before.
    fn caller(&self) -> Principal;
    /// The canister itself.
    fn canister(&self) -> Principal;
    /// Whether a principal controls the canister.
    fn is_controller(&self, principal: Principal) -> bool;
    /// What the canister has.
    fn balance(&self) -> Cycles;
    /// What the running message brought and nobody has accepted yet.
    fn attached(&self) -> Cycles;
    /// Takes attached cycles, at most so many, and tells how many they were.
    fn accept(&self, at_most: Cycles) -> Cycles;
    /// Sets the certified data: at most 32 bytes, in updates only; in a query it traps.
    fn certify(&self, root: &[u8; 32]);
    /// The certificate of the certified data; only queries have one.
    fn certificate(&self) -> Option<Vec<u8>>;
}

/// The real world: the replica that runs this canister.
#[derive(Clone, Copy, Debug)]
pub struct Replica;

impl Runtime for Replica {
    fn now(&self) -> Timestamp {
        Timestamp(ic_cdk::api::time())
    }

    fn caller(&self) -> Principal {
        ic_cdk::api::msg_caller()
    }

    fn canister(&self) -> Principal {
        ic_cdk::api::canister_self()
    }

    fn is_controller(&self, principal: Principal) -> bool {
        ic_cdk::api::is_controller(&principal)
    }

    fn balance(&self) -> Cycles {
        Cycles(ic_cdk::api::canister_cycle_balance())
    }

    fn attached(&self) -> Cycles {
        Cycles(ic_cdk::api::msg_cycles_available())
    }

    fn accept(&self, at_most: Cycles) -> Cycles {
        Cycles(ic_cdk::api::msg_cycles_accept(at_most.0))
    }

    fn certify(&self, root: &[u8; 32]) {
        ic_cdk::api::certified_data_set(root);
    }

    fn certificate(&self) -> Option<Vec<u8>> {
        ic_cdk::api::data_certificate()
    }
}
