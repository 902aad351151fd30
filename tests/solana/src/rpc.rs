//! The JSON-RPC of a Solana provider, as far as the SOL RPC canister, the wallet and people ask for it.
//!
//! - In: a request's body. Out: the answer's. Methods, results, codes and texts of errors are those of Agave's RPC node
//!   (<https://solana.com/docs/rpc>); a method that is not here is «Method not found».
//! - Methods that begin with `dev_` are ours, for people and tests: slots that pass, tokens for nothing.
//! - Left out: batches, subscriptions, the encodings `json`, `jsonParsed` and `base64+zstd`.

mod accounts;
mod blocks;
mod dev;
mod fault;
mod params;
mod sending;
mod statuses;
mod transactions;

pub use fault::Fault;

use crate::chain::{Chain, Commitment};
use params::Params;
use serde_json::{Value, json};

/// Answers one request.
pub fn answer(chain: &mut Chain, body: &[u8]) -> Vec<u8> {
    let request: Value = match serde_json::from_slice(body) {
        Ok(request) => request,
        Err(_) => return reply(&Value::Null, Err(Fault::parse())),
    };
    let (id, method) = (&request["id"], request["method"].as_str());
    let Some(method) = method.filter(|_| request["jsonrpc"] == "2.0") else {
        return reply(id, Err(Fault::invalid_request()));
    };
    let params = match &request["params"] {
        Value::Null => Vec::new(),
        Value::Array(list) => list.clone(),
        _ => return reply(id, Err(Fault::params("Invalid params: expected a list."))),
    };
    reply(id, call(chain, method, &Params::new(params)))
}

fn call(chain: &mut Chain, method: &str, params: &Params) -> Result<Value, Fault> {
    match method {
        "getAccountInfo" => accounts::info(chain, params),
        "getBalance" => accounts::balance(chain, params),
        "getBlock" => blocks::block(chain, params),
        "getBlockHeight" => blocks::height(chain, params),
        "getGenesisHash" => Ok(json!(
            chain.block(0).expect("a first block").hash.to_string()
        )),
        "getHealth" => Ok(json!("ok")),
        "getLatestBlockhash" => blocks::latest_blockhash(chain, params),
        "getMinimumBalanceForRentExemption" => {
            Ok(json!(chain.rent_exemption(params.number(0)? as usize)))
        }
        "getRecentPrioritizationFees" => blocks::prioritization_fees(chain, params),
        "getSignaturesForAddress" => statuses::of_address(chain, params),
        "getSignatureStatuses" => statuses::statuses(chain, params),
        "getSlot" => Ok(json!(params.slot(chain, 0, Commitment::Finalized)?)),
        "getTokenAccountBalance" => accounts::token_balance(chain, params),
        "getTransaction" => transactions::transaction(chain, params),
        "getVersion" => Ok(json!({ "solana-core": VERSION })),
        "requestAirdrop" => dev::airdrop(chain, params),
        "sendTransaction" => sending::send(chain, params),
        "dev_advance" => dev::advance(chain, params),
        "dev_skip" => dev::skip(chain),
        "dev_createMint" => dev::create_mint(chain, params),
        "dev_mint" => dev::mint(chain, params),
        _ => Err(Fault::method()),
    }
}

/// The release of Agave whose runtime this is.
const VERSION: &str = "3.1.14";

fn reply(id: &Value, outcome: Result<Value, Fault>) -> Vec<u8> {
    let reply = match outcome {
        Ok(result) => json!({ "jsonrpc": "2.0", "result": result, "id": id }),
        Err(fault) => json!({ "jsonrpc": "2.0", "error": fault.json(), "id": id }),
    };
    reply.to_string().into_bytes()
}

/// A result with the slot as of which it is given.
fn at_slot(slot: u64, value: Value) -> Value {
    json!({ "context": { "apiVersion": VERSION, "slot": slot }, "value": value })
}
