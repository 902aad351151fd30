//! Why a method of the beacon is refused: the one error that its callers see.
//!
//! - Out: a Candid variant; texts say what to do. A refused call has changed nothing but the caller's quota, and what an attempt to draw records of itself.

use candid::CandidType;
use canister_kit::Refusal;
use canister_kit::calls::CallError;
use canister_kit::own_key::NotFetched;
use serde::Deserialize;
use thiserror::Error;

/// Why a method of the beacon is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum BeaconError {
    /// For a reason that every canister has.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The canister does not know its own public key yet.
    #[error("call `prepare_key` once, then ask again")]
    KeyNotPrepared,
    /// The management canister did not tell the key.
    #[error("the management canister did not tell the key: {0}; ask again")]
    KeyUnavailable(CallError),
    /// The management canister told something that is no key, or another than the one that is kept. Nothing was kept.
    #[error("what the management canister told is not the canister's key; report this")]
    KeyMalformed,
    /// The network has no key of the configured name.
    #[error("the network has no key of the configured name")]
    NoSuchKey,
    /// A label has at most 64 bytes.
    #[error("a label has at most 64 bytes")]
    LabelLength,
    /// Rounds are asked for before they are drawn, and not too early.
    #[error("ask for a round from {first} to {last}")]
    RoundOutOfReach {
        /// The first that can be asked for now.
        first: u64,
        /// The last.
        last: u64,
    },
    /// Nobody has asked for this round.
    #[error("nobody has asked for this round")]
    NoSuchRound,
    /// The round is not drawn before its time, whoever asks.
    #[error("the round is drawn from {at} on")]
    NotYet {
        /// Nanoseconds since 1970.
        at: u64,
    },
    /// Another call is drawing it.
    #[error("the round is being drawn; look at it in a few seconds")]
    BeingDrawn,
    /// The last attempt has just failed.
    #[error("try again from {at} on")]
    TriedJustNow {
        /// Nanoseconds since 1970.
        at: u64,
    },
    /// The management canister did not sign. The round can be drawn later, with the same result.
    #[error("the round was not drawn: {0}; try again later, the result will be the same")]
    NotDrawn(CallError),
}

impl From<NotFetched> for BeaconError {
    fn from(not_fetched: NotFetched) -> Self {
        match not_fetched {
            NotFetched::Silent(error) => Self::KeyUnavailable(error),
            NotFetched::Wrong(_) => Self::KeyMalformed,
        }
    }
}
