//! Why a method of the timelock is refused: the one error that its callers see.

use candid::CandidType;
use canister_kit::Refusal;
use canister_kit::calls::CallError;
use canister_kit::own_key::NotFetched;
use serde::Deserialize;
use thiserror::Error;

/// Why a method of the timelock is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum TimelockError {
    /// For a reason that every canister has.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The canister does not know its own public key yet.
    #[error("call `prepare_key` once, then ask again")]
    KeyNotPrepared,
    /// Another call is fetching the key.
    #[error("the key is being fetched; ask again in a few seconds")]
    KeyBeingPrepared,
    /// The network did not give a key.
    #[error("the network gave no key: {0}; ask again")]
    KeyUnavailable(CallError),
    /// The network told something that is not the key that was asked for. Nothing was kept.
    #[error("the network told something that is not the key; report this")]
    KeyMalformed,
    /// Nothing is sealed for the past, nor for longer than ten years.
    #[error("seal for a time after {after} and not after {at_latest}")]
    Time {
        /// The bucket of this time opens at once.
        after: u64,
        /// The last time.
        at_latest: u64,
    },
    /// The ciphertext is too short or too long.
    #[error("a ciphertext has {at_least} to {at_most} bytes, not {bytes}")]
    Length {
        /// Its length.
        bytes: u64,
        /// The shortest.
        at_least: u64,
        /// The longest.
        at_most: u64,
    },
    /// It is no ciphertext of identity-based encryption.
    #[error("this is no ciphertext of identity-based encryption by ic-vetkeys")]
    NoCiphertext,
    /// The bucket has as many messages as it may have.
    #[error("the bucket has {at_most} messages; take another minute")]
    BucketFull {
        /// The most.
        at_most: u64,
    },
    /// There is no room for more ciphertext.
    #[error("there is no room for more")]
    Full,
    /// Nobody has sealed to this bucket.
    #[error("nobody has sealed to this bucket, so nobody has paid for its key")]
    NoSuchBucket,
    /// It is too early.
    #[error("not before {at}")]
    TooEarly {
        /// From when on, in nanoseconds since 1970.
        at: u64,
    },
    /// Another call is releasing the bucket.
    #[error("the bucket is being released; look again in a few seconds")]
    BeingReleased,
    /// The key was asked for a moment ago and did not come.
    #[error("the network gave no key a moment ago; ask again after {retry_at}")]
    AskedBefore {
        /// When it may be asked for again.
        retry_at: u64,
    },
    /// There is no such message.
    #[error("there is no such message")]
    NoSuchMessage,
    /// The message could be opened, but nobody has released its bucket yet.
    #[error("call `release` for bucket {bucket} first: anyone may")]
    NotReleased {
        /// Its bucket.
        bucket: u64,
    },
}

impl From<NotFetched> for TimelockError {
    fn from(reason: NotFetched) -> Self {
        match reason {
            NotFetched::Silent(error) => Self::KeyUnavailable(error),
            NotFetched::Wrong(_) => Self::KeyMalformed,
        }
    }
}
