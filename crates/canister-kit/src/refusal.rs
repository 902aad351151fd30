//! Why a call is refused: the one error of this package that callers see.
//!
//! - What it does: a Candid variant that every canister returns as it is or inside an error of its
//!   own. A refused call has changed nothing but what says so.
//! - Times are nanoseconds since 1970; cycles are `nat`.
//! - Left out: errors of `init`, which trap ([`crate::InitError`], [`crate::ConfigError`]), and errors of a
//!   canister's own methods.

use candid::CandidType;
use serde::Deserialize;
use thiserror::Error;

/// Why a call is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The caller is the anonymous principal, or the principal named in the call is.
    #[error("the anonymous principal may not do this")]
    Anonymous,
    /// A guardian has stopped the methods that pay.
    #[error("the canister is paused")]
    Paused,
    /// Only the guardian, or without one a controller, may do this.
    #[error("only the guardian may do this")]
    NotGuardian,
    /// The same caller already works on the same thing.
    #[error("a call of the same caller on the same thing is running")]
    Busy,
    /// As many calls are running as the canister keeps track of.
    #[error("too many calls are running")]
    TooManyRunning,
    /// The caller has used up its calls for now.
    #[error("the caller's quota is used up until {retry_at}")]
    QuotaExhausted {
        /// When the call would be let through.
        retry_at: u64,
    },
    /// All callers together have used up the calls for now.
    #[error("the quota of all callers together is used up until {retry_at}")]
    GlobalQuotaExhausted {
        /// When the call would be let through, if nobody else came first.
        retry_at: u64,
    },
    /// The table of callers is full, and none of them has its whole quota again.
    #[error("too many callers until {retry_at}")]
    TooManyCallers {
        /// When the first place becomes free.
        retry_at: u64,
    },
    /// The canister serves only principals on its list.
    #[error("the caller is not on the list of those who may call")]
    NotAllowed,
    /// The caller's prepaid balance does not cover the call.
    #[error("the caller's balance is {available} cycles, the call may cost {required}")]
    InsufficientBalance {
        /// What the caller has, in cycles.
        available: u128,
        /// What the call may cost, in cycles.
        required: u128,
    },
    /// The cycles that all callers together may use today are used up.
    #[error("{available} cycles are left today, the call may cost {required}")]
    BudgetExhausted {
        /// What is left today, in cycles.
        available: u128,
        /// What the call may cost, in cycles.
        required: u128,
        /// When the next day begins (UTC).
        retry_at: u64,
    },
    /// The canister admits callers in another way than the method is for.
    #[error("the canister was installed with another admission")]
    OtherAdmission,
    /// Fewer cycles are attached than a deposit must have.
    #[error("{attached} cycles are attached, a deposit has at least {minimum}")]
    DepositTooSmall {
        /// What the call brought.
        attached: u128,
        /// The smallest deposit.
        minimum: u128,
    },
    /// There is no place for another account or another entry of the list.
    #[error("there is no place for another account")]
    AccountsFull,
    /// A request id is empty or too long.
    #[error("a request id of {bytes} bytes; it has 1 to 64")]
    RequestIdLength {
        /// Its length.
        bytes: u64,
    },
    /// The caller used this request id for a call with other arguments.
    #[error("the request id was used with other arguments")]
    RequestIdReused,
    /// The caller has as many requests on record as one caller may have.
    #[error("the caller has too many requests on record")]
    TooManyRequests {
        /// When the oldest one may be forgotten; nothing while none of them has ended.
        retry_at: Option<u64>,
    },
    /// All callers together have as many requests on record as the canister keeps.
    #[error("too many requests are on record")]
    JournalFull {
        /// When the oldest one may be forgotten; nothing while none of them has ended.
        retry_at: Option<u64>,
    },
    /// The request is being worked on.
    #[error("the request is running")]
    RequestRunning,
    /// The request was begun and its outcome is not known; it was not begun again.
    #[error("the request's outcome is not known")]
    OutcomeUnknown,
    /// The request has ended; its result is on record.
    #[error("the request has ended")]
    RequestEnded,
    /// No request with this id is on record.
    #[error("there is no such request")]
    NoSuchRequest,
}

impl Refusal {
    /// A short name for metrics.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Paused => "paused",
            Self::NotGuardian => "not_guardian",
            Self::Busy => "busy",
            Self::TooManyRunning => "too_many_running",
            Self::QuotaExhausted { .. } => "quota_exhausted",
            Self::GlobalQuotaExhausted { .. } => "global_quota_exhausted",
            Self::TooManyCallers { .. } => "too_many_callers",
            Self::NotAllowed => "not_allowed",
            Self::InsufficientBalance { .. } => "insufficient_balance",
            Self::BudgetExhausted { .. } => "budget_exhausted",
            Self::OtherAdmission => "other_admission",
            Self::DepositTooSmall { .. } => "deposit_too_small",
            Self::AccountsFull => "accounts_full",
            Self::RequestIdLength { .. } => "request_id_length",
            Self::RequestIdReused => "request_id_reused",
            Self::TooManyRequests { .. } => "too_many_requests",
            Self::JournalFull { .. } => "journal_full",
            Self::RequestRunning => "request_running",
            Self::OutcomeUnknown => "outcome_unknown",
            Self::RequestEnded => "request_ended",
            Self::NoSuchRequest => "no_such_request",
        }
    }
}
