//! The types of `candid/vault.did`, as tests and the demo use them.
//!
//! - What they mean stands in that file. They are written down again here, and not taken from the canister's code, so that a change of the
//!   interface that clients would notice is noticed by the tests.

use candid::{CandidType, Principal};
use canister_kit::Refusal;
use canister_kit::calls::CallError;
use serde::Deserialize;
use serde_bytes::ByteBuf;
use thiserror::Error;

/// Defines records and variants with what all of them derive.
macro_rules! candid_types {
    ($($item:item)*) => {
        $(
            #[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
            #[allow(missing_docs)] // The names and meanings of candid/vault.did.
            $item
        )*
    };
}

candid_types! {
    #[derive(Copy)]
    pub enum Role {
        Reader,
        Writer,
        Manager,
        Owner,
    }

    pub struct Space {
        pub id: u64,
        pub epoch: u64,
        pub role: Role,
        pub from_epoch: u64,
        pub members: u32,
        pub items: u64,
        pub bytes: u64,
        pub created_at: u64,
    }

    pub struct Member {
        pub who: Principal,
        pub role: Role,
        pub from_epoch: u64,
        pub expires_at: Option<u64>,
        pub since: u64,
    }

    pub struct Version {
        pub version: u64,
        pub epoch: u64,
        pub chunks: u32,
        pub bytes: u64,
        pub root: ByteBuf,
        pub by: Principal,
        pub at: u64,
    }

    pub struct Item {
        pub item: ByteBuf,
        pub version: u64,
        pub latest: Option<Version>,
    }

    pub struct Content {
        pub version: Version,
        pub ciphertext: ByteBuf,
    }

    pub struct Plan {
        pub heirs: Vec<Principal>,
        pub needed: u32,
        pub interval_seconds: u64,
        pub grace_seconds: u64,
        pub contest_seconds: u64,
    }

    pub struct Switch {
        pub plan: Plan,
        pub alive_at: u64,
        pub claimable_from: u64,
        pub claims: Vec<Principal>,
        pub opens_at: Option<u64>,
    }

    pub enum TransportRefused {
        Length { bytes: u64 },
        NotAPoint,
        Identity,
        OutsideSubgroup,
        UsedBefore,
    }

    #[derive(Copy)]
    pub enum Limit {
        Spaces,
        Members,
        Items,
        SpaceBytes,
        Bytes,
        ChunkBytes,
        Chunks,
        Uploads,
        UploadsOfOne,
    }

    pub enum PlanError {
        Heirs { heirs: u64 },
        Twice(Principal),
        NoHeir(Principal),
        Needed { needed: u32, heirs: u64 },
        Times { at_least: u64, at_most: u64 },
    }

    #[derive(Error)]
    #[error("the vault refuses: {self:?}")]
    pub enum VaultError {
        Refused(Refusal),
        NoSuchSpace,
        NeedsRole { needed: Role },
        NoMember(Principal),
        NotAMember(Principal),
        LastOwner,
        Expiry,
        TooMuch { what: Limit, at_most: u64 },
        ItemId { bytes: u64 },
        NoSuchItem,
        VersionConflict { current: u64 },
        StaleEpoch { current: u64 },
        EpochNotYours { from: u64, current: u64 },
        TransportKey(TransportRefused),
        KeyNotPrepared,
        KeyBeingPrepared,
        KeyUnavailable(CallError),
        KeyMalformed,
        EmptyFile,
        NoSuchUpload,
        NoSuchChunk { chunks: u32 },
        ChunkDiffers,
        ChunkMissing { missing: u32 },
        OtherSize { received: u64, declared: u64 },
        OtherRoot { root: ByteBuf },
        Plan(PlanError),
        NoHeirs,
        TooEarly { at: u64 },
        TooFewClaims,
    }
}

/// What the vault answers.
pub type Answer<T> = Result<T, VaultError>;
