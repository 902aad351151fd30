//! How often callers may do what costs: a bucket for each, and one for all together.
//!
//! - What it does: [`Quota::take`] takes tokens from the caller's bucket and from the common one, or from neither.
//!   A token bucket was chosen over a sliding window because it needs one number per caller instead of a list of
//!   times, and over fixed windows because those let twice the amount through at their borders; see [`Rate`].
//! - Eviction cannot be abused: the only entries that are ever dropped are buckets that are full again, and an
//!   absent bucket is a full one, so no flood resets anybody's quota. While every entry is in use, callers without
//!   one are refused. [`QuotaLimits::new`] refuses limits under which the table could fill before a common
//!   bucket is empty, so a flood of principals costs others only what the common buckets allow anyway.
//! - There are two common buckets of the same size: those who may not make calls that pay have one of their own ([`Group`]), because their
//!   principals cost nothing, and so nobody can use up with them what the others need.
//! - Stored in two stable maps: principal to time, and (time, principal) in order of time. A take reads and
//!   writes a fixed number of entries of each; nothing walks through them.
//! - The caller takes before anything is paid. A token is not given back when the call fails later.

mod rate;
#[cfg(test)]
mod tests;

pub use rate::Rate;

use crate::caller::Caller;
use crate::encoding::Timestamp;
use crate::refusal::Refusal;
use candid::Principal;
use ic_stable_structures::storable::{Bound, Storable};
use ic_stable_structures::{Memory, StableBTreeMap};
use std::borrow::Cow;

/// How many buckets that are full again one take may drop, beyond the one whose place it needs.
const SWEEP: usize = 2;

/// The limits of a canister: constants of its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuotaLimits {
    per_caller: Rate,
    together: Rate,
    callers: u64,
}

impl QuotaLimits {
    /// For every canister that does not say otherwise: 20 calls at once and one per half minute for a caller, 200 at
    /// once and one per second for all together.
    pub const DEFAULT: Self = Self::new(
        Rate::new(20, 30 * Timestamp::SECOND),
        Rate::new(200, Timestamp::SECOND),
        10_000,
    );

    /// Limits for each caller and for all together, and how many callers the table holds.
    ///
    /// # Panics
    /// If the table could be full of used buckets while the common bucket still has tokens. In a constant
    /// that is an error of compilation.
    pub const fn new(per_caller: Rate, together: Rate, callers: u64) -> Self {
        assert!(
            2 * together.most_within(per_caller.window()) <= callers,
            "the table must hold every caller that the common buckets let through"
        );
        Self {
            per_caller,
            together,
            callers,
        }
    }

    /// The bucket of one caller.
    pub const fn per_caller(&self) -> Rate {
        self.per_caller
    }

    /// The bucket of all callers of a group.
    pub const fn together(&self) -> Rate {
        self.together
    }
}

/// Who shares a common bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Those who may make calls that pay.
    Admitted,
    /// All others.
    Guests,
}

impl Group {
    fn owner(self) -> Owner {
        match self {
            Self::Admitted => Owner::All,
            Self::Guests => Owner::Guests,
        }
    }
}

/// Whose bucket: of all who are admitted, of all others, or of one caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    All,
    Guests,
    One(Principal),
}

impl Storable for Owner {
    const BOUND: Bound = Bound::Bounded {
        max_size: 1 + Principal::MAX_LENGTH_IN_BYTES as u32,
        is_fixed_size: false,
    };

    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned(match self {
            Self::All => vec![0],
            Self::Guests => vec![2],
            Self::One(principal) => [&[1], principal.as_slice()].concat(),
        })
    }

    fn into_bytes(self) -> Vec<u8> {
        self.to_bytes().into_owned()
    }

    fn from_bytes(bytes: Cow<'_, [u8]>) -> Self {
        match bytes.split_first() {
            Some((0, [])) => Self::All,
            Some((2, [])) => Self::Guests,
            Some((1, principal)) => Self::One(Principal::from_slice(principal)),
            _ => panic!("stable memory holds no owner of a bucket here"),
        }
    }
}

/// The buckets in stable memory.
pub struct Quota<M: Memory> {
    limits: QuotaLimits,
    full_at: StableBTreeMap<Owner, u64, M>,
    by_time: StableBTreeMap<(u64, Principal), (), M>,
}

/// What a caller may still do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Remaining {
    /// Tokens in the caller's bucket.
    pub own: u32,
    /// When the caller's bucket is full again; now or earlier if it is full.
    pub full_at: Timestamp,
    /// Tokens in the group's common bucket.
    pub together: u32,
}

impl<M: Memory> Quota<M> {
    /// Opens the buckets that two memories hold.
    pub fn open(buckets: M, order: M, limits: QuotaLimits) -> Self {
        Self {
            limits,
            full_at: StableBTreeMap::init(buckets),
            by_time: StableBTreeMap::init(order),
        }
    }

    /// Takes tokens from the caller's bucket and from its group's.
    ///
    /// # Errors
    /// [`Refusal::GlobalQuotaExhausted`], [`Refusal::QuotaExhausted`] or [`Refusal::TooManyCallers`]; then neither
    /// bucket has changed.
    ///
    /// # Panics
    /// If more tokens are wanted than a full bucket has.
    pub fn take(
        &mut self,
        group: Group,
        caller: Caller,
        tokens: u32,
        now: Timestamp,
    ) -> Result<(), Refusal> {
        let owner = Owner::One(caller.principal());
        let before = self.full_at.get(&owner);
        let own = self
            .limits
            .per_caller
            .take(Timestamp(before.unwrap_or(0)), tokens, now)
            .map_err(|at| Refusal::QuotaExhausted { retry_at: at.0 })?;
        let all = self
            .limits
            .together
            .take(self.time_of(group.owner()), tokens, now)
            .map_err(|at| Refusal::GlobalQuotaExhausted { retry_at: at.0 })?;
        self.drop_full_buckets(now);
        match before {
            Some(before) => {
                // Gone already if the sweep has just dropped it.
                self.by_time.remove(&(before, caller.principal()));
            }
            None => self.place_for_one_more()?,
        }
        self.full_at.insert(owner, own.0);
        self.by_time.insert((own.0, caller.principal()), ());
        self.full_at.insert(group.owner(), all.0);
        Ok(())
    }

    /// What a principal of a group may still do; reads only.
    pub fn remaining(&self, group: Group, principal: Principal, now: Timestamp) -> Remaining {
        let full_at = self.time_of(Owner::One(principal));
        Remaining {
            own: self.limits.per_caller.left(full_at, now),
            full_at,
            together: self.limits.together.left(self.time_of(group.owner()), now),
        }
    }

    /// The limits of this canister.
    pub fn limits(&self) -> QuotaLimits {
        self.limits
    }

    /// How many callers have a bucket in the table.
    pub fn callers(&self) -> u64 {
        self.by_time.len()
    }

    fn time_of(&self, owner: Owner) -> Timestamp {
        Timestamp(self.full_at.get(&owner).unwrap_or(0))
    }

    fn drop_full_buckets(&mut self, now: Timestamp) {
        for _ in 0..SWEEP {
            match self.by_time.first_key_value() {
                Some(((at, principal), ())) if at <= now.0 => {
                    self.by_time.remove(&(at, principal));
                    self.full_at.remove(&Owner::One(principal));
                }
                _ => return,
            }
        }
    }

    fn place_for_one_more(&self) -> Result<(), Refusal> {
        if self.by_time.len() < self.limits.callers {
            return Ok(());
        }
        // The sweep before has dropped the first one if it was full again.
        let first = self.by_time.first_key_value();
        let retry_at = first.map_or(0, |((at, _), ())| at);
        Err(Refusal::TooManyCallers { retry_at })
    }
}
