//! One Solana chain in process: [`Chain::submit`] gives a transaction to the runtime in the open slot, [`Chain::advance`] lets slots pass.
//!
//! - Real: execution, signatures, fees, rent, the system, SPL token and associated token account programs. Ours: slots and blocks (`slots`), which
//!   blockhashes and nonces are accepted (`age`, after Agave's bank), how accounts looked at an earlier slot (`history`), the faucet.
//! - The clock is a parameter: slots are 400 ms apart from the genesis time on. Same calls, same chain.
//! - Left out: votes, forks, rewards, epochs, address lookup tables. All that happened is kept in memory.

mod age;
mod faucet;
mod history;
mod processed;
mod slots;
mod token;

pub use faucet::FaucetError;
pub use processed::Processed;
pub use slots::{Block, Commitment, FINALITY, MAX_AGE, Slot};
pub use token::{TokenAmount, TokenBalance};

use history::History;
use litesvm::LiteSVM;
use slots::Slots;
use solana_account::{Account, ReadableAccount};
use solana_clock::Clock;
use solana_hash::Hash;
use solana_keypair::Keypair;
use solana_message::SimpleAddressLoader;
use solana_pubkey::Pubkey;
use solana_signature::Signature;
use solana_transaction::sanitized::{MessageHash, SanitizedTransaction};
use solana_transaction::versioned::VersionedTransaction;
use solana_transaction_error::TransactionError;
use std::collections::{BTreeMap, HashSet};
use thiserror::Error;

/// Slots that a new chain has behind it, so that a finalized one exists that is not the first.
const FIRST: Slot = 64;

/// Why a transaction does not reach a block.
#[derive(Error, Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It is no transaction in the sense of the format, or needs address lookup tables.
    #[error("invalid transaction: {0}")]
    Unreadable(TransactionError),
    /// A signature is not that of its key.
    #[error("Transaction signature verification failure")]
    Signature,
    /// It would not be put in a block, or (in a preflight) would fail there.
    #[error("Transaction simulation failed: {error}")]
    Simulation {
        /// Why.
        error: TransactionError,
        /// What the programs logged.
        logs: Vec<String>,
    },
}

impl Refused {
    fn simulation(error: TransactionError) -> Self {
        let logs = Vec::new();
        Self::Simulation { error, logs }
    }
}

/// A chain.
pub struct Chain {
    vm: LiteSVM,
    slots: Slots,
    history: History,
    processed: BTreeMap<Signature, Processed>,
    faucet: Keypair,
    /// Makes two equal gifts of the faucet two transactions.
    gifts: u64,
}

impl Chain {
    /// A chain whose first slot was at `genesis` (Unix seconds), with 64 slots behind it.
    pub fn new(genesis: i64) -> Self {
        // Age and repetition are checked here, for the virtual machine knows only one blockhash and few signatures.
        let vm = LiteSVM::new()
            .with_blockhash_check(false)
            .with_transaction_history(0);
        let mut chain = Self {
            vm,
            slots: Slots::new(genesis),
            history: History::default(),
            processed: BTreeMap::new(),
            faucet: faucet::keypair(),
            gifts: 0,
        };
        chain.endow_faucet();
        chain.advance(FIRST);
        chain
    }

    /// The last slot of a commitment: the open one if it is processed.
    pub fn slot(&self, commitment: Commitment) -> Slot {
        self.slots.at(commitment)
    }

    /// The last blockhash of a commitment.
    pub fn blockhash(&self, commitment: Commitment) -> Hash {
        self.slots.last(self.slot(commitment)).1.hash
    }

    /// The block of a slot; none for a slot that is open or was skipped.
    pub fn block(&self, slot: Slot) -> Option<&Block> {
        self.slots.block(slot)
    }

    /// The blocks, the last one first.
    pub fn blocks(&self) -> impl Iterator<Item = (Slot, &Block)> {
        self.slots.newest_first()
    }

    /// Closes the open slot with a block and opens the next, so many times.
    pub fn advance(&mut self, slots: u64) {
        for _ in 0..slots {
            self.slots.close();
            self.follow_the_slot();
        }
    }

    /// Ends the open slot without a block, as when its leader is away. What was processed in it goes into the next.
    pub fn skip(&mut self) {
        self.slots.skip();
        self.follow_the_slot();
    }

    fn follow_the_slot(&mut self) {
        let slot = self.slots.open();
        let mut clock = self.vm.get_sysvar::<Clock>();
        clock.slot = slot;
        clock.unix_timestamp = self.slots.time(slot);
        self.vm.set_sysvar(&clock);
    }

    /// An account as it was at the end of a slot (as it is, for the open one). One without lamports does not exist.
    pub fn account(&self, address: &Pubkey, slot: Slot) -> Option<Account> {
        let account = match self.history.at(address, slot) {
            Some(account) => account,
            None => self.vm.get_account(address),
        };
        account.filter(|account| account.lamports > 0)
    }

    /// What an account must hold to be kept, by the size of its data.
    pub fn rent_exemption(&self, size: usize) -> u64 {
        self.vm.minimum_balance_for_rent_exemption(size)
    }

    /// A transaction that reached a block or the open slot.
    pub fn processed(&self, signature: &Signature) -> Option<&Processed> {
        self.processed.get(signature)
    }

    /// Those of a block, in its order.
    pub fn processed_in(&self, block: &Block) -> Vec<&Processed> {
        let signatures = block.signatures.iter();
        signatures
            .filter_map(|signature| self.processed.get(signature))
            .collect()
    }

    /// What a node does before it sends a transaction on: signatures, age as of a commitment, and execution on the newest state.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn preflight(
        &self,
        transaction: &VersionedTransaction,
        commitment: Commitment,
    ) -> Result<(), Refused> {
        let sanitized = sanitize(transaction)?;
        sanitized.verify().map_err(|_| Refused::Signature)?;
        let slot = self.slot(commitment);
        self.check_age(&sanitized, slot)
            .map_err(Refused::simulation)?;
        self.check_new(&sanitized, slot)
            .map_err(Refused::simulation)?;
        if self.processed.contains_key(sanitized.signature()) {
            // It was executed in a later slot than this one: to run it on its own results would say nothing.
            return Ok(());
        }
        let outcome = self.vm.simulate_transaction(transaction.clone());
        outcome.map(drop).map_err(|failed| Refused::Simulation {
            error: failed.err,
            logs: failed.meta.logs,
        })
    }

    /// Gives a transaction to the leader of the open slot. One that fails in a program is in the block and pays its fee.
    ///
    /// # Errors
    /// It is dropped: it has no valid signatures, is too old, was there already, or can't pay.
    pub fn submit(&mut self, transaction: VersionedTransaction) -> Result<&Processed, Refused> {
        let sanitized = sanitize(&transaction)?;
        sanitized.verify().map_err(|_| Refused::Signature)?;
        let open = self.slots.open();
        let age = self
            .check_age(&sanitized, open)
            .map_err(Refused::simulation)?;
        self.check_new(&sanitized, open)
            .map_err(Refused::simulation)?;
        let keys: Vec<Pubkey> = sanitized.message().account_keys().iter().copied().collect();
        let before = self.accounts(&keys);
        let outcome = self.vm.send_transaction(transaction.clone());
        let (outcome, meta) = match outcome {
            Ok(meta) => (Ok(()), meta),
            // The runtime's mark of a transaction that can't be put in a block.
            Err(failed) if failed.meta.signature == Signature::default() => {
                return Err(Refused::Simulation {
                    error: failed.err,
                    logs: failed.meta.logs,
                });
            }
            Err(failed) => (Err(failed.err), failed.meta),
        };
        self.settle_nonces(&keys, &before, &age, outcome.is_err());
        let after = self.accounts(&keys);
        self.history.record(open, &keys, &before, &after);
        let signature = *sanitized.signature();
        self.slots.include(signature);
        let processed = Processed {
            slot: open,
            pre_tokens: self.token_balances(&before, &keys),
            post_tokens: self.token_balances(&after, &keys),
            pre: balances(&before),
            post: balances(&after),
            transaction,
            outcome,
            meta,
        };
        Ok(self.processed.entry(signature).or_insert(processed))
    }

    fn accounts(&self, keys: &[Pubkey]) -> Vec<Option<Account>> {
        keys.iter().map(|key| self.vm.get_account(key)).collect()
    }

    /// Whether it is in no block up to a slot.
    fn check_new(
        &self,
        sanitized: &SanitizedTransaction,
        slot: Slot,
    ) -> Result<(), TransactionError> {
        match self.processed.get(sanitized.signature()) {
            Some(known) if known.slot <= slot => Err(TransactionError::AlreadyProcessed),
            _ => Ok(()),
        }
    }
}

fn balances(accounts: &[Option<Account>]) -> Vec<u64> {
    let lamports =
        |account: &Option<Account>| account.as_ref().map_or(0, ReadableAccount::lamports);
    accounts.iter().map(lamports).collect()
}

fn sanitize(transaction: &VersionedTransaction) -> Result<SanitizedTransaction, Refused> {
    SanitizedTransaction::try_create(
        transaction.clone(),
        MessageHash::Compute,
        None,
        SimpleAddressLoader::Disabled,
        &HashSet::new(),
    )
    .map_err(Refused::Unreadable)
}
