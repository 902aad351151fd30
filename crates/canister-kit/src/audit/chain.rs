//! The chain of hashes over the events of a log.
//!
//! - What it does: the link of an event is a hash over the link before it and the event's bytes; the one before the
//!   first event is fixed. [`Head`] is the last link and the number of events; whoever knows it knows that no event
//!   was changed, left out or put in.
//! - Encoding of a head, as it is certified: 32 bytes of the link, 8 bytes of the number, big-endian.

use crate::domain::{Domain, Hash};

/// Bytes of an encoded [`Head`].
pub const HEAD_BYTES: usize = 40;

/// The hash over everything up to an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link(pub Hash);

impl Link {
    /// The link before the first event.
    pub fn genesis() -> Self {
        Self(Domain::AuditGenesis.hash(&[]))
    }

    /// The link of the next event.
    pub fn next(self, event: &[u8]) -> Self {
        Self(Domain::AuditLink.hash(&[&self.0, event]))
    }
}

/// The end of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The link of the last event.
    pub link: Link,
    /// The number of events.
    pub length: u64,
}

impl Head {
    /// The head of a log without events.
    pub fn genesis() -> Self {
        Self {
            link: Link::genesis(),
            length: 0,
        }
    }

    /// The head after one more event.
    pub fn next(self, event: &[u8]) -> Self {
        Self {
            link: self.link.next(event),
            length: self.length + 1,
        }
    }

    /// The certified bytes.
    pub fn to_bytes(self) -> [u8; HEAD_BYTES] {
        let mut bytes = [0; HEAD_BYTES];
        bytes[..32].copy_from_slice(&self.link.0);
        bytes[32..].copy_from_slice(&self.length.to_be_bytes());
        bytes
    }

    /// Reads certified bytes; none if they are no head.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (link, length) = bytes.split_first_chunk::<32>()?;
        Some(Self {
            link: Link(*link),
            length: u64::from_be_bytes(length.try_into().ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    #[test]
    fn links_are_the_hashes_that_the_module_says() {
        let mut hash = Sha256::new();
        hash.update([28]);
        hash.update(b"canister-kit/audit/genesis/1");
        let genesis = Head::genesis();
        assert_eq!(genesis.link.0[..], hash.finalize()[..]);
        let mut hash = Sha256::new();
        hash.update([25]);
        hash.update(b"canister-kit/audit/link/1");
        hash.update(genesis.link.0);
        hash.update(b"event");
        assert_eq!(genesis.next(b"event").link.0[..], hash.finalize()[..]);
    }

    #[test]
    fn heads_are_read_as_they_are_written() {
        let head = Head::genesis().next(b"a").next(b"b");
        assert_eq!(head.length, 2);
        assert_eq!(Head::from_bytes(&head.to_bytes()), Some(head));
        assert_eq!(Head::from_bytes(&head.to_bytes()[1..]), None);
        assert_eq!(Head::from_bytes(&[0; 41]), None);
    }
}
