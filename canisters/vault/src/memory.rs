//! The map of the vault's own stable memory; ids 0 to 9 are the kit's (`canister_kit::memory`).
//!
//! | id | structure | content | since schema |
//! |---|---|---|---|
//! | 10 | `StableBTreeMap` | space id to the space | 1 |
//! | 11 | `StableBTreeMap` | (member, space id), in order | 1 |
//! | 12 | `StableCell` | the canister's own public key, and what is in use in all | 1 |
//! | 13 | `StableBTreeMap` | (space id, item id) to the item | 1 |
//! | 14 | `StableBTreeMap` | (space id, epoch of the last version, item id), in order | 1 |
//! | 15 | `StableBTreeMap` | (body, index) to length and hash of the chunk | 1 |
//! | 16 | `StableBTreeMap` | upload to what was begun | 1 |
//! | 17 | `StableBTreeMap` | (time of the end, upload), in order | 1 |
//! | 18 | `StableBTreeMap` | (body, index) to the blocks of the chunk | 1 |
//! | 19 | `StableVec` | blocks of ciphertext | 1 |
//! | 20 | `StableVec` | free blocks | 1 |

canister_kit::product_regions! {
    /// The vault's own regions.
    pub enum Region {
        /// Spaces by id.
        Spaces = 10,
        /// Spaces of each member.
        Memberships = 11,
        /// What there is once.
        Totals = 12,
        /// Items of each space.
        Items = 13,
        /// Items by the epoch of their last version.
        ItemEpochs = 14,
        /// What is known of each chunk.
        Chunks = 15,
        /// Files that are being uploaded.
        Uploads = 16,
        /// Uploads by the time when they end.
        UploadEnds = 17,
        /// Where the ciphertext of each chunk is.
        BlobPlaces = 18,
        /// Ciphertext.
        BlobBlocks = 19,
        /// Blocks that are free.
        BlobFree = 20,
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
