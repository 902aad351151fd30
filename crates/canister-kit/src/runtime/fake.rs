//! A world for unit tests, in which the test decides everything.
//!
//! - What it does: answers [`Runtime`] from plain cells, and keeps what was accepted and certified.
//! - The package's tests use it, and those of a canister take it in by `#[path]` under
//!   `#[cfg(test)]`; no build for production contains it.
//! - Left out: certificates; [`Fake::certificate`] holds what the test put there.

// Each canister's tests use a part of it.
#![allow(dead_code)]

use candid::Principal;
use canister_kit::encoding::{Cycles, Timestamp};
use canister_kit::runtime::Runtime;
use std::cell::{Cell, RefCell};

/// The world as a test sets it.
pub struct Fake {
    /// The time of the running message.
    pub now: Cell<Timestamp>,
    /// Who sent the running message.
    pub caller: Cell<Principal>,
    /// The canister itself.
    pub canister: Principal,
    /// Who controls the canister.
    pub controller: Principal,
    /// What the canister has.
    pub balance: Cell<Cycles>,
    /// What the running message still offers.
    pub attached: Cell<Cycles>,
    /// The certified data that was set last.
    pub certified: Cell<Option<[u8; 32]>>,
    /// The certificate that queries see.
    pub certificate: RefCell<Option<Vec<u8>>>,
}

impl Fake {
    /// A canister with a controller and some cycles, called by [`person`] 1 in the year 2026.
    pub fn new() -> Self {
        Self {
            now: Cell::new(Timestamp(1_770_000_000 * Timestamp::SECOND)),
            caller: Cell::new(person(1)),
            canister: Principal::from_slice(&[0, 0, 0, 0, 0, 0, 0, 5, 1, 1]),
            controller: person(100),
            balance: Cell::new(Cycles(5_000_000_000_000)),
            attached: Cell::new(Cycles::ZERO),
            certified: Cell::new(None),
            certificate: RefCell::new(None),
        }
    }

    /// Lets time pass.
    pub fn pass(&self, nanoseconds: u64) {
        self.now.set(self.now.get().after(nanoseconds));
    }

    /// The next message comes from this principal.
    pub fn call_as(&self, caller: Principal) -> &Self {
        self.caller.set(caller);
        self
    }
}

impl Default for Fake {
    fn default() -> Self {
        Self::new()
    }
}

/// A principal that is nobody special, one for each number.
pub fn person(number: u32) -> Principal {
    let mut bytes = [0x50; 29];
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Principal::from_slice(&bytes)
}

impl Runtime for Fake {
    fn now(&self) -> Timestamp {
        self.now.get()
    }

    fn caller(&self) -> Principal {
        self.caller.get()
    }

    fn canister(&self) -> Principal {
        self.canister
    }

    fn is_controller(&self, principal: Principal) -> bool {
        principal == self.controller
    }

    fn balance(&self) -> Cycles {
        self.balance.get()
    }

    fn attached(&self) -> Cycles {
        self.attached.get()
    }

    fn accept(&self, at_most: Cycles) -> Cycles {
        let taken = at_most.min(self.attached.get());
        self.attached.set(self.attached.get().minus(taken));
        self.balance.set(self.balance.get().plus(taken));
        taken
    }

    fn certify(&self, root: &[u8; 32]) {
        self.certified.set(Some(*root));
    }

    fn certificate(&self) -> Option<Vec<u8>> {
        self.certificate.borrow().clone()
    }
}
