//! The journal of calls that pay: each is made once, however often it is asked for.
//!
//! - What it does: a caller names a request with an id. The first call with it is [`Seen::New`] and gets
//!   a [`Ticket`]; while it works, others see [`Seen::Running`]; after [`Journal::finish`] they get the stored
//!   result. The same id with other arguments is refused.
//! - Unknown outcomes: a request that was begun, has no result and no call that works on it is [`Seen::Unknown`]:
//!   the call was dropped after `SYS_UNKNOWN`, a callback trapped, or an upgrade came between. What it paid
//!   for, a signature say, may exist. It is never begun again by itself: the canister takes the request up with
//!   [`Journal::resume`], only to look up what happened or to repeat exactly the same call. Whether
//!   a call works on a request is a lock on the heap ([`crate::guard`]), which every way out of the call releases,
//!   traps included; so the stable entry needs no write in a clean-up callback.
//! - Bounds: so many requests per caller and in total, results of at most [`MAX_RESULT_BYTES`]. A result is kept for at
//!   least [`JournalLimits::KEPT`] after the request ended; then it makes room for others, oldest first. A request without
//!   a result is never dropped.
//! - Stored in three stable maps: (caller, id) to entry; (time of the end, caller, id) in order of time;
//!   caller to the number of its requests. Begin and finish touch a fixed number of entries; a caller that is at
//!   its own bound also has its own requests looked through, which are as many as the bound says.
//! - The caller begins in the same message in which it sends the paid call, and finishes in the callback.

mod entry;
#[cfg(test)]
mod tests;

pub use entry::{ArgumentsDigest, MAX_REQUEST_ID_BYTES, RequestId};

use crate::admission::Reservation;
use crate::caller::Caller;
use crate::encoding::Timestamp;
use crate::guard::{Guard, Guards};
use crate::refusal::Refusal;
use candid::Principal;
use entry::{Entry, Stage};
use ic_stable_structures::{Memory, StableBTreeMap};

/// Longest result, in bytes.
pub const MAX_RESULT_BYTES: usize = 16 * 1024;

/// How many results one begin may forget whose time is over.
const SWEEP: usize = 2;

type Key = (Principal, RequestId);

/// The bounds of a canister's journal: constants of its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalLimits {
    per_caller: u32,
    total: u64,
    running: usize,
    running_of_one: usize,
}

impl JournalLimits {
    /// How long a result is kept at least, in nanoseconds: a day.
    pub const KEPT: u64 = Timestamp::DAY;

    /// For every canister that does not say otherwise.
    pub const DEFAULT: Self = Self::new(256, 100_000, 400).of_one(20);

    /// How many requests may be on record for one caller and in total, and how many may run at once, be they all of one caller.
    ///
    /// # Panics
    /// If one of them is zero or they are not in ascending order. In a constant that is an error of compilation.
    pub const fn new(per_caller: u32, total: u64, running: usize) -> Self {
        assert!(per_caller > 0 && running > 0 && per_caller as u64 <= total);
        Self {
            per_caller,
            total,
            running,
            running_of_one: running,
        }
    }

    /// With so many at most that run at once for one caller, so that nobody keeps all others out.
    ///
    /// # Panics
    /// If it is zero, or more than may run in all.
    pub const fn of_one(self, running_of_one: usize) -> Self {
        assert!(running_of_one > 0 && running_of_one <= self.running);
        Self {
            running_of_one,
            ..self
        }
    }

    /// Requests on record for one caller.
    pub const fn per_caller(&self) -> u32 {
        self.per_caller
    }

    /// Requests that may run at once.
    pub const fn running(&self) -> usize {
        self.running
    }

    /// Requests on record in total.
    pub const fn total(&self) -> u64 {
        self.total
    }
}

/// What the journal knows of a request.
#[derive(Debug, PartialEq, Eq)]
pub enum Seen {
    /// Nothing: it may be begun.
    New,
    /// A call works on it.
    Running,
    /// It has ended, with this result.
    Done(Vec<u8>),
    /// It was begun, and nobody knows how it ended.
    Unknown,
}

/// The right to work on one request and to end it. Dropping it leaves the outcome unknown.
#[must_use = "a ticket that is dropped leaves the outcome of its request unknown"]
pub struct Ticket {
    held: Guard<(Caller, RequestId)>,
    reservation: Reservation,
}

impl Ticket {
    /// Whose request it is.
    pub fn caller(&self) -> Caller {
        self.held.key().0
    }

    /// The caller's name for it.
    pub fn request_id(&self) -> &RequestId {
        &self.held.key().1
    }

    /// What was reserved for it.
    pub fn reservation(&self) -> Reservation {
        self.reservation
    }

    fn key(&self) -> Key {
        (self.caller().principal(), self.request_id().clone())
    }
}

/// The journal in stable memory, and the locks of running requests.
pub struct Journal<M: Memory> {
    limits: JournalLimits,
    entries: StableBTreeMap<Key, Entry, M>,
    ended: StableBTreeMap<(u64, Principal, RequestId), (), M>,
    counts: StableBTreeMap<Principal, u32, M>,
    running: Guards<(Caller, RequestId)>,
}

impl<M: Memory> Journal<M> {
    /// Opens the journal that three memories hold. No request runs: what was begun before is unknown.
    pub fn open(entries: M, ended: M, counts: M, limits: JournalLimits) -> Self {
        Self {
            limits,
            entries: StableBTreeMap::init(entries),
            ended: StableBTreeMap::init(ended),
            counts: StableBTreeMap::init(counts),
            running: Guards::new(limits.running),
        }
    }

    /// Looks a request up; reads only.
    ///
    /// # Errors
    /// [`Refusal::RequestIdReused`] if the id was used with other arguments.
    pub fn see(
        &self,
        caller: Caller,
        id: &RequestId,
        arguments: ArgumentsDigest,
    ) -> Result<Seen, Refusal> {
        let Some(entry) = self.entries.get(&(caller.principal(), id.clone())) else {
            return Ok(Seen::New);
        };
        if entry.arguments != arguments {
            return Err(Refusal::RequestIdReused);
        }
        Ok(match entry.stage {
            Stage::Done { result, .. } => Seen::Done(result),
            Stage::Begun if self.running.holds(&(caller, id.clone())) => Seen::Running,
            Stage::Begun => Seen::Unknown,
        })
    }

    /// Makes room for one more request of a caller by forgetting results whose time is over.
    ///
    /// # Errors
    /// [`Refusal::TooManyRequests`], [`Refusal::JournalFull`] or [`Refusal::TooManyRunning`].
    pub fn make_room(&mut self, caller: Caller, now: Timestamp) -> Result<(), Refusal> {
        for _ in 0..SWEEP {
            match self.ended.first_key_value() {
                Some(((at, principal, id), ())) if over(at, now) => {
                    self.remove((principal, id), at)
                }
                _ => break,
            }
        }
        if self.count_of(caller.principal()) >= self.limits.per_caller {
            self.forget_own(caller, now)?;
        }
        if self.entries.len() >= self.limits.total {
            let first = self.ended.first_key_value();
            let retry_at = first.map(|((at, ..), ())| at + JournalLimits::KEPT);
            return Err(Refusal::JournalFull { retry_at });
        }
        let own = self.running.count_of(|(whose, _)| *whose == caller);
        match self.running.count() >= self.limits.running || own >= self.limits.running_of_one {
            true => Err(Refusal::TooManyRunning),
            false => Ok(()),
        }
    }

    /// Records that a new request begins, and hands out the right to work on it.
    ///
    /// # Errors
    /// Those of [`Journal::see`] and [`Journal::make_room`]; [`Refusal::RequestRunning`], [`Refusal::OutcomeUnknown`] and
    /// [`Refusal::RequestEnded`] if it is not new.
    pub fn begin(
        &mut self,
        caller: Caller,
        id: RequestId,
        arguments: ArgumentsDigest,
        reservation: Reservation,
        now: Timestamp,
    ) -> Result<Ticket, Refusal> {
        match self.see(caller, &id, arguments)? {
            Seen::New => {}
            Seen::Running => return Err(Refusal::RequestRunning),
            Seen::Unknown => return Err(Refusal::OutcomeUnknown),
            Seen::Done(_) => return Err(Refusal::RequestEnded),
        }
        self.make_room(caller, now)?;
        let held = self.hold(caller, id.clone())?;
        let entry = Entry {
            arguments,
            begun_at: now,
            reservation,
            stage: Stage::Begun,
        };
        let principal = caller.principal();
        self.entries.insert((principal, id), entry);
        self.counts.insert(principal, self.count_of(principal) + 1);
        Ok(Ticket { held, reservation })
    }

    /// Takes up a request whose outcome is unknown: to look the outcome up, or to repeat exactly the same call. The caller
    /// must never start another call in its place, because what the first one paid for may exist.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRequest`], [`Refusal::RequestRunning`], [`Refusal::RequestEnded`], [`Refusal::RequestIdReused`] if
    /// the arguments are others, [`Refusal::TooManyRunning`].
    pub fn resume(
        &mut self,
        caller: Caller,
        id: RequestId,
        arguments: ArgumentsDigest,
    ) -> Result<Ticket, Refusal> {
        match self.see(caller, &id, arguments)? {
            Seen::Unknown => {}
            Seen::New => return Err(Refusal::NoSuchRequest),
            Seen::Running => return Err(Refusal::RequestRunning),
            Seen::Done(_) => return Err(Refusal::RequestEnded),
        }
        let entry = self.entries.get(&(caller.principal(), id.clone()));
        let reservation = entry.ok_or(Refusal::NoSuchRequest)?.reservation;
        let held = self.hold(caller, id)?;
        Ok(Ticket { held, reservation })
    }

    fn hold(&self, caller: Caller, id: RequestId) -> Result<Guard<(Caller, RequestId)>, Refusal> {
        let at_most = self.limits.running_of_one;
        let is_own = |(whose, _): &(Caller, RequestId)| *whose == caller;
        self.running.hold_own((caller, id), at_most, is_own)
    }

    /// Stores the result of a request; whoever repeats it gets the same one.
    ///
    /// # Panics
    /// If the result is longer than [`MAX_RESULT_BYTES`]: the method's results have no bound, which is a bug of it. Then
    /// the callback is rolled back and the outcome stays unknown.
    pub fn finish(&mut self, ticket: Ticket, result: Vec<u8>, now: Timestamp) {
        assert!(result.len() <= MAX_RESULT_BYTES, "a result without a bound");
        let key = ticket.key();
        let Some(mut entry) = self.entries.get(&key) else {
            panic!("a begun request is never dropped");
        };
        entry.stage = Stage::Done { at: now, result };
        self.ended.insert((now.0, key.0, key.1.clone()), ());
        self.entries.insert(key, entry);
    }

    /// Takes a request back that surely had no effect, such as a call that was rejected before it was executed: the id may be
    /// used again.
    pub fn withdraw(&mut self, ticket: Ticket) {
        let (principal, id) = ticket.key();
        self.entries.remove(&(principal, id));
        self.lower_count(principal);
    }

    /// Leaves a request with an unknown outcome, as after `SYS_UNKNOWN`. The same as dropping the ticket, said aloud.
    pub fn leave_unknown(&mut self, ticket: Ticket) {
        drop(ticket);
    }

    /// Requests on record.
    pub fn len(&self) -> u64 {
        self.entries.len()
    }

    /// Whether no request is on record.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Requests that calls work on.
    pub fn running(&self) -> u64 {
        self.running.count() as u64
    }

    /// Requests that have ended and whose results are kept.
    pub fn done(&self) -> u64 {
        self.ended.len()
    }

    /// Requests on record of one principal.
    pub fn count_of(&self, principal: Principal) -> u32 {
        self.counts.get(&principal).unwrap_or(0)
    }

    /// The bounds.
    pub fn limits(&self) -> JournalLimits {
        self.limits
    }

    /// Forgets results of a caller that is at its bound, whose time is over; at most the bound's number of steps.
    fn forget_own(&mut self, caller: Caller, now: Timestamp) -> Result<(), Refusal> {
        let principal = caller.principal();
        let from = (principal, RequestId::lowest());
        let own = self.entries.range(from..).map(|entry| entry.into_pair());
        let ends: Vec<(u64, RequestId)> = own
            .take_while(|((whose, _), _)| *whose == principal)
            .filter_map(|((_, id), entry)| match entry.stage {
                Stage::Done { at, .. } => Some((at.0, id)),
                Stage::Begun => None,
            })
            .collect();
        let oldest = ends.iter().map(|(at, _)| *at).min();
        for (at, id) in ends {
            if over(at, now) {
                self.remove((principal, id), at);
            }
        }
        match self.count_of(principal) < self.limits.per_caller {
            true => Ok(()),
            false => Err(Refusal::TooManyRequests {
                retry_at: oldest.map(|at| at + JournalLimits::KEPT),
            }),
        }
    }

    fn remove(&mut self, key: Key, ended_at: u64) {
        let (principal, id) = key.clone();
        self.ended.remove(&(ended_at, principal, id));
        self.entries.remove(&key);
        self.lower_count(principal);
    }

    fn lower_count(&mut self, principal: Principal) {
        match self.count_of(principal) {
            0 | 1 => self.counts.remove(&principal),
            count => self.counts.insert(principal, count - 1),
        };
    }
}

/// Whether a result that came at `at` has been kept long enough.
fn over(at: u64, now: Timestamp) -> bool {
    Timestamp(at).after(JournalLimits::KEPT) <= now
}
