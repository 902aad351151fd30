//! A ledger for tests of this package: a token with a fee of 10, people, a clock.

use crate::account::Account;
use crate::config::InitArgs;
use crate::error::{ApproveError, TransferError, TransferFromError};
use crate::ledger::Ledger;
use crate::request::{AllowanceArgs, ApproveArgs, TransferArgs, TransferFromArgs};
use candid::{Nat, Principal};
use canister_kit::encoding::Timestamp;
use ic_stable_structures::VectorMemory;
use serde_bytes::ByteBuf;

/// What a transfer costs.
pub const FEE: u64 = 10;

/// When the tests begin: in 2026.
pub const START: u64 = 1_790_000_000_000_000_000;

/// Somebody; 0 mints.
pub fn person(number: u8) -> Principal {
    Principal::from_slice(&[number, 1])
}

/// Somebody's default account.
pub fn account(number: u8) -> Account {
    person(number).into()
}

/// Arguments of `init`: 1 and 2 have 1,000 each.
pub fn args() -> InitArgs {
    InitArgs {
        symbol: "TST".to_owned(),
        name: "Test".to_owned(),
        decimals: 8,
        fee: FEE.into(),
        minting_account: account(0),
        initial_balances: vec![
            (account(1), 1_000_u64.into()),
            (account(2), 1_000_u64.into()),
        ],
        fault_controls: false,
    }
}

/// A transfer to somebody, with nothing that is optional.
pub fn to(receiver: u8, amount: u64) -> TransferArgs {
    TransferArgs {
        from_subaccount: None,
        to: account(receiver),
        amount: amount.into(),
        fee: None,
        memo: None,
        created_at_time: None,
    }
}

/// A transfer from somebody to somebody, with nothing that is optional.
pub fn from_to(payer: u8, receiver: u8, amount: u64) -> TransferFromArgs {
    TransferFromArgs {
        spender_subaccount: None,
        from: account(payer),
        to: account(receiver),
        amount: amount.into(),
        fee: None,
        memo: None,
        created_at_time: None,
    }
}

/// An approval for somebody, with nothing that is optional.
pub fn approval(spender: u8, amount: u64) -> ApproveArgs {
    ApproveArgs {
        from_subaccount: None,
        spender: account(spender),
        amount: amount.into(),
        expected_allowance: None,
        expires_at: None,
        fee: None,
        memo: None,
        created_at_time: None,
    }
}

/// A memo of so many bytes.
pub fn memo(bytes: usize) -> Option<ByteBuf> {
    Some(ByteBuf::from(vec![7; bytes]))
}

/// The ledger, its memory and the time.
pub struct Scene {
    /// The ledger.
    pub ledger: Ledger<VectorMemory>,
    /// Where it is kept.
    pub memory: VectorMemory,
    /// The time.
    pub now: u64,
}

impl Scene {
    /// A ledger that has just been installed.
    pub fn new() -> Self {
        let memory = VectorMemory::default();
        let mut ledger = Ledger::open(memory.clone());
        ledger.install(Timestamp(START), &args()).unwrap();
        Self {
            ledger,
            memory,
            now: START,
        }
    }

    /// `icrc1_transfer`.
    pub fn transfer(&mut self, by: u8, args: TransferArgs) -> Result<u64, TransferError> {
        self.ledger.transfer(Timestamp(self.now), person(by), args)
    }

    /// `icrc2_transfer_from`.
    pub fn transfer_from(
        &mut self,
        by: u8,
        args: TransferFromArgs,
    ) -> Result<u64, TransferFromError> {
        self.ledger
            .transfer_from(Timestamp(self.now), person(by), args)
    }

    /// `icrc2_approve`.
    pub fn approve(&mut self, by: u8, args: ApproveArgs) -> Result<u64, ApproveError> {
        self.ledger.approve(Timestamp(self.now), person(by), args)
    }

    /// What somebody has in the default account.
    pub fn balance(&self, of: u8) -> u128 {
        self.ledger.book().balance(&account(of)).0
    }

    /// What all have.
    pub fn supply(&self) -> u128 {
        self.ledger.book().supply().0
    }

    /// What a spender may spend, and until when.
    pub fn allowance(&self, of: u8, spender: u8) -> (Nat, Option<u64>) {
        let args = AllowanceArgs {
            account: account(of),
            spender: account(spender),
        };
        let granted = self.ledger.allowance(Timestamp(self.now), &args);
        (granted.allowance, granted.expires_at)
    }

    /// How many blocks there are.
    pub fn blocks(&self) -> u64 {
        self.ledger.chain().length()
    }
}
