//! Why a method of the wallet is refused: the one error that its callers see.
//!
//! - Out: a Candid variant; texts say what to do. A refused call has changed nothing but the caller's quota.

use crate::members::MembersError;
use crate::name::NameError;
use crate::policy::PolicyError;
use crate::root_key::{self, KeyKind};
use candid::CandidType;
use canister_kit::Refusal;
use serde::Deserialize;
use thiserror::Error;

/// Why a method of the wallet is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum WalletError {
    /// For a reason that every canister has.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The members.
    #[error(transparent)]
    Members(#[from] MembersError),
    /// The policy.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// There is no wallet with this id that the caller is a member of.
    #[error("no wallet with this id has you as a member; ask `list` for yours")]
    NoSuchWallet,
    /// The canister does not know all of its own keys yet.
    #[error("call `prepare_keys` once, then ask again")]
    KeysNotPrepared,
    /// Another call is fetching the keys.
    #[error("the keys are being fetched; ask again in a few seconds")]
    KeysBeingPrepared,
    /// The management canister did not tell a key.
    #[error("the management canister did not tell the {key:?} key ({code}): {message}; ask again")]
    KeyUnavailable {
        /// Which.
        key: KeyKind,
        /// The reject code, or 0 where an answer does not read.
        code: u32,
        /// The reject message.
        message: String,
    },
    /// The management canister told something that is no key. Nothing was kept.
    #[error("what the management canister told is no {0:?} key; report this")]
    KeyMalformed(KeyKind),
    /// The management canister told another key than the one that is kept. Nothing was changed.
    #[error("the {0:?} key is another one than the one that is kept; report this")]
    KeyChanged(KeyKind),
}

impl From<root_key::KeyMalformed> for WalletError {
    fn from(malformed: root_key::KeyMalformed) -> Self {
        Self::KeyMalformed(malformed.0)
    }
}
