//! Stable memory: a sparse map of pages that are shared between clones until one of them writes.
//!
//! In: offsets and bytes. Out: bytes; what was never written reads as zero and takes no memory. A clone copies one pointer;
//! the first write after it copies the tables on the way to the page (a few KiB), not the memory.

use super::{MAX_STABLE_PAGES, OutOfBounds, PAGE_BYTES, WASM_PAGE_BYTES, check_range, hash_page};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;

type Page = [u8; PAGE_BYTES];

/// Entries of one table.
const FANOUT: usize = 128;
const FANOUT_BITS: u32 = FANOUT.trailing_zeros();
/// Levels of tables: 128^4 pages of 4 KiB are 1 TiB.
const LEVELS: u32 = 4;

/// A node of the tree: empty, a table of the next level, or a page.
#[derive(Clone, Default)]
enum Node {
    #[default]
    Empty,
    Table(Arc<[Node; FANOUT]>),
    Page(Arc<Page>),
}

/// Stable memory.
#[derive(Clone, Default)]
pub struct StableMemory {
    pages: u64,
    root: Node,
}

impl fmt::Debug for StableMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StableMemory({} pages)", self.pages)
    }
}

impl StableMemory {
    /// Pages of 64 KiB.
    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// SHA-256 of the size and the content.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = Sha256::new_with_prefix(self.pages.to_be_bytes());
        for (number, page) in self.stored_pages() {
            hash_page(&mut hasher, number, page);
        }
        hasher.finalize().into()
    }

    /// Bytes.
    pub fn bytes(&self) -> u64 {
        self.pages * WASM_PAGE_BYTES
    }

    /// Adds zeroed pages of 64 KiB and answers the size before; `None` if the memory would be larger than 500 GiB.
    pub fn grow(&mut self, additional_pages: u64) -> Option<u64> {
        let before = self.pages;
        let after = before.checked_add(additional_pages)?;
        if after > MAX_STABLE_PAGES {
            return None;
        }
        self.pages = after;
        Some(before)
    }

    /// Fills `buffer` from `offset` on.
    ///
    /// # Errors
    /// When the range ends beyond the memory; then nothing is read.
    pub fn read_into(&self, offset: u64, buffer: &mut [u8]) -> Result<(), OutOfBounds> {
        check_range(offset, buffer.len() as u64, self.bytes())?;
        for (page, start, range) in pieces(offset, buffer.len()) {
            let target = &mut buffer[range];
            match self.page(page) {
                Some(content) => target.copy_from_slice(&content[start..start + target.len()]),
                None => target.fill(0),
            }
        }
        Ok(())
    }

    /// The bytes from `offset` on.
    ///
    /// # Errors
    /// When the range ends beyond the memory.
    pub fn read(&self, offset: u64, length: u64) -> Result<Vec<u8>, OutOfBounds> {
        check_range(offset, length, self.bytes())?;
        let mut buffer = vec![0; length as usize];
        self.read_into(offset, &mut buffer)?;
        Ok(buffer)
    }

    /// Writes `bytes` from `offset` on.
    ///
    /// # Errors
    /// When the range ends beyond the memory; then nothing is written.
    pub fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), OutOfBounds> {
        check_range(offset, bytes.len() as u64, self.bytes())?;
        for (page, start, range) in pieces(offset, bytes.len()) {
            let source = &bytes[range];
            let is_absent = self.page(page).is_none();
            // Zeroes over nothing are nothing.
            if is_absent && source.iter().all(|byte| *byte == 0) {
                continue;
            }
            self.page_mut(page)[start..start + source.len()].copy_from_slice(source);
        }
        Ok(())
    }

    /// The pages of 4 KiB that hold something, in order: their numbers and contents.
    pub fn stored_pages(&self) -> impl Iterator<Item = (u64, &[u8; PAGE_BYTES])> {
        let mut stack = vec![(&self.root, 0)];
        std::iter::from_fn(move || {
            while let Some((node, number)) = stack.pop() {
                match node {
                    Node::Empty => {}
                    Node::Page(page) => return Some((number, &**page)),
                    Node::Table(table) => {
                        let entries = table.iter().enumerate().rev();
                        stack.extend(
                            entries.map(|(i, entry)| (entry, number * FANOUT as u64 + i as u64)),
                        );
                    }
                }
            }
            None
        })
    }

    fn page(&self, number: u64) -> Option<&Page> {
        let mut node = &self.root;
        for level in (0..LEVELS).rev() {
            let Node::Table(table) = node else {
                return None;
            };
            node = &table[entry(number, level)];
        }
        match node {
            Node::Page(page) => Some(page),
            _ => None,
        }
    }

    fn page_mut(&mut self, number: u64) -> &mut Page {
        let mut node = &mut self.root;
        for level in (0..LEVELS).rev() {
            if matches!(node, Node::Empty) {
                *node = Node::Table(Arc::new(std::array::from_fn(|_| Node::Empty)));
            }
            let Node::Table(table) = node else {
                unreachable!("only nodes of the lowest level are pages")
            };
            node = &mut Arc::make_mut(table)[entry(number, level)];
        }
        if matches!(node, Node::Empty) {
            *node = Node::Page(Arc::new([0; PAGE_BYTES]));
        }
        let Node::Page(page) = node else {
            unreachable!("nodes of the lowest level are pages")
        };
        Arc::make_mut(page)
    }
}

/// The entry of a table of this level (0: the lowest) on the way to a page.
fn entry(page: u64, level: u32) -> usize {
    (page >> (level * FANOUT_BITS)) as usize % FANOUT
}

/// Cuts a range at page borders: page number, first byte in the page, range of the buffer.
fn pieces(
    offset: u64,
    length: usize,
) -> impl Iterator<Item = (u64, usize, std::ops::Range<usize>)> {
    let mut done = 0;
    std::iter::from_fn(move || {
        if done >= length {
            return None;
        }
        let position = offset + done as u64;
        let start = (position % PAGE_BYTES as u64) as usize;
        let size = (PAGE_BYTES - start).min(length - done);
        let range = done..done + size;
        done += size;
        Some((position / PAGE_BYTES as u64, start, range))
    })
}
