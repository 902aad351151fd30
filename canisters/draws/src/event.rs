//! What can happen to the draws: the only way in which they change.
//!
//! - Stored as CBOR: [number, [fields]], inside the record that the kit makes of it. Numbers are never used again for something else.
//! - The caller makes every check before it records an event.

use crate::draw::{DrawId, Fixed, Seed};
use canister_kit::calls::CallError;
use draw_proof::Hash;
use draw_proof::entry::Entry;
use draw_proof::history::Facts;
use draw_proof::spec::Spec;
use minicbor::{Decode, Encode};

/// Something that happened.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub enum DrawsEvent {
    /// A draw was made, by the stamp's caller.
    #[n(0)]
    Created {
        /// Its number: the next one.
        #[n(0)]
        id: DrawId,
        /// What is drawn.
        #[n(1)]
        spec: Spec,
        /// What was so then.
        #[n(2)]
        facts: Facts,
    },
    /// Entries came, in order, after those that there were.
    #[n(1)]
    Entered {
        /// Where.
        #[n(0)]
        id: DrawId,
        /// At most 1000.
        #[n(1)]
        entries: Vec<Entry>,
    },
    /// The entries are fixed.
    #[n(2)]
    Closed {
        /// Where.
        #[n(0)]
        id: DrawId,
        /// What was so then.
        #[n(1)]
        facts: Facts,
        /// The root of the entries.
        #[n(2)]
        #[cbor(with = "minicbor::bytes")]
        root: Hash,
    },
    /// An attempt to draw begins. Nothing random has been asked for in it.
    #[n(3)]
    Tried {
        /// Where.
        #[n(0)]
        id: DrawId,
    },
    /// What goes into the seed is fixed.
    #[n(4)]
    Fixed {
        /// Where.
        #[n(0)]
        id: DrawId,
        /// What.
        #[n(1)]
        fixed: Fixed,
    },
    /// The attempt has failed. A later one has the same result.
    #[n(5)]
    Failed {
        /// Where.
        #[n(0)]
        id: DrawId,
        /// Why.
        #[n(1)]
        error: CallError,
    },
    /// The seed is there.
    #[n(6)]
    Drawn {
        /// Where.
        #[n(0)]
        id: DrawId,
        /// Seed and signature.
        #[n(1)]
        seed: Seed,
    },
    /// Values of the outcome.
    #[n(7)]
    Given {
        /// Where.
        #[n(0)]
        id: DrawId,
        /// The values after those that there were: u32 each, big-endian.
        #[n(1)]
        #[cbor(with = "minicbor::bytes")]
        values: Vec<u8>,
    },
    /// The outcome is complete.
    #[n(8)]
    Ended {
        /// Where.
        #[n(0)]
        id: DrawId,
        /// The hash that the transcript ends with.
        #[n(1)]
        #[cbor(with = "minicbor::bytes")]
        digest: Hash,
    },
}
