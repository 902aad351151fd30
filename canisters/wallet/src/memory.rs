//! The map of the wallet's own stable memory; ids 0 to 9 are the kit's (`canister_kit::memory`).
//!
//! | id | structure | content | since schema |
//! |---|---|---|---|
//! | 10 | `StableBTreeMap` | wallet id to the wallet | 1 |
//! | 11 | `StableBTreeMap` | (member, wallet id), in order | 1 |
//! | 12 | `StableCell` | the canister's own public keys that are cached | 1 |
//! | 13 | `StableBTreeMap` | proposal id to the proposal | 1 |
//! | 14 | `StableBTreeMap` | (wallet id, proposal id), in order | 1 |
//! | 15 | `StableBTreeMap` | (wallet id, proposal id) of those that have not ended | 1 |
//! | 16 | `StableBTreeMap` | (wallet id, asset) to what has left | 1 |
//! | 17 | `StableBTreeMap` | (wallet id, Bitcoin coin) to the proposal that it is reserved for | 1 |
//! | 18 | `StableBTreeMap` | (wallet id, chain, index) to the nonces of an account on a chain of Ethereum's kind | 1 |
//! | 20 | `StableBTreeMap` | (wallet id, index) of a Solana account to the proposal that spends its nonce account | 1 |

canister_kit::product_regions! {
    /// The wallet's own regions.
    pub enum Region {
        /// Wallets by id.
        Wallets = 10,
        /// Wallets of each member.
        Memberships = 11,
        /// The canister's own public keys.
        RootKeys = 12,
        /// Proposals by id.
        Proposals = 13,
        /// Proposals of each wallet.
        WalletProposals = 14,
        /// Those of them that have not ended.
        Unended = 15,
        /// What has left of each wallet's assets.
        Spent = 16,
        /// Coins on Bitcoin that proposals spend.
        Coins = 17,
        /// Nonces on chains of Ethereum's kind.
        Nonces = 18,
        /// Nonce accounts on Solana that proposals spend.
        SolanaNonces = 20,
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
