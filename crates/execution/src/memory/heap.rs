//! The linear memory of a canister between messages.
//!
//! In: offsets and bytes, or a mapping that code has written to. Out: bytes, or a new value with these changes. What was never
//! written reads as zero. Clones cost nothing and are independent.

use super::image::{Held, Mapping};
use super::written::changed_pages;
use super::{OutOfBounds, PAGE_BYTES, WASM_PAGE_BYTES, check_range, hash_page};
use sha2::{Digest, Sha256};
use std::fmt;
use std::io;

/// Linear memory.
#[derive(Clone, Default)]
pub struct Heap {
    pages: u64,
    image: Option<Held>,
}

impl fmt::Debug for Heap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Heap({} pages)", self.pages)
    }
}

impl Heap {
    /// A memory of so many pages of 64 KiB, all zero.
    pub fn zeroed(pages: u64) -> Heap {
        Heap { pages, image: None }
    }

    /// Pages of 64 KiB.
    pub fn pages(&self) -> u64 {
        self.pages
    }

    /// SHA-256 of the size and the content, which it reads as a whole.
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = Sha256::new_with_prefix(self.pages.to_be_bytes());
        let mut page = [0; PAGE_BYTES];
        for number in 0..self.bytes() / PAGE_BYTES as u64 {
            self.read_page(number, &mut page);
            hash_page(&mut hasher, number, &page);
        }
        hasher.finalize().into()
    }

    /// Bytes.
    pub fn bytes(&self) -> u64 {
        self.pages * WASM_PAGE_BYTES
    }

    /// Adds zeroed pages of 64 KiB. The caller has checked the limits.
    pub fn grow(&mut self, additional_pages: u64) {
        self.pages += additional_pages;
    }

    /// The bytes from `offset` on.
    ///
    /// # Errors
    /// When the range ends beyond the memory.
    pub fn read(&self, offset: u64, length: u64) -> Result<Vec<u8>, OutOfBounds> {
        check_range(offset, length, self.bytes())?;
        let mut buffer = vec![0; length as usize];
        let mut position = offset;
        let mut rest = &mut buffer[..];
        while !rest.is_empty() {
            let in_page = PAGE_BYTES - position as usize % PAGE_BYTES;
            let size = in_page.min(rest.len());
            let (piece, behind) = rest.split_at_mut(size);
            if let Some(image) = &self.image {
                image.read_in_page(position, piece);
            }
            position += size as u64;
            rest = behind;
        }
        Ok(buffer)
    }

    /// Writes `bytes` from `offset` on.
    ///
    /// # Errors
    /// When the range ends beyond the memory; then nothing is written.
    pub fn write(&mut self, offset: u64, bytes: &[u8]) -> Result<(), OutOfBounds> {
        check_range(offset, bytes.len() as u64, self.bytes())?;
        if bytes.is_empty() {
            return Ok(());
        }
        let page_bytes = PAGE_BYTES as u64;
        let first = offset / page_bytes;
        let end = (offset + bytes.len() as u64).div_ceil(page_bytes);
        let start = (offset - first * page_bytes) as usize;
        let mut content = self.read(first * page_bytes, (end - first) * page_bytes)?;
        content[start..start + bytes.len()].copy_from_slice(bytes);
        self.replace_pages((first..end).zip(content.chunks_exact(PAGE_BYTES)));
        Ok(())
    }

    /// Fills `page` with the page of 4 KiB with this number; zeroes beyond the end.
    pub(super) fn read_page(&self, number: u64, page: &mut [u8; PAGE_BYTES]) {
        let offset = number * PAGE_BYTES as u64;
        match &self.image {
            Some(image) if offset < self.bytes() => image.read_in_page(offset, page),
            _ => page.fill(0),
        }
    }

    /// Maps the memory for one execution.
    ///
    /// # Errors
    /// When the system has no address space left.
    pub(crate) fn map(&self, reserved: usize, guard: usize) -> io::Result<Mapping> {
        Mapping::new(self.image.clone(), self.bytes() as usize, reserved, guard)
    }

    /// The changes that code made in a mapping of this heap, whose bytes are `memory` now.
    pub(crate) fn changes(&self, memory: &[u8]) -> HeapChanges {
        let changed = changed_pages(self, memory);
        let mut contents = Vec::with_capacity(changed.len() * PAGE_BYTES);
        for number in &changed {
            let start = *number as usize * PAGE_BYTES;
            contents.extend_from_slice(&memory[start..start + PAGE_BYTES]);
        }
        HeapChanges {
            pages: memory.len() as u64 / WASM_PAGE_BYTES,
            changed,
            contents,
        }
    }

    /// Applies changes. The mapping that they come from must be gone, or the whole heap is copied.
    pub(crate) fn apply(&mut self, changes: &HeapChanges) {
        self.pages = changes.pages;
        let contents = changes.contents.chunks_exact(PAGE_BYTES);
        self.replace_pages(changes.changed.iter().copied().zip(contents));
    }

    fn replace_pages<'a>(&mut self, pages: impl Iterator<Item = (u64, &'a [u8])>) {
        let mut pages = pages.peekable();
        if pages.peek().is_some() {
            let image = self.image.take().unwrap_or_else(Held::zeroed);
            self.image = Some(image.with_pages(self.bytes(), pages));
        }
    }
}

/// What an execution changed in a heap.
pub(crate) struct HeapChanges {
    pages: u64,
    changed: Vec<u64>,
    contents: Vec<u8>,
}

impl HeapChanges {
    /// Number of pages of 4 KiB that changed.
    pub fn count(&self) -> u64 {
        self.changed.len() as u64
    }
}
