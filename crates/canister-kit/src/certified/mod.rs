//! What a canister certifies: the head of its audit log, its pages, and whatever is its own.
//!
//! - What it does: `tree` joins the three under one root, the certified data; `pages` answers `http_request`; `metrics`
//!   writes the text of `/metrics`.
//! - Freshness: certified data can be set only in updates. Each update that changes anything ends by measuring and
//!   certifying anew ([`crate::Kit::certify`]), so that a page shows the canister as the last change left it, and each
//!   sample carries that time. What changes without one, the balance and the count of refusals, is as old as that.

mod metrics;
mod pages;
#[cfg(test)]
mod tests;
mod tree;

pub use metrics::Samples;
pub use pages::{Content, Pages};
pub use tree::{AUDIT_LABEL, Branches, CertifiedTreeError, PRODUCT_LABEL, read_tree, write_tree};
