//! A stable memory that counts the bytes read and written, to measure what an operation costs.
//!
//! - In: operations over memories that share one count. Out: a panic where the cost grows with the number
//!   of entries.

use ic_stable_structures::{Memory, VectorMemory};
use std::cell::Cell;
use std::rc::Rc;

/// One memory; those made by [`Counted::beside`] share its count.
#[derive(Clone, Default)]
pub struct Counted(VectorMemory, Rc<Cell<u64>>);

impl Counted {
    /// Another memory with the same count.
    pub fn beside(&self) -> Self {
        Self(VectorMemory::default(), Rc::clone(&self.1))
    }

    /// Does something `times` times and compares the bytes it moved around the thousandth time with the last
    /// thousand: a deeper tree is allowed, a longer walk is not.
    pub fn costs_no_more_at_size(&self, times: u32, mut once: impl FnMut(u32)) {
        let mut cost = Vec::new();
        for number in 0..times {
            let before = self.moved();
            once(number);
            cost.push(self.moved() - before);
        }
        let mean = |part: &[u64]| part.iter().sum::<u64>() / part.len() as u64;
        let (few, many) = (mean(&cost[500..1500]), mean(&cost[cost.len() - 1000..]));
        println!("{few} bytes at 1000 entries, {many} at {times}");
        assert!(many < 2 * few, "{few} bytes at 1000, {many} at {times}");
    }

    /// The bytes that were read and written so far.
    pub fn moved(&self) -> u64 {
        self.1.get()
    }

    fn count(&self, bytes: usize) {
        self.1.set(self.1.get() + bytes as u64);
    }
}

impl Memory for Counted {
    fn size(&self) -> u64 {
        self.0.size()
    }

    fn grow(&self, pages: u64) -> i64 {
        self.0.grow(pages)
    }

    fn read(&self, offset: u64, to: &mut [u8]) {
        self.count(to.len());
        self.0.read(offset, to);
    }

    fn write(&self, offset: u64, from: &[u8]) {
        self.count(from.len());
        self.0.write(offset, from);
    }
}
