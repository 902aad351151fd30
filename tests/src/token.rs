//! A token for a test: the ledger of `tests/canisters/ledger` on a network, and short ways to use it.
//!
//! - In: the client's handle on a network, the arguments of the ledger's `init`. Out: the ledger's own answers.
//! - Whoever installs it is the anonymous principal, which therefore controls it and may order faults where they are enabled.
//! - Left out: archives, which the ledger does not have.

use crate::world::{World, WorldError};
use candid::utils::ArgumentEncoder;
use candid::{CandidType, Nat, Principal, encode_one};
use ic_management_canister_types::CanisterInstallMode;
use ledger::account::Account;
use ledger::chain::{BlockPage, Range};
use ledger::config::InitArgs;
use ledger::error::{ApproveError, TransferError, TransferFromError};
use ledger::fault::{Fault, FaultRefused};
use ledger::request::{Allowance, AllowanceArgs, ApproveArgs, TransferArgs, TransferFromArgs};
use pocket_ic::{PocketIc, RejectResponse, query_candid, update_candid_as};
use serde::de::DeserializeOwned;

pub use ledger;

/// Who mints the tokens of [`token_args`].
pub fn minter() -> Principal {
    Principal::self_authenticating(b"the minter of the tests")
}

/// A token with eight decimal places and a fee of 10,000, with faults enabled, of which some have balances.
pub fn token_args(balances: &[(Account, u64)]) -> InitArgs {
    let each = balances
        .iter()
        .map(|(account, amount)| (*account, Nat::from(*amount)));
    InitArgs {
        symbol: "TEST".to_owned(),
        name: "Token of the tests".to_owned(),
        decimals: 8,
        fee: 10_000_u64.into(),
        minting_account: minter().into(),
        initial_balances: each.collect(),
        fault_controls: true,
    }
}

/// A transfer that names nothing that is optional.
pub fn transfer_to(to: impl Into<Account>, amount: u64) -> TransferArgs {
    TransferArgs {
        from_subaccount: None,
        to: to.into(),
        amount: amount.into(),
        fee: None,
        memo: None,
        created_at_time: None,
    }
}

/// A ledger on a network.
#[derive(Clone, Copy)]
pub struct Token<'a> {
    network: &'a PocketIc,
    canister: Principal,
}

impl<'a> Token<'a> {
    /// Creates a canister and installs the ledger in it.
    ///
    /// # Errors
    /// The module has not been built, or the ledger refused the arguments.
    pub fn install(world: &'a World, args: &InitArgs) -> Result<Self, WorldError> {
        let network = world.network();
        let canister = network.create_canister();
        let module = crate::world::canister_wasm("ledger")?;
        let arg = encode_one(args).expect("the arguments encode");
        world.install_code(canister, CanisterInstallMode::Install, module, arg)?;
        Ok(Self { network, canister })
    }

    /// The ledger's id.
    pub fn canister(&self) -> Principal {
        self.canister
    }

    /// What an account holds.
    ///
    /// # Errors
    /// The network rejected the query; so for every method below.
    pub fn balance(&self, of: impl Into<Account>) -> Result<Nat, WorldError> {
        self.ask("icrc1_balance_of", (of.into(),))
    }

    /// What a spender may still spend of an account.
    ///
    /// # Errors
    /// A rejection.
    pub fn allowance(
        &self,
        account: impl Into<Account>,
        spender: impl Into<Account>,
    ) -> Result<Allowance, WorldError> {
        let (account, spender) = (account.into(), spender.into());
        self.ask("icrc2_allowance", (AllowanceArgs { account, spender },))
    }

    /// Blocks from one on.
    ///
    /// # Errors
    /// A rejection.
    pub fn blocks(&self, start: u64, length: u64) -> Result<BlockPage, WorldError> {
        let (start, length) = (start.into(), length.into());
        self.ask("icrc3_get_blocks", (vec![Range { start, length }],))
    }

    /// Moves tokens of `by`.
    ///
    /// # Errors
    /// A rejection; what the ledger itself refuses is the answer.
    pub fn transfer(
        &self,
        by: Principal,
        args: TransferArgs,
    ) -> Result<Result<Nat, TransferError>, WorldError> {
        self.tell(by, "icrc1_transfer", (args,))
    }

    /// Moves tokens that were approved to `by`.
    ///
    /// # Errors
    /// A rejection; what the ledger itself refuses is the answer.
    pub fn transfer_from(
        &self,
        by: Principal,
        args: TransferFromArgs,
    ) -> Result<Result<Nat, TransferFromError>, WorldError> {
        self.tell(by, "icrc2_transfer_from", (args,))
    }

    /// Lets somebody spend of what `by` has.
    ///
    /// # Errors
    /// A rejection; what the ledger itself refuses is the answer.
    pub fn approve(
        &self,
        by: Principal,
        args: ApproveArgs,
    ) -> Result<Result<Nat, ApproveError>, WorldError> {
        self.tell(by, "icrc2_approve", (args,))
    }

    /// Lets the next transfers fail.
    ///
    /// # Errors
    /// A rejection; what the ledger itself refuses is the answer.
    pub fn fail_next_transfers(
        &self,
        by: Principal,
        count: u32,
        fault: Fault,
    ) -> Result<Result<(), FaultRefused>, WorldError> {
        self.tell(by, "dev_fail_next_transfers", (count, fault))
    }

    fn ask<T: CandidType + DeserializeOwned>(
        &self,
        method: &str,
        args: impl ArgumentEncoder,
    ) -> Result<T, WorldError> {
        let answer: Result<(T,), RejectResponse> =
            query_candid(self.network, self.canister, method, args);
        Ok(answer?.0)
    }

    fn tell<T: CandidType + DeserializeOwned>(
        &self,
        by: Principal,
        method: &str,
        args: impl ArgumentEncoder,
    ) -> Result<T, WorldError> {
        let answer: Result<(T,), RejectResponse> =
            update_candid_as(self.network, self.canister, by, method, args);
        Ok(answer?.0)
    }
}
