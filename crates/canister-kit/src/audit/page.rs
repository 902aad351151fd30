//! The answer of the query `audit_log`: some events, the end of the chain, and the proof that it is certified.
//!
//! - In: the log, and where the reader wants to begin. Out: [`AuditPage`], at most [`MAX_PAGE_EVENTS`] events and about
//!   [`MAX_PAGE_BYTES`] bytes of them, at least one if there is one.
//! - Specification: IC interface specification, "Certified data"; only queries have a certificate.
//! - Whoever wants all of it asks again from `first` plus the number of events; [`crate::audit::verify_audit`] checks the pages.

use crate::audit::log::{EventLog, MAX_EVENT_BYTES};
use crate::event::Event;
use candid::CandidType;
use ic_stable_structures::Memory;
use serde::Deserialize;
use serde_bytes::ByteBuf;

/// Most events of one page.
pub const MAX_PAGE_EVENTS: u32 = 1000;

/// How many bytes of events a page has at most. A query's answer may have 2 MiB; Candid adds a few bytes an event.
pub const MAX_PAGE_BYTES: usize = 1024 * 1024;

const _: () = assert!(MAX_EVENT_BYTES <= MAX_PAGE_BYTES);

/// Some events of a log, and the proof for its end.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct AuditPage {
    /// Index of the first event of this page.
    pub first: u64,
    /// The events' bytes: CBOR with numbered fields, see [`crate::event`].
    pub events: Vec<ByteBuf>,
    /// The link before the first event of this page, 32 bytes.
    pub before: ByteBuf,
    /// How many events the log has.
    pub length: u64,
    /// The link of the last event of the log, 32 bytes.
    pub head: ByteBuf,
    /// The subnet's certificate of the canister's certified data; missing where the method is called as an update.
    pub certificate: Option<ByteBuf>,
    /// The hash tree, in CBOR, with `head` and `length` at the path "audit_log"; its root is the certified data.
    pub witness: ByteBuf,
}

impl AuditPage {
    /// Collects a page.
    pub fn of<E: Event, M: Memory>(
        log: &EventLog<E, M>,
        from: u64,
        limit: u32,
        certificate: Option<Vec<u8>>,
        witness: Vec<u8>,
    ) -> Self {
        let head = log.head();
        let first = from.min(head.length);
        let mut events = Vec::new();
        let mut bytes = 0;
        let end = first.saturating_add(u64::from(limit.min(MAX_PAGE_EVENTS)));
        for index in first..end {
            let Some(event) = log.bytes(index) else { break };
            bytes += event.len();
            if bytes > MAX_PAGE_BYTES {
                break;
            }
            events.push(ByteBuf::from(event));
        }
        Self {
            first,
            events,
            before: ByteBuf::from(log.link_before(first).0),
            length: head.length,
            head: ByteBuf::from(head.link.0),
            certificate: certificate.map(ByteBuf::from),
            witness: ByteBuf::from(witness),
        }
    }
}
