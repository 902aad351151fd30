//! The requests in JSON: method, parameters, and how long an answer is expected to be.
//!
//! - In: the arguments of the interface. Out: a [`Request`]. Specification: ethereum.github.io/execution-apis.
//! - The expected lengths are the EVM RPC canister's; a caller may name another.
//! - Hexadecimal texts of a wrong form make the call trap, as that canister cannot decode them either.

use crate::interface::{
    AccessListEntry, BlockTag, CallArgs, FeeHistoryArgs, GetLogsArgs, GetTransactionCountArgs,
    RpcError, RpcResult, TransactionRequest, ValidationError,
};
use candid::Nat;
use serde_json::{Map, Value, json};

/// What the headers of an answer take at most.
const HEADERS: u64 = 2 * 1_024;

/// A call to a node.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// None for a call without this field.
    pub(crate) params: Option<Value>,
    /// Bytes of an answer, headers included.
    pub(crate) estimate: u64,
}

impl Request {
    fn new(method: &str, params: Value, body: u64) -> Self {
        Self {
            method: method.to_owned(),
            params: Some(params),
            estimate: body + HEADERS,
        }
    }

    /// A call that is written by the caller.
    ///
    /// # Errors
    /// It is no JSON-RPC request.
    pub(crate) fn raw(json: &str) -> RpcResult<Self> {
        let (method, params) = parse(json).map(|request| (request.method, request.params))?;
        Ok(Self {
            method,
            params,
            estimate: 256 + HEADERS,
        })
    }
}

/// A request that a caller wrote.
#[derive(Debug)]
pub(crate) struct Written {
    pub(crate) id: Value,
    pub(crate) method: String,
    pub(crate) params: Option<Value>,
}

/// Reads a request that a caller wrote.
///
/// # Errors
/// It is none.
pub(crate) fn parse(json: &str) -> RpcResult<Written> {
    let invalid = |reason: String| {
        let text = format!("Invalid JSON RPC request: {reason}");
        RpcError::ValidationError(ValidationError::Custom(text))
    };
    let written: Value = serde_json::from_str(json).map_err(|error| invalid(error.to_string()))?;
    if written.get("jsonrpc") != Some(&Value::from("2.0")) {
        return Err(invalid("missing field `jsonrpc`".to_owned()));
    }
    let method = written.get("method").and_then(Value::as_str);
    let method = method.ok_or_else(|| invalid("missing field `method`".to_owned()))?;
    Ok(Written {
        id: written.get("id").cloned().unwrap_or(Value::Null),
        method: method.to_owned(),
        params: written.get("params").cloned(),
    })
}

pub(crate) fn fee_history(args: &FeeHistoryArgs) -> Request {
    let percentiles = args.reward_percentiles.clone().unwrap_or_default();
    let params = json!([
        quantity(&args.block_count),
        block(&args.newest_block),
        percentiles
    ]);
    Request::new("eth_feeHistory", params, 512)
}

/// On Sepolia a block is expected to be half as long as elsewhere.
pub(crate) fn block_by_number(tag: &BlockTag, chain_id: u64) -> Request {
    let body = match chain_id {
        11_155_111 => 12 * 1_024,
        _ => 24 * 1_024,
    };
    Request::new("eth_getBlockByNumber", json!([block(tag), false]), body)
}

pub(crate) fn transaction_count(args: &GetTransactionCountArgs) -> Request {
    let params = json!([bytes(&args.address, Some(20)), block(&args.block)]);
    Request::new("eth_getTransactionCount", params, 50)
}

pub(crate) fn transaction_receipt(hash: &str) -> Request {
    let params = json!([bytes(hash, Some(32))]);
    Request::new("eth_getTransactionReceipt", params, 700)
}

pub(crate) fn send_raw_transaction(transaction: &str) -> Request {
    let params = json!([bytes(transaction, None)]);
    Request::new("eth_sendRawTransaction", params, 256)
}

pub(crate) fn call(args: &CallArgs) -> Request {
    let tag = args.block.as_ref().unwrap_or(&BlockTag::Latest);
    let params = json!([transaction(&args.transaction), block(tag)]);
    Request::new("eth_call", params, 256)
}

/// # Errors
/// The blocks are numbered and more than `most` apart.
pub(crate) fn logs(args: &GetLogsArgs, most: u32) -> RpcResult<Request> {
    let (from, to) = (args.from_block.as_ref(), args.to_block.as_ref());
    if let (Some(BlockTag::Number(from)), Some(BlockTag::Number(to))) = (from, to) {
        let (low, high) = (from.min(to).clone(), from.max(to).clone());
        let count = high - low;
        if count > most {
            let text = format!(
                "Requested {count} blocks; limited to {most} when specifying a start and end block"
            );
            return Err(RpcError::ValidationError(ValidationError::Custom(text)));
        }
    }
    let addresses = args.addresses.iter().map(|one| bytes(one, Some(20)));
    let mut filter = json!({
        "fromBlock": block(from.unwrap_or(&BlockTag::Latest)),
        "toBlock": block(to.unwrap_or(&BlockTag::Latest)),
        "address": addresses.collect::<Vec<_>>(),
    });
    if let Some(topics) = args.topics.as_ref().filter(|topics| !topics.is_empty()) {
        let topics = topics.iter();
        let topics = topics.map(|any| any.iter().map(|one| bytes(one, Some(32))).collect());
        filter["topics"] = topics.collect::<Vec<Value>>().into();
    }
    Ok(Request::new("eth_getLogs", json!([filter]), 1_024))
}

fn transaction(request: &TransactionRequest) -> Value {
    let mut fields = Map::new();
    let numbers = [
        ("nonce", &request.nonce),
        ("gas", &request.gas),
        ("value", &request.value),
        ("gasPrice", &request.gas_price),
        ("maxPriorityFeePerGas", &request.max_priority_fee_per_gas),
        ("maxFeePerGas", &request.max_fee_per_gas),
        ("maxFeePerBlobGas", &request.max_fee_per_blob_gas),
        ("chainId", &request.chain_id),
    ];
    for (name, number) in numbers {
        if let Some(number) = number {
            fields.insert(name.to_owned(), quantity(number));
        }
    }
    let texts = [
        ("type", &request.r#type, Some(1)),
        ("to", &request.to, Some(20)),
        ("from", &request.from, Some(20)),
        ("input", &request.input, None),
    ];
    for (name, text, length) in texts {
        if let Some(text) = text {
            fields.insert(name.to_owned(), bytes(text, length));
        }
    }
    let lists = [
        (
            "blobVersionedHashes",
            &request.blob_versioned_hashes,
            Some(32),
        ),
        ("blobs", &request.blobs, None),
    ];
    for (name, texts, length) in lists {
        if let Some(texts) = texts {
            let texts = texts.iter().map(|text| bytes(text, length));
            fields.insert(name.to_owned(), texts.collect());
        }
    }
    if let Some(entries) = &request.access_list {
        let entries = entries.iter().map(access);
        fields.insert("accessList".to_owned(), entries.collect());
    }
    Value::Object(fields)
}

fn access(entry: &AccessListEntry) -> Value {
    let keys = entry.storage_keys.iter().map(|key| bytes(key, Some(32)));
    json!({
        "address": bytes(&entry.address, Some(20)),
        "storageKeys": keys.collect::<Vec<_>>(),
    })
}

fn block(tag: &BlockTag) -> Value {
    match tag {
        BlockTag::Latest => "latest".into(),
        BlockTag::Finalized => "finalized".into(),
        BlockTag::Safe => "safe".into(),
        BlockTag::Earliest => "earliest".into(),
        BlockTag::Pending => "pending".into(),
        BlockTag::Number(number) => quantity(number),
    }
}

fn quantity(number: &Nat) -> Value {
    format!("0x{}", number.0.to_str_radix(16)).into()
}

/// A text of bytes in small letters.
///
/// # Panics
/// If it is none, or one of another length.
fn bytes(text: &str, length: Option<usize>) -> Value {
    let digits = text.strip_prefix("0x").expect("hexadecimal text with 0x");
    let bytes = hex::decode(digits).expect("hexadecimal digits, two to a byte");
    assert!(
        length.is_none_or(|length| length == bytes.len()),
        "expected {length:?} bytes, found {}",
        bytes.len()
    );
    format!("0x{}", hex::encode(bytes)).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_without_leading_zeros_and_bytes_in_small_letters() {
        let address = "0xAbCdEfabcdefabcdefabcdefabcdefabcdefabcd".to_owned();
        let request = transaction_count(&GetTransactionCountArgs {
            address,
            block: BlockTag::Number(Nat::from(0_u8)),
        });
        let expected = json!(["0xabcdefabcdefabcdefabcdefabcdefabcdefabcd", "0x0"]);
        assert_eq!(request.params, Some(expected));
        let request = send_raw_transaction("0x02AB");
        assert_eq!(request.params, Some(json!(["0x02ab"])));
    }

    #[test]
    fn a_call_holds_only_what_was_given() {
        let request = call(&CallArgs {
            transaction: TransactionRequest {
                to: Some(format!("0x{}", "11".repeat(20))),
                gas: Some(Nat::from(21_000_u32)),
                ..TransactionRequest::default()
            },
            block: None,
        });
        let expected = json!([
            {"to": "0x1111111111111111111111111111111111111111", "gas": "0x5208"},
            "latest"
        ]);
        assert_eq!(request.params, Some(expected));
    }

    #[test]
    fn a_range_of_logs_has_a_limit_in_both_directions() {
        let range = |from: u32, to: u32| {
            let args = GetLogsArgs {
                from_block: Some(BlockTag::Number(Nat::from(from))),
                to_block: Some(BlockTag::Number(Nat::from(to))),
                addresses: Vec::new(),
                topics: None,
            };
            logs(&args, 500)
        };
        assert!(range(1, 501).is_ok());
        let text = "Requested 501 blocks; limited to 500 when specifying a start and end block";
        let refused = RpcError::ValidationError(ValidationError::Custom(text.to_owned()));
        assert_eq!(range(502, 1).unwrap_err(), refused);
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let written = parse(r#"{"jsonrpc":"2.0","id":7,"method":"eth_chainId"}"#);
        let written = written.expect("a request");
        assert_eq!((written.id, written.params), (json!(7), None));
        for text in [
            "",
            "[]",
            r#"{"jsonrpc":"2.0"}"#,
            r#"{"method":"eth_chainId"}"#,
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    #[should_panic(expected = "expected Some(32) bytes, found 2")]
    fn a_short_hash_is_refused() {
        transaction_receipt("0x0102");
    }
}
