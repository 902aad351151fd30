//! Faults on order: a development-only extension that is off unless the ledger was installed with `fault_controls`.
//!
//! - What it does: a controller orders that the next so many transfers (`icrc1_transfer`, `icrc2_transfer_from`) fail in one way; so tests see how a
//!   canister that pays resumes. Answered faults change nothing. A transfer that is made although its caller gets a reject is the case that
//!   `created_at_time` is for.
//! - A trap takes back all that its own message did. So the message of a fault that traps first calls the ledger itself; that commits the
//!   order's count, and the transfer where it is made, and the trap comes after the answer.
//! - Orders are kept on the heap: an upgrade forgets them.
//! - Specification: none; this is no part of a standard.

use crate::error::Refused;
use candid::CandidType;
use ic_cdk::call::Call;
use serde::Deserialize;
use std::cell::RefCell;
use thiserror::Error;

/// How a transfer fails.
#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It answers `TemporarilyUnavailable` and is not made.
    TemporarilyUnavailable,
    /// It traps and is not made.
    TrapBefore,
    /// It is made, and then traps: the caller does not learn that it was.
    TrapAfter,
}

/// Why an order is refused.
#[derive(CandidType, Deserialize, Error, Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultRefused {
    /// The ledger was installed without `fault_controls`.
    #[error("this ledger takes no orders of faults")]
    Disabled,
    /// The caller is no controller.
    #[error("only a controller may order faults")]
    NotController,
}

/// The faults that are ordered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orders(Option<(u32, Fault)>);

impl Orders {
    /// The next `count` transfers fail; replaces what was ordered before.
    ///
    /// # Errors
    /// The ledger takes no orders, or none of this caller.
    pub fn place(
        &mut self,
        enabled: bool,
        by_controller: bool,
        count: u32,
        fault: Fault,
    ) -> Result<(), FaultRefused> {
        if !enabled {
            return Err(FaultRefused::Disabled);
        }
        if !by_controller {
            return Err(FaultRefused::NotController);
        }
        self.0 = Some((count, fault));
        Ok(())
    }

    /// The fault of the transfer that comes now.
    pub fn take(&mut self) -> Option<Fault> {
        let (count, fault) = self.0?;
        let left = count.checked_sub(1)?;
        self.0 = Some((left, fault));
        Some(fault)
    }
}

thread_local! {
    static ORDERS: RefCell<Orders> = RefCell::default();
}

/// Reads or changes the orders.
pub fn orders<T>(change: impl FnOnce(&mut Orders) -> T) -> T {
    ORDERS.with_borrow_mut(change)
}

/// Makes a transfer, or the fault that is ordered for it.
///
/// # Errors
/// Those of the transfer, and `TemporarilyUnavailable` where that is ordered.
pub async fn around<T, E: From<Refused>>(transfer: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    match orders(Orders::take) {
        None => transfer(),
        Some(Fault::TemporarilyUnavailable) => Err(Refused::TemporarilyUnavailable.into()),
        Some(Fault::TrapBefore) => {
            let before = "a fault on order: the transfer was not made";
            commit_and_trap(before).await
        }
        Some(Fault::TrapAfter) => match transfer() {
            Ok(_) => commit_and_trap("a fault on order: the transfer was made").await,
            Err(refused) => Err(refused),
        },
    }
}

async fn commit_and_trap(why: &str) -> ! {
    let this = ic_cdk::api::canister_self();
    // Whatever it answers: what matters is that there is an answer, in a message of its own.
    let _ = Call::unbounded_wait(this, "icrc1_fee").await;
    ic_cdk::trap(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_holds_for_so_many_transfers() {
        let mut orders = Orders::default();
        assert_eq!(orders.take(), None);
        orders.place(true, true, 2, Fault::TrapAfter).unwrap();
        assert_eq!(orders.take(), Some(Fault::TrapAfter));
        assert_eq!(orders.take(), Some(Fault::TrapAfter));
        assert_eq!(orders.take(), None);
    }

    #[test]
    fn refuses_orders_unless_they_are_enabled_and_of_a_controller() {
        let mut orders = Orders::default();
        let mut place =
            |enabled, controller| orders.place(enabled, controller, 1, Fault::TrapBefore);
        assert_eq!(place(false, true), Err(FaultRefused::Disabled));
        assert_eq!(place(true, false), Err(FaultRefused::NotController));
        assert_eq!(orders.take(), None);
    }
}
