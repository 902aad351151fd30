//! Every domain tag of this package, and the hash that begins with one.
//!
//! - What it does: SHA-256 over the tag's length (one byte), the tag, and the parts as they are. No two uses share a
//!   tag, so no hash of one use is a hash of another.
//! - The caller gives parts of fixed length, or one part of any length as the last, so that no two lists of
//!   parts are the same bytes.

use sha2::{Digest as _, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// What a hash is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// The link before the first event of an audit log.
    AuditGenesis,
    /// A link of an audit log: the link before, the event.
    AuditLink,
    /// The arguments of an idempotent call: the hash of the method's name, the arguments.
    Arguments,
    /// The name of a method, before its arguments.
    Method,
}

impl Domain {
    /// The tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::AuditGenesis => "canister-kit/audit/genesis/1",
            Self::AuditLink => "canister-kit/audit/link/1",
            Self::Arguments => "canister-kit/journal/arguments/1",
            Self::Method => "canister-kit/journal/method/1",
        }
    }

    /// SHA-256 under this tag.
    pub fn hash(self, parts: &[&[u8]]) -> Hash {
        tagged(self.tag(), parts)
    }
}

/// SHA-256 under the tag of a canister's own; it begins with the canister's name.
///
/// # Panics
/// If the tag is longer than 255 bytes.
pub fn tagged(tag: &str, parts: &[&[u8]]) -> Hash {
    let mut hash = Sha256::new();
    match u8::try_from(tag.len()) {
        Ok(length) => hash.update([length]),
        Err(_) => panic!("the tag {tag} is longer than 255 bytes"),
    }
    hash.update(tag);
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const ALL: [Domain; 4] = [
        Domain::AuditGenesis,
        Domain::AuditLink,
        Domain::Arguments,
        Domain::Method,
    ];

    #[test]
    fn tags_are_different_and_short() {
        let tags: BTreeSet<&str> = ALL.iter().map(|domain| domain.tag()).collect();
        assert_eq!(tags.len(), ALL.len());
        assert!(tags.iter().all(|tag| tag.len() < 256));
    }
}
