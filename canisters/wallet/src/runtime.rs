//! The world outside, as far as the wallet needs more of it than the kit.
//!
//! - What it does: [`Outside`] is all of it: the management canister's keys and signatures ([`management`]), ledgers ([`ledger`]),
//!   the Bitcoin canister ([`mod@bitcoin`]), chains of Ethereum's kind ([`mod@ethereum`]), and Solana ([`mod@solana`]), a trait each.
//! - Specification: IC interface specification, `ecdsa_public_key`, `schnorr_public_key`, `sign_with_ecdsa`, `sign_with_schnorr`; ICRC-1, ICRC-3.
//! - Bounded waits for what may be repeated: public keys, questions to ledgers, and transfers with a time of creation. Signatures wait as long
//!   as they take, because they are paid.
//! - Out: answers as they came; whoever asks checks them.

mod bitcoin;
mod ethereum;
#[cfg(test)]
pub mod fake;
mod ledger;
mod management;
mod solana;

pub use bitcoin::{Bitcoin, BitcoinFacts, Coin, MAX_PAGES};
pub use canister_kit::calls::CallError;
pub use ethereum::{At, CALL, Charged, Ethereum, EvmReceipt, Place, RECEIPT, Sending, Silence};
pub use ledger::{LEDGER_CALL, LedgerFacts, Ledgers, LogPart};
pub use management::Keys;
pub use solana::{SLOTS, SOLANA_CALL, Solana, SolanaBlock, SolanaSending, SolanaStatus};

use candid::utils::ArgumentEncoder;
use candid::{Principal, encode_args};
use canister_kit::Environment;
use canister_kit::calls::{ask, not_answered, read};
use canister_kit::encoding::Cycles;
use canister_kit::runtime::Runtime;
use ic_cdk::api::{env_var_name_exists, env_var_value, msg_cycles_refunded};
use ic_cdk::call::{Call, CallFailed};

/// What the wallet needs beyond the kit's [`Runtime`].
pub trait Outside: Runtime + Keys + Ledgers + Bitcoin + Ethereum + Solana {}

impl<T: Runtime + Keys + Ledgers + Bitcoin + Ethereum + Solana> Outside for T {}

/// The canister to ask: on a developer's machine whatever the environment variable names, everywhere else, and without one, the network's own.
fn named(environment: Environment, variable: &str, public: &str) -> Result<Principal, CallError> {
    let named = environment == Environment::Local && env_var_name_exists(variable);
    let id = match named {
        true => env_var_value(variable),
        false => public.to_owned(),
    };
    Principal::from_text(id).map_err(|error| CallError::new(0, format!("{variable}: {error}")))
}

/// A call to a canister of the network's own, which keeps what it needs of the cycles that go along. Out: what it answers, and what it has kept. A
/// bounded wait could lose the cycles.
async fn charge(
    canister: Principal,
    method: &str,
    arguments: impl ArgumentEncoder,
    most: Cycles,
) -> (Result<Vec<u8>, CallError>, Cycles) {
    let arguments = match encode_args(arguments) {
        Ok(arguments) => arguments,
        Err(error) => return (Err(CallError::new(0, error)), Cycles::ZERO),
    };
    let call = Call::unbounded_wait(canister, method).with_raw_args(&arguments);
    let answer = call.with_cycles(most.0).await;
    let cost = match &answer {
        // Nothing was sent, and nothing comes back.
        Err(CallFailed::InsufficientLiquidCycleBalance(_) | CallFailed::CallPerformFailed(_)) => {
            Cycles::ZERO
        }
        Ok(_) | Err(CallFailed::CallRejected(_)) => {
            Cycles(most.0.saturating_sub(msg_cycles_refunded()))
        }
    };
    let answer = answer.map(|answer| answer.into_bytes());
    (answer.map_err(not_answered), cost)
}
