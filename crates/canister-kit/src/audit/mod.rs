//! The audit log: every event of a canister in a chain of hashes whose end is certified.
//!
//! - What it does: `chain` links events, [`EventLog`] stores them and applies them to the state, [`AuditPage`] is
//!   what the query `audit_log` answers, [`verify_audit`] is the reader's check.
//! - The end of the chain is certified together with the canister's pages ([`crate::certified`]).
//! - What it proves: that nobody, the controllers included while this code is installed, has changed the past. What it
//!   does not: that code installed later tells the truth; compare heads over time for that.

mod chain;
mod log;
mod page;
#[cfg(test)]
mod tests;
mod verify;

pub use chain::{HEAD_BYTES, Head, Link};
pub use log::{EventLog, MAX_EVENT_BYTES};
pub use page::{AuditPage, MAX_PAGE_BYTES, MAX_PAGE_EVENTS};
pub use verify::{AuditError, certified_head, follow, verify_audit};
