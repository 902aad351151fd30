//! The map of stable memory.
//!
//! | id | structure | content | since schema |
//! |---|---|---|---|
//! | 0 | `StableCell` | configuration, CBOR with numbered fields | 1 |
//!
//! - The caller opens each region once and lets nothing else write to it.
//! - An id is never given to another structure, also after its region has fallen out of use.

use ic_stable_structures::DefaultMemoryImpl;
use ic_stable_structures::memory_manager::{MemoryId, MemoryManager, VirtualMemory};

/// Layout described by the table above; raised when a structure changes its meaning.
pub const SCHEMA_VERSION: u32 = 1;

/// A region of stable memory.
pub type RegionMemory = VirtualMemory<DefaultMemoryImpl>;

/// Every region, with its id in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Region {
    /// Environment, key name, schema version and pause switch.
    Config = 0,
}

thread_local! {
    static REGIONS: MemoryManager<DefaultMemoryImpl> =
        MemoryManager::init(DefaultMemoryImpl::default());
}

/// Opens a region.
pub fn open(region: Region) -> RegionMemory {
    REGIONS.with(|regions| regions.get(MemoryId::new(region as u8)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const ALL: [Region; 1] = [Region::Config];

    #[test]
    fn every_region_has_its_own_id_and_a_row_in_the_table() {
        let ids: BTreeSet<u8> = ALL.iter().map(|region| *region as u8).collect();
        assert_eq!(ids.len(), ALL.len());
        let rows: BTreeSet<u8> = include_str!("memory.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//! | ")?.split(' ').next()?.parse().ok())
            .collect();
        assert_eq!(rows, ids);
    }
}
