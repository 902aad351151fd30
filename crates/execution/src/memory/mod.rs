//! Memories of canisters with copy on write.

/// Linear memory.
#[derive(Clone, Debug, Default)]
pub struct Heap {}

impl Heap {
    /// Pages of 64 KiB.
    pub fn pages(&self) -> u64 {
        0
    }
}

/// Stable memory.
#[derive(Clone, Debug, Default)]
pub struct StableMemory {}

impl StableMemory {
    /// Pages of 64 KiB.
    pub fn pages(&self) -> u64 {
        0
    }
}
