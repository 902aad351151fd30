//! Calls to other canisters: how one is made, and what there is when no answer comes.
//!
//! - What it does: [`ask`] is a call that may be repeated, [`pay`] one that carries cycles; [`CallError`] is a call without an answer.
//! - Specification: IC interface specification, "Reject codes", "Bounded-wait calls".
//! - Bounded waits for what may be repeated. What is paid waits as long as it takes, because an answer that nobody waited for is paid too.
//! - Out: answers as they came; whoever asks checks them.

use candid::de::DecoderConfig;
use candid::{CandidType, Principal, decode_one_with_config};
use ic_cdk::call::{Call, CallFailed};
use minicbor::{Decode, Encode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// How long a call that may be repeated is waited for, in seconds.
const PATIENCE: u32 = 30;

/// What reading an answer may cost, in Candid's own measure: far more than a hundred blocks of a ledger.
const DECODING: usize = 10_000_000;
const SKIPPING: usize = 100_000;

/// The longest message of a [`CallError`], in bytes: it is recorded.
const MAX_MESSAGE: usize = 200;

/// The reject codes of the specification that are told apart.
const SYS_TRANSIENT: u32 = 2;
const DESTINATION_INVALID: u32 = 3;
const CANISTER_REJECT: u32 = 4;
const CANISTER_ERROR: u32 = 5;

/// A call to another canister that brought no answer.
#[derive(CandidType, Deserialize, Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct CallError {
    /// The reject code, or 0 where an answer does not read. A call that could not be sent has 2, as one that the system rejects for now.
    #[n(0)]
    pub code: u32,
    /// Why; cut to 200 bytes.
    #[n(1)]
    pub message: String,
}

impl CallError {
    /// With a message that is cut.
    pub fn new(code: u32, message: impl fmt::Display) -> Self {
        let mut message = message.to_string();
        message.truncate(message.floor_char_boundary(MAX_MESSAGE));
        Self { code, message }
    }

    /// Whether the canister that was called rejects it, or does not have the method.
    pub fn is_of_callee(&self) -> bool {
        matches!(self.code, CANISTER_REJECT | CANISTER_ERROR)
    }

    /// Whether the call surely had no effect: it was not sent, or rejected before it was delivered. Every other outcome is unknown: also a
    /// canister that rejects or traps may have done something before.
    pub fn surely_without_effect(&self) -> bool {
        matches!(self.code, SYS_TRANSIENT | DESTINATION_INVALID)
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} (reject code {})", self.message, self.code)
    }
}

/// A call that may be repeated: it waits for a bounded time only, and what it brings is read at a bounded cost, because anybody may have
/// written it.
///
/// # Errors
/// The call was rejected, could not be sent, or its answer does not read.
pub async fn ask<R>(
    callee: Principal,
    method: &str,
    arguments: &impl CandidType,
) -> Result<R, CallError>
where
    R: CandidType + DeserializeOwned,
{
    let call = Call::bounded_wait(callee, method).change_timeout(PATIENCE);
    let answer = call.with_arg(arguments).await.map_err(not_answered)?;
    read(&answer.into_bytes())
}

/// Reads an answer at a bounded cost.
///
/// # Errors
/// It does not read.
pub fn read<R>(answer: &[u8]) -> Result<R, CallError>
where
    R: CandidType + DeserializeOwned,
{
    read_skipping(answer, SKIPPING)
}

/// Reads an answer of which more is passed over than read, at a bounded cost of that too.
///
/// # Errors
/// It does not read.
pub fn read_skipping<R>(answer: &[u8], skipping: usize) -> Result<R, CallError>
where
    R: CandidType + DeserializeOwned,
{
    let mut bounds = DecoderConfig::new();
    bounds
        .set_decoding_quota(DECODING)
        .set_skipping_quota(skipping);
    decode_one_with_config(answer, &bounds).map_err(|error| CallError::new(0, error))
}

/// A call of the management canister that costs cycles. What they do not pay comes back.
///
/// # Errors
/// As [`ask`].
pub async fn pay<R>(
    method: &str,
    arguments: &impl CandidType,
    cycles: crate::encoding::Cycles,
) -> Result<R, CallError>
where
    R: CandidType + DeserializeOwned,
{
    let call = Call::unbounded_wait(Principal::management_canister(), method);
    let answer = call.with_arg(arguments).with_cycles(cycles.0).await;
    let answer = answer.map_err(not_answered)?;
    answer.candid().map_err(|error| CallError::new(0, error))
}

/// What a failed call is for callers.
pub fn not_answered(failed: CallFailed) -> CallError {
    match &failed {
        CallFailed::CallRejected(rejected) => {
            CallError::new(rejected.raw_reject_code(), rejected.reject_message())
        }
        CallFailed::InsufficientLiquidCycleBalance(_) | CallFailed::CallPerformFailed(_) => {
            CallError::new(SYS_TRANSIENT, failed)
        }
    }
}
