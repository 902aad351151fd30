//! A call that pays, from its beginning to its end.
//!
//! - What it does: [`Kit::begin`] looks the request up, and only for a new one checks the pause switch, the admission,
//!   the journal's room and the quota, in this order: who is not admitted cannot use up the quota of all. Then it records
//!   what is reserved and that the request runs, and hands out [`Paid`]. The canister pays, awaits, and gives [`Paid`] back with
//!   how it ended.
//! - A repeated request costs nothing and is answered also while the canister is paused.
//! - A `Paid` that is dropped (a trap in the callback, an early return) leaves the outcome unknown and has cost its
//!   maximum. [`Kit::resume`] takes such a request up again; what it did not cost is then given back.
//! - The caller calls `begin` in the message that sends the paid call, before any await, and one of the ends after it.

use super::Kit;
use crate::admission::{Admitted, Reservation, Standing};
use crate::caller::Caller;
use crate::encoding::{Cycles, Timestamp};
use crate::event::{KitEvent, Logged, Stamp};
use crate::journal::{ArgumentsDigest, RequestId, Seen, Ticket};
use crate::pause::Active;
use crate::product::Product;
use crate::quota::Group;
use crate::refusal::Refusal;
use crate::runtime::Runtime;
use candid::Principal;
use ic_stable_structures::Memory;

/// A call that somebody wants to be made and paid for once.
#[derive(Clone, Debug)]
pub struct PaidCall<'a> {
    /// Who wants it.
    pub caller: Caller,
    /// The method's name.
    pub method: &'a str,
    /// The method's arguments, in an encoding with one form for each value.
    pub arguments: &'a [u8],
    /// The caller's name for the request, unchecked.
    pub request_id: Vec<u8>,
    /// The most that it can cost.
    pub most: Cycles,
    /// How much of the caller's quota it takes; 1 for a usual call.
    pub tokens: u32,
}

impl PaidCall<'_> {
    fn digest(&self) -> ArgumentsDigest {
        ArgumentsDigest::of(self.method, self.arguments)
    }
}

/// What became of the wish to begin a call.
#[must_use]
pub enum Begun {
    /// It is recorded as running: make it now.
    New(Paid),
    /// It is being made.
    Running,
    /// It was made before, with this result.
    Done(Vec<u8>),
    /// It was begun before, and nobody knows how it ended. Look it up, then [`Kit::resume`] and end it.
    Unknown,
}

/// The right to make one paid call and to end it.
#[must_use = "a call that is dropped leaves its outcome unknown and has cost its maximum"]
pub struct Paid {
    ticket: Ticket,
    admitted: Admitted,
}

impl Paid {
    /// Whose call it is.
    pub fn caller(&self) -> Caller {
        self.ticket.caller()
    }

    /// The caller's name for it.
    pub fn request_id(&self) -> &RequestId {
        self.ticket.request_id()
    }
}

impl<P: Product, M: Memory> Kit<P, M> {
    /// Begins a call that pays, or tells what became of it.
    ///
    /// # Errors
    /// Every [`Refusal`] of the journal, the admission and the quota, and [`Refusal::Paused`]. Nothing was paid,
    /// reserved or taken from the quota then.
    pub fn begin(&mut self, world: &impl Runtime, call: PaidCall<'_>) -> Result<Begun, Refusal> {
        let begun = self.begin_unnoted(world, call);
        self.note(begun)
    }

    fn begin_unnoted(
        &mut self,
        world: &impl Runtime,
        call: PaidCall<'_>,
    ) -> Result<Begun, Refusal> {
        if let Some(begun) = self.look_up(&call)? {
            return Ok(begun);
        }
        let (caller, digest) = (call.caller, call.digest());
        let id = RequestId::parse(call.request_id)?;
        self.active()?;
        let reservation = self.check_admission(world, caller, call.most)?;
        self.journal.make_room(caller, world.now())?;
        self.quota
            .take(Group::Admitted, caller, call.tokens, world.now())?;
        self.changed = true;
        let admitted = self.reserve(world, caller, reservation);
        let ticket = self
            .journal
            .begin(caller, id, digest, reservation, world.now())?;
        Ok(Begun::New(Paid { ticket, admitted }))
    }

    /// What became of a request that was begun before; nothing if it was not. For checks that hold for new requests only.
    ///
    /// # Errors
    /// [`Refusal::RequestIdLength`] or [`Refusal::RequestIdReused`].
    pub fn look_up(&self, call: &PaidCall<'_>) -> Result<Option<Begun>, Refusal> {
        let id = RequestId::parse(call.request_id.clone())?;
        let seen = self.journal.see(call.caller, &id, call.digest())?;
        Ok(match seen {
            Seen::New => None,
            Seen::Running => Some(Begun::Running),
            Seen::Done(result) => Some(Begun::Done(result)),
            Seen::Unknown => Some(Begun::Unknown),
        })
    }

    /// Takes a request up whose outcome is unknown, to look the outcome up or to repeat exactly the same call; never to make
    /// another one in its place. Allowed while the canister is paused. It takes from the caller's quota, and reserves
    /// nothing more: what a repeated call costs beyond the first reservation the canister bears.
    ///
    /// # Errors
    /// [`Refusal::NoSuchRequest`], [`Refusal::RequestRunning`], [`Refusal::RequestEnded`], [`Refusal::RequestIdReused`],
    /// [`Refusal::TooManyRunning`], [`Refusal::RequestIdLength`], and those of the quota.
    pub fn resume(&mut self, world: &impl Runtime, call: PaidCall<'_>) -> Result<Paid, Refusal> {
        let (caller, digest) = (call.caller, call.digest());
        let id = RequestId::parse(call.request_id)?;
        let ticket = self.journal.resume(caller, id, digest)?;
        self.quota
            .take(Group::Admitted, caller, call.tokens, world.now())?;
        self.changed = true;
        let admitted = Admitted::new(caller, ticket.reservation());
        Ok(Paid { ticket, admitted })
    }

    /// Ends a call with its result and what it cost; whoever repeats the request gets the same result.
    ///
    /// # Panics
    /// If the result is longer than [`crate::journal::MAX_RESULT_BYTES`]; see [`crate::journal::Journal::finish`].
    pub fn finish(&mut self, world: &impl Runtime, paid: Paid, result: Vec<u8>, cost: Cycles) {
        self.changed = true;
        self.settle(world, paid.admitted, cost);
        self.journal.finish(paid.ticket, result, world.now());
    }

    /// Ends a call that surely had no effect, with what it cost all the same: its request id may be used again.
    pub fn withdraw(&mut self, world: &impl Runtime, paid: Paid, cost: Cycles) {
        self.changed = true;
        self.settle(world, paid.admitted, cost);
        self.journal.withdraw(paid.ticket);
    }

    /// Leaves a call whose outcome nobody knows, as after `SYS_UNKNOWN`. It has cost its maximum until somebody resumes it.
    pub fn leave_unknown(&mut self, paid: Paid) {
        self.changed = true;
        self.journal.leave_unknown(paid.ticket);
    }

    /// Admits a caller to one call that pays and has no request id, and reserves the most that it can cost. Give the
    /// admission back with [`Kit::settle`].
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`], [`Refusal::InsufficientBalance`] or [`Refusal::BudgetExhausted`].
    pub fn admit(
        &mut self,
        world: &impl Runtime,
        _: Active,
        caller: Caller,
        most: Cycles,
    ) -> Result<Admitted, Refusal> {
        self.admit_to_end(world, caller, most)
    }

    /// The same for a call that ends what was begun: the pause switch does not stop it.
    ///
    /// # Errors
    /// [`Refusal::NotAllowed`], [`Refusal::InsufficientBalance`] or [`Refusal::BudgetExhausted`].
    pub fn admit_to_end(
        &mut self,
        world: &impl Runtime,
        caller: Caller,
        most: Cycles,
    ) -> Result<Admitted, Refusal> {
        let what = self.check_admission(world, caller, most);
        let what = self.note(what)?;
        Ok(self.reserve(world, caller, what))
    }

    fn check_admission(
        &self,
        world: &impl Runtime,
        caller: Caller,
        most: Cycles,
    ) -> Result<Reservation, Refusal> {
        let mode = self.config().admission;
        self.state.accounts.check(mode, caller, most, world.now())
    }

    fn reserve(&mut self, world: &impl Runtime, caller: Caller, what: Reservation) -> Admitted {
        if what.cycles > Cycles::ZERO {
            let who = caller.identity();
            self.record_kit(world, caller, KitEvent::Reserved { who, what });
        }
        Admitted::new(caller, what)
    }

    /// Ends an admitted call: what it did not cost is given back. Never blocked by the pause switch.
    pub fn settle(&mut self, world: &impl Runtime, admitted: Admitted, cost: Cycles) {
        let caller = admitted.caller();
        if let Some(event) = admitted.settle(cost) {
            self.record_kit(world, caller, event);
        }
    }

    /// Takes from the caller's quota, for updates that cost without paying. Who could not make a call that pays shares the common bucket of
    /// all who could not.
    ///
    /// # Errors
    /// Those of [`crate::quota::Quota::take`].
    pub fn take_quota(
        &mut self,
        world: &impl Runtime,
        caller: Caller,
        tokens: u32,
    ) -> Result<(), Refusal> {
        let group = self.group(caller.principal(), world.now());
        let taken = self.quota.take(group, caller, tokens, world.now());
        self.changed |= taken.is_ok();
        self.note(taken)
    }

    /// Which common bucket a caller takes from.
    pub(super) fn group(&self, caller: Principal, now: Timestamp) -> Group {
        let mode = self.config().admission;
        match self.state.accounts.standing(mode, caller, now) {
            Standing::Listed(false) | Standing::Balance(Cycles(0)) => Group::Guests,
            Standing::Listed(true) | Standing::Balance(_) | Standing::LeftToday(_) => {
                Group::Admitted
            }
        }
    }

    pub(super) fn record_kit(&mut self, world: &impl Runtime, caller: Caller, event: KitEvent) {
        let stamp = Stamp::new(world, caller.identity());
        self.append(stamp, Logged::Kit(event));
    }
}
