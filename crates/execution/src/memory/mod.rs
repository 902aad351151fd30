//! Memories of canisters with copy on write.
//!
//! Source: interface specification, "WebAssembly module requirements" and "Stable memory". A [`Heap`] is the linear memory
//! between messages, a [`StableMemory`] the stable memory; both are values: cloning is cheap and clones do not see each
//! other's changes. In: bytes and pages. Out: the same. Leaves out: limits and fees for growth (see `sandbox::growth`).

use sha2::{Digest, Sha256};

mod heap;
mod image;
mod stable;
mod versions;
mod written;

pub use heap::Heap;
pub(crate) use heap::HeapChanges;
pub(crate) use image::Mapping;
pub use stable::StableMemory;

/// Bytes of a Wasm page.
pub const WASM_PAGE_BYTES: u64 = 64 * 1024;
/// Bytes of the pages in which writing is counted and memories are shared.
pub const PAGE_BYTES: usize = 4096;
/// The largest stable memory, in Wasm pages (500 GiB).
pub const MAX_STABLE_PAGES: u64 = (500 << 30) / WASM_PAGE_BYTES;

/// An access beyond the end of a memory.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("access of {length} bytes at {offset} in a memory of {size} bytes")]
pub struct OutOfBounds {
    /// First byte.
    pub offset: u64,
    /// Number of bytes.
    pub length: u64,
    /// Size of the memory.
    pub size: u64,
}

/// Refuses a range that does not lie within `size` bytes.
fn check_range(offset: u64, length: u64, size: u64) -> Result<(), OutOfBounds> {
    match offset.checked_add(length) {
        Some(end) if end <= size => Ok(()),
        _ => Err(OutOfBounds {
            offset,
            length,
            size,
        }),
    }
}

/// Adds a page to the digest of a memory; pages of zeroes count as absent.
fn hash_page(hasher: &mut Sha256, number: u64, page: &[u8; PAGE_BYTES]) {
    if page.iter().any(|byte| *byte != 0) {
        hasher.update(number.to_be_bytes());
        hasher.update(page);
    }
}

#[cfg(test)]
mod tests;
