//! Transfers on ledgers with ICRC-1, and finding them again with ICRC-3.
//!
//! - What it does: the arguments of a transfer, the same ones however often it is sent; what a ledger's refusals mean; and looking through
//!   blocks for a transfer whose outcome got lost.
//! - Specification: ICRC-1 (`icrc1_transfer`, deduplication), ICRC-3 (`icrc3_get_blocks`; block types 1xfer and 1burn).
//! - A transfer always has a time of creation and a memo: the digest of its intent, which no other proposal has. So the ledger takes it at
//!   most once, and it can be told apart from everything else in the log.
//! - Security: a block is ours only if also its account is: anybody can copy a memo.

use crate::account::icrc::{IcrcAccount, IcrcDestination};
use crate::asset::Amount;
use crate::intent::IcrcTransfer;
use candid::{CandidType, Principal};
use canister_kit::encoding::Timestamp;
use minicbor::{Decode, Encode};
use serde::Deserialize;
use serde_bytes::ByteBuf;
use std::collections::BTreeMap;
use thiserror::Error;

/// How long a ledger takes a transfer after its time of creation: ICRC-1's TX_WINDOW and PERMITTED_DRIFT, 24 hours and 2 minutes, which every
/// known ledger uses.
pub const WINDOW: u64 = Timestamp::DAY + 120 * Timestamp::SECOND;

/// An account as ledgers write it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Whose.
    pub owner: Principal,
    /// 32 bytes; nothing for the default one.
    pub subaccount: Option<ByteBuf>,
}

/// The arguments of `icrc1_transfer`.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct TransferArg {
    /// 32 bytes.
    pub from_subaccount: Option<ByteBuf>,
    /// Where to.
    pub to: Account,
    /// What arrives.
    pub amount: u128,
    /// What the ledger takes beside it.
    pub fee: Option<u128>,
    /// 32 bytes.
    pub memo: Option<ByteBuf>,
    /// Nanoseconds since 1970.
    pub created_at_time: Option<u64>,
}

/// Why a ledger refuses a transfer.
#[derive(CandidType, Deserialize, Encode, Decode, Error, Clone, Debug, PartialEq, Eq)]
pub enum TransferError {
    /// Its fee is another one.
    #[error("the ledger's fee is now {expected_fee}")]
    #[n(0)]
    BadFee {
        /// The fee.
        #[n(0)]
        #[cbor(with = "canister_kit::encoding::u128_bytes")]
        expected_fee: u128,
    },
    /// Less than it burns at least.
    #[error("the ledger burns at least {min_burn_amount}")]
    #[n(1)]
    BadBurn {
        /// The least.
        #[n(0)]
        #[cbor(with = "canister_kit::encoding::u128_bytes")]
        min_burn_amount: u128,
    },
    /// The account has less.
    #[error("the account has {balance}")]
    #[n(2)]
    InsufficientFunds {
        /// What it has.
        #[n(0)]
        #[cbor(with = "canister_kit::encoding::u128_bytes")]
        balance: u128,
    },
    /// The time of creation is too far in the past.
    #[error("the transfer was made too long ago")]
    #[n(3)]
    TooOld,
    /// The time of creation is ahead of the ledger's clock.
    #[error("the transfer is ahead of the ledger's time {ledger_time}")]
    #[n(4)]
    CreatedInFuture {
        /// Its clock.
        #[n(0)]
        ledger_time: u64,
    },
    /// It has made exactly this transfer before.
    #[error("the ledger has made this transfer in block {duplicate_of}")]
    #[n(5)]
    Duplicate {
        /// In this block.
        #[n(0)]
        #[cbor(with = "canister_kit::encoding::u128_bytes")]
        duplicate_of: u128,
    },
    /// It does not make transfers now.
    #[error("the ledger does not make transfers now")]
    #[n(6)]
    TemporarilyUnavailable,
    /// For a reason of its own.
    #[error("the ledger refuses with code {error_code}: {message}")]
    #[n(7)]
    GenericError {
        /// Its number.
        #[n(0)]
        #[cbor(with = "canister_kit::encoding::u128_bytes")]
        error_code: u128,
        /// What it says.
        #[n(1)]
        message: String,
    },
}

/// The longest text of a ledger's that is kept, in bytes.
const MAX_TEXT: usize = 200;

impl TransferError {
    /// With a text that is cut, because it is recorded.
    pub fn cut(self) -> Self {
        match self {
            Self::GenericError {
                error_code,
                mut message,
            } => {
                message.truncate(message.floor_char_boundary(MAX_TEXT));
                Self::GenericError {
                    error_code,
                    message,
                }
            }
            other => other,
        }
    }
}

/// Everything that a transfer is, beside its intent.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct IcrcPlan {
    /// What the ledger takes.
    #[n(0)]
    pub fee: Amount,
    /// The time of creation.
    #[n(1)]
    pub created_at: Timestamp,
    /// The digest of the intent.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub memo: [u8; 32],
    /// How long the ledger's log was before, if it has one with ICRC-3: the transfer is in no earlier block.
    #[n(3)]
    pub first_block: Option<u64>,
}

impl IcrcPlan {
    /// The arguments: the same for every attempt.
    pub fn arguments(&self, from: &IcrcAccount, transfer: &IcrcTransfer) -> TransferArg {
        TransferArg {
            from_subaccount: Some(ByteBuf::from(from.subaccount)),
            to: Account::of(&transfer.to),
            amount: transfer.amount.0,
            fee: Some(self.fee.0),
            memo: Some(ByteBuf::from(self.memo)),
            created_at_time: Some(self.created_at.0),
        }
    }

    /// Until when a ledger may still take it.
    pub fn taken_until(&self) -> Timestamp {
        self.created_at.after(WINDOW)
    }
}

impl From<&IcrcAccount> for Account {
    fn from(own: &IcrcAccount) -> Self {
        Self {
            owner: own.owner,
            subaccount: Some(ByteBuf::from(own.subaccount)),
        }
    }
}

impl Account {
    fn of(destination: &IcrcDestination) -> Self {
        let sub = destination.subaccount;
        Self {
            owner: destination.owner.0,
            subaccount: (sub != [0; 32]).then(|| ByteBuf::from(sub)),
        }
    }
}

/// A value of ICRC-3.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Bytes.
    Blob(ByteBuf),
    /// Text.
    Text(String),
    /// A natural number.
    Nat(candid::Nat),
    /// A number.
    Int(candid::Int),
    /// Values in order.
    Array(Vec<Value>),
    /// Values by name.
    Map(Vec<(String, Value)>),
}

impl Value {
    fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(fields) => fields
                .iter()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    fn nat(&self) -> Option<u64> {
        match self {
            Self::Nat(number) => u64::try_from(&number.0).ok(),
            _ => None,
        }
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Blob(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// A block and its index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BlockWithId {
    /// Its index.
    pub id: u64,
    /// What it says.
    pub block: Value,
}

/// What became of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    /// The transfer is in this block.
    Found(u64),
    /// It is in none: the ledger's clock has passed the time until which it could be taken.
    Absent,
    /// Go on with this block.
    GoOn(u64),
}

/// Looks for a transfer in consecutive blocks from `from` on.
pub fn search(plan: &IcrcPlan, from: &IcrcAccount, start: u64, blocks: &[BlockWithId]) -> Search {
    let by_id: BTreeMap<u64, &Value> = blocks
        .iter()
        .map(|block| (block.id, &block.block))
        .collect();
    let mut next = start;
    while let Some(block) = by_id.get(&next) {
        if is_ours(plan, from, block) {
            return Search::Found(next);
        }
        let time = block.field("ts").and_then(Value::nat);
        if time.is_some_and(|time| time > plan.taken_until().0) {
            return Search::Absent;
        }
        next += 1;
    }
    Search::GoOn(next)
}

fn is_ours(plan: &IcrcPlan, from: &IcrcAccount, block: &Value) -> bool {
    let transfer = block.field("tx");
    let field = |name| transfer.and_then(|transfer| transfer.field(name));
    let memo = field("memo").and_then(Value::bytes);
    let time = field("ts").and_then(Value::nat);
    let owner = Value::Blob(ByteBuf::from(from.owner.as_slice()));
    let account = Value::Array(vec![owner, Value::Blob(ByteBuf::from(from.subaccount))]);
    memo == Some(&plan.memo) && time == Some(plan.created_at.0) && field("from") == Some(&account)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan() -> IcrcPlan {
        IcrcPlan {
            fee: Amount(1),
            created_at: Timestamp(1_000),
            memo: [7; 32],
            first_block: Some(3),
        }
    }

    fn ours() -> IcrcAccount {
        IcrcAccount {
            owner: Principal::from_slice(&[1, 1]),
            subaccount: [5; 32],
            text: String::new(),
        }
    }

    fn blob(bytes: &[u8]) -> Value {
        Value::Blob(ByteBuf::from(bytes))
    }

    fn nat(number: u64) -> Value {
        Value::Nat(number.into())
    }

    fn block(id: u64, time: u64, memo: u8, owner: u8, created: u64) -> BlockWithId {
        let from = Value::Array(vec![blob(&[owner, 1]), blob(&[5; 32])]);
        let tx = vec![
            ("memo".to_owned(), blob(&[memo; 32])),
            ("ts".to_owned(), nat(created)),
            ("from".to_owned(), from),
        ];
        let fields = vec![
            ("ts".to_owned(), nat(time)),
            ("tx".to_owned(), Value::Map(tx)),
        ];
        BlockWithId {
            id,
            block: Value::Map(fields),
        }
    }

    #[test]
    fn a_transfer_is_found_by_memo_time_and_account_together() {
        let look = |blocks: &[BlockWithId]| search(&plan(), &ours(), 3, blocks);
        let others = [
            block(3, 1, 8, 1, 1_000),
            block(4, 1, 7, 2, 1_000),
            block(5, 1, 7, 1, 1_001),
        ];
        assert_eq!(look(&others), Search::GoOn(6));
        let mut all = others.to_vec();
        all.push(block(6, 1, 7, 1, 1_000));
        assert_eq!(look(&all), Search::Found(6));
    }

    #[test]
    fn only_a_later_clock_of_the_ledger_tells_that_it_is_absent() {
        let late = plan().taken_until().0;
        let look = |blocks: &[BlockWithId]| search(&plan(), &ours(), 3, blocks);
        assert_eq!(look(&[block(3, late, 0, 0, 0)]), Search::GoOn(4));
        assert_eq!(look(&[block(3, late + 1, 0, 0, 0)]), Search::Absent);
        assert_eq!(
            look(&[block(4, late + 1, 0, 0, 0)]),
            Search::GoOn(3),
            "a block is missing"
        );
        assert_eq!(look(&[]), Search::GoOn(3));
    }
}
