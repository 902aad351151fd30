//! Events: the only way in which a canister's state changes.
//!
//! - What it does: [`KitEvent`] is what the kit itself changes; [`Logged`] joins it with the events of the canister's
//!   own; [`Stamped`] adds when and by whom. [`Replayed`] is state that changes only by applying events, so that
//!   replaying a log from the start over empty state gives the state.
//! - Stored as CBOR: a record is the map {0: nanoseconds since 1970, 1: principal, 2: payload}; an enum is the
//!   array [number, [fields by number]]. Numbers are never used again for something else.
//! - The caller makes every check before it records an event: `apply` does not fail.
//! - Not events: quota and journal. They decide whether a call begins, and are kept beside the state.

use crate::admission::Reservation;
use crate::config::Config;
use crate::encoding::{Cycles, Identity, Timestamp};
use crate::runtime::Runtime;
use minicbor::encode::Write;
use minicbor::{Decode, Decoder, Encode, Encoder};

/// When something happened, and whose call caused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The time of the message.
    pub at: Timestamp,
    /// Who called; the canister itself for timers.
    pub by: Identity,
}

impl Stamp {
    /// The running message, on behalf of a caller that was kept before any await.
    pub fn new(world: &impl Runtime, by: Identity) -> Self {
        Self {
            at: world.now(),
            by,
        }
    }
}

/// An event with its stamp, as it stands in the log.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Stamped<E> {
    /// When.
    #[n(0)]
    pub at: Timestamp,
    /// By whom.
    #[n(1)]
    pub by: Identity,
    /// What.
    #[n(2)]
    pub event: E,
}

impl<E> Stamped<E> {
    /// The stamp alone.
    pub fn stamp(&self) -> Stamp {
        Stamp {
            at: self.at,
            by: self.by,
        }
    }
}

/// What the kit itself changes.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub enum KitEvent {
    /// The canister was installed.
    #[n(0)]
    Installed {
        /// The checked arguments.
        #[n(0)]
        config: Config,
        /// The first entries of the allow-list, in order.
        #[n(1)]
        allowed: Vec<Identity>,
    },
    /// A guardian stopped the methods that pay, or let them go on.
    #[n(1)]
    PauseSet {
        /// Whether they are stopped.
        #[n(0)]
        paused: bool,
    },
    /// A guardian changed the allow-list.
    #[n(2)]
    AllowedSet {
        /// Whose entry.
        #[n(0)]
        who: Identity,
        /// Whether there is one now.
        #[n(1)]
        allowed: bool,
    },
    /// Somebody paid cycles in.
    #[n(3)]
    Deposited {
        /// For whom.
        #[n(0)]
        to: Identity,
        /// How much.
        #[n(1)]
        cycles: Cycles,
    },
    /// A call that pays began; its maximum was taken away.
    #[n(4)]
    Reserved {
        /// Whose call.
        #[n(0)]
        who: Identity,
        /// How much, and when.
        #[n(1)]
        what: Reservation,
    },
    /// A call that pays ended; what it did not cost was given back.
    #[n(5)]
    Settled {
        /// Whose call.
        #[n(0)]
        who: Identity,
        /// What was taken away when it began.
        #[n(1)]
        reserved: Reservation,
        /// What it cost.
        #[n(2)]
        charged: Cycles,
    },
}

/// Everything that stands in one log: the kit's events, and those of the canister `E`.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub enum Logged<E> {
    /// An event of the kit.
    #[n(0)]
    Kit(#[n(0)] KitEvent),
    /// An event of the canister.
    #[n(1)]
    Product(#[n(0)] E),
}

/// The events of a canister that has none of its own. There is no value of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoEvent {}

impl<C> Encode<C> for NoEvent {
    fn encode<W: Write>(
        &self,
        _: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), minicbor::encode::Error<W::Error>> {
        match *self {}
    }
}

impl<'b, C> Decode<'b, C> for NoEvent {
    fn decode(_: &mut Decoder<'b>, _: &mut C) -> Result<Self, minicbor::decode::Error> {
        Err(minicbor::decode::Error::message(
            "this canister has no events of its own",
        ))
    }
}

/// An event that can stand in a log: written to and read from CBOR.
pub trait Event: Encode<()> + for<'b> Decode<'b, ()> {}

impl<E: Encode<()> + for<'b> Decode<'b, ()>> Event for E {}

/// State that changes only by applying events.
pub trait Replayed {
    /// What can happen to it.
    type Event: Event;

    /// Makes the change that an event stands for. It looks at nothing but the state and the event, and does not fail.
    fn apply(&mut self, stamp: Stamp, event: &Self::Event);
}
