//! The fake ledger: one balance for every account, deduplication as ICRC-1 says, and a log as ICRC-3 shows it.

use super::super::{CallError, LedgerFacts, Ledgers, LogPart};
use super::FakeOutside;
use crate::chain::icrc::{Account, BlockWithId, TransferArg, TransferError, Value};
use candid::Principal;
use canister_kit::encoding::Timestamp;
use canister_kit::runtime::Runtime;
use serde_bytes::ByteBuf;

/// A transfer that was made, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// What was asked for.
    pub transfer: TransferArg,
    /// By whom.
    pub owner: Principal,
    /// When.
    pub at: Timestamp,
}

/// A ledger.
pub struct FakeLedger {
    /// What a transfer costs.
    pub fee: u128,
    /// What every account has together.
    pub balance: u128,
    /// Every transfer that was made.
    pub made: Vec<Made>,
    /// Whether it shows its log.
    pub shows_log: bool,
}

impl Default for FakeLedger {
    fn default() -> Self {
        Self {
            fee: 10,
            balance: u128::MAX / 2,
            made: Vec::new(),
            shows_log: true,
        }
    }
}

impl FakeLedger {
    pub fn facts(&self) -> LedgerFacts {
        LedgerFacts {
            fee: self.fee,
            log_length: self.shows_log.then_some(self.made.len() as u64),
        }
    }

    pub fn transfer(
        &mut self,
        owner: Principal,
        transfer: &TransferArg,
        now: Timestamp,
    ) -> Result<u128, TransferError> {
        // As the ledgers in use do: the fee comes before the time and the deduplication.
        if transfer.fee != Some(self.fee) {
            let expected_fee = self.fee;
            return Err(TransferError::BadFee { expected_fee });
        }
        let created = transfer.created_at_time.unwrap();
        if created + Timestamp::DAY + 120 * Timestamp::SECOND < now.0 {
            return Err(TransferError::TooOld);
        }
        let same = |made: &Made| made.transfer == *transfer && made.owner == owner;
        if let Some(block) = self.made.iter().position(same) {
            let duplicate_of = block as u128;
            return Err(TransferError::Duplicate { duplicate_of });
        }
        let Some(left) = self.balance.checked_sub(transfer.amount + self.fee) else {
            let balance = self.balance;
            return Err(TransferError::InsufficientFunds { balance });
        };
        self.balance = left;
        self.made.push(Made {
            transfer: transfer.clone(),
            owner,
            at: now,
        });
        Ok(self.made.len() as u128 - 1)
    }

    pub fn blocks(&self, from: u64) -> LogPart {
        let block = |(id, made): (u64, &Made)| BlockWithId {
            id,
            block: block(made),
        };
        let blocks = (0..).zip(&self.made).skip(from as usize).take(100);
        LogPart {
            log_length: self.made.len() as u64,
            blocks: blocks.map(block).collect(),
        }
    }
}

impl Ledgers for FakeOutside {
    async fn ledger_facts(&self, ledger: Principal) -> Result<LedgerFacts, CallError> {
        self.meet(|| self.with_ledger(ledger, |ledger| ledger.facts()))
            .await
    }

    async fn transfer(
        &self,
        ledger: Principal,
        transfer: &TransferArg,
    ) -> Result<Result<u128, TransferError>, CallError> {
        self.meet(|| {
            let now = self.now();
            self.with_ledger(ledger, |ledger| {
                ledger.transfer(self.canister(), transfer, now)
            })
        })
        .await
    }

    async fn ledger_balance(&self, _: Principal, _: &Account) -> Result<u128, CallError> {
        self.meet(|| self.ledger.borrow().balance).await
    }

    async fn ledger_blocks(&self, ledger: Principal, from: u64) -> Result<LogPart, CallError> {
        self.meet(|| self.with_ledger(ledger, |ledger| ledger.blocks(from)))
            .await
    }
}

fn block(made: &Made) -> Value {
    let blob = |bytes: &[u8]| Value::Blob(ByteBuf::from(bytes));
    let map = |fields: Vec<(&str, Value)>| {
        let named = fields.into_iter();
        Value::Map(
            named
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    };
    let transfer = &made.transfer;
    let from = transfer.from_subaccount.as_ref().unwrap();
    let tx = map(vec![
        ("memo", blob(transfer.memo.as_ref().unwrap())),
        ("ts", Value::Nat(transfer.created_at_time.unwrap().into())),
        (
            "from",
            Value::Array(vec![blob(made.owner.as_slice()), blob(from)]),
        ),
        ("amt", Value::Nat(transfer.amount.into())),
    ]);
    map(vec![("ts", Value::Nat(made.at.0.into())), ("tx", tx)])
}
