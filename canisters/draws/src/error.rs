//! Why a method is refused: the one error that callers see.
//!
//! - Out: a Candid variant; texts say what to do. A refused call has changed nothing but the caller's quota, and what an attempt to draw records of itself.

use candid::CandidType;
use canister_kit::Refusal;
use canister_kit::calls::CallError;
use draw_proof::DrawProofError;
use serde::Deserialize;
use thiserror::Error;

/// Why a method is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum DrawsError {
    /// For a reason that every canister has.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The specification breaks a rule.
    #[error("the specification breaks a rule: {0}")]
    Spec(String),
    /// The closing time is over or too far ahead.
    #[error("let the draw close after {after} and at {at_latest} at the latest")]
    ClosingTime {
        /// After this time.
        after: u64,
        /// Not later than this.
        at_latest: u64,
    },
    /// The network has no key of the configured name.
    #[error("the network has no key of the configured name")]
    NoSuchKey,
    /// There is no draw with this number.
    #[error("there is no draw with this number")]
    NoSuchDraw,
    /// An entry breaks a rule.
    #[error("an entry breaks a rule: {0}")]
    Entry(String),
    /// A batch has 1 to 1000 entries.
    #[error("a batch has 1 to 1000 entries")]
    BatchLength,
    /// Only the creator enters here, with `enter_batch`; or everyone for themselves, with `enter`.
    #[error("in this draw entries come in another way; look at its entrants")]
    OtherEntrants,
    /// There are no more entries: the closing time has come.
    #[error("the draw has closed for entries")]
    ClosedForEntries,
    /// There is no room for so many entries.
    #[error("there is room for {left} entries")]
    Full {
        /// For how many.
        left: u32,
    },
    /// The caller has as many entries as one person may have.
    #[error("one person has at most {each} entries")]
    TooManyOfOne {
        /// How many.
        each: u32,
    },
    /// It is too early.
    #[error("not before {at}")]
    NotYet {
        /// Nanoseconds since 1970.
        at: u64,
    },
    /// The draw has to be closed first.
    #[error("close the draw first")]
    NotClosed,
    /// The draw has to be drawn first.
    #[error("draw the draw first")]
    NotDrawn,
    /// The outcome is not complete.
    #[error("finalize the draw first")]
    NotFinal,
    /// Another call is working on the draw.
    #[error("the draw is being worked on; look at it in a few seconds")]
    BeingWorkedOn,
    /// The last attempt has just begun or failed.
    #[error("try again from {at} on")]
    TriedJustNow {
        /// Nanoseconds since 1970.
        at: u64,
    },
    /// What was asked for outside did not come. Nothing random was lost or chosen by it.
    #[error("nothing was told: {0}; ask again")]
    Silent(CallError),
    /// There is no such entry or part.
    #[error("there is no such entry or part")]
    OutOfRange,
}

impl DrawsError {
    /// A specification that breaks a rule.
    pub fn of_spec(error: DrawProofError) -> Self {
        Self::Spec(error.to_string())
    }

    /// An entry that breaks a rule.
    pub fn of_entry(error: DrawProofError) -> Self {
        Self::Entry(error.to_string())
    }
}
