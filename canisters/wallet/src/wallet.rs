//! A wallet: its id, its members and its policy.
//!
//! - Stored as CBOR with numbered fields, under the id. Shown as [`WalletView`], to members only.
//! - Ids count from 1 and are never given twice. The policy's version counts from 1 and goes up with every change, so that an approval can
//!   name the policy that it was given under.

use crate::asset::RawAsset;
use crate::destination::Destination;
use crate::members::Members;
use crate::name::Name;
use crate::policy::{Policy, RawPolicy, Waiting};
use candid::{CandidType, Principal};
use canister_kit::encoding::{Identity, Timestamp};
use minicbor::{Decode, Encode};
use serde::Deserialize;
use std::collections::BTreeMap;

/// The number of a wallet.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct WalletId(#[n(0)] u64);

impl WalletId {
    /// The first wallet's.
    pub const FIRST: Self = Self(1);

    /// As a caller wrote it; there may be no such wallet.
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub fn number(self) -> u64 {
        self.0
    }

    /// The next wallet's. Nobody lives to make 2^64 wallets.
    ///
    /// # Panics
    /// After that many.
    pub fn next(self) -> Self {
        match self.0.checked_add(1) {
            Some(number) => Self(number),
            None => panic!("every wallet id is taken"),
        }
    }
}

/// Which policy of a wallet.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct PolicyVersion(#[n(0)] u64);

impl PolicyVersion {
    /// The policy that a wallet is made with.
    pub const FIRST: Self = Self(1);

    /// The number.
    pub fn number(self) -> u64 {
        self.0
    }

    /// The next one's.
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// A wallet.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Wallet {
    /// Its name.
    #[n(0)]
    pub name: Name,
    /// Who may act for it.
    #[n(1)]
    pub members: Members,
    /// What they may do.
    #[n(2)]
    pub policy: Policy,
    /// Which policy this is.
    #[n(3)]
    pub policy_version: PolicyVersion,
    /// When it was made.
    #[n(4)]
    pub created_at: Timestamp,
    /// Entries of allow-lists that do not count yet.
    #[n(5)]
    pub waiting: Waiting,
    /// Since when those are members who were taken in later: what they approved before, as former members, does not count.
    #[n(6)]
    pub joined: BTreeMap<Identity, Timestamp>,
}

impl Wallet {
    /// Whether somebody is a member, and has been since a time.
    pub fn had_as_member(&self, who: Identity, since: Timestamp) -> bool {
        let joined = self.joined.get(&who);
        self.members.contains(who.0) && joined.is_none_or(|joined| *joined <= since)
    }
}

canister_kit::stored!(Wallet, "a wallet");

/// A wallet as its members see it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct WalletView {
    /// Its number.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Who may act for it, in ascending order.
    pub members: Vec<Principal>,
    /// What they may do.
    pub policy: RawPolicy,
    /// Which policy this is, from 1.
    pub policy_version: u64,
    /// When it was made, in nanoseconds since 1970.
    pub created_at: u64,
    /// Entries of allow-lists that do not count yet.
    pub waiting: Vec<WaitingView>,
}

/// An entry of an allow-list that does not count yet.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct WaitingView {
    /// Whose list.
    pub asset: RawAsset,
    /// The entry.
    pub destination: String,
    /// From when on it counts, in nanoseconds since 1970.
    pub active_from: u64,
}

fn waiting(waiting: &Waiting) -> Vec<WaitingView> {
    let entries = waiting
        .iter()
        .flat_map(|(asset, entries)| entries.iter().map(move |entry| (asset, entry)));
    let view = |(asset, (destination, from)): (_, (&Destination, &Timestamp))| WaitingView {
        asset: RawAsset::from(asset),
        destination: destination.to_string(),
        active_from: from.0,
    };
    entries.map(view).collect()
}

impl WalletView {
    /// Joins a wallet with its id.
    pub fn of(id: WalletId, wallet: &Wallet) -> Self {
        Self {
            id: id.0,
            name: wallet.name.as_str().to_owned(),
            members: wallet.members.iter().collect(),
            policy: (&wallet.policy).into(),
            policy_version: wallet.policy_version.0,
            created_at: wallet.created_at.0,
            waiting: waiting(&wallet.waiting),
        }
    }
}
