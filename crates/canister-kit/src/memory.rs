//! The map of a canister's stable memory: the kit's part of it, and how a canister adds its own.
//!
//! | id | structure | content | since schema |
//! |---|---|---|---|
//! | 0 | `StableCell` | configuration and pause switch, CBOR with numbered fields | 1 |
//! | 1 | `StableLog` (index) | audit log: where each event begins | 1 |
//! | 2 | `StableLog` (data) | audit log: link and bytes of each event | 1 |
//! | 3 | `StableBTreeMap` | quota: owner of a bucket to the time when it is full | 1 |
//! | 4 | `StableBTreeMap` | quota: (that time, principal), in order | 1 |
//! | 5 | `StableBTreeMap` | journal: (principal, request id) to the request | 1 |
//! | 6 | `StableBTreeMap` | journal: (time of the end, principal, request id), in order | 1 |
//! | 7 | `StableBTreeMap` | journal: principal to the number of its requests | 1 |
//! | 8 | `StableBTreeMap` | admission: principal to balance, or entries of the allow-list | 1 |
//! | 9 | `StableCell` | admission: what of the day's budget is spent | 1 |
//!
//! - Ids from 10 on are the canister's own. It names them with [`crate::product_regions!`] in a file `memory.rs` with a
//!   table like this one, beside a test that compares the two.
//! - The caller opens each region once and lets nothing else write to it. An id is never given to another structure, also
//!   after its region has fallen out of use.
//! - Memory is given out in buckets; each region takes at least one. See [`BUCKET_PAGES`].

use ic_stable_structures::Memory;
use ic_stable_structures::memory_manager::{MemoryId, MemoryManager, VirtualMemory};

/// The first id that a canister may use for itself.
pub const FIRST_PRODUCT_ID: u8 = 10;

/// Pages of 64 KiB in a bucket: 1 MiB, so that ten small regions cost 10 MiB, and 32 GiB is the most that all regions together
/// can have. A canister that needs more gives its manager a larger size, before its first installation.
pub const BUCKET_PAGES: u16 = 16;

/// A region of stable memory.
pub type RegionMemory<M> = VirtualMemory<M>;

/// The kit's regions, with their ids in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Region {
    /// Configuration and pause switch.
    Config = 0,
    /// Where each event begins.
    AuditIndex = 1,
    /// Link and bytes of each event.
    AuditData = 2,
    /// When each bucket is full.
    QuotaBuckets = 3,
    /// Buckets in order of that time.
    QuotaOrder = 4,
    /// Requests.
    JournalEntries = 5,
    /// Ended requests in order of time.
    JournalEnded = 6,
    /// How many requests each principal has.
    JournalCounts = 7,
    /// Balances, or entries of the allow-list.
    Accounts = 8,
    /// What of the day's budget is spent.
    Budget = 9,
}

impl Region {
    /// Every region of the kit.
    pub const ALL: [Self; FIRST_PRODUCT_ID as usize] = [
        Self::Config,
        Self::AuditIndex,
        Self::AuditData,
        Self::QuotaBuckets,
        Self::QuotaOrder,
        Self::JournalEntries,
        Self::JournalEnded,
        Self::JournalCounts,
        Self::Accounts,
        Self::Budget,
    ];
}

/// The regions of one stable memory.
pub struct Regions<M: Memory>(MemoryManager<M>);

impl<M: Memory> Regions<M> {
    /// The regions of a memory, in buckets of [`BUCKET_PAGES`].
    pub fn of(memory: M) -> Self {
        Self(MemoryManager::init_with_bucket_size(memory, BUCKET_PAGES))
    }

    /// Opens a region of the kit.
    pub(crate) fn open(&self, region: Region) -> RegionMemory<M> {
        self.0.get(MemoryId::new(region as u8))
    }

    /// Opens a region of the canister's own.
    ///
    /// # Panics
    /// If the id is one of the kit's.
    pub fn open_product(&self, id: u8) -> RegionMemory<M> {
        assert!(id >= FIRST_PRODUCT_ID, "region {id} belongs to the kit");
        self.0.get(MemoryId::new(id))
    }
}

/// Names the regions of a canister's own: an enum with one id each, from 10 on. The compiler refuses an id that is used
/// twice, and one that is the kit's.
///
/// ```
/// canister_kit::product_regions! {
///     /// The regions of this canister.
///     pub enum Region {
///         /// Rounds and their randomness.
///         Rounds = 10,
///     }
/// }
/// assert_eq!(Region::ALL, [Region::Rounds]);
/// ```
/// ```compile_fail
/// canister_kit::product_regions! {
///     /// Refused: 9 is the kit's.
///     pub enum Region {
///         /// Rounds and their randomness.
///         Rounds = 9,
///     }
/// }
/// ```
#[macro_export]
macro_rules! product_regions {
    ($(#[$outer:meta])* $seen:vis enum $name:ident { $($(#[$inner:meta])* $region:ident = $id:literal),+ $(,)? }) => {
        $(#[$outer])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        $seen enum $name {
            $($(#[$inner])* $region = $id),+
        }

        impl $name {
            /// Every region; for the test that compares them with the table.
            #[allow(dead_code)]
            $seen const ALL: &'static [Self] = &[$(Self::$region),+];

            /// Opens the region.
            $seen fn open<M: $crate::stable::Memory>(
                self,
                regions: &$crate::memory::Regions<M>,
            ) -> $crate::memory::RegionMemory<M> {
                regions.open_product(self as u8)
            }
        }

        const _: () = {
            $(assert!($id >= $crate::memory::FIRST_PRODUCT_ID, "this id is the kit's");)+
        };
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_region_has_its_own_id_below_the_products_and_a_row_in_the_table() {
        let ids: BTreeSet<u8> = Region::ALL.iter().map(|region| *region as u8).collect();
        assert_eq!(ids, (0..FIRST_PRODUCT_ID).collect());
        let rows: BTreeSet<u8> = include_str!("memory.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//! | ")?.split(' ').next()?.parse().ok())
            .collect();
        assert_eq!(rows, ids);
    }
}
