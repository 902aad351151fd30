//! What draws need beyond keys, as a test sets it.
//!
//! - It exists only under `#[cfg(test)]`.

use super::Outside;
use crate::signer;
use crate::world::World;
use candid::Principal;
use canister_kit::KeyName;
use canister_kit::calls::CallError;
use draw_proof::Hash;
use draw_proof::beacon::Round;
use draw_proof::history::Facts;
use draw_proof::vrf::BEACON_CONTEXT;
use std::cell::Cell;

/// The canister's history, and the tape.
pub struct Around {
    /// What `canister_info` says.
    pub facts: Cell<Facts>,
    /// What `raw_rand` gives next; each answer raises it.
    pub tape: Cell<u8>,
}

impl Default for Around {
    fn default() -> Self {
        Self {
            facts: Cell::new(Facts {
                total_changes: 2,
                last_install: Some(5),
                module_hash: Some([7; 32]),
            }),
            tape: Cell::new(1),
        }
    }
}

impl Outside for World<Around> {
    async fn facts(&self) -> Result<Facts, CallError> {
        let facts = self.more.facts.get();
        self.meet(facts, facts).await
    }

    async fn raw_rand(&self) -> Result<Hash, CallError> {
        let value = self.more.tape.get();
        self.more.tape.set(value + 1);
        self.meet([value; 32], [0; 32]).await
    }

    async fn beacon_key(&self, beacon: Principal, _: &KeyName) -> Result<Vec<u8>, CallError> {
        let key = signer::key(beacon.as_slice(), BEACON_CONTEXT);
        self.meet(key.bytes().to_vec(), vec![7; 96]).await
    }

    async fn beacon_round(&self, beacon: Principal, round: u64) -> Result<Vec<u8>, CallError> {
        let sign = |round: Round| {
            let beacon = beacon.as_slice();
            signer::sign(beacon, BEACON_CONTEXT, &round.input(beacon)).to_vec()
        };
        self.meet(sign(Round(round)), sign(Round(round + 1))).await
    }
}
