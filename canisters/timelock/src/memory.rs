//! The map of the timelock's own stable memory; ids 0 to 9 are the kit's (`canister_kit::memory`).
//!
//! | id | structure | content | since schema |
//! |---|---|---|---|
//! | 10 | `StableBTreeMap` | bucket to what is known of it | 1 |
//! | 11 | `StableBTreeMap` | message id to what is known of it | 1 |
//! | 12 | `StableBTreeMap` | (bucket, message id), in order | 1 |
//! | 13 | `StableCell` | the canister's own public key, and what is in use in all | 1 |
//! | 14 | `StableBTreeMap` | message id to the blocks of its ciphertext | 1 |
//! | 15 | `StableVec` | blocks of ciphertext | 1 |
//! | 16 | `StableVec` | free blocks | 1 |

canister_kit::product_regions! {
    /// The timelock's own regions.
    pub enum Region {
        /// Buckets that somebody has sealed to.
        Buckets = 10,
        /// Messages by id.
        Messages = 11,
        /// Messages of each bucket.
        BucketMessages = 12,
        /// What there is once.
        Totals = 13,
        /// Where the ciphertext of each message is.
        BlobPlaces = 14,
        /// Ciphertext.
        BlobBlocks = 15,
        /// Blocks that are free.
        BlobFree = 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_region_has_its_own_id_and_a_row_in_the_table() {
        let ids: BTreeSet<u8> = Region::ALL.iter().map(|region| *region as u8).collect();
        assert_eq!(ids.len(), Region::ALL.len());
        let rows: BTreeSet<u8> = include_str!("memory.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//! | ")?.split(' ').next()?.parse().ok())
            .collect();
        assert_eq!(rows, ids);
    }
}
