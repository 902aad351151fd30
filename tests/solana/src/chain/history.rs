//! Accounts at earlier slots, so that a finalized balance is the one of a finalized block.
//!
//! - In: accounts before and after each transaction. Out: an account as it was at the end of a slot; accounts that no transaction ever
//!   touched are not here, for they are as they are.

use crate::chain::Slot;
use solana_account::Account;
use solana_pubkey::Pubkey;
use std::collections::BTreeMap;

/// An account that is there, or is not.
type State = Option<Account>;

/// Every change of every account.
#[derive(Default)]
pub(super) struct History(BTreeMap<Pubkey, Vec<(Slot, State)>>);

impl History {
    /// What a transaction in `slot` made of its accounts.
    pub(super) fn record(
        &mut self,
        slot: Slot,
        keys: &[Pubkey],
        before: &[State],
        after: &[State],
    ) {
        for ((key, before), after) in keys.iter().zip(before).zip(after) {
            if before != after {
                let states = self
                    .0
                    .entry(*key)
                    .or_insert_with(|| vec![(0, before.clone())]);
                states.push((slot, after.clone()));
            }
        }
    }

    /// An account at the end of a slot; nothing if no transaction ever changed it.
    pub(super) fn at(&self, key: &Pubkey, slot: Slot) -> Option<State> {
        let states = self.0.get(key)?.iter().rev();
        let mut states = states.filter(|(since, _)| *since <= slot);
        states.next().map(|(_, state)| state.clone())
    }
}
