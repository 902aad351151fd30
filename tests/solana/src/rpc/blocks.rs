//! `getBlock`, `getBlockHeight`, `getLatestBlockhash` and `getRecentPrioritizationFees`.

use crate::chain::{Block, Chain, Commitment, MAX_AGE, Slot};
use crate::rpc::params::{Params, firm, pubkey};
use crate::rpc::transactions::{self, Detail};
use crate::rpc::{Fault, at_slot};
use serde_json::{Value, json};
use solana_pubkey::Pubkey;

/// Addresses for which fees may be asked.
const MAX_ADDRESSES: usize = 128;
/// Blocks of which fees are told.
const FEE_BLOCKS: usize = 150;

pub(super) fn block(chain: &Chain, params: &Params) -> Result<Value, Fault> {
    let slot = params.number(0)?;
    let settings = params.at(1);
    if slot > chain.slot(firm(&settings["commitment"])?) {
        return Err(Fault::block_not_available(slot));
    }
    let block = chain.block(slot).ok_or_else(|| Fault::skipped(slot))?;
    let mut reply = header(chain, block);
    match settings["transactionDetails"].as_str() {
        Some("none") => {}
        Some("signatures") => reply["signatures"] = signatures(block),
        Some("accounts") => {
            reply["transactions"] = contents(chain, block, settings, Detail::Accounts)?;
        }
        None | Some("full") => {
            reply["transactions"] = contents(chain, block, settings, Detail::Full)?;
        }
        Some(_) => return Err(Fault::params("Invalid params: unknown transactionDetails.")),
    }
    if settings["rewards"] != Value::Bool(false) {
        reply["rewards"] = json!([]);
    }
    Ok(reply)
}

fn header(chain: &Chain, block: &Block) -> Value {
    let parent = chain.block(block.parent).expect("blocks have parents");
    json!({
        "blockhash": block.hash.to_string(), "previousBlockhash": parent.hash.to_string(),
        "parentSlot": block.parent, "blockTime": block.time, "blockHeight": block.height,
    })
}

fn signatures(block: &Block) -> Value {
    let signatures = block.signatures.iter();
    signatures.map(ToString::to_string).collect()
}

fn contents(
    chain: &Chain,
    block: &Block,
    settings: &Value,
    detail: Detail,
) -> Result<Value, Fault> {
    let processed = chain.processed_in(block).into_iter();
    processed
        .map(|processed| transactions::with_status(processed, settings, detail))
        .collect()
}

pub(super) fn height(chain: &Chain, params: &Params) -> Result<Value, Fault> {
    let slot = params.slot(chain, 0, Commitment::Finalized)?;
    Ok(json!(last(chain, slot).1.height))
}

pub(super) fn latest_blockhash(chain: &Chain, params: &Params) -> Result<Value, Fault> {
    let slot = params.slot(chain, 0, Commitment::Finalized)?;
    let (_, block) = last(chain, slot);
    let value = json!({
        "blockhash": block.hash.to_string(), "lastValidBlockHeight": block.height + MAX_AGE,
    });
    Ok(at_slot(slot, value))
}

/// The last block up to a slot.
fn last(chain: &Chain, slot: Slot) -> (Slot, &Block) {
    let mut blocks = chain.blocks().filter(|(at, _)| *at <= slot);
    blocks.next().expect("a first block")
}

/// For each of the last blocks, the least price of a compute unit in a transaction that writes to all these addresses.
pub(super) fn prioritization_fees(chain: &Chain, params: &Params) -> Result<Value, Fault> {
    let addresses = match params.at(0) {
        Value::Null => Vec::new(),
        _ => addresses(params.list(0)?)?,
    };
    let fees: Vec<Value> = chain
        .blocks()
        .take(FEE_BLOCKS)
        .map(|(slot, block)| {
            let processed = chain.processed_in(block).into_iter();
            let prices = processed
                .filter(|one| addresses.iter().all(|address| one.writes(address)))
                .map(|one| one.unit_price());
            json!({ "slot": slot, "prioritizationFee": prices.min().unwrap_or(0) })
        })
        .collect();
    Ok(fees.into_iter().rev().collect())
}

fn addresses(list: &[Value]) -> Result<Vec<Pubkey>, Fault> {
    if list.len() > MAX_ADDRESSES {
        return Err(Fault::params(format!(
            "Too many inputs provided; max {MAX_ADDRESSES}"
        )));
    }
    let texts = list.iter().map(|value| value.as_str().unwrap_or_default());
    texts.map(pubkey).collect()
}
