//! The ledger: books, chain and recent transactions, joined.
//!
//! - What it does: every transaction goes one way: memo, window and duplicates ([`Ledger::admit`]), the rules of its method
//!   ([`crate::movement`], [`crate::approval`]), then [`Ledger::commit`]: books, block, memory of it. What is refused has changed nothing.
//! - Specification: ICRC-1, ICRC-2, ICRC-3.
//! - The caller gives the time and the caller of the message, and certifies [`Chain::tip_tree`] after each change.

use crate::account::Account;
use crate::block::{Kind, Movement, Operation};
use crate::book::Book;
use crate::chain::{BlockIndex, Chain, Entry};
use crate::config::{Config, InitArgs, InitError, MAX_MEMO_BYTES, Slot};
use crate::error::{Other, Refused};
use crate::memory::{Region, RegionMemory, Regions};
use crate::recent::{Admitted, Fingerprint, Recent};
use crate::request::{Allowance, AllowanceArgs};
use crate::tokens::Tokens;
use candid::Nat;
use canister_kit::encoding::Timestamp;
use ic_stable_structures::{Memory, StableCell};
use serde_bytes::ByteBuf;

/// The ledger in its stable memory.
pub struct Ledger<M: Memory> {
    config: StableCell<Slot, RegionMemory<M>>,
    pub(crate) book: Book<M>,
    pub(crate) chain: Chain<M>,
    recent: Recent<M>,
}

/// What a transaction says about itself.
pub(crate) struct Envelope {
    /// What tells it apart.
    pub fingerprint: Fingerprint,
    /// What the caller added.
    pub memo: Option<ByteBuf>,
    /// When the caller made it.
    pub created_at: Option<u64>,
}

/// An envelope that was opened: the transaction is new, in time, and its memo is short enough.
#[must_use]
pub(crate) struct Opened {
    at: Timestamp,
    admitted: Admitted,
    memo: Option<ByteBuf>,
}

/// A fee that is the right one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fee {
    /// How much.
    pub amount: Tokens,
    /// Whether the caller named it.
    pub named: bool,
}

impl<M: Memory> Ledger<M> {
    /// Opens the ledger that a memory holds, or an empty place for one.
    pub fn open(memory: M) -> Self {
        let regions = Regions::of(memory);
        Self {
            config: StableCell::init(regions.open(Region::Config), Slot(None)),
            book: Book::open(&regions),
            chain: Chain::open(&regions),
            recent: Recent::open(&regions),
        }
    }

    /// Installs the ledger: keeps its configuration and mints what there is to begin with.
    ///
    /// # Errors
    /// [`InitError`]; the caller traps, so that nothing is kept.
    pub fn install(&mut self, at: Timestamp, args: &InitArgs) -> Result<(), InitError> {
        if self.config.get().0.is_some() {
            return Err(InitError::AlreadyInstalled);
        }
        let config = Config::of(args)?;
        for (to, amount) in &args.initial_balances {
            if config.mints(to) {
                return Err(InitError::MintingBalance);
            }
            self.endow(at, config.minting_account, *to, amount)?;
        }
        self.config.set(Slot(Some(config)));
        Ok(())
    }

    fn endow(
        &mut self,
        at: Timestamp,
        from: Account,
        to: Account,
        amount: &Nat,
    ) -> Result<(), InitError> {
        let movement = Movement {
            kind: Kind::Mint,
            from,
            to,
            spender: None,
            amount: amount.into(),
        };
        self.book
            .afford(&movement, Tokens::ZERO, at)
            .map_err(|_| InitError::Supply)?;
        let operation = Operation::Move(movement);
        self.book.apply(&operation, Tokens::ZERO);
        let entry = Entry {
            operation,
            fee: Tokens::ZERO,
            fee_named: false,
            memo: None,
            created_at: None,
        };
        self.chain.append(at, entry);
        Ok(())
    }

    /// Checks after an upgrade that there is a ledger.
    ///
    /// # Errors
    /// [`InitError::NotInstalled`].
    pub fn reopen(&self) -> Result<(), InitError> {
        match self.config.get().0 {
            Some(_) => Ok(()),
            None => Err(InitError::NotInstalled),
        }
    }

    /// What the installer chose.
    ///
    /// # Panics
    /// Before `init`, which no call precedes.
    pub fn config(&self) -> &Config {
        match &self.config.get().0 {
            Some(config) => config,
            None => panic!("the ledger is not installed"),
        }
    }

    /// The books, for reading.
    pub fn book(&self) -> &Book<M> {
        &self.book
    }

    /// The chain, for reading.
    pub fn chain(&self) -> &Chain<M> {
        &self.chain
    }

    /// What `icrc2_allowance` answers.
    pub fn allowance(&self, at: Timestamp, args: &AllowanceArgs) -> Allowance {
        let granted = self.book.allowance(&args.account, &args.spender, at);
        Allowance {
            allowance: granted.amount.into(),
            expires_at: granted.expires_at,
        }
    }

    /// The first checks of every transaction.
    ///
    /// # Errors
    /// The memo is too long, the time of creation is outside the window, or the transaction is in a block.
    pub(crate) fn admit(&self, at: Timestamp, envelope: Envelope) -> Result<Opened, Refused> {
        let bytes = envelope.memo.as_ref().map_or(0, |memo| memo.len());
        if bytes > MAX_MEMO_BYTES {
            let most = MAX_MEMO_BYTES;
            return Err(Other::MemoTooLong { bytes, most }.into());
        }
        let admitted = self
            .recent
            .admit(at, envelope.created_at, envelope.fingerprint)?;
        Ok(Opened {
            at,
            admitted,
            memo: envelope.memo,
        })
    }

    /// The fee of a transaction that costs `due`.
    ///
    /// # Errors
    /// The caller named another one.
    pub(crate) fn fee(&self, named: Option<&Nat>, due: Tokens) -> Result<Fee, Refused> {
        match named.is_none_or(|named| *named == Nat::from(due)) {
            true => Ok(Fee {
                amount: due,
                named: named.is_some(),
            }),
            false => Err(Refused::BadFee { expected: due }),
        }
    }

    /// Makes a transaction whose operation is covered.
    pub(crate) fn commit(&mut self, opened: Opened, operation: Operation, fee: Fee) -> BlockIndex {
        self.book.apply(&operation, fee.amount);
        let entry = Entry {
            operation,
            fee: fee.amount,
            fee_named: fee.named,
            memo: opened.memo,
            created_at: opened.admitted.created_at(),
        };
        let block = self.chain.append(opened.at, entry);
        self.recent.record(opened.at, opened.admitted, block);
        block
    }

    /// How many recent transactions are remembered.
    #[cfg(test)]
    pub fn remembered(&self) -> (u64, u64) {
        self.recent.remembered()
    }
}

#[cfg(test)]
mod tests;
