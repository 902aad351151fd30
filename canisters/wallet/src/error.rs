//! Why a method of the wallet is refused: the one error that its callers see.
//!
//! - Out: a Candid variant; texts say what to do. A refused call has changed nothing but the caller's quota.

use crate::intent::IntentError;
use crate::members::MembersError;
use crate::name::NameError;
use crate::policy::PolicyError;
use crate::proposal::{NoteError, Standing};
use crate::root_key::{self, KeyKind};
use crate::runtime::CallError;
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
    /// The intent.
    #[error(transparent)]
    Intent(#[from] IntentError),
    /// The note.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The time until which a proposal is open.
    #[error("let the proposal expire after {after} and at {at_latest} at the latest")]
    Expiry {
        /// Earlier it could not be carried out, because of the delay that the policy asks for.
        after: u64,
        /// Not later than this.
        at_latest: u64,
    },
    /// So many proposals of the wallet have not ended.
    #[error("let some of the wallet's {at_most} proposals end first, or cancel them")]
    TooManyProposals {
        /// The most.
        at_most: u64,
    },
    /// There is no proposal with this id in a wallet that the caller is a member of.
    #[error("no wallet of yours has such a proposal; ask `proposals` for its numbers")]
    NoSuchProposal,
    /// Members cannot decide about it any more.
    #[error("the proposal is not open; look at its stage")]
    NotOpen,
    /// The digest is not that of the proposal under the policy in force.
    #[error("read the proposal again: it is not what you approve, or the policy has changed")]
    OtherDigest,
    /// Only the proposer may cancel a proposal.
    #[error("only its proposer may cancel a proposal; reject it instead")]
    NotProposer,
    /// The policy does not let it happen now.
    #[error("the policy does not let it happen now: {0:?}")]
    NotReady(Standing),
    /// Another call is carrying it out.
    #[error("the proposal is being carried out; look at it in a few seconds")]
    BeingCarriedOut,
    /// The proposal has no transaction on Bitcoin that waits to be confirmed.
    #[error("the proposal has no Bitcoin transaction that waits; look at its stage")]
    NothingToBump,
    /// The proposal has no signed transaction.
    #[error("the proposal has no signed transaction; look at its stage")]
    NothingSigned,
    /// What was asked for outside did not come.
    #[error("nothing was told: {0}; ask again")]
    Silent(CallError),
    /// Nothing was begun that could be resumed.
    #[error("there is nothing to resume; look at the proposal's stage")]
    NothingToResume,
    /// The management canister told another key than the one that is kept. Nothing was changed.
    #[error("the {0:?} key is another one than the one that is kept; report this")]
    KeyChanged(KeyKind),
}

impl From<root_key::KeyMalformed> for WalletError {
    fn from(malformed: root_key::KeyMalformed) -> Self {
        Self::KeyMalformed(malformed.0)
    }
}
