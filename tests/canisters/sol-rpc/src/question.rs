//! One question to providers: the JSON-RPC request, how long its answer may be, and how the answer is read.
//!
//! - Lengths are the SOL RPC canister's estimates; its answers are read as it reads them: the context goes, slots are rounded down.

use crate::interface::account::{AccountInfo, TokenAmount};
use crate::interface::block::{ConfirmedBlock, PrioritizationFee};
use crate::interface::error::RpcError;
use crate::interface::params::{
    GetAccountInfoParams, GetBalanceParams, GetBlockParams, GetSignatureStatusesParams,
    GetSignaturesForAddressParams, GetSlotParams, GetTokenAccountBalanceParams,
    GetTransactionParams, SendTransactionParams, TransactionDetails,
};
use crate::interface::source::{GetRecentPrioritizationFeesRpcConfig, GetSlotRpcConfig};
use crate::interface::transaction::{
    ConfirmedTransactionStatusWithSignature, EncodedConfirmedTransactionWithStatusMeta,
    TransactionStatus,
};
use crate::shape;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The canister's estimate of the headers of an answer.
const HEADERS: u64 = 2 * 1_024;
/// The longest answer of an outcall.
const LONGEST: u64 = 2_000_000;
const DEFAULT_ROUNDING: u64 = 20;
const DEFAULT_FEES: u8 = 100;

type Read<Reply> = Box<dyn Fn(Value) -> serde_json::Result<Reply>>;

/// A question.
pub(crate) struct Question<Reply> {
    /// The request without its id.
    pub(crate) request: Value,
    /// The longest answer in bytes, if the asker says nothing else.
    pub(crate) longest: u64,
    pub(crate) read: Read<Reply>,
}

/// An answer's value, without the slot as of which it was given.
fn value<Reply: DeserializeOwned>(mut answer: Value) -> serde_json::Result<Reply> {
    serde_json::from_value(answer["value"].take())
}

fn plain<Reply: DeserializeOwned>(answer: Value) -> serde_json::Result<Reply> {
    serde_json::from_value(answer)
}

/// A record of settings, or nothing if none is set.
fn settings(params: &impl Serialize) -> Value {
    let settings = serde_json::to_value(params).unwrap_or_default();
    match settings.as_object().is_some_and(|map| map.is_empty()) {
        true => Value::Null,
        false => settings,
    }
}

impl<Reply: 'static> Question<Reply> {
    fn new(
        method: &str,
        params: Value,
        longest: u64,
        read: impl Fn(Value) -> serde_json::Result<Reply> + 'static,
    ) -> Self {
        Self {
            request: json!({ "jsonrpc": "2.0", "method": method, "params": params }),
            longest: longest + HEADERS,
            read: Box::new(read),
        }
    }
}

pub(crate) fn account_info(params: &GetAccountInfoParams) -> Question<Option<AccountInfo>> {
    let list = json!([params.pubkey, settings(params)]);
    let read = |mut answer: Value| {
        shape::account(&mut answer["value"]);
        value(answer)
    };
    Question::new("getAccountInfo", list, 512, read)
}

pub(crate) fn balance(params: &GetBalanceParams) -> Question<u64> {
    let list = json!([params.pubkey, settings(params)]);
    Question::new("getBalance", list, 256, value)
}

pub(crate) fn block(params: &GetBlockParams) -> Question<Option<ConfirmedBlock>> {
    let details = params
        .transactionDetails
        .unwrap_or(TransactionDetails::none);
    let longest = match details {
        TransactionDetails::accounts => LONGEST,
        TransactionDetails::signatures => 256 * 1_024,
        TransactionDetails::none => 512,
    };
    let rewards = match params.rewards {
        Some(false) => 0,
        _ => 256,
    };
    let params = GetBlockParams {
        // Its default is not that of providers.
        transactionDetails: Some(details),
        ..params.clone()
    };
    let list = json!([params.slot, settings(&params)]);
    let longest = (longest + rewards).min(LONGEST - HEADERS);
    let read = |mut answer: Value| {
        shape::block(&mut answer);
        plain(answer)
    };
    Question::new("getBlock", list, longest, read)
}

pub(crate) fn fees(
    config: &GetRecentPrioritizationFeesRpcConfig,
    addresses: &[String],
) -> Question<Vec<PrioritizationFee>> {
    let rounding = config.maxSlotRoundingError.unwrap_or(DEFAULT_ROUNDING);
    let length = usize::from(config.maxLength.unwrap_or(DEFAULT_FEES));
    let read = move |answer| {
        let mut fees: Vec<PrioritizationFee> = serde_json::from_value(answer)?;
        fees.sort_by_key(|fee| fee.slot);
        let last = fees.last().map_or(0, |fee| round(fee.slot, rounding));
        fees.retain(|fee| fee.slot <= last);
        Ok(fees.split_off(fees.len().saturating_sub(length)))
    };
    let method = "getRecentPrioritizationFees";
    Question::new(method, json!([addresses]), 8 * 1_024, read)
}

pub(crate) fn signatures_for_address(
    params: &GetSignaturesForAddressParams,
) -> Question<Vec<ConfirmedTransactionStatusWithSignature>> {
    let list = json!([params.pubkey, settings(params)]);
    let longest = u64::from(params.limit.unwrap_or(1_000)) * 256;
    Question::new("getSignaturesForAddress", list, longest, plain)
}

pub(crate) fn signature_statuses(
    params: &GetSignatureStatusesParams,
) -> Result<Question<Vec<Option<TransactionStatus>>>, RpcError> {
    let count = params.signatures.len();
    if count > 256 {
        let text = format!("Expected at most 256 items, but got {count}");
        return Err(RpcError::ValidationError(text));
    }
    let list = json!([params.signatures, settings(params)]);
    let longest = 128 + 256 * count as u64;
    Ok(Question::new("getSignatureStatuses", list, longest, value))
}

pub(crate) fn slot(config: &GetSlotRpcConfig, params: &GetSlotParams) -> Question<u64> {
    let rounding = config.roundingError.unwrap_or(DEFAULT_ROUNDING);
    let read = move |answer| {
        let slot: u64 = serde_json::from_value(answer)?;
        Ok(round(slot, rounding))
    };
    Question::new("getSlot", json!([settings(params)]), 64, read)
}

/// The nearest multiple below; no rounding by 0 and 1.
fn round(slot: u64, error: u64) -> u64 {
    slot - slot.checked_rem(error).unwrap_or(0)
}

pub(crate) fn token_account_balance(
    params: &GetTokenAccountBalanceParams,
) -> Question<TokenAmount> {
    let list = json!([params.pubkey, settings(params)]);
    Question::new("getTokenAccountBalance", list, 256, value)
}

pub(crate) fn transaction(
    params: &GetTransactionParams,
) -> Question<Option<EncodedConfirmedTransactionWithStatusMeta>> {
    let list = json!([params.signature, settings(params)]);
    let read = |mut answer: Value| {
        shape::lone_transaction(&mut answer);
        plain(answer)
    };
    Question::new("getTransaction", list, 8 * 1_024, read)
}

pub(crate) fn send_transaction(params: &SendTransactionParams) -> Question<String> {
    let list = json!([params.transaction, settings(params)]);
    Question::new("sendTransaction", list, 128, plain)
}

/// The asker's own request.
pub(crate) fn raw(payload: &str) -> Result<Question<String>, RpcError> {
    let invalid =
        |error: &str| RpcError::ValidationError(format!("Invalid JSON RPC request: {error}"));
    let request: Value =
        serde_json::from_str(payload).map_err(|error| invalid(&error.to_string()))?;
    let method = request["method"]
        .as_str()
        .filter(|_| request["jsonrpc"] == "2.0");
    let method = method.ok_or_else(|| invalid("no method of JSON-RPC 2.0"))?;
    let read = |answer: Value| Ok(answer.to_string());
    Ok(Question::new(
        method,
        request["params"].clone(),
        1_024,
        read,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_rounded_down() {
        assert_eq!(round(99, 20), 80);
        assert_eq!(round(80, 20), 80);
        assert_eq!(round(99, 0), 99);
        assert_eq!(round(99, 1), 99);
    }

    #[test]
    fn only_fees_that_all_nodes_may_have_seen_are_told() {
        let config = GetRecentPrioritizationFeesRpcConfig {
            maxSlotRoundingError: Some(10),
            maxLength: Some(2),
            ..Default::default()
        };
        let fee = |slot: u64| json!({ "slot": slot, "prioritizationFee": slot });
        let answer = json!([fee(41), fee(39), fee(40), fee(38)]);
        let fees = (fees(&config, &[]).read)(answer).expect("fees");
        let slots: Vec<u64> = fees.iter().map(|fee| fee.slot).collect();
        assert_eq!(slots, [39, 40]);
    }

    #[test]
    fn what_is_not_given_is_not_in_the_request() {
        let params = GetBalanceParams {
            pubkey: "a".to_owned(),
            commitment: None,
            minContextSlot: None,
        };
        assert_eq!(balance(&params).request["params"], json!(["a", null]));
        let params = GetBalanceParams {
            minContextSlot: Some(5),
            ..params
        };
        let asked = balance(&params).request;
        assert_eq!(asked["params"], json!(["a", { "minContextSlot": 5 }]));
        let block = block(&GetBlockParams {
            slot: 7,
            transactionDetails: None,
            commitment: None,
            maxSupportedTransactionVersion: None,
            rewards: Some(false),
        });
        let expected = json!([7, { "transactionDetails": "none", "rewards": false }]);
        assert_eq!(
            (&block.request["params"], block.longest),
            (&expected, 2_560)
        );
    }

    #[test]
    fn a_transaction_is_read_as_providers_write_it() {
        let answer = json!({
            "slot": 5, "blockTime": null, "version": "legacy", "transaction": ["AA==", "base64"],
            "meta": {
                "err": { "InstructionError": [0, { "Custom": 1 }] },
                "status": { "Err": { "InstructionError": [0, { "Custom": 1 }] } },
                "fee": 5000, "preBalances": [1], "postBalances": [2], "rewards": [],
                "innerInstructions": [{ "index": 0, "instructions": [
                    { "programIdIndex": 1, "accounts": [0, 1], "data": "3Bxs", "stackHeight": 2 }
                ] }],
                "returnData": { "programId": "p", "data": ["AA==", "base64"] },
            },
        });
        let params = GetTransactionParams {
            signature: "s".to_owned(),
            commitment: None,
            maxSupportedTransactionVersion: None,
            encoding: None,
        };
        let read = transaction(&params).read;
        let told = read(answer)
            .expect("a transaction")
            .expect("one that is known");
        let meta = told.transaction.meta.expect("a status");
        let failure = crate::interface::failure::InstructionError::Custom(1);
        let failure = crate::interface::failure::TransactionError::InstructionError(0, failure);
        assert_eq!(meta.status, Err(failure));
        assert_eq!(read(Value::Null).expect("unknown"), None);
    }

    #[test]
    fn a_raw_request_must_be_one_of_json_rpc() {
        assert!(raw("no").is_err());
        assert!(raw("{}").is_err());
        let asked = raw(r#"{"jsonrpc":"2.0","id":1,"method":"getVersion"}"#).expect("a request");
        assert_eq!(asked.request["method"], json!("getVersion"));
    }
}
