//! `sendTransaction`: the preflight of a node, and the way to the leader.
//!
//! - A node answers the signature of what it has passed on; whether the leader puts it in a block is not told. So a transaction that the
//!   leader drops succeeds here, unless its preflight has already failed.

use crate::chain::{Chain, Commitment};
use crate::rpc::Fault;
use crate::rpc::params::{Encoding, Params, commitment};
use serde_json::{Value, json};
use solana_transaction::versioned::VersionedTransaction;

/// The longest transaction, in bytes.
const MAX_TRANSACTION: usize = 1_232;

pub(super) fn send(chain: &mut Chain, params: &Params) -> Result<Value, Fault> {
    let settings = params.at(1);
    let transaction = read(params.text(0)?, Encoding::read(&settings["encoding"])?)?;
    transaction
        .sanitize()
        .map_err(|error| Fault::params(format!("invalid transaction: {error}")))?;
    let level = commitment(&settings["preflightCommitment"], Commitment::Finalized)?;
    let slot = chain.slot(level);
    if settings["minContextSlot"]
        .as_u64()
        .is_some_and(|least| slot < least)
    {
        return Err(Fault::min_context_slot(slot));
    }
    if settings["skipPreflight"] != Value::Bool(true) {
        chain.preflight(&transaction, level)?;
    }
    let signature = transaction.signatures[0];
    // What the leader drops, nobody is told of.
    let _dropped = chain.submit(transaction);
    Ok(json!(signature.to_string()))
}

fn read(text: &str, encoding: Encoding) -> Result<VersionedTransaction, Fault> {
    let bytes = encoding.decode(text)?;
    if bytes.len() > MAX_TRANSACTION {
        return Err(Fault::params(format!(
            "decoded solana_transaction::versioned::VersionedTransaction too large: {} bytes (max: {MAX_TRANSACTION} bytes)",
            bytes.len()
        )));
    }
    bincode::deserialize(&bytes).map_err(|error| {
        Fault::params(format!(
            "failed to deserialize solana_transaction::versioned::VersionedTransaction: {error}"
        ))
    })
}
