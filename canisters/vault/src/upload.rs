//! An upload: a file that comes in chunks, before it is a version of an item.
//!
//! - Stored as CBOR with numbered fields, under its number, which is also that of its body.

use crate::item::ItemId;
use crate::space::{Epoch, SpaceId};
use canister_kit::encoding::{Identity, Timestamp};
use minicbor::{Decode, Encode};

/// What was begun, and how much of it has come.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Upload {
    /// In which space.
    #[n(0)]
    pub space: SpaceId,
    /// Which item.
    #[n(1)]
    pub item: ItemId,
    /// The number of the version that it will be.
    #[n(2)]
    pub version: u64,
    /// Under which epoch's key it is encrypted.
    #[n(3)]
    pub epoch: Epoch,
    /// How many chunks it has.
    #[n(4)]
    pub chunks: u32,
    /// How many bytes in all.
    #[n(5)]
    pub bytes: u64,
    /// Who uploads.
    #[n(6)]
    pub by: Identity,
    /// When it ends unless it is committed.
    #[n(7)]
    pub ends_at: Timestamp,
    /// Bytes that have come.
    #[n(8)]
    pub received: u64,
    /// Blocks that they take.
    #[n(9)]
    pub blocks: u64,
}

canister_kit::stored!(Upload, "an upload");
