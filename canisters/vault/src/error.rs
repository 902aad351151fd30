//! Why a method of the vault is refused: the one error that its callers see.
//!
//! - Out: a Candid variant; texts say what to do. A refused call has changed nothing but the caller's quota, and the members whose time is over: those are
//!   removed before anything is looked at.

use crate::heirs::PlanError;
use crate::item::ItemIdLength;
use crate::space::Role;
use candid::{CandidType, Principal};
use canister_kit::Refusal;
use canister_kit::calls::CallError;
use canister_kit::own_key::NotFetched;
use key_path::transport_key::TransportKeyError;
use serde::Deserialize;
use thiserror::Error;

/// Why a transport key is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum TransportRefused {
    /// It has another length than 48 bytes.
    #[error("a transport key has 48 bytes, not {bytes}")]
    Length {
        /// Its length.
        bytes: u64,
    },
    /// Not a compressed point of the curve.
    #[error("the transport key is no compressed point of G1")]
    NotAPoint,
    /// The identity, which hides nothing.
    #[error("the transport key is the identity, which hides nothing")]
    Identity,
    /// Not in the subgroup of prime order.
    #[error("the transport key is outside the subgroup of prime order")]
    OutsideSubgroup,
    /// The caller used it before.
    #[error("the transport key was used before; make a new one for each request")]
    UsedBefore,
}

impl From<TransportKeyError> for TransportRefused {
    fn from(error: TransportKeyError) -> Self {
        match error {
            TransportKeyError::Length(bytes) => Self::Length {
                bytes: bytes as u64,
            },
            TransportKeyError::NotAPoint => Self::NotAPoint,
            TransportKeyError::Identity => Self::Identity,
            TransportKeyError::OutsideSubgroup => Self::OutsideSubgroup,
        }
    }
}

/// Something of which there may be so much only.
#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Spaces in all.
    Spaces,
    /// Members of a space.
    Members,
    /// Items of a space.
    Items,
    /// Bytes of a space, in whole blocks.
    SpaceBytes,
    /// Bytes in all, in whole blocks.
    Bytes,
    /// Bytes of a chunk.
    ChunkBytes,
    /// Chunks of a file.
    Chunks,
    /// Uploads of a space at once.
    Uploads,
    /// Uploads of one member in a space at once.
    UploadsOfOne,
}

/// Why a method of the vault is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum VaultError {
    /// For a reason that every canister has.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// There is no space with this id that the caller has rights in.
    #[error("no space with this id has you as a member; ask `spaces` for yours")]
    NoSuchSpace,
    /// The caller's role does not let it.
    #[error("this takes the role {needed:?}")]
    NeedsRole {
        /// The least role.
        needed: Role,
    },
    /// The principal cannot be a member.
    #[error("{0} cannot be a member")]
    NoMember(Principal),
    /// The principal is no member.
    #[error("{0} is no member")]
    NotAMember(Principal),
    /// A space keeps an owner.
    #[error("make somebody else an owner first")]
    LastOwner,
    /// Owners do not expire, and nobody expires in the past.
    #[error("let the membership expire later than now, and an owner's not at all")]
    Expiry,
    /// There would be too much of something.
    #[error("there may be at most {at_most} of {what:?}")]
    TooMuch {
        /// Of what.
        what: Limit,
        /// The most.
        at_most: u64,
    },
    /// The item's id.
    #[error(transparent)]
    ItemId(#[from] ItemIdLength),
    /// There is no such item, or no such version of it.
    #[error("there is no such item or version; ask `list` or `history`")]
    NoSuchItem,
    /// The item has another version than the caller expects.
    #[error("the item has version {current}; read it, then write again")]
    VersionConflict {
        /// The number of its last version; 0 if there was none.
        current: u64,
    },
    /// It is encrypted under another epoch than the one in force.
    #[error("derive the key of epoch {current} and encrypt under it")]
    StaleEpoch {
        /// The epoch in force.
        current: u64,
    },
    /// The caller may not derive this epoch's key, nor read what is encrypted under it.
    #[error("you may read epochs {from} to {current}")]
    EpochNotYours {
        /// The caller's first.
        from: u64,
        /// The epoch in force.
        current: u64,
    },
    /// The transport key.
    #[error(transparent)]
    TransportKey(#[from] TransportRefused),
    /// The canister does not know its own public key yet.
    #[error("call `prepare_key` once, then ask again")]
    KeyNotPrepared,
    /// Another call is fetching the key.
    #[error("the key is being fetched; ask again in a few seconds")]
    KeyBeingPrepared,
    /// The network did not give a key.
    #[error("the network gave no key: {0}; ask again")]
    KeyUnavailable(CallError),
    /// The network told something that is not this canister's key. Nothing was kept.
    #[error("the network told something that is not this canister's key; report this")]
    KeyMalformed,
    /// A file has at least one byte and one chunk, and no more chunks than bytes.
    #[error("a file has at least one chunk, and each has at least one byte")]
    EmptyFile,
    /// There is no such upload of the caller's, or its time is over.
    #[error("there is no such upload of yours; begin the file again")]
    NoSuchUpload,
    /// The chunk has an index that the file does not have.
    #[error("the file has {chunks} chunks")]
    NoSuchChunk {
        /// How many were declared.
        chunks: u32,
    },
    /// Another chunk is there under this index.
    #[error("another chunk is there under this index; begin the file again")]
    ChunkDiffers,
    /// Chunks are missing.
    #[error("chunk {missing} is missing")]
    ChunkMissing {
        /// The first one.
        missing: u32,
    },
    /// The bytes are not those that were declared.
    #[error("{received} bytes came, {declared} were declared")]
    OtherSize {
        /// How many came.
        received: u64,
        /// How many were declared.
        declared: u64,
    },
    /// The file has another root than the caller says.
    #[error("the chunks have another root than you say; compare their hashes")]
    OtherRoot {
        /// The root over the chunks that are there: 32 bytes.
        root: serde_bytes::ByteBuf,
    },
    /// The plan for heirs.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The space has no heirs.
    #[error("the space has no heirs")]
    NoHeirs,
    /// It is too early.
    #[error("not before {at}")]
    TooEarly {
        /// From when on, in nanoseconds since 1970.
        at: u64,
    },
    /// Too few heirs have claimed.
    #[error("more heirs must claim first")]
    TooFewClaims,
}

impl From<NotFetched> for VaultError {
    fn from(reason: NotFetched) -> Self {
        match reason {
            NotFetched::Silent(error) => Self::KeyUnavailable(error),
            NotFetched::Wrong(_) => Self::KeyMalformed,
        }
    }
}

impl VaultError {
    /// There would be too much of something.
    pub fn too_much(what: Limit, at_most: u64) -> Self {
        Self::TooMuch { what, at_most }
    }
}
