//! The map of the canister's own stable memory; ids 0 to 9 are the kit's (`canister_kit::memory`).
//!
//! | id | structure | content | since schema |
//! |---|---|---|---|
//! | 10 | `StableBTreeMap` | number of a draw to the draw | 1 |
//! | 11 | `StableBTreeMap` | (draw, index) to the entry | 1 |
//! | 12 | `StableBTreeMap` | (draw, principal) to the number of its entries | 1 |
//! | 13 | `StableBTreeMap` | (draw, height, number) to the top of a complete tree over entries | 1 |
//! | 14 | `StableBTreeMap` | (draw, first index) to values of the outcome | 1 |

canister_kit::product_regions! {
    /// The canister's own regions.
    pub enum Region {
        /// Draws by number.
        Draws = 10,
        /// Entries of each draw.
        Entries = 11,
        /// How many entries each person has.
        Persons = 12,
        /// Complete trees over entries.
        Trees = 13,
        /// Values of outcomes.
        Outcomes = 14,
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
