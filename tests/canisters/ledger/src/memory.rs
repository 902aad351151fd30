//! The map of the ledger's stable memory.
//!
//! | id | structure | content | since |
//! |---|---|---|---|
//! | 0 | `StableCell` | configuration, CBOR with numbered fields | 1 |
//! | 1 | `StableBTreeMap` | account to balance | 1 |
//! | 2 | `StableBTreeMap` | (account, spender) to allowance and its end | 1 |
//! | 3 | `StableCell` | total supply | 1 |
//! | 4 | `StableLog` (index) | where each block begins | 1 |
//! | 5 | `StableLog` (data) | blocks, CBOR with numbered fields | 1 |
//! | 6 | `StableBTreeMap` | fingerprint of a recent transaction to its block | 1 |
//! | 7 | `StableBTreeMap` | (time of creation, fingerprint), in order | 1 |

use ic_stable_structures::Memory;
use ic_stable_structures::memory_manager::{MemoryId, MemoryManager, VirtualMemory};

/// Pages of 64 KiB in a bucket: 1 MiB.
const BUCKET_PAGES: u16 = 16;

/// A region of stable memory.
pub type RegionMemory<M> = VirtualMemory<M>;

/// The regions, with their ids in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Region {
    /// Configuration.
    Config = 0,
    /// Balances.
    Balances = 1,
    /// Allowances.
    Allowances = 2,
    /// Total supply.
    Supply = 3,
    /// Where each block begins.
    BlockIndex = 4,
    /// Blocks.
    BlockData = 5,
    /// Recent transactions.
    Recent = 6,
    /// Recent transactions in order of time.
    RecentOrder = 7,
}

/// The regions of one stable memory.
pub struct Regions<M: Memory>(MemoryManager<M>);

impl<M: Memory> Regions<M> {
    /// The regions of a memory.
    pub fn of(memory: M) -> Self {
        Self(MemoryManager::init_with_bucket_size(memory, BUCKET_PAGES))
    }

    /// Opens a region.
    pub fn open(&self, region: Region) -> RegionMemory<M> {
        self.0.get(MemoryId::new(region as u8))
    }
}
