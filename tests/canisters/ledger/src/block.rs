//! Blocks: what happened, in the ledger's own form and in that of ICRC-3.
//!
//! - What it does: a [`Block`] is all that one transaction changed, so that applying the blocks to empty books gives the books again;
//!   [`Block::value`] is its ICRC-3 form, [`Block::hash`] the hash of that.
//! - Specification: ICRC-3, "ICRC-1 and ICRC-2 Block Schema" and "Canonical `tx` Mapping": such blocks have no `btype`, their kind
//!   follows from `tx`; optional fields that the caller left out are left out; mints and burns have no fee; the fee stands outside
//!   `tx` where the caller did not name it. `expected_allowance` and `expires_at` of an approval are named as in ICRC-2.
//! - Stored as CBOR with numbered fields.

use crate::account::Account;
use crate::tokens::Tokens;
use crate::value::Value;
use candid::{CandidType, Nat};
use canister_kit::domain::Hash;
use canister_kit::encoding::Timestamp;
use ic_stable_structures::storable::{Bound, Storable};
use minicbor::bytes::{ByteArray, ByteVec};
use minicbor::{Decode, Encode};
use serde::Deserialize;
use std::borrow::Cow;

/// What a movement of tokens is.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(index_only)]
pub enum Kind {
    /// From the minting account: new tokens.
    #[n(0)]
    Mint,
    /// To the minting account: tokens that are no more.
    #[n(1)]
    Burn,
    /// Between two other accounts.
    #[n(2)]
    Transfer,
}

/// Tokens that change hands.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Movement {
    /// What it is.
    #[n(0)]
    pub kind: Kind,
    /// Who pays; of a mint, the minting account.
    #[n(1)]
    pub from: Account,
    /// Who receives; of a burn, the minting account.
    #[n(2)]
    pub to: Account,
    /// Who asked for it, where that was by `icrc2_transfer_from`.
    #[n(3)]
    pub spender: Option<Account>,
    /// What the receiver gets.
    #[n(4)]
    pub amount: Tokens,
}

/// An allowance that was set.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Approval {
    /// Who pays.
    #[n(0)]
    pub from: Account,
    /// Who may spend.
    #[n(1)]
    pub spender: Account,
    /// How much.
    #[n(2)]
    pub allowance: Tokens,
    /// What the allowance was, where the caller said so.
    #[n(3)]
    pub expected: Option<Tokens>,
    /// When it ends, in nanoseconds since 1970.
    #[n(4)]
    pub expires_at: Option<u64>,
}

/// What happened.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Tokens changed hands.
    #[n(0)]
    Move(#[n(0)] Movement),
    /// An allowance was set.
    #[n(1)]
    Approve(#[n(0)] Approval),
}

/// A block.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Block {
    /// Hash of the block before; the first has none.
    #[n(0)]
    pub parent: Option<ByteArray<32>>,
    /// When the ledger made it.
    #[n(1)]
    pub at: Timestamp,
    /// What happened.
    #[n(2)]
    pub operation: Operation,
    /// What it cost.
    #[n(3)]
    pub fee: Tokens,
    /// Whether the caller named the fee.
    #[n(4)]
    pub fee_named: bool,
    /// What the caller added.
    #[n(5)]
    pub memo: Option<ByteVec>,
    /// When the caller made the transaction, in nanoseconds since 1970.
    #[n(6)]
    pub created_at: Option<u64>,
}

impl Block {
    /// The form of ICRC-3.
    pub fn value(&self) -> Value {
        let mut entries = vec![
            entry("ts", nat(self.at.0)),
            entry("tx", Value::Map(self.transaction())),
        ];
        if self.fee > Tokens::ZERO && !self.fee_named {
            entries.push(entry("fee", nat(self.fee)));
        }
        if let Some(parent) = &self.parent {
            entries.push(entry("phash", Value::blob(&parent[..])));
        }
        sorted(entries)
    }

    /// Its hash, which the next block names and the tip certifies.
    pub fn hash(&self) -> Hash {
        self.value().hash()
    }

    fn transaction(&self) -> Vec<(String, Value)> {
        let mut entries = match &self.operation {
            Operation::Move(movement) => movement.entries(),
            Operation::Approve(approval) => approval.entries(),
        };
        if self.fee > Tokens::ZERO && self.fee_named {
            entries.push(entry("fee", nat(self.fee)));
        }
        if let Some(memo) = &self.memo {
            entries.push(entry("memo", Value::blob(memo)));
        }
        if let Some(created_at) = self.created_at {
            entries.push(entry("ts", nat(created_at)));
        }
        entries.sort_by(|a, b| a.0.cmp(&b.0));
        entries
    }
}

impl Movement {
    fn entries(&self) -> Vec<(String, Value)> {
        let operation = match self.kind {
            Kind::Mint => "mint",
            Kind::Burn => "burn",
            Kind::Transfer => "xfer",
        };
        let mut entries = vec![
            entry("op", Value::Text(operation.to_owned())),
            entry("amt", nat(self.amount)),
        ];
        if self.kind != Kind::Mint {
            entries.push(entry("from", account(&self.from)));
        }
        if self.kind != Kind::Burn {
            entries.push(entry("to", account(&self.to)));
        }
        if let Some(spender) = &self.spender {
            entries.push(entry("spender", account(spender)));
        }
        entries
    }
}

impl Approval {
    fn entries(&self) -> Vec<(String, Value)> {
        let mut entries = vec![
            entry("op", Value::Text("approve".to_owned())),
            entry("amt", nat(self.allowance)),
            entry("from", account(&self.from)),
            entry("spender", account(&self.spender)),
        ];
        if let Some(expected) = self.expected {
            entries.push(entry("expected_allowance", nat(expected)));
        }
        if let Some(expires_at) = self.expires_at {
            entries.push(entry("expires_at", nat(expires_at)));
        }
        entries
    }
}

fn entry(name: &str, value: Value) -> (String, Value) {
    (name.to_owned(), value)
}

fn nat(number: impl Into<Nat>) -> Value {
    Value::Nat(number.into())
}

fn account(account: &Account) -> Value {
    let owner = Value::blob(account.owner.as_slice());
    let subaccount = account.subaccount.map(|bytes| Value::blob(&bytes));
    Value::Array([owner].into_iter().chain(subaccount).collect())
}

fn sorted(mut entries: Vec<(String, Value)>) -> Value {
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    Value::Map(entries)
}

impl Storable for Block {
    const BOUND: Bound = Bound::Unbounded;

    fn to_bytes(&self) -> Cow<'_, [u8]> {
        match minicbor::to_vec(self) {
            Ok(bytes) => Cow::Owned(bytes),
            // A vector takes every write, and no field has an encoder that fails.
            Err(error) => panic!("a block does not encode: {error}"),
        }
    }

    fn into_bytes(self) -> Vec<u8> {
        self.to_bytes().into_owned()
    }

    fn from_bytes(bytes: Cow<'_, [u8]>) -> Self {
        match minicbor::decode(&bytes) {
            Ok(block) => block,
            Err(error) => panic!("a stored block does not decode: {error}"),
        }
    }
}

/// A kind of block that the ledger makes.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct BlockType {
    /// Its name.
    pub block_type: String,
    /// Where it is specified.
    pub url: String,
}

/// Every kind of block that the ledger makes.
pub fn block_types() -> Vec<BlockType> {
    let of = |standard: &str, names: &[&str]| -> Vec<BlockType> {
        let url = format!("https://github.com/dfinity/ICRC-1/tree/main/standards/{standard}");
        let each = names.iter().map(|name| BlockType {
            block_type: (*name).to_owned(),
            url: url.clone(),
        });
        each.collect()
    };
    let first = of("ICRC-1", &["1xfer", "1mint", "1burn"]);
    let second = of("ICRC-2", &["2approve", "2xfer", "2mint", "2burn"]);
    [first, second].concat()
}
