//! The dead-man's switch of a space: who inherits it when its owners have fallen silent.
//!
//! - What it does: an owner names heirs, how many of them must claim, and three times. Each update of the space by an owner is a sign of life. After `interval` and
//!   `grace` without one, heirs may claim; from the claim on that makes enough of them runs the `contest` window, in which a sign of life makes all
//!   claims void; when it is over, any heir opens the switch, and every heir becomes an owner.
//! - Evaluated when asked, with the time of the message: no timer can be lost, and nothing opens a nanosecond early.
//! - A sign of life counts until the switch is opened, also after the contest window.
//! - Heirs get no more than whoever named them: the epochs from its own first one on.

use crate::limits::MAX_HEIRS;
use crate::space::Epoch;
use candid::{CandidType, Principal};
use canister_kit::encoding::{Identity, Timestamp};
use minicbor::{Decode, Encode};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use thiserror::Error;

/// The shortest interval and contest window, and the longest of any time, in seconds: a day, ten years.
pub const SHORTEST: u64 = 86_400;
/// See [`SHORTEST`].
pub const LONGEST: u64 = 10 * 365 * 86_400;

/// What an owner wishes, as it came.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct RawPlan {
    /// Who inherits: 1 to 10 principals.
    pub heirs: Vec<Principal>,
    /// How many of them must claim.
    pub needed: u32,
    /// How long owners may be silent, in seconds.
    pub interval_seconds: u64,
    /// How long heirs wait beyond that, in seconds; may be 0.
    pub grace_seconds: u64,
    /// How long owners can object once enough heirs have claimed, in seconds.
    pub contest_seconds: u64,
}

/// Why a plan is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum PlanError {
    /// Too few or too many heirs.
    #[error("name 1 to {MAX_HEIRS} heirs, not {heirs}")]
    Heirs {
        /// How many were named.
        heirs: u64,
    },
    /// Somebody is named twice.
    #[error("name {0} once only")]
    Twice(Principal),
    /// Nobody can be this principal, everybody can, or it is an owner already.
    #[error("{0} cannot be an heir")]
    NoHeir(Principal),
    /// More claims are needed than there are heirs, or none.
    #[error("let 1 to {heirs} heirs be needed, not {needed}")]
    Needed {
        /// How many are needed.
        needed: u32,
        /// How many there are.
        heirs: u64,
    },
    /// A time is too short or too long.
    #[error("interval and contest have {at_least} to {at_most} seconds, grace at most as many")]
    Times {
        /// The shortest interval and contest window.
        at_least: u64,
        /// The longest of any.
        at_most: u64,
    },
}

/// A checked plan. Times are in nanoseconds.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Plan {
    #[n(0)]
    heirs: BTreeSet<Identity>,
    #[n(1)]
    needed: u32,
    #[n(2)]
    interval: u64,
    #[n(3)]
    grace: u64,
    #[n(4)]
    contest: u64,
}

impl Plan {
    /// Checks a wish; `is_owner` tells who cannot be an heir.
    ///
    /// # Errors
    /// See [`PlanError`].
    pub fn parse(raw: &RawPlan, is_owner: impl Fn(Identity) -> bool) -> Result<Self, PlanError> {
        let count = raw.heirs.len() as u64;
        if !(1..=MAX_HEIRS as u64).contains(&count) {
            return Err(PlanError::Heirs { heirs: count });
        }
        let nobody = [Principal::anonymous(), Principal::management_canister()];
        let mut heirs = BTreeSet::new();
        for &heir in &raw.heirs {
            if nobody.contains(&heir) || is_owner(Identity(heir)) {
                return Err(PlanError::NoHeir(heir));
            }
            if !heirs.insert(Identity(heir)) {
                return Err(PlanError::Twice(heir));
            }
        }
        if raw.needed == 0 || u64::from(raw.needed) > count {
            return Err(PlanError::Needed {
                needed: raw.needed,
                heirs: count,
            });
        }
        let long = SHORTEST..=LONGEST;
        let fits = long.contains(&raw.interval_seconds)
            && long.contains(&raw.contest_seconds)
            && raw.grace_seconds <= LONGEST;
        match fits {
            true => Ok(Self {
                heirs,
                needed: raw.needed,
                interval: raw.interval_seconds * Timestamp::SECOND,
                grace: raw.grace_seconds * Timestamp::SECOND,
                contest: raw.contest_seconds * Timestamp::SECOND,
            }),
            false => Err(PlanError::Times {
                at_least: SHORTEST,
                at_most: LONGEST,
            }),
        }
    }
}

/// A plan in force, and how far it has come.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Switch {
    #[n(0)]
    plan: Plan,
    /// The first epoch that heirs get.
    #[n(1)]
    from: Epoch,
    /// The last sign of life.
    #[n(2)]
    alive_at: Timestamp,
    /// Who has claimed since then, and when.
    #[n(3)]
    claims: BTreeMap<Identity, Timestamp>,
}

impl Switch {
    /// A plan that begins now.
    pub fn new(plan: Plan, from: Epoch, now: Timestamp) -> Self {
        Self {
            plan,
            from,
            alive_at: now,
            claims: BTreeMap::new(),
        }
    }

    /// Whether somebody is an heir.
    pub fn has_heir(&self, who: Identity) -> bool {
        self.plan.heirs.contains(&who)
    }

    /// All heirs.
    pub fn heirs(&self) -> impl Iterator<Item = Identity> {
        self.plan.heirs.iter().copied()
    }

    /// The first epoch that heirs get.
    pub fn from(&self) -> Epoch {
        self.from
    }

    /// Whether somebody has claimed.
    pub fn has_claimed(&self, who: Identity) -> bool {
        self.claims.contains_key(&who)
    }

    /// From when on heirs may claim.
    pub fn claimable_from(&self) -> Timestamp {
        self.alive_at
            .after(self.plan.interval)
            .after(self.plan.grace)
    }

    /// From when on the switch can be opened; nothing while too few have claimed.
    pub fn opens_at(&self) -> Option<Timestamp> {
        let mut times: Vec<Timestamp> = self.claims.values().copied().collect();
        times.sort_unstable();
        let enough = times.get(self.plan.needed as usize - 1)?;
        Some(enough.after(self.plan.contest))
    }

    /// An owner lives: every claim is void.
    pub fn alive(&mut self, now: Timestamp) {
        self.alive_at = now;
        self.claims.clear();
    }

    /// An heir claims.
    pub fn claim(&mut self, who: Identity, now: Timestamp) {
        self.claims.entry(who).or_insert(now);
    }
}

/// The switch as members and heirs see it. Times are in nanoseconds since 1970.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct SwitchView {
    /// What was wished.
    pub plan: RawPlan,
    /// The last sign of life.
    pub alive_at: u64,
    /// From when on heirs may claim.
    pub claimable_from: u64,
    /// Who has claimed.
    pub claims: Vec<Principal>,
    /// From when on it can be opened; nothing while too few have claimed.
    pub opens_at: Option<u64>,
}

impl From<&Switch> for SwitchView {
    fn from(switch: &Switch) -> Self {
        let plan = &switch.plan;
        Self {
            plan: RawPlan {
                heirs: plan.heirs.iter().map(|heir| heir.0).collect(),
                needed: plan.needed,
                interval_seconds: plan.interval / Timestamp::SECOND,
                grace_seconds: plan.grace / Timestamp::SECOND,
                contest_seconds: plan.contest / Timestamp::SECOND,
            },
            alive_at: switch.alive_at.0,
            claimable_from: switch.claimable_from().0,
            claims: switch.claims.keys().map(|heir| heir.0).collect(),
            opens_at: switch.opens_at().map(|at| at.0),
        }
    }
}
