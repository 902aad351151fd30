//! Who may make calls that pay, and out of what they are paid.
//!
//! - What it does: [`Accounts::check`] says whether a caller may begin a call that costs at most so much. The kit then records
//!   [`crate::KitEvent::Reserved`], which takes that maximum away, and hands out [`Admitted`]. After the call
//!   [`crate::Kit::settle`] uses it up and returns what was not spent. A call that never settles, because it
//!   trapped or its outcome is unknown, has paid its maximum; the reservation is kept in the journal, so that
//!   whoever resumes the request settles it.
//! - Modes, fixed at installation: a list, prepaid balances, or everyone below a budget for each day in UTC.
//!   A settlement after midnight returns nothing to the new day: its budget never had those cycles.
//! - Stored: principal to balance (for a list: to nothing) in a stable map, and the spent part of today's budget
//!   in a cell. Every operation touches one entry.
//! - Only events change this state: [`Accounts::apply`]. The caller records an event after its check, in the same message.
//! - Left out: taking a deposit back. It needs a decision on who may send cycles where; balances can only be used up.

mod mode;
#[cfg(test)]
mod tests;

pub use mode::{Admission, AdmissionError, MAX_FIRST_ALLOWED, Mode};

use crate::caller::Caller;
use crate::encoding::{Cycles, Identity, Timestamp};
use crate::event::KitEvent;
use crate::refusal::Refusal;
use candid::Principal;
use ic_stable_structures::{Memory, StableBTreeMap, StableCell};
use minicbor::{Decode, Encode};

/// The smallest deposit: about one signature with a test key. It makes each account cost something.
pub const MIN_DEPOSIT: Cycles = Cycles(10_000_000_000);

/// How many accounts or entries of the list there may be.
pub const MAX_ACCOUNTS: u64 = 100_000;

/// What a call took away beforehand, and when.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Reservation {
    /// The most that the call can cost; nothing for callers on a list.
    #[n(0)]
    pub cycles: Cycles,
    /// When it was taken away.
    #[n(1)]
    pub at: Timestamp,
}

impl Reservation {
    /// Nothing was taken away.
    pub const NONE: Self = Self {
        cycles: Cycles::ZERO,
        at: Timestamp(0),
    };
}

/// A caller that may make one call that pays. Nothing but the kit makes one, and a call uses it up.
///
/// ```compile_fail
/// use canister_kit::admission::{Admitted, Reservation};
/// fn forge(caller: canister_kit::Caller) -> Admitted {
///     Admitted { caller, reservation: Reservation::NONE }
/// }
/// ```
#[must_use = "an admission that is dropped has cost its maximum"]
#[derive(Debug)]
pub struct Admitted {
    caller: Caller,
    reservation: Reservation,
}

impl Admitted {
    pub(crate) fn new(caller: Caller, reservation: Reservation) -> Self {
        Self {
            caller,
            reservation,
        }
    }

    /// Whose call it is.
    pub fn caller(&self) -> Caller {
        self.caller
    }

    /// What was taken away.
    pub fn reservation(&self) -> Reservation {
        self.reservation
    }

    /// The event that records what the call cost; none where nothing was reserved. A call that cost more than was
    /// reserved is charged what was reserved: the canister's estimate was wrong, not the caller.
    pub(crate) fn settle(self, cost: Cycles) -> Option<KitEvent> {
        (self.reservation.cycles > Cycles::ZERO).then(|| KitEvent::Settled {
            who: self.caller.identity(),
            reserved: self.reservation,
            charged: cost.min(self.reservation.cycles),
        })
    }
}

/// What of the day's budget is spent.
#[derive(Encode, Decode, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cbor(map)]
struct Spent {
    #[n(0)]
    day: u64,
    #[n(1)]
    cycles: Cycles,
}

impl Spent {
    /// What is spent on a day; nothing on any other day than the one noted.
    fn on(self, day: u64) -> Cycles {
        match self.day == day {
            true => self.cycles,
            false => Cycles::ZERO,
        }
    }
}

crate::stored!(Spent, "the day's budget");

/// What a principal may spend, by mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Whether the principal is on the list.
    Listed(bool),
    /// The principal's balance.
    Balance(Cycles),
    /// What is left today for all together.
    LeftToday(Cycles),
}

/// The list, the balances and the budget in stable memory.
pub struct Accounts<M: Memory> {
    balances: StableBTreeMap<Principal, u128, M>,
    spent: StableCell<Spent, M>,
}

impl<M: Memory> Accounts<M> {
    /// Opens what two memories hold.
    pub fn open(balances: M, spent: M) -> Self {
        Self {
            balances: StableBTreeMap::init(balances),
            spent: StableCell::init(spent, Spent::default()),
        }
    }

    /// Whether a caller may begin a call that costs at most `most`, and what is to be reserved for it.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`], [`Refusal::InsufficientBalance`] or [`Refusal::BudgetExhausted`].
    pub fn check(
        &self,
        mode: Mode,
        caller: Caller,
        most: Cycles,
        now: Timestamp,
    ) -> Result<Reservation, Refusal> {
        let reserve = Reservation {
            cycles: most,
            at: now,
        };
        match self.standing(mode, caller.principal(), now) {
            Standing::Listed(false) => Err(Refusal::NotAllowed),
            Standing::Listed(true) => Ok(Reservation::NONE),
            Standing::Balance(available) if available < most => Err(Refusal::InsufficientBalance {
                available: available.0,
                required: most.0,
            }),
            Standing::LeftToday(available) if available < most => Err(Refusal::BudgetExhausted {
                available: available.0,
                required: most.0,
                retry_at: (now.day() + 1).saturating_mul(Timestamp::DAY),
            }),
            Standing::Balance(_) | Standing::LeftToday(_) => Ok(reserve),
        }
    }

    /// What a principal may spend; reads only.
    pub fn standing(&self, mode: Mode, principal: Principal, now: Timestamp) -> Standing {
        match mode {
            Mode::AllowList => Standing::Listed(self.contains(principal)),
            Mode::Prepaid => Standing::Balance(self.balance(principal)),
            Mode::Open { per_day } => {
                Standing::LeftToday(per_day.minus(self.spent.get().on(now.day())))
            }
        }
    }

    /// Whether there is a place for a principal.
    ///
    /// # Errors
    /// [`Refusal::AccountsFull`].
    pub fn place_for(&self, principal: Principal) -> Result<(), Refusal> {
        match self.balances.len() < MAX_ACCOUNTS || self.contains(principal) {
            true => Ok(()),
            false => Err(Refusal::AccountsFull),
        }
    }

    /// Whether a principal has an account or an entry of the list.
    pub fn contains(&self, principal: Principal) -> bool {
        self.balances.contains_key(&principal)
    }

    /// How many accounts or entries of the list there are.
    pub fn len(&self) -> u64 {
        self.balances.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.balances.is_empty()
    }

    /// Makes the change that an event stands for. Events of other parts of the kit change nothing here.
    pub fn apply(&mut self, mode: Mode, event: &KitEvent) {
        match event {
            KitEvent::Installed { allowed, .. } => {
                for identity in allowed {
                    self.balances.insert(identity.0, 0);
                }
            }
            KitEvent::AllowedSet { who, allowed: true } => {
                self.balances.insert(who.0, 0);
            }
            KitEvent::AllowedSet { who, .. } => {
                self.balances.remove(&who.0);
            }
            KitEvent::Deposited { to, cycles } => self.change(to.0, |had| had.plus(*cycles)),
            KitEvent::Reserved { who, what } => self.take(mode, *who, *what),
            KitEvent::Settled {
                who,
                reserved,
                charged,
            } => self.give_back(mode, *who, *reserved, *charged),
            KitEvent::PauseSet { .. } => {}
        }
    }

    fn take(&mut self, mode: Mode, who: Identity, what: Reservation) {
        match mode {
            Mode::AllowList => {}
            Mode::Prepaid => self.change(who.0, |had| had.minus(what.cycles)),
            Mode::Open { .. } => {
                let day = what.at.day();
                let cycles = self.spent.get().on(day).plus(what.cycles);
                self.spent.set(Spent { day, cycles });
            }
        }
    }

    fn give_back(&mut self, mode: Mode, who: Identity, reserved: Reservation, charged: Cycles) {
        let back = reserved.cycles.minus(charged);
        match mode {
            Mode::AllowList => {}
            Mode::Prepaid => self.change(who.0, |had| had.plus(back)),
            Mode::Open { .. } => {
                let Spent { day, cycles } = *self.spent.get();
                if day == reserved.at.day() {
                    let cycles = cycles.minus(back);
                    self.spent.set(Spent { day, cycles });
                }
            }
        }
    }

    /// Changes a balance; an empty one takes no place.
    fn change(&mut self, principal: Principal, to: impl FnOnce(Cycles) -> Cycles) {
        match to(self.balance(principal)) {
            Cycles(0) => self.balances.remove(&principal),
            Cycles(balance) => self.balances.insert(principal, balance),
        };
    }

    fn balance(&self, principal: Principal) -> Cycles {
        Cycles(self.balances.get(&principal).unwrap_or(0))
    }
}
