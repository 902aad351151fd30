//! Items: what a space keeps, in versions.
//!
//! - An item has an id that its writer chooses, and versions from 1 on. A version's body is one chunk of ciphertext, or for a file several. The last
//!   [`MAX_VERSIONS`] bodies are kept; a deleted item keeps its number of versions, so that no version is ever written twice.
//! - Hashes: a chunk has the SHA-256 of its ciphertext; a version the root over its chunks' hashes ([`root_of`]).
//! - Ids and sizes are no secrets: the audit log shows them to everyone. Writers choose ids that tell nothing.

use crate::limits::{MAX_ITEM_ID_BYTES, MAX_VERSIONS};
use crate::space::Epoch;
use candid::{CandidType, Principal};
use canister_kit::domain::{Hash, tagged};
use canister_kit::encoding::{Identity, Timestamp};
use canister_kit::stable::{Bound, Storable};
use minicbor::{Decode, Encode};
use serde::Deserialize;
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use thiserror::Error;

/// The id of an item within its space: 1 to 64 bytes.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct ItemId(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>);

/// An item id is empty or too long.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
#[error("an item's id has 1 to {MAX_ITEM_ID_BYTES} bytes, not {bytes}")]
pub struct ItemIdLength {
    /// Its length.
    pub bytes: u64,
}

impl ItemId {
    /// Checks an id that came from outside.
    ///
    /// # Errors
    /// [`ItemIdLength`].
    pub fn parse(bytes: Vec<u8>) -> Result<Self, ItemIdLength> {
        match bytes.len() {
            1..=MAX_ITEM_ID_BYTES => Ok(Self(bytes)),
            length => Err(ItemIdLength {
                bytes: length as u64,
            }),
        }
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Before every other id; no item's id is empty.
    pub fn lowest() -> Self {
        Self(Vec::new())
    }
}

impl Storable for ItemId {
    const BOUND: Bound = Bound::Bounded {
        max_size: MAX_ITEM_ID_BYTES as u32,
        is_fixed_size: false,
    };

    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.0)
    }

    fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn from_bytes(bytes: Cow<'_, [u8]>) -> Self {
        Self(bytes.into_owned())
    }
}

/// The SHA-256 of a chunk's ciphertext.
pub fn hash_of(ciphertext: &[u8]) -> Hash {
    Sha256::digest(ciphertext).into()
}

/// The root over the hashes of a version's chunks, in order: SHA-256 over one byte 12, "vault/body/1" and the hashes.
pub fn root_of(hashes: &[Hash]) -> Hash {
    tagged("vault/body/1", &[hashes.as_flattened()])
}

/// What is known of a chunk.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Chunk {
    /// Its length in bytes.
    #[n(0)]
    pub bytes: u64,
    /// The SHA-256 of its ciphertext.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub hash: Hash,
}

canister_kit::stored!(Chunk, "a chunk");

/// A version of an item.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Version {
    /// From 1.
    #[n(0)]
    pub number: u64,
    /// Under which epoch's key it is encrypted.
    #[n(1)]
    pub epoch: Epoch,
    /// Where its chunks are.
    #[n(2)]
    pub body: u64,
    /// How many there are.
    #[n(3)]
    pub chunks: u32,
    /// Bytes of ciphertext in all.
    #[n(4)]
    pub bytes: u64,
    /// Blocks in use.
    #[n(5)]
    pub blocks: u64,
    /// The root over the chunks' hashes.
    #[n(6)]
    #[cbor(with = "minicbor::bytes")]
    pub root: Hash,
    /// Who wrote it.
    #[n(7)]
    pub by: Identity,
    /// When.
    #[n(8)]
    pub at: Timestamp,
}

/// An item.
#[derive(Encode, Decode, Clone, Debug, Default, PartialEq, Eq)]
#[cbor(map)]
pub struct Item {
    /// The number of the last version; a deletion is one too.
    #[n(0)]
    pub last: u64,
    /// The versions that are kept, oldest first; none once it is deleted.
    #[n(1)]
    pub versions: Vec<Version>,
}

impl Item {
    /// The last version, unless it is deleted.
    pub fn latest(&self) -> Option<&Version> {
        self.versions.last()
    }

    /// A version that is kept; the last one where none is named.
    pub fn version(&self, number: Option<u64>) -> Option<&Version> {
        match number {
            None => self.latest(),
            Some(number) => self.versions.iter().find(|kept| kept.number == number),
        }
    }

    /// Adds a version, and hands back the one that is not kept any more.
    pub fn add(&mut self, version: Version) -> Option<Version> {
        self.last = version.number;
        self.versions.push(version);
        match self.versions.len() > MAX_VERSIONS {
            true => Some(self.versions.remove(0)),
            false => None,
        }
    }
}

canister_kit::stored!(Item, "an item");

/// A version as members see it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct VersionView {
    /// From 1.
    pub version: u64,
    /// Under which epoch's key it is encrypted.
    pub epoch: u64,
    /// How many chunks it has; 1 for what was put at once.
    pub chunks: u32,
    /// Bytes of ciphertext.
    pub bytes: u64,
    /// The root over the chunks' hashes: 32 bytes.
    pub root: ByteBuf,
    /// Who wrote it.
    pub by: Principal,
    /// When, in nanoseconds since 1970.
    pub at: u64,
}

impl From<&Version> for VersionView {
    fn from(version: &Version) -> Self {
        Self {
            version: version.number,
            epoch: version.epoch.number(),
            chunks: version.chunks,
            bytes: version.bytes,
            root: ByteBuf::from(version.root.to_vec()),
            by: version.by.0,
            at: version.at.0,
        }
    }
}

/// An item as members see it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ItemView {
    /// Its id.
    pub item: ByteBuf,
    /// The number of its last version; a deletion is one too.
    pub version: u64,
    /// The last version; nothing if the item is deleted.
    pub latest: Option<VersionView>,
}

impl ItemView {
    /// An item with its id.
    pub fn of(id: &ItemId, item: &Item) -> Self {
        Self {
            item: ByteBuf::from(id.as_bytes().to_vec()),
            version: item.last,
            latest: item.latest().map(VersionView::from),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_id_has_1_to_64_bytes() {
        for bytes in [0, 65] {
            let refused = ItemId::parse(vec![7; bytes as usize]);
            assert_eq!(refused, Err(ItemIdLength { bytes }));
        }
        assert!(ItemId::parse(vec![7; 64]).is_ok());
    }

    #[test]
    fn the_root_depends_on_every_hash_and_their_order() {
        let (a, b) = (hash_of(b"a"), hash_of(b"b"));
        let roots = [
            root_of(&[]),
            root_of(&[a]),
            root_of(&[a, b]),
            root_of(&[b, a]),
        ];
        for (at, root) in roots.iter().enumerate() {
            assert!(!roots[..at].contains(root));
        }
    }
}
