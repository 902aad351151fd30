//! Bytes in stable memory: long values, beside the state.
//!
//! - What it does: [`Blobs`] keeps byte strings under (number, part), cut into blocks of 4 KiB, so that storing, reading and removing one touch
//!   only its own blocks, however many others there are. Blocks of removed strings are used again.
//! - Not part of the state that events describe: an event names the size and the hash of what is kept here. Replaying a log gives the state
//!   without the bytes.
//! - Stored in three regions: (number, part) to the blocks and the length; the blocks; a stack of free blocks.
//! - The caller bounds what it stores. It stores in the message that records the event about it, and never twice under one key.

use ic_stable_structures::storable::{Bound, Storable};
use ic_stable_structures::{Memory, StableBTreeMap, StableVec};
use minicbor::{Decode, Encode};
use std::borrow::Cow;
use std::cell::RefCell;

/// Bytes of a block.
pub const BLOCK: usize = 4096;

/// How many blocks so many bytes take; nothing takes one too.
pub const fn blocks_of(bytes: u64) -> u64 {
    match bytes {
        0 => 1,
        bytes => bytes.div_ceil(BLOCK as u64),
    }
}

struct Block(Vec<u8>);

impl Storable for Block {
    const BOUND: Bound = Bound::Bounded {
        max_size: BLOCK as u32,
        is_fixed_size: false,
    };

    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.0)
    }

    fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn from_bytes(bytes: Cow<'_, [u8]>) -> Self {
        Self(bytes.into_owned())
    }
}

/// Where a string is: its blocks as runs of (first, how many).
#[derive(Encode, Decode, Clone, Debug, Default, PartialEq, Eq)]
#[cbor(map)]
struct Place {
    #[n(0)]
    runs: Vec<(u32, u32)>,
}

impl Place {
    fn push(&mut self, block: u32) {
        match self.runs.last_mut() {
            Some((first, count)) if *first + *count == block => *count += 1,
            _ => self.runs.push((block, 1)),
        }
    }

    fn blocks(&self) -> impl Iterator<Item = u32> {
        self.runs
            .iter()
            .flat_map(|(first, count)| *first..*first + *count)
    }
}

crate::stored!(Place, "the place of a blob");

struct Inner<M: Memory> {
    places: StableBTreeMap<(u64, u32), Place, M>,
    blocks: StableVec<Block, M>,
    free: StableVec<u32, M>,
}

/// The byte strings of one canister. They change through a shared reference, because they are no state.
pub struct Blobs<M: Memory>(RefCell<Inner<M>>);

impl<M: Memory> Blobs<M> {
    /// Opens what three memories hold.
    pub fn open(places: M, blocks: M, free: M) -> Self {
        Self(RefCell::new(Inner {
            places: StableBTreeMap::init(places),
            blocks: StableVec::init(blocks),
            free: StableVec::init(free),
        }))
    }

    /// Stores a string.
    ///
    /// # Panics
    /// If there is one under the key, or stable memory is full; the message is rolled back.
    pub fn store(&self, number: u64, part: u32, bytes: &[u8]) {
        let mut inner = self.0.borrow_mut();
        let mut place = Place::default();
        for piece in bytes.chunks(BLOCK) {
            place.push(inner.put(Block(piece.to_vec())));
        }
        if bytes.is_empty() {
            place.push(inner.put(Block(Vec::new())));
        }
        let before = inner.places.insert((number, part), place);
        assert!(before.is_none(), "blob {number}/{part} is there already");
    }

    /// A string.
    pub fn load(&self, number: u64, part: u32) -> Option<Vec<u8>> {
        let inner = self.0.borrow();
        let place = inner.places.get(&(number, part))?;
        let blocks = place.blocks();
        let pieces = blocks.filter_map(|block| inner.blocks.get(block.into()));
        Some(pieces.flat_map(|Block(bytes)| bytes).collect())
    }

    /// Removes all parts of a number, if there are any.
    pub fn remove(&self, number: u64) {
        let mut inner = self.0.borrow_mut();
        let keys = inner.places.keys_range((number, 0)..=(number, u32::MAX));
        for key in keys.collect::<Vec<_>>() {
            let place = inner.places.remove(&key).unwrap_or_default();
            for block in place.blocks() {
                inner.free.push(&block);
            }
        }
    }

    /// Blocks in use.
    pub fn used(&self) -> u64 {
        let inner = self.0.borrow();
        inner.blocks.len() - inner.free.len()
    }
}

impl<M: Memory> Inner<M> {
    fn put(&mut self, block: Block) -> u32 {
        if let Some(free) = self.free.pop() {
            self.blocks.set(free.into(), &block);
            return free;
        }
        match u32::try_from(self.blocks.len()) {
            Ok(next) => {
                self.blocks.push(&block);
                next
            }
            Err(_) => panic!("16 TiB are full"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counted::Counted;
    use ic_stable_structures::VectorMemory;

    fn open(memories: &[VectorMemory; 3]) -> Blobs<VectorMemory> {
        let [places, blocks, free] = memories.clone();
        Blobs::open(places, blocks, free)
    }

    fn bytes(length: usize, salt: u8) -> Vec<u8> {
        (0..length).map(|at| (at % 251) as u8 ^ salt).collect()
    }

    #[test]
    fn strings_of_every_length_come_back_also_after_an_upgrade() {
        let memories = Default::default();
        let blobs = open(&memories);
        let lengths = [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 10 * BLOCK + 7];
        for (part, length) in (0..).zip(lengths) {
            blobs.store(3, part, &bytes(length, part as u8));
        }
        let reopened = open(&memories);
        for (part, length) in (0..).zip(lengths) {
            let expected = Some(bytes(length, part as u8));
            assert_eq!(reopened.load(3, part), expected, "{length} bytes");
            assert_eq!(
                blocks_of(length as u64),
                length.div_ceil(BLOCK).max(1) as u64
            );
        }
        assert_eq!(reopened.load(3, 6), None);
        assert_eq!(reopened.load(2, 0), None);
    }

    #[test]
    fn removed_blocks_are_used_again_and_others_stay() {
        let blobs = open(&Default::default());
        for number in 0..10 {
            blobs.store(number, 0, &bytes(3 * BLOCK, number as u8));
            blobs.store(number, 1, &bytes(100, number as u8));
        }
        assert_eq!(blobs.used(), 40);
        for number in [3, 7, 7, 99] {
            blobs.remove(number);
        }
        assert_eq!(blobs.used(), 32);
        blobs.store(20, 5, &bytes(8 * BLOCK, 20));
        assert_eq!(blobs.used(), 40);
        assert_eq!(blobs.0.borrow().blocks.len(), 40);
        assert_eq!(blobs.load(3, 0), None);
        assert_eq!(blobs.load(20, 5), Some(bytes(8 * BLOCK, 20)));
        for number in [0, 1, 2, 4, 5, 6, 8, 9] {
            let expected = Some(bytes(3 * BLOCK, number as u8));
            assert_eq!(blobs.load(number, 0), expected);
        }
    }

    #[test]
    #[should_panic(expected = "is there already")]
    fn nothing_is_stored_over_something() {
        let blobs = open(&Default::default());
        blobs.store(1, 1, b"a");
        blobs.store(1, 1, b"b");
    }

    #[test]
    fn storing_costs_the_same_among_many_as_among_few() {
        let memory = Counted::default();
        let blobs = Blobs::open(memory.beside(), memory.beside(), memory.beside());
        memory.costs_no_more_at_size(20_000, |number| {
            blobs.store(number.into(), 0, &bytes(5000, 1));
            assert!(blobs.load(number.into(), 0).is_some());
        });
    }
}
