//! A space: its id, its epoch, its members and what they may do.
//!
//! - Stored as CBOR with numbered fields, under the id. Shown as [`SpaceView`] and [`MemberView`], to members only.
//! - Ids count from 1 and are never given twice. Epochs count from 1; each has its own key, and everything new is encrypted under the last one's.
//! - A member whose time is over has no rights at once; it is removed, and the epoch goes up, with the next update of the space.

use crate::heirs::Switch;
use candid::{CandidType, Principal};
use canister_kit::encoding::{Identity, Timestamp};
use minicbor::{Decode, Encode};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The number of a space.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct SpaceId(#[n(0)] u64);

impl SpaceId {
    /// As a caller wrote it; there may be no such space.
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub fn number(self) -> u64 {
        self.0
    }
}

/// Which key of a space.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct Epoch(#[n(0)] u64);

impl Epoch {
    /// A space's first.
    pub const FIRST: Self = Self(1);

    /// As a caller wrote it.
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub fn number(self) -> u64 {
        self.0
    }

    /// The one after it. Nobody lives to see the last one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What a member may do; each role may do what those before it may.
#[derive(
    CandidType, Deserialize, Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
#[cbor(index_only)]
pub enum Role {
    /// Read items and derive keys.
    #[n(0)]
    Reader,
    /// Write and delete items.
    #[n(1)]
    Writer,
    /// Share with readers and writers, revoke them, rotate.
    #[n(2)]
    Manager,
    /// Share with anyone, revoke anyone, name heirs.
    #[n(3)]
    Owner,
}

/// A member's rights.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Member {
    /// What it may do.
    #[n(0)]
    pub role: Role,
    /// The first epoch whose key it may derive.
    #[n(1)]
    pub from: Epoch,
    /// From when on it has no rights any more.
    #[n(2)]
    pub expires_at: Option<Timestamp>,
    /// Since when it is a member.
    #[n(3)]
    pub since: Timestamp,
}

impl Member {
    /// Whether its time is over.
    pub fn expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|end| end <= now)
    }
}

/// A space.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Space {
    /// When it was made.
    #[n(0)]
    pub created_at: Timestamp,
    /// The epoch in force.
    #[n(1)]
    pub epoch: Epoch,
    /// Who may do what.
    #[n(2)]
    pub members: BTreeMap<Identity, Member>,
    /// How many items it has, deleted ones included.
    #[n(3)]
    pub items: u64,
    /// Blocks in use, those that uploads have reserved included.
    #[n(4)]
    pub blocks: u64,
    /// Uploads that are open.
    #[n(5)]
    pub uploads: Vec<u64>,
    /// The dead-man's switch.
    #[n(6)]
    pub switch: Option<Switch>,
}

impl Space {
    /// What somebody may do now.
    pub fn member(&self, who: Principal, now: Timestamp) -> Option<&Member> {
        let member = self.members.get(&Identity(who));
        member.filter(|member| !member.expired(now))
    }

    /// Members whose time is over.
    pub fn expired(&self, now: Timestamp) -> Vec<Identity> {
        let over = self
            .members
            .iter()
            .filter(|(_, member)| member.expired(now));
        over.map(|(who, _)| *who).collect()
    }

    /// Whether somebody is an owner.
    pub fn is_owner(&self, who: Identity) -> bool {
        let member = self.members.get(&who);
        member.is_some_and(|member| member.role == Role::Owner)
    }

    /// Whether there is an owner beside somebody.
    pub fn has_owner_beside(&self, who: Identity) -> bool {
        self.members
            .iter()
            .any(|(other, member)| *other != who && member.role == Role::Owner)
    }
}

canister_kit::stored!(Space, "a space");

/// A space as one of its members sees it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct SpaceView {
    /// Its number.
    pub id: u64,
    /// The epoch in force.
    pub epoch: u64,
    /// What the caller may do.
    pub role: Role,
    /// The first epoch whose key the caller may derive.
    pub from_epoch: u64,
    /// How many members it has.
    pub members: u32,
    /// How many items it has, deleted ones included.
    pub items: u64,
    /// Bytes in use, in whole blocks.
    pub bytes: u64,
    /// When it was made, in nanoseconds since 1970.
    pub created_at: u64,
}

impl SpaceView {
    /// What a member sees of a space.
    pub fn of(id: SpaceId, space: &Space, member: &Member) -> Self {
        Self {
            id: id.0,
            epoch: space.epoch.0,
            role: member.role,
            from_epoch: member.from.0,
            // At most a hundred and the heirs.
            members: space.members.len() as u32,
            items: space.items,
            bytes: space.blocks * canister_kit::blobs::BLOCK as u64,
            created_at: space.created_at.0,
        }
    }
}

/// A member as the others see it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct MemberView {
    /// Who.
    pub who: Principal,
    /// What it may do.
    pub role: Role,
    /// The first epoch whose key it may derive.
    pub from_epoch: u64,
    /// From when on it has no rights any more, in nanoseconds since 1970.
    pub expires_at: Option<u64>,
    /// Since when it is a member, in nanoseconds since 1970.
    pub since: u64,
}

impl MemberView {
    /// A member with its name.
    pub fn of(who: Identity, member: &Member) -> Self {
        Self {
            who: who.0,
            role: member.role,
            from_epoch: member.from.0,
            expires_at: member.expires_at.map(|end| end.0),
            since: member.since.0,
        }
    }
}
