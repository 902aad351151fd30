//! What becomes of a transaction that is handed to a node, told in the same way whatever software the node runs.
//!
//! - In: a JSON-RPC answer to `eth_sendRawTransaction`. Out: the same answer, whose result is one of the texts below; or unchanged.
//! - Why: every node of the subnet hands the transaction over, the first is told a hash and the others that it is known. They must agree.
//! - The codes and texts are those that the EVM RPC canister knows: Geth, Erigon, Besu. Those that it has for Nethermind never match there,
//!   because of their case, and so not here. Anvil's code, which it does not know, is added, since anvil is what stands behind this canister.

use crate::interface::SendRawTransactionStatus;
use serde_json::{Map, Value};

const SENT: &str = "Ok";
const INSUFFICIENT_FUNDS: &str = "InsufficientFunds";
const NONCE_TOO_LOW: &str = "NonceTooLow";
const NONCE_TOO_HIGH: &str = "NonceTooHigh";

/// A code, a part of the text in small letters, and what they mean.
const MEANINGS: &[(i64, &str, &str)] = &[
    (-32_000, "already known", SENT),
    (-32_000, "insufficient funds", INSUFFICIENT_FUNDS),
    (-32_000, "nonce too low", NONCE_TOO_LOW),
    (-32_000, "nonce too high", NONCE_TOO_HIGH),
    (-32_000, "known transaction", SENT),
    (-32_000, "out of gas", INSUFFICIENT_FUNDS),
    (-32_001, "nonce too low", NONCE_TOO_LOW),
    (-32_006, "nonce too high", NONCE_TOO_HIGH),
    // Anvil.
    (-32_003, "transaction already imported", SENT),
    (-32_003, "insufficient funds", INSUFFICIENT_FUNDS),
    (-32_003, "nonce too low", NONCE_TOO_LOW),
    (-32_003, "nonce too high", NONCE_TOO_HIGH),
];

/// Replaces what a node says by what it means.
pub(crate) fn simplify(answer: &mut Map<String, Value>) {
    let meaning = match (answer.get("result"), answer.get("error")) {
        (Some(Value::String(hash)), None) if hash.len() == 66 => Some(SENT),
        (_, Some(error)) => meaning(error),
        _ => None,
    };
    if let Some(meaning) = meaning {
        answer.remove("error");
        answer.insert("result".to_owned(), Value::from(meaning));
    }
}

fn meaning(error: &Value) -> Option<&'static str> {
    let code = error.get("code")?.as_i64()?;
    let text = error.get("message")?.as_str()?.to_lowercase();
    let mut known = MEANINGS.iter();
    let (_, _, meaning) = known.find(|(one, part, _)| *one == code && text.contains(part))?;
    Some(meaning)
}

/// Reads a result that was simplified; `hash` is the transaction's.
pub(crate) fn read(result: &Value, hash: Option<String>) -> Option<SendRawTransactionStatus> {
    match result.as_str()? {
        SENT => Some(SendRawTransactionStatus::Ok(hash)),
        INSUFFICIENT_FUNDS => Some(SendRawTransactionStatus::InsufficientFunds),
        NONCE_TOO_LOW => Some(SendRawTransactionStatus::NonceTooLow),
        NONCE_TOO_HIGH => Some(SendRawTransactionStatus::NonceTooHigh),
        _ => None,
    }
}
