//! The results in JSON, read into the types of the interface.
//!
//! - In: the `result` of a JSON-RPC answer. Out: the value, or what is wrong with it.
//! - Specification: ethereum.github.io/execution-apis. Numbers have at most 256 bits; bytes are checked for their length.

use crate::interface::{Block, FeeHistory, LogEntry, TransactionReceipt};
use candid::Nat;
use serde_json::Value;

/// What can be read out of a result.
pub(crate) trait Answer: Clone + PartialEq + Sized {
    /// # Errors
    /// What is wrong.
    fn read(result: &Value) -> Result<Self, String>;
}

impl Answer for Nat {
    fn read(result: &Value) -> Result<Self, String> {
        quantity(result)
    }
}

/// Bytes of any length.
impl Answer for String {
    fn read(result: &Value) -> Result<Self, String> {
        bytes(result, None)
    }
}

impl Answer for FeeHistory {
    fn read(result: &Value) -> Result<Self, String> {
        let rewards = |rewards: &Value| list(rewards, quantity);
        Ok(Self {
            oldest_block: quantity(&result["oldestBlock"])?,
            base_fee_per_gas: list(&result["baseFeePerGas"], quantity)?,
            gas_used_ratio: list(&result["gasUsedRatio"], |ratio| {
                ratio.as_f64().ok_or_else(|| no(ratio, "ratio"))
            })?,
            reward: optional(&result["reward"], |all| list(all, rewards))?.unwrap_or_default(),
        })
    }
}

impl Answer for Vec<LogEntry> {
    fn read(result: &Value) -> Result<Self, String> {
        list(result, LogEntry::read)
    }
}

impl Answer for LogEntry {
    fn read(result: &Value) -> Result<Self, String> {
        Ok(Self {
            address: bytes(&result["address"], Some(20))?,
            topics: list(&result["topics"], hash)?,
            data: bytes(&result["data"], None)?,
            block_number: optional(&result["blockNumber"], quantity)?,
            transaction_hash: optional(&result["transactionHash"], hash)?,
            transaction_index: optional(&result["transactionIndex"], quantity)?,
            block_hash: optional(&result["blockHash"], hash)?,
            log_index: optional(&result["logIndex"], quantity)?,
            removed: result["removed"].as_bool().unwrap_or(false),
        })
    }
}

/// None for a transaction that is in no block.
impl Answer for Option<TransactionReceipt> {
    fn read(result: &Value) -> Result<Self, String> {
        optional(result, TransactionReceipt::read)
    }
}

impl Answer for TransactionReceipt {
    fn read(result: &Value) -> Result<Self, String> {
        let address = |value: &Value| bytes(value, Some(20));
        Ok(Self {
            block_hash: hash(&result["blockHash"])?,
            block_number: quantity(&result["blockNumber"])?,
            effective_gas_price: quantity(&result["effectiveGasPrice"])?,
            gas_used: quantity(&result["gasUsed"])?,
            cumulative_gas_used: quantity(&result["cumulativeGasUsed"])?,
            status: optional(&result["status"], quantity)?,
            root: optional(&result["root"], hash)?,
            transaction_hash: hash(&result["transactionHash"])?,
            contract_address: optional(&result["contractAddress"], address)?,
            from: address(&result["from"])?,
            logs: list(&result["logs"], LogEntry::read)?,
            logs_bloom: bytes(&result["logsBloom"], Some(256))?,
            to: optional(&result["to"], address)?,
            transaction_index: quantity(&result["transactionIndex"])?,
            r#type: byte(&result["type"])?,
        })
    }
}

impl Answer for Block {
    fn read(result: &Value) -> Result<Self, String> {
        let hashes = |value: &Value| list(value, hash);
        Ok(Self {
            base_fee_per_gas: optional(&result["baseFeePerGas"], quantity)?,
            number: quantity(&result["number"])?,
            difficulty: optional(&result["difficulty"], quantity)?,
            extra_data: bytes(&result["extraData"], None)?,
            gas_limit: quantity(&result["gasLimit"])?,
            gas_used: quantity(&result["gasUsed"])?,
            hash: hash(&result["hash"])?,
            logs_bloom: bytes(&result["logsBloom"], Some(256))?,
            miner: bytes(&result["miner"], Some(20))?,
            mix_hash: hash(&result["mixHash"])?,
            nonce: quantity(&result["nonce"])?,
            parent_hash: hash(&result["parentHash"])?,
            receipts_root: hash(&result["receiptsRoot"])?,
            sha3_uncles: hash(&result["sha3Uncles"])?,
            size: quantity(&result["size"])?,
            state_root: hash(&result["stateRoot"])?,
            timestamp: quantity(&result["timestamp"])?,
            // The EVM RPC canister never fills this field.
            total_difficulty: None,
            transactions: optional(&result["transactions"], hashes)?.unwrap_or_default(),
            transactions_root: optional(&result["transactionsRoot"], hash)?,
            uncles: optional(&result["uncles"], hashes)?.unwrap_or_default(),
        })
    }
}

fn no(value: &Value, kind: &str) -> String {
    format!("no {kind}: {value}")
}

fn optional<T>(
    value: &Value,
    read: impl FnOnce(&Value) -> Result<T, String>,
) -> Result<Option<T>, String> {
    match value {
        Value::Null => Ok(None),
        value => read(value).map(Some),
    }
}

fn list<T>(value: &Value, read: impl FnMut(&Value) -> Result<T, String>) -> Result<Vec<T>, String> {
    let items = value.as_array().ok_or_else(|| no(value, "list"))?;
    items.iter().map(read).collect()
}

fn digits(value: &Value) -> Option<&str> {
    let digits = value.as_str()?.strip_prefix("0x")?;
    let hexadecimal = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    hexadecimal.then_some(digits)
}

fn quantity(value: &Value) -> Result<Nat, String> {
    let number = digits(value).and_then(|digits| {
        let fits = (1..=64).contains(&digits.len());
        let (high, low) = match digits.len() {
            33.. => digits.split_at_checked(digits.len() - 32)?,
            _ => ("0", digits),
        };
        let half = |digits| u128::from_str_radix(digits, 16).ok();
        let number = Nat::from(half(high)?) * (Nat::from(u128::MAX) + 1_u8) + half(low)?;
        fits.then_some(number)
    });
    number.ok_or_else(|| no(value, "number"))
}

fn bytes(value: &Value, length: Option<usize>) -> Result<String, String> {
    let bytes = digits(value).and_then(|digits| hex::decode(digits).ok());
    let bytes = bytes.filter(|bytes| length.is_none_or(|length| length == bytes.len()));
    let bytes = bytes.ok_or_else(|| no(value, "bytes"))?;
    Ok(format!("0x{}", hex::encode(bytes)))
}

fn hash(value: &Value) -> Result<String, String> {
    bytes(value, Some(32))
}

/// A byte, which nodes write as a number.
fn byte(value: &Value) -> Result<String, String> {
    let byte = digits(value).and_then(|digits| u8::from_str_radix(digits, 16).ok());
    byte.map(|byte| format!("0x{byte:02x}"))
        .ok_or_else(|| no(value, "byte"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn numbers_have_up_to_256_bits() {
        let read = |text: &str| Nat::read(&json!(text));
        assert_eq!(read("0x0"), Ok(Nat::from(0_u8)));
        assert_eq!(read("0x5208"), Ok(Nat::from(21_000_u16)));
        let most = read(&format!("0x{}", "f".repeat(64))).expect("a number");
        assert_eq!(most.0.to_str_radix(16), "f".repeat(64));
        let odd = read("0x123456789abcdef0123456789abcdef01").expect("a number");
        assert_eq!(odd.0.to_str_radix(16), "123456789abcdef0123456789abcdef01");
        for wrong in ["", "0x", "12", "0xg", "0x+1"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
        assert!(read(&format!("0x1{}", "0".repeat(64))).is_err());
    }

    #[test]
    fn a_receipt_that_is_not_there_yet_is_none() {
        assert_eq!(Option::<TransactionReceipt>::read(&Value::Null), Ok(None));
        assert!(Option::<TransactionReceipt>::read(&json!({})).is_err());
    }
}
