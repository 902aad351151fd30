//! `getTransaction`, and transactions inside of blocks.

use crate::chain::{Chain, Processed, TokenBalance};
use crate::rpc::Fault;
use crate::rpc::accounts::amount_json;
use crate::rpc::params::{Encoding, Params, firm, signature};
use crate::rpc::statuses::outcome;
use serde_json::{Value, json};
use solana_message::VersionedMessage;

/// How much of a transaction is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Its accounts and its status.
    Accounts,
    /// All.
    Full,
}

pub(super) fn transaction(chain: &Chain, params: &Params) -> Result<Value, Fault> {
    let signature = signature(params.text(0)?)?;
    // The second parameter may be the encoding alone.
    let given = params.at(1);
    let settings = match given.is_string() {
        true => json!({ "encoding": given }),
        false => given.clone(),
    };
    let last = chain.slot(firm(&settings["commitment"])?);
    let processed = chain.processed(&signature);
    let Some(processed) = processed.filter(|processed| processed.slot <= last) else {
        return Ok(Value::Null);
    };
    let mut reply = with_status(processed, &settings, Detail::Full)?;
    reply["slot"] = json!(processed.slot);
    reply["blockTime"] = json!(chain.block(processed.slot).map(|block| block.time));
    Ok(reply)
}

/// A transaction, what became of it, and its version if the asker says that it knows versions.
pub(super) fn with_status(
    processed: &Processed,
    settings: &Value,
    detail: Detail,
) -> Result<Value, Fault> {
    let known = settings["maxSupportedTransactionVersion"].as_u64();
    let version = match &processed.transaction.message {
        VersionedMessage::Legacy(_) => json!("legacy"),
        VersionedMessage::V0(_) if known.is_none() => return Err(Fault::transaction_version(0)),
        VersionedMessage::V0(_) => json!(0),
    };
    let mut reply = json!({
        "transaction": match detail {
            Detail::Accounts => accounts(processed),
            Detail::Full => encoded(processed, &settings["encoding"])?,
        },
        "meta": meta(processed, detail, known.is_some()),
    });
    if known.is_some() {
        reply["version"] = version;
    }
    Ok(reply)
}

fn encoded(processed: &Processed, encoding: &Value) -> Result<Value, Fault> {
    if encoding.is_null() {
        return Err(Fault::params("the encoding json is not spoken here"));
    }
    let encoding = Encoding::read(encoding)?;
    let bytes = bincode::serialize(&processed.transaction)
        .map_err(|error| Fault::internal(error.to_string()))?;
    Ok(json!([encoding.encode(&bytes), encoding.name()]))
}

fn accounts(processed: &Processed) -> Value {
    let message = &processed.transaction.message;
    let keys = processed.keys().iter().enumerate().map(|(place, key)| {
        json!({
            "pubkey": key.to_string(), "signer": message.is_signer(place),
            "writable": message.is_maybe_writable(place, None), "source": "transaction",
        })
    });
    let signatures = processed
        .transaction
        .signatures
        .iter()
        .map(ToString::to_string);
    json!({
        "accountKeys": keys.collect::<Vec<_>>(), "signatures": signatures.collect::<Vec<_>>(),
    })
}

fn meta(processed: &Processed, detail: Detail, versions: bool) -> Value {
    let mut reply = json!({
        "err": processed.outcome.as_ref().err(), "status": outcome(processed), "fee": processed.meta.fee,
        "preBalances": processed.pre, "postBalances": processed.post,
        "preTokenBalances": tokens(&processed.pre_tokens), "postTokenBalances": tokens(&processed.post_tokens),
    });
    if detail == Detail::Full {
        let data = &processed.meta.return_data;
        reply["innerInstructions"] = inner(processed);
        reply["logMessages"] = json!(processed.meta.logs);
        reply["rewards"] = json!([]);
        reply["computeUnitsConsumed"] = json!(processed.meta.compute_units_consumed);
        if versions {
            reply["loadedAddresses"] = json!({ "writable": [], "readonly": [] });
        }
        if !data.data.is_empty() {
            let text = Encoding::Base64.encode(&data.data);
            reply["returnData"] = json!({
                "programId": data.program_id.to_string(), "data": [text, "base64"],
            });
        }
    }
    reply
}

/// The instructions that programs called, by the instruction of the transaction that did.
fn inner(processed: &Processed) -> Value {
    let lists = processed.meta.inner_instructions.iter().enumerate();
    let lists = lists.filter(|(_, list)| !list.is_empty()).map(|(index, list)| {
        let list = list.iter().map(|inner| {
            json!({
                "programIdIndex": inner.instruction.program_id_index, "accounts": inner.instruction.accounts,
                "data": Encoding::Base58.encode(&inner.instruction.data), "stackHeight": inner.stack_height,
            })
        });
        json!({ "index": index, "instructions": list.collect::<Vec<_>>() })
    });
    lists.collect()
}

fn tokens(balances: &[TokenBalance]) -> Value {
    let balances = balances.iter().map(|balance| {
        json!({
            "accountIndex": balance.place, "mint": balance.mint.to_string(), "owner": balance.owner.to_string(),
            "programId": spl_token_interface::id().to_string(), "uiTokenAmount": amount_json(&balance.amount),
        })
    });
    balances.collect()
}
