//! Whether the next block may hold a transaction: lock times, absolute and relative (BIP-68, BIP-112, BIP-113), and young coinbases.
//!
//! - In: a transaction, the heights of the coins that it spends, the chain. Out: the first lock that has not opened.

use crate::bitcoin::index::Index;
use crate::bitcoin::rejected::Rejected;
use bitcoin::absolute::LockTime;
use bitcoin::{OutPoint, Transaction, relative};

/// A coinbase can be spent so many blocks after its own.
const MATURITY: u32 = 100;

/// Where a coin that is to be spent comes from.
pub(super) struct Origin {
    pub(super) outpoint: OutPoint,
    /// The height of its block; that of the next block if it waits in the mempool.
    pub(super) height: u32,
    pub(super) coinbase: bool,
}

/// Whether the lock time has come.
pub(super) fn check_absolute(index: &Index, transaction: &Transaction) -> Result<(), Rejected> {
    let open = match transaction.lock_time {
        LockTime::Blocks(height) => height.to_consensus_u32() < index.length(),
        LockTime::Seconds(time) => {
            time.to_consensus_u32() < index.median_time_past(index.tip().height)
        }
    };
    let ignored = transaction.lock_time == LockTime::ZERO || !transaction.is_lock_time_enabled();
    match open || ignored {
        true => Ok(()),
        false => Err(Rejected::NonFinal),
    }
}

/// Whether the coins are old enough; `origins` has one for each input.
pub(super) fn check_coins(
    index: &Index,
    transaction: &Transaction,
    origins: &[Origin],
) -> Result<(), Rejected> {
    let next = index.length();
    for (input, origin) in origins.iter().enumerate() {
        let Origin {
            outpoint,
            height,
            coinbase,
        } = *origin;
        if coinbase && next - height < MATURITY {
            return Err(Rejected::PrematureCoinbase { outpoint });
        }
        let sequence = transaction.input[input].sequence;
        let open = match sequence.to_relative_lock_time() {
            Some(relative::LockTime::Blocks(blocks)) => next >= height + u32::from(blocks.value()),
            // Counted from the median time before the coin's block to the one before the next block.
            Some(relative::LockTime::Time(time)) => {
                let from = index.median_time_past(height.saturating_sub(1));
                index.median_time_past(next - 1) >= from + u32::from(time.value()) * 512
            }
            None => true,
        };
        if transaction.version.0 >= 2 && !open {
            return Err(Rejected::RelativeLock { input });
        }
    }
    Ok(())
}
