//! What can happen to the spaces: the only way in which they change.
//!
//! - Stored as CBOR: [number, [fields]], inside the record that the kit makes of it. Numbers are never used again for something else.
//! - An event names size and hash of ciphertext, never the ciphertext.
//! - The caller makes every check before it records an event. Each event about a space by one of its owners is a sign of life.

use crate::heirs::Plan;
use crate::item::ItemId;
use crate::space::{Epoch, Role, SpaceId};
use canister_kit::domain::Hash;
use canister_kit::encoding::{Identity, Timestamp};
use canister_kit::own_key::OwnKey;
use minicbor::{Decode, Encode};

/// Something that happened.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub enum VaultEvent {
    /// The canister's own public key was told, and is kept from now on.
    #[n(0)]
    KeyKept {
        /// The key.
        #[n(0)]
        key: OwnKey,
    },
    /// A space was made; the stamp's caller is its owner.
    #[n(1)]
    SpaceCreated {
        /// Its number: the next one.
        #[n(0)]
        space: SpaceId,
    },
    /// Somebody is a member, or one with other rights, from now on.
    #[n(2)]
    Shared {
        /// Of which space.
        #[n(0)]
        space: SpaceId,
        /// Who.
        #[n(1)]
        who: Identity,
        /// What it may do.
        #[n(2)]
        role: Role,
        /// The first epoch whose key it may derive.
        #[n(3)]
        from: Epoch,
        /// From when on it has no rights any more.
        #[n(4)]
        expires_at: Option<Timestamp>,
    },
    /// Somebody is no member any more; the epoch goes up.
    #[n(3)]
    Revoked {
        /// Of which space.
        #[n(0)]
        space: SpaceId,
        /// Who.
        #[n(1)]
        who: Identity,
    },
    /// The epoch goes up.
    #[n(4)]
    Rotated {
        /// Which space's.
        #[n(0)]
        space: SpaceId,
    },
    /// Members whose time is over are removed; the epoch goes up.
    #[n(5)]
    Expired {
        /// Of which space.
        #[n(0)]
        space: SpaceId,
        /// Who.
        #[n(1)]
        who: Vec<Identity>,
    },
    /// An item has a new version of one chunk.
    #[n(6)]
    Put {
        /// In which space.
        #[n(0)]
        space: SpaceId,
        /// Which item.
        #[n(1)]
        item: ItemId,
        /// The version's number.
        #[n(2)]
        version: u64,
        /// Under which epoch's key.
        #[n(3)]
        epoch: Epoch,
        /// Where the chunk is: the next body.
        #[n(4)]
        body: u64,
        /// Its length.
        #[n(5)]
        bytes: u64,
        /// The SHA-256 of the ciphertext.
        #[n(6)]
        #[cbor(with = "minicbor::bytes")]
        hash: Hash,
    },
    /// An item is deleted, with all versions that were kept.
    #[n(7)]
    Deleted {
        /// In which space.
        #[n(0)]
        space: SpaceId,
        /// Which item.
        #[n(1)]
        item: ItemId,
    },
    /// A file is going to come in chunks.
    #[n(8)]
    UploadBegun {
        /// The upload's number: the next body.
        #[n(0)]
        upload: u64,
        /// In which space.
        #[n(1)]
        space: SpaceId,
        /// Which item.
        #[n(2)]
        item: ItemId,
        /// The number of the version that it will be.
        #[n(3)]
        version: u64,
        /// Under which epoch's key.
        #[n(4)]
        epoch: Epoch,
        /// How many chunks.
        #[n(5)]
        chunks: u32,
        /// How many bytes in all.
        #[n(6)]
        bytes: u64,
    },
    /// A chunk of a file has come.
    #[n(9)]
    ChunkStored {
        /// Of which upload.
        #[n(0)]
        upload: u64,
        /// Which chunk, from 0.
        #[n(1)]
        index: u32,
        /// Its length.
        #[n(2)]
        bytes: u64,
        /// The SHA-256 of the ciphertext.
        #[n(3)]
        #[cbor(with = "minicbor::bytes")]
        hash: Hash,
    },
    /// A file is complete: an item has a new version.
    #[n(10)]
    FileCommitted {
        /// Which upload.
        #[n(0)]
        upload: u64,
        /// The root over its chunks' hashes.
        #[n(1)]
        #[cbor(with = "minicbor::bytes")]
        root: Hash,
    },
    /// A file will not be complete: given up, or out of time.
    #[n(11)]
    UploadDropped {
        /// Which upload.
        #[n(0)]
        upload: u64,
    },
    /// A space has heirs from now on, or none.
    #[n(12)]
    HeirsSet {
        /// Which space.
        #[n(0)]
        space: SpaceId,
        /// The plan.
        #[n(1)]
        plan: Option<Plan>,
        /// The first epoch that heirs get.
        #[n(2)]
        from: Epoch,
    },
    /// An owner has shown that it lives.
    #[n(13)]
    Alive {
        /// In which space.
        #[n(0)]
        space: SpaceId,
    },
    /// An heir, the stamp's caller, has claimed.
    #[n(14)]
    Claimed {
        /// Which space.
        #[n(0)]
        space: SpaceId,
    },
    /// The switch is open: every heir is an owner.
    #[n(15)]
    Inherited {
        /// Which space.
        #[n(0)]
        space: SpaceId,
    },
    /// A key was handed to the stamp's caller, encrypted.
    #[n(16)]
    KeyDerived {
        /// Of which space.
        #[n(0)]
        space: SpaceId,
        /// Of which epoch.
        #[n(1)]
        epoch: Epoch,
    },
}
