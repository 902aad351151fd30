//! The hash of every step, and its tags.
//!
//! Source: docs/protocols/draws.md, step 1. In: a tag and parts of any length. Out: 32 bytes. Lengths stand before tag and parts, so that no two lists of
//! parts are the same bytes, and no hash of one use is a hash of another.

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// What a hash is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// A specification.
    Spec,
    /// An entry with its index.
    Leaf,
    /// A node of the tree of entries.
    Node,
    /// The tree with the number of its leaves.
    Root,
    /// The tree without leaves.
    Empty,
    /// The three moments of a draw.
    History,
    /// What the verifiable random function gets for a draw.
    VrfInput,
    /// The seed of a draw.
    Seed,
    /// A block of the stream.
    Stream,
    /// A transcript.
    Transcript,
    /// What the verifiable random function gets for a round of the beacon.
    BeaconRound,
    /// The randomness of one request to the beacon.
    BeaconLabel,
}

impl Domain {
    /// Every use.
    pub const ALL: [Self; 12] = [
        Self::Spec,
        Self::Leaf,
        Self::Node,
        Self::Root,
        Self::Empty,
        Self::History,
        Self::VrfInput,
        Self::Seed,
        Self::Stream,
        Self::Transcript,
        Self::BeaconRound,
        Self::BeaconLabel,
    ];

    /// The tag, shorter than 256 bytes.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Spec => "draws/spec/1",
            Self::Leaf => "draws/leaf/1",
            Self::Node => "draws/node/1",
            Self::Root => "draws/root/1",
            Self::Empty => "draws/empty/1",
            Self::History => "draws/history/1",
            Self::VrfInput => "draws/vrf-input/1",
            Self::Seed => "draws/seed/1",
            Self::Stream => "draws/stream/1",
            Self::Transcript => "draws/transcript/1",
            Self::BeaconRound => "beacon/round/1",
            Self::BeaconLabel => "beacon/label/1",
        }
    }

    /// The hash under this tag (step 1).
    pub fn hash(self, parts: &[&[u8]]) -> Hash {
        let mut hash = Sha256::new();
        hash.update([self.tag().len() as u8]);
        hash.update(self.tag());
        for part in parts {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn tags_are_different_and_short() {
        let tags: BTreeSet<&str> = Domain::ALL.iter().map(|domain| domain.tag()).collect();
        assert_eq!(tags.len(), Domain::ALL.len());
        assert!(tags.iter().all(|tag| tag.len() < 256));
    }

    #[test]
    fn parts_that_join_to_the_same_bytes_have_different_hashes() {
        let hash = |parts: &[&[u8]]| Domain::Node.hash(parts);
        assert_ne!(hash(&[b"ab", b"c"]), hash(&[b"a", b"bc"]));
        assert_ne!(hash(&[b"abc"]), hash(&[b"abc", b""]));
    }
}
