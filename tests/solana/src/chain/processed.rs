//! A transaction that was put in a block, and what became of it.

use crate::chain::{Slot, TokenBalance};
use litesvm::types::TransactionMetadata;
use solana_message::VersionedMessage;
use solana_pubkey::Pubkey;
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_error::TransactionError;

/// A processed transaction. The lists of balances are in the order of its account keys.
#[derive(Clone, Debug)]
pub struct Processed {
    /// The slot in which it was processed.
    pub slot: Slot,
    /// What was signed.
    pub transaction: VersionedTransaction,
    /// Whether its instructions succeeded; if not, it paid its fee all the same.
    pub outcome: Result<(), TransactionError>,
    /// What the runtime says of it.
    pub meta: TransactionMetadata,
    /// Lamports before.
    pub pre: Vec<u64>,
    /// Lamports after.
    pub post: Vec<u64>,
    /// Tokens before, of those accounts that hold some kind of token.
    pub pre_tokens: Vec<TokenBalance>,
    /// Tokens after.
    pub post_tokens: Vec<TokenBalance>,
}

impl Processed {
    /// The accounts that it names.
    pub fn keys(&self) -> &[Pubkey] {
        self.transaction.message.static_account_keys()
    }

    /// Whether it may write to an account.
    pub fn writes(&self, address: &Pubkey) -> bool {
        let place = self.keys().iter().position(|key| key == address);
        place.is_some_and(|place| self.transaction.message.is_maybe_writable(place, None))
    }

    /// What it offers for each compute unit, in millionths of a lamport: the price set by its instruction of the compute budget program.
    pub fn unit_price(&self) -> u64 {
        let message: &VersionedMessage = &self.transaction.message;
        let set = message.instructions().iter().find_map(|instruction| {
            let program = self.keys().get(usize::from(instruction.program_id_index))?;
            let (tag, price) = instruction.data.split_first()?;
            // Instruction 3 of that program is `SetComputeUnitPrice(u64)`.
            let matches = *program == solana_compute_budget_interface::id() && *tag == 3;
            matches.then(|| price.try_into().map(u64::from_le_bytes).ok())?
        });
        set.unwrap_or(0)
    }
}
