//! Which transactions are young enough, and how durable nonces move: the rules of Agave's bank, which the virtual machine leaves to its user.
//!
//! - A transaction names the blockhash of one of the last 150 blocks, or its first instruction advances a nonce account, whose authority
//!   signs, and it names the nonce that is stored there.
//! - A nonce that moves becomes the hash of the last blockhash (also if the transaction's other instructions fail); one that is that hash already
//!   can't be used in the same slot.

use crate::chain::{Chain, Slot};
use solana_account::Account;
use solana_nonce::state::{DurableNonce, State};
use solana_nonce::versions::Versions;
use solana_pubkey::Pubkey;
use solana_transaction::sanitized::SanitizedTransaction;
use solana_transaction_error::TransactionError;

/// The instruction that must advance the nonce.
const MARKER: usize = 0;

/// What makes a transaction young.
pub(super) enum Age {
    /// A recent blockhash.
    Recent,
    /// The nonce in this account.
    Nonce(Pubkey),
}

impl Chain {
    /// Whether a transaction is young enough at a slot.
    pub(super) fn check_age(
        &self,
        sanitized: &SanitizedTransaction,
        slot: Slot,
    ) -> Result<Age, TransactionError> {
        let message = sanitized.message();
        let named = message.recent_blockhash();
        if self.slots.is_recent(named, slot) {
            return Ok(Age::Recent);
        }
        let nonce = message.get_durable_nonce().filter(|address| {
            let stored = self.account(address, slot);
            let stored = stored.as_ref().and_then(initialized);
            stored.is_some_and(|data| {
                let mut signers = message.get_ix_signers(MARKER);
                data.blockhash() == *named
                    && data.durable_nonce != self.next_nonce(slot)
                    && signers.any(|signer| *signer == data.authority)
            })
        });
        nonce
            .map(|address| Age::Nonce(*address))
            .ok_or(TransactionError::BlockhashNotFound)
    }

    /// What a nonce becomes in a slot.
    fn next_nonce(&self, slot: Slot) -> DurableNonce {
        DurableNonce::from_blockhash(&self.slots.last(slot).1.hash)
    }

    /// After a transaction: gives nonces that moved the value that they have in a bank (the virtual machine takes the hash that the
    /// transaction names for the last one), and moves that of one that failed.
    pub(super) fn settle_nonces(
        &mut self,
        keys: &[Pubkey],
        before: &[Option<Account>],
        age: &Age,
        failed: bool,
    ) {
        for (key, before) in keys.iter().zip(before) {
            let Some(account) = self.vm.get_account(key) else {
                continue;
            };
            let old = before.as_ref().and_then(initialized);
            let new = initialized(&account);
            let moved = new.is_some()
                && old.map(|data| data.durable_nonce) != new.map(|data| data.durable_nonce);
            let rolled = failed && matches!(age, Age::Nonce(address) if address == key);
            if moved || rolled {
                self.move_nonce(key, account);
            }
        }
    }

    fn move_nonce(&mut self, key: &Pubkey, mut account: Account) {
        let Some(mut data) = initialized(&account) else {
            return;
        };
        data.durable_nonce = self.next_nonce(self.slots.open());
        let state = Versions::new(State::Initialized(data));
        account.data = bincode::serialize(&state).expect("80 bytes");
        let set = self.vm.set_account(*key, account);
        set.expect("a nonce account is no program");
    }
}

/// What a nonce account stores.
fn initialized(account: &Account) -> Option<solana_nonce::state::Data> {
    let held = account.owner == solana_system_interface::program::ID
        && account.data.len() == State::size();
    match bincode::deserialize(held.then_some(&account.data)?).ok()? {
        Versions::Current(state) => match *state {
            State::Initialized(data) => Some(data),
            State::Uninitialized => None,
        },
        Versions::Legacy(_) => None,
    }
}
