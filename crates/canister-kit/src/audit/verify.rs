//! The check of an audit log by whoever reads it.
//!
//! - What it does: follows the chain over pages from the first event on, and compares its end with the certified one.
//! - In: pages in order, beginning with event 0, the last one ending where the log ended; and the 32 bytes of
//!   certified data. Out: the [`Head`] that all of it leads to, or what is wrong.
//! - The caller takes the certified data out of a page's certificate after checking the certificate's signature against the
//!   network's root key, the canister id in it and its age, with the official library (ic-certificate-verification)
//!   or an agent. Without that the result proves nothing.
//! - Left out: what events mean. Decode them as [`crate::event::Stamped`], and replay them.

use crate::audit::chain::{Head, Link};
use crate::audit::page::AuditPage;
use crate::certified::{AUDIT_LABEL, CertifiedTreeError, read_tree};
use crate::domain::Hash;
use ic_certification::LookupResult;
use thiserror::Error;

/// Follows the chain over all pages and compares its end with the certified head of the last page.
///
/// # Errors
/// The first thing that does not fit.
pub fn verify_audit(pages: &[AuditPage], certified_data: &Hash) -> Result<Head, AuditError> {
    let last = pages.last().ok_or(AuditError::NoPage)?;
    let certified = certified_head(&last.witness, certified_data)?;
    let followed = pages.iter().try_fold(Head::genesis(), follow)?;
    match followed == certified {
        true => Ok(certified),
        false => Err(AuditError::OtherHead {
            followed: followed.length,
            certified: certified.length,
        }),
    }
}

/// Follows the chain from a head over one more page, whose own statements about it must agree.
///
/// # Errors
/// A page that does not begin where the head ends, or whose link before it is another.
pub fn follow(head: Head, page: &AuditPage) -> Result<Head, AuditError> {
    if page.first != head.length {
        return Err(AuditError::Gap {
            expected: head.length,
            first: page.first,
        });
    }
    let before: Result<Hash, _> = page.before.as_slice().try_into();
    if before.ok().map(Link) != Some(head.link) {
        return Err(AuditError::OtherLink { index: page.first });
    }
    Ok(page
        .events
        .iter()
        .fold(head, |head, event| head.next(event)))
}

/// The head of the log that the certified data vouch for.
///
/// # Errors
/// A witness that is no hash tree, has another root than the certified data, or shows no head.
pub fn certified_head(witness: &[u8], certified_data: &Hash) -> Result<Head, AuditError> {
    let tree = read_tree(witness)?;
    if tree.digest() != *certified_data {
        return Err(AuditError::OtherRoot);
    }
    match tree.lookup_path([AUDIT_LABEL]) {
        LookupResult::Found(bytes) => Head::from_bytes(bytes).ok_or(AuditError::NoHead),
        _ => Err(AuditError::NoHead),
    }
}

/// Why an audit log is not to be believed.
#[derive(Error, Clone, Debug, PartialEq, Eq)]
pub enum AuditError {
    /// There is nothing to check.
    #[error("no page was given")]
    NoPage,
    /// A page does not begin where the one before ended.
    #[error("a page begins with event {first}, expected was event {expected}")]
    Gap {
        /// The event that comes next.
        expected: u64,
        /// The page's first event.
        first: u64,
    },
    /// A page names another link than the events before it lead to.
    #[error("the link before event {index} is not that of the events before it")]
    OtherLink {
        /// The page's first event.
        index: u64,
    },
    /// The events do not lead to the certified head.
    #[error("{followed} events lead to another head than the certified one of {certified} events")]
    OtherHead {
        /// How many events were followed.
        followed: u64,
        /// How many the certified head has.
        certified: u64,
    },
    /// The witness is no hash tree.
    #[error(transparent)]
    Witness(#[from] CertifiedTreeError),
    /// The witness has another root than the certified data.
    #[error("the witness does not belong to the certified data")]
    OtherRoot,
    /// The witness shows no head of a log.
    #[error("the witness shows no head of a log")]
    NoHead,
}
