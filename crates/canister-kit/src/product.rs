//! What a canister adds to the kit.
//!
//! - What it does: [`Product`] is a canister's own state, which changes only by its own events, stands in the same log,
//!   shows itself in the same metrics, and is certified under the same root.
//! - The caller keeps the state in regions of its own ([`crate::product_regions!`]); the kit only lends it out for reading.

use crate::certified::Samples;
use crate::domain::Hash;
use crate::event::{Event, NoEvent, Stamp};
use crate::journal::JournalLimits;
use crate::quota::QuotaLimits;

/// A canister's own state.
pub trait Product {
    /// What can happen to it.
    type Event: Event;

    /// How often callers may do what costs.
    const QUOTA: QuotaLimits = QuotaLimits::DEFAULT;

    /// How many requests are kept.
    const JOURNAL: JournalLimits = JournalLimits::DEFAULT;

    /// Makes the change that an event stands for. It looks at nothing but the state and the event, and does not fail.
    fn apply(&mut self, stamp: Stamp, event: &Self::Event);

    /// Adds samples to `/metrics`; their names begin with the canister's name.
    fn measure(&self, _: &mut Samples) {}

    /// Root of the hash tree that the canister certifies of its own, if it has one.
    fn certified_root(&self) -> Option<Hash> {
        None
    }
}

/// A canister that has nothing of its own yet.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoProduct;

impl Product for NoProduct {
    type Event = NoEvent;

    fn apply(&mut self, _: Stamp, event: &NoEvent) {
        match *event {}
    }
}
