//! Recent transactions: the window of time, and duplicates in it.
//!
//! - What it does: [`Recent::admit`] is asked before a transaction; [`Recent::record`] remembers it after. A transaction without a time of creation
//!   is always new.
//! - Specification: ICRC-1, "Transaction deduplication", with a window of 24 hours and a drift of 2 minutes. Both ends belong to the
//!   window.
//! - A [`Fingerprint`] is SHA-256 over the Candid encoding of method, caller and arguments, so that two calls are duplicates only if
//!   all their fields are equal: an account without a subaccount is not the one with zeros.
//! - Cost: one look-up and at most two insertions; each recorded transaction forgets up to [`FORGET_AT_ONCE`] that have left the window.

use crate::chain::BlockIndex;
use crate::error::Refused;
use crate::memory::{Region, RegionMemory, Regions};
use candid::{CandidType, Principal};
use canister_kit::domain::Hash;
use canister_kit::encoding::Timestamp;
use ic_stable_structures::{Memory, StableBTreeMap};
use sha2::{Digest, Sha256};

/// How long transactions are remembered: 24 hours.
pub const TX_WINDOW: u64 = Timestamp::DAY;

/// How far clocks may differ: 2 minutes.
pub const PERMITTED_DRIFT: u64 = 120 * Timestamp::SECOND;

/// How many transactions are forgotten with each that is recorded. More than one, so that the backlog shrinks.
pub const FORGET_AT_ONCE: usize = 16;

/// What tells transactions apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fingerprint(Hash);

impl Fingerprint {
    /// Of a call of `method` by `caller`.
    pub fn of(method: &str, caller: Principal, args: &impl CandidType) -> Self {
        match candid::encode_args((method, caller, args)) {
            Ok(bytes) => Self(Sha256::digest(bytes).into()),
            // These arguments came out of Candid.
            Err(error) => panic!("arguments do not encode: {error}"),
        }
    }
}

/// A transaction that is in the window and new.
#[must_use]
pub struct Admitted {
    /// Its time of creation and fingerprint, if it has a time.
    remembered: Option<(u64, Fingerprint)>,
}

impl Admitted {
    /// When the caller made it.
    pub fn created_at(&self) -> Option<u64> {
        self.remembered.map(|(created_at, _)| created_at)
    }
}

/// The transactions of the window that have a time of creation.
pub struct Recent<M: Memory> {
    blocks: StableBTreeMap<Hash, BlockIndex, RegionMemory<M>>,
    order: StableBTreeMap<(u64, Hash), (), RegionMemory<M>>,
}

impl<M: Memory> Recent<M> {
    /// Opens what the regions hold.
    pub fn open(regions: &Regions<M>) -> Self {
        Self {
            blocks: StableBTreeMap::init(regions.open(Region::Recent)),
            order: StableBTreeMap::init(regions.open(Region::RecentOrder)),
        }
    }

    /// Whether a transaction is in the window and new.
    ///
    /// # Errors
    /// `TooOld`, `CreatedInFuture` or `Duplicate`.
    pub fn admit(
        &self,
        at: Timestamp,
        created_at: Option<u64>,
        fingerprint: Fingerprint,
    ) -> Result<Admitted, Refused> {
        let Some(created_at) = created_at else {
            return Ok(Admitted { remembered: None });
        };
        if created_at < start_of_window(at) {
            return Err(Refused::TooOld);
        }
        if created_at > at.after(PERMITTED_DRIFT).0 {
            return Err(Refused::CreatedInFuture { ledger_time: at.0 });
        }
        match self.blocks.get(&fingerprint.0) {
            Some(of) => Err(Refused::Duplicate { of }),
            None => Ok(Admitted {
                remembered: Some((created_at, fingerprint)),
            }),
        }
    }

    /// Remembers a transaction, and forgets some that have left the window.
    pub fn record(&mut self, at: Timestamp, admitted: Admitted, block: BlockIndex) {
        let Some((created_at, Fingerprint(fingerprint))) = admitted.remembered else {
            return;
        };
        self.blocks.insert(fingerprint, block);
        self.order.insert((created_at, fingerprint), ());
        for _ in 0..FORGET_AT_ONCE {
            let Some((first, ())) = self.order.first_key_value() else {
                return;
            };
            if first.0 >= start_of_window(at) {
                return;
            }
            self.order.remove(&first);
            self.blocks.remove(&first.1);
        }
    }

    /// How many are remembered.
    #[cfg(test)]
    pub fn remembered(&self) -> (u64, u64) {
        (self.blocks.len(), self.order.len())
    }
}

/// The first time of creation that is not too old.
fn start_of_window(at: Timestamp) -> u64 {
    at.0.saturating_sub(TX_WINDOW + PERMITTED_DRIFT)
}

#[cfg(test)]
mod tests;
