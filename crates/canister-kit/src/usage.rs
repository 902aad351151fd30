//! The answer of the query `usage`: what the caller may still do.
//!
//! - In: the kit's state and the caller. Out: one Candid record, of the caller only; nobody can ask for another.

use crate::admission::Standing;
use candid::{CandidType, Principal};
use serde::Deserialize;

/// What a caller may still do.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// The caller.
    pub caller: Principal,
    /// Calls that the caller's quota lets through now.
    pub calls_left: u32,
    /// Calls of a full quota.
    pub calls_at_most: u32,
    /// Nanoseconds until the quota has one call more.
    pub call_returns_every: u64,
    /// Calls that the quota of all callers together lets through now; of all who are not admitted, if the caller is not.
    pub calls_left_together: u32,
    /// The caller's requests on record.
    pub requests: u32,
    /// Requests on record that one caller may have.
    pub requests_at_most: u32,
    /// What the caller may spend.
    pub standing: UsageStanding,
}

/// What a caller may spend, by the canister's admission.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub enum UsageStanding {
    /// Whether the caller is on the list.
    Listed(bool),
    /// The caller's balance, in cycles.
    Balance(u128),
    /// What is left today for all callers together, in cycles.
    LeftToday(u128),
}

impl From<Standing> for UsageStanding {
    fn from(standing: Standing) -> Self {
        match standing {
            Standing::Listed(listed) => Self::Listed(listed),
            Standing::Balance(cycles) => Self::Balance(cycles.0),
            Standing::LeftToday(cycles) => Self::LeftToday(cycles.0),
        }
    }
}
