//! The log of events in stable memory.
//!
//! - What it does: [`EventLog::record`] appends an event to the chain and applies it to the state, in one call, so
//!   that no change is without its event. [`EventLog::replay`] applies all of them to another state.
//! - Stored in one stable log; a record is the link of the event (32 bytes) and its bytes. Reading any one, and
//!   appending, costs the same however long the log is.
//! - Events are never removed. A million events of 100 bytes are 140 MB.

use crate::audit::chain::{Head, Link};
use crate::encoding::to_cbor;
use crate::event::{Event, Replayed, Stamp, Stamped};
use ic_stable_structures::storable::{Bound, Storable};
use ic_stable_structures::{Memory, StableLog};
use std::borrow::Cow;
use std::marker::PhantomData;

/// Longest event, in bytes. A page of the log must have room for one.
pub const MAX_EVENT_BYTES: usize = 256 * 1024;

struct Record {
    link: Link,
    event: Vec<u8>,
}

impl Storable for Record {
    const BOUND: Bound = Bound::Unbounded;

    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned([&self.link.0[..], &self.event].concat())
    }

    fn into_bytes(self) -> Vec<u8> {
        self.to_bytes().into_owned()
    }

    fn from_bytes(bytes: Cow<'_, [u8]>) -> Self {
        match bytes.split_first_chunk::<32>() {
            Some((link, event)) => Self {
                link: Link(*link),
                event: event.to_vec(),
            },
            None => panic!("a record of the log is shorter than its link"),
        }
    }
}

/// The events of one canister, in the order in which they happened.
pub struct EventLog<E, M: Memory> {
    records: StableLog<Record, M, M>,
    events: PhantomData<E>,
}

impl<E: Event, M: Memory> EventLog<E, M> {
    /// Opens the log that two memories hold.
    pub fn open(index: M, data: M) -> Self {
        Self {
            records: StableLog::init(index, data),
            events: PhantomData,
        }
    }

    /// Appends an event and applies it to the state.
    ///
    /// # Panics
    /// If the event is longer than [`MAX_EVENT_BYTES`], which its caller should have refused, or stable memory is
    /// full; the message is rolled back.
    pub fn record(&mut self, state: &mut impl Replayed<Event = E>, stamp: Stamp, event: E) {
        let stamped = Stamped {
            at: stamp.at,
            by: stamp.by,
            event,
        };
        let bytes = to_cbor(&stamped);
        assert!(bytes.len() <= MAX_EVENT_BYTES, "an event without a bound");
        let record = Record {
            link: self.head().link.next(&bytes),
            event: bytes,
        };
        if let Err(error) = self.records.append(&record) {
            panic!("the log cannot grow: {error:?}");
        }
        state.apply(stamp, &stamped.event);
    }

    /// The end of the chain.
    pub fn head(&self) -> Head {
        Head {
            link: self.link_before(self.records.len()),
            length: self.records.len(),
        }
    }

    /// The link of the event before this one.
    pub fn link_before(&self, index: u64) -> Link {
        let before = index.checked_sub(1).and_then(|last| self.records.get(last));
        before.map_or_else(Link::genesis, |record| record.link)
    }

    /// The bytes of an event.
    pub fn bytes(&self, index: u64) -> Option<Vec<u8>> {
        self.records.get(index).map(|record| record.event)
    }

    /// How many events there are.
    pub fn len(&self) -> u64 {
        self.records.len()
    }

    /// Whether nothing has happened yet.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Applies every event to a state, from the first one on. Its cost grows with the log: it is for tests and audits.
    ///
    /// # Errors
    /// An event that this code cannot read.
    pub fn replay(
        &self,
        state: &mut impl Replayed<Event = E>,
    ) -> Result<(), minicbor::decode::Error> {
        for record in self.records.iter() {
            let stamped: Stamped<E> = minicbor::decode(&record.event)?;
            state.apply(stamped.stamp(), &stamped.event);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encoding::{Identity, Timestamp};
    use crate::runtime::fake::person;
    use ic_stable_structures::VectorMemory;

    /// A state that adds up numbers and notes who brought the last one.
    #[derive(Default, Debug, PartialEq)]
    struct Sum(u64, Option<Stamp>);

    impl Replayed for Sum {
        type Event = u64;

        fn apply(&mut self, stamp: Stamp, event: &u64) {
            self.0 += event;
            self.1 = Some(stamp);
        }
    }

    fn stamp(at: u64) -> Stamp {
        Stamp {
            at: Timestamp(at),
            by: Identity(person(1)),
        }
    }

    #[test]
    fn replaying_the_events_gives_the_state_also_after_an_upgrade() {
        let memories = [VectorMemory::default(), VectorMemory::default()];
        let open = || EventLog::<u64, _>::open(memories[0].clone(), memories[1].clone());
        let (mut log, mut state) = (open(), Sum::default());
        for number in 1..=100 {
            log.record(&mut state, stamp(number), number);
        }
        let mut replayed = Sum::default();
        open().replay(&mut replayed).unwrap();
        assert_eq!(replayed, state);
        assert_eq!(state.0, 5050);
        assert_eq!(open().head(), log.head());
        assert_eq!(log.head().length, 100);
    }

    #[test]
    fn every_link_is_the_hash_of_the_one_before_and_the_event() {
        let mut log = EventLog::open(VectorMemory::default(), VectorMemory::default());
        let mut head = Head::genesis();
        assert_eq!(log.head(), head);
        for number in 1..=10 {
            log.record(&mut Sum::default(), stamp(number), number);
            assert_eq!(log.link_before(number - 1), head.link);
            head = head.next(&log.bytes(number - 1).unwrap());
            assert_eq!(log.head(), head);
        }
    }

    #[test]
    fn events_are_written_with_numbered_fields() {
        let mut log = EventLog::open(VectorMemory::default(), VectorMemory::default());
        log.record(&mut Sum::default(), stamp(5), 7);
        let bytes = log.bytes(0).unwrap();
        // {0: 5, 1: a principal of 29 bytes, 2: 7}
        assert_eq!(bytes[..6], [0xa3, 0x00, 0x05, 0x01, 0x58, 29]);
        assert_eq!(bytes[35..], [0x02, 0x07]);
    }
}
