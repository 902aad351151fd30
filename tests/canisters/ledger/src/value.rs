//! The one form in which blocks are served, and its hash.
//!
//! - What it does: [`Value`] never changes, so that no client loses a part of a block; [`Value::hash`] does not depend on how a
//!   value is encoded or on the order of a map's entries.
//! - Specification: ICRC-3, "Value", "Value Hash" and HASHINGVALUES.md, whose test vectors are below; IC interface specification,
//!   "Hash of map".
//! - Hashing goes down as deep as the value; the caller gives values of bounded depth (a block has three levels).

use candid::{CandidType, Int, Nat};
use canister_kit::domain::Hash;
use serde::Deserialize;
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};

/// A value.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Bytes.
    Blob(ByteBuf),
    /// Text.
    Text(String),
    /// A natural number.
    Nat(Nat),
    /// An integer.
    Int(Int),
    /// Values in order.
    Array(Vec<Value>),
    /// Values by name.
    Map(Vec<(String, Value)>),
}

impl Value {
    /// Bytes.
    pub fn blob(bytes: &[u8]) -> Self {
        Self::Blob(ByteBuf::from(bytes))
    }

    /// The hash of the value, 32 bytes.
    pub fn hash(&self) -> Hash {
        match self {
            Self::Blob(bytes) => sha256(bytes),
            Self::Text(text) => sha256(text.as_bytes()),
            Self::Nat(number) => sha256(&leb128(number)),
            Self::Int(number) => sha256(&sleb128(number)),
            Self::Array(values) => {
                let hashes: Vec<Hash> = values.iter().map(Self::hash).collect();
                sha256(&hashes.concat())
            }
            Self::Map(entries) => {
                let pair = |(name, value): &(String, Self)| [sha256(name.as_bytes()), value.hash()];
                let mut pairs: Vec<[Hash; 2]> = entries.iter().map(pair).collect();
                pairs.sort_unstable();
                sha256(pairs.concat().as_flattened())
            }
        }
    }
}

/// A natural number as LEB128.
pub fn leb128(number: &Nat) -> Vec<u8> {
    let mut bytes = Vec::new();
    match number.encode(&mut bytes) {
        Ok(()) => bytes,
        // A vector takes every write.
        Err(error) => panic!("a number does not encode: {error}"),
    }
}

fn sleb128(number: &Int) -> Vec<u8> {
    let mut bytes = Vec::new();
    match number.encode(&mut bytes) {
        Ok(()) => bytes,
        // A vector takes every write.
        Err(error) => panic!("a number does not encode: {error}"),
    }
}

fn sha256(bytes: &[u8]) -> Hash {
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> Value {
        Value::Text(value.to_owned())
    }

    fn nat(value: u64) -> Value {
        Value::Nat(Nat::from(value))
    }

    fn bytes(hex: &str) -> Value {
        Value::blob(&hex::decode(hex).unwrap())
    }

    /// The test vectors of HASHINGVALUES.md.
    fn published() -> Vec<(Value, &'static str)> {
        let entry = |name: &str, value| (name.to_owned(), value);
        let map = Value::Map(vec![
            entry(
                "from",
                bytes("00abcdef0012340056789a00bcdef000012345678900abcdef01"),
            ),
            entry(
                "to",
                bytes("00ab0def0012340056789a00bcdef000012345678900abcdef01"),
            ),
            entry("amount", nat(42)),
            entry("created_at", nat(1_699_218_263)),
            entry("memo", nat(0)),
        ]);
        vec![
            (
                nat(42),
                "684888c0ebb17f374298b65ee2807526c066094c701bcc7ebbe1c1095f494fc1",
            ),
            (
                Value::Int(Int::from(-42)),
                "de5a6f78116eca62d7fc5ce159d23ae6b889b365a1739ad2cf36f925a140d0cc",
            ),
            (
                text("Hello, World!"),
                "dffd6021bb2bd5b0af676290809ec3a53191dd81c7f70a4b28688a362182986f",
            ),
            (
                bytes("01020304"),
                "9f64a747e1b97f131fabb6b447296c9b6f0201e79fb3c5356e6c77e89b6a806a",
            ),
            (
                Value::Array(vec![nat(3), text("foo"), bytes("0506")]),
                "514a04011caa503990d446b7dec5d79e19c221ae607fb08b2848c67734d468d6",
            ),
            (
                map,
                "c56ece650e1de4269c5bdeff7875949e3e2033f85b2d193c2ff4f7f78bdcfc75",
            ),
        ]
    }

    #[test]
    fn the_published_vectors_hold() {
        for (value, expected) in published() {
            assert_eq!(hex::encode(value.hash()), expected, "{value:?}");
        }
    }

    #[test]
    fn the_order_of_a_map_does_not_matter_and_that_of_an_array_does() {
        let entries = vec![("a".to_owned(), nat(1)), ("b".to_owned(), nat(2))];
        let turned: Vec<_> = entries.iter().rev().cloned().collect();
        assert_eq!(Value::Map(entries).hash(), Value::Map(turned).hash());
        let array = Value::Array(vec![nat(1), nat(2)]);
        assert_ne!(array.hash(), Value::Array(vec![nat(2), nat(1)]).hash());
    }
}
