//! The map of the beacon's own stable memory; ids 0 to 9 are the kit's (`canister_kit::memory`).
//!
//! | id | structure | content | since schema |
//! |---|---|---|---|
//! | 10 | `StableBTreeMap` | number of a round to the round | 1 |
//! | 11 | `StableBTreeMap` | numbers of the rounds that wait to be drawn | 1 |
//! | 12 | `StableBTreeMap` | (height, number) to the top of a complete tree over drawn rounds | 1 |
//! | 13 | `StableCell` | the tree's peaks, the latest round, the canister's own public key | 1 |

canister_kit::product_regions! {
    /// The beacon's own regions.
    pub enum Region {
        /// Rounds by number.
        Rounds = 10,
        /// Rounds that wait to be drawn.
        Waiting = 11,
        /// Complete trees over drawn rounds.
        Trees = 12,
        /// Peaks of the tree, the latest round, and the canister's own public key.
        Tip = 13,
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
