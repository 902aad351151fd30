//! What there may be, and what it costs.
//!
//! - Prices are in cycles of the caller's admission and are paid once: more than the network takes for receiving a byte (2 000 cycles) and storing
//!   it for ten years (127 000 cycles for each GiB and second), on a subnet of 13 nodes. What is deleted is not given back.
//! - Bytes are counted in blocks of 4 KiB, as they are stored.

use canister_kit::blobs::BLOCK;
use canister_kit::encoding::{Cycles, Timestamp};
use canister_kit::journal::JournalLimits;
use canister_kit::quota::{QuotaLimits, Rate};

/// Spaces in all.
pub const MAX_SPACES: u64 = 100_000;

/// Members of a space, heirs that become members not counted.
pub const MAX_MEMBERS: usize = 100;

/// Heirs of a space.
pub const MAX_HEIRS: usize = 10;

/// Items of a space, deleted ones included: their last version is remembered.
pub const MAX_ITEMS: u64 = 10_000;

/// Blocks of a space: 1 GiB.
pub const MAX_SPACE_BLOCKS: u64 = (1 << 30) / BLOCK as u64;

/// Blocks of all spaces: 16 GiB, half of what stable memory can have.
pub const MAX_BLOCKS: u64 = (16 << 30) / BLOCK as u64;

/// Longest chunk, or item that is no file: below the 2 MiB of a message.
pub const MAX_CHUNK_BYTES: u64 = 1_900_000;

/// Chunks of a file.
pub const MAX_CHUNKS: u32 = 128;

/// Versions of an item that are kept.
pub const MAX_VERSIONS: usize = 8;

/// Uploads of a space, and of one member in it, at once.
pub const MAX_UPLOADS: usize = 8;
/// See [`MAX_UPLOADS`].
pub const MAX_UPLOADS_OF_ONE: usize = 2;

/// How long an upload may take; what is not committed then is removed.
pub const UPLOAD_TIME: u64 = Timestamp::DAY;

/// Longest id of an item, in bytes.
pub const MAX_ITEM_ID_BYTES: usize = 64;

/// Most entries of one answer.
pub const MAX_LISTED: u32 = 100;

/// What a space costs.
pub const SPACE: Cycles = Cycles(1_000_000_000);

/// What a version of an item costs beside its blocks.
pub const VERSION: Cycles = Cycles(200_000_000);

/// What a block costs.
const PER_BLOCK: u128 = 170_000_000;

/// What deriving a key costs beside the network's fee.
pub const DERIVATION: Cycles = Cycles(20_000_000);

/// 100 calls at once and one more each other second for a caller, 500 at once and four each second for all: a file of 100 chunks goes at once.
pub const QUOTA: QuotaLimits = QuotaLimits::new(
    Rate::new(100, 2 * Timestamp::SECOND),
    Rate::new(500, Timestamp::SECOND / 4),
    10_000,
);

/// As many requests as the quota lets through in a day.
pub const JOURNAL: JournalLimits = JournalLimits::new(1_000, 400_000, 400);

/// What a version of so many blocks costs.
pub fn price(blocks: u64) -> Cycles {
    VERSION.plus(Cycles(PER_BLOCK.saturating_mul(blocks.into())))
}

/// Blocks that chunks of so many bytes in all take at most.
pub fn most_blocks(chunks: u32, bytes: u64) -> u64 {
    bytes / BLOCK as u64 + u64::from(chunks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use canister_kit::blobs::blocks_of;

    #[test]
    fn a_block_costs_more_than_receiving_and_keeping_it_for_ten_years() {
        let year = 365 * 86_400;
        let keeping = (127_000 * 10 * year * BLOCK as u128).div_ceil(1 << 30);
        let receiving = 2_000 * BLOCK as u128;
        assert!(PER_BLOCK > keeping + receiving, "{}", keeping + receiving);
        assert!(PER_BLOCK < 2 * (keeping + receiving));
    }

    #[test]
    fn reserved_blocks_cover_every_way_to_cut_a_file() {
        for sizes in [&[1_u64, 4096, 5000][..], &[4096, 4096], &[1], &[8191, 1]] {
            let used: u64 = sizes.iter().map(|size| blocks_of(*size)).sum();
            let most = most_blocks(sizes.len() as u32, sizes.iter().sum());
            assert!(used <= most, "{used} blocks, {most} reserved");
        }
    }
}
