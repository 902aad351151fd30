//! What the subnet's key signs for certified data.
//!
//! Source: interface specification, "Certificate": the root hash of the state tree after a separator. The key has the high threshold,
//! so that a majority of honest nodes stands behind each certificate.

use crate::message::Message;

/// The separator: its length in one byte, then its name.
const SEPARATOR: &[u8] = b"\x0dic-state-root";

/// The message for a root hash.
pub fn message(root_hash: &[u8; 32]) -> Message {
    Message::new(&[SEPARATOR, root_hash].concat())
}
