//! A digest of the replicated state: the same seed and inputs give the same root.
//!
//! This is not the certified state tree of the specification (that comes with certification); it covers everything that
//! execution depends on, so that two runs can be compared. In: the state. Out: 32 bytes.

use super::SubnetState;
use crate::canister::Canister;
use sha2::{Digest, Sha256};
use std::fmt::Debug;

impl SubnetState {
    /// The digest.
    pub fn root(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        add(
            &mut hasher,
            &(self.config.id, self.time, self.round, self.created),
        );
        add(&mut hasher, &self.ingress);
        add(&mut hasher, &self.management_calls);
        for canister in self.canisters.values() {
            add_canister(&mut hasher, canister);
        }
        hasher.finalize().into()
    }
}

fn add_canister(hasher: &mut Sha256, canister: &Canister) {
    add(
        hasher,
        &(
            canister.id,
            &canister.settings,
            &canister.status,
            canister.balance,
            canister.reserved_balance,
        ),
    );
    add(
        hasher,
        &(
            &canister.contexts,
            &canister.queues,
            &canister.tasks,
            canister.next_task,
        ),
    );
    add(
        hasher,
        &(
            &canister.certified_data,
            canister.global_timer,
            canister.version,
            &canister.history,
        ),
    );
    add(
        hasher,
        &(
            &canister.log,
            canister.chunks.keys(),
            canister.snapshots.keys(),
        ),
    );
    add(hasher, &canister.module().map(|module| module.hash));
    add(hasher, &canister.wasm_state.globals);
    hasher.update(canister.wasm_state.heap.digest());
    hasher.update(canister.wasm_state.stable.digest());
}

/// Adds a value by its debug form, which shows all of it, with its length before it.
fn add(hasher: &mut Sha256, value: &impl Debug) {
    let text = format!("{value:?}");
    hasher.update((text.len() as u64).to_be_bytes());
    hasher.update(text);
}
