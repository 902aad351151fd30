//! Memories of canisters with copy on write.

/// Linear memory.
#[derive(Clone, Debug, Default)]
pub struct Heap {}

impl Heap {
    /// SHA-256 of the content and the size.
    pub fn digest(&self) -> [u8; 32] {
        [0; 32]
    }

    /// Pages of 64 KiB.
    pub fn pages(&self) -> u64 {
        0
    }
}

/// Stable memory.
#[derive(Clone, Debug, Default)]
pub struct StableMemory {}

impl StableMemory {
    /// SHA-256 of the content and the size.
    pub fn digest(&self) -> [u8; 32] {
        [0; 32]
    }

    /// Pages of 64 KiB.
    pub fn pages(&self) -> u64 {
        0
    }
}
