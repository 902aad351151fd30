//! A wallet: its id, its members and its policy.
//!
//! - Stored as CBOR with numbered fields, under the id. Shown as [`WalletView`], to members only.
//! - Ids count from 1 and are never given twice. The policy's version counts from 1 and goes up with every change, so that an approval can
//!   name the policy that it was given under.

use crate::members::Members;
use crate::name::Name;
use crate::policy::{Policy, RawPolicy};
use candid::{CandidType, Principal};
use canister_kit::encoding::Timestamp;
use ic_stable_structures::storable::{Bound, Storable};
use minicbor::{Decode, Encode};
use serde::Deserialize;
use std::borrow::Cow;

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
}

impl Storable for Wallet {
    const BOUND: Bound = Bound::Unbounded;

    fn to_bytes(&self) -> Cow<'_, [u8]> {
        match minicbor::to_vec(self) {
            Ok(bytes) => Cow::Owned(bytes),
            // A vector takes every write, and no field has an encoder that fails.
            Err(error) => panic!("a wallet does not encode: {error}"),
        }
    }

    fn into_bytes(self) -> Vec<u8> {
        self.to_bytes().into_owned()
    }

    fn from_bytes(bytes: Cow<'_, [u8]>) -> Self {
        match minicbor::decode(&bytes) {
            Ok(wallet) => wallet,
            Err(error) => panic!("a stored wallet does not decode: {error}"),
        }
    }
}

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
        }
    }
}
