//! Which pages of a mapped heap were written.
//!
//! In: a heap and its mapping's bytes after execution. Out: the numbers of the pages of 4 KiB whose content changed. On Linux the kernel's page tables tell the candidates: a written page of a private mapping is no longer a page
//! of the file. Elsewhere every page is compared.

use super::PAGE_BYTES;
use super::heap::Heap;
use super::image::{host_page_bytes, private_pages};
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::sync::OnceLock;

const PRESENT: u64 = 1 << 63;
const SWAPPED: u64 = 1 << 62;
const OF_FILE: u64 = 1 << 61;

/// The pages of `memory`, a mapping of `heap` and of its growth, whose content changed, ascending. The result does not depend
/// on the host.
pub(super) fn changed_pages(heap: &Heap, memory: &[u8]) -> Vec<u64> {
    let mut before = [0; PAGE_BYTES];
    let mut is_changed = |number: &u64| {
        let start = *number as usize * PAGE_BYTES;
        heap.read_page(*number, &mut before);
        memory[start..start + PAGE_BYTES] != before
    };
    candidates(memory)
        .into_iter()
        .filter(|number| is_changed(number))
        .collect()
}

/// The pages that may have been written, ascending.
fn candidates(memory: &[u8]) -> Vec<u64> {
    let pages = memory.len() / PAGE_BYTES;
    let all = || (0..pages as u64).collect();
    let Some(pagemap) = pagemap() else {
        return all();
    };
    if let Some(pages) = private_pages(pagemap, memory) {
        return pages;
    }
    let mut entries = vec![0; pages * 8];
    let first = memory.as_ptr() as u64 / PAGE_BYTES as u64;
    if pagemap.read_exact_at(&mut entries, first * 8).is_err() {
        return all();
    }
    let is_written = |entry: &[u8]| {
        let bits = u64::from_ne_bytes(entry.try_into().unwrap_or_default());
        bits & (PRESENT | SWAPPED) != 0 && bits & OF_FILE == 0
    };
    (0..)
        .zip(entries.chunks_exact(8))
        .filter(|(_, entry)| is_written(entry))
        .map(|(number, _)| number)
        .collect()
}

fn pagemap() -> Option<&'static File> {
    static PAGEMAP: OnceLock<Option<File>> = OnceLock::new();
    let open = || {
        if host_page_bytes() != PAGE_BYTES {
            return None;
        }
        File::open("/proc/self/pagemap").ok()
    };
    PAGEMAP.get_or_init(open).as_ref()
}
