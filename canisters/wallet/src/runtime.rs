//! The world outside, as far as the wallet needs more of it than the kit.
//!
//! - What it does: the management canister's keys and signatures ([`management`]), ledgers ([`ledger`]),
//!   and the Bitcoin canister ([`mod@bitcoin`]).
//! - Specification: IC interface specification, `ecdsa_public_key`, `schnorr_public_key`, `sign_with_ecdsa`, `sign_with_schnorr`; ICRC-1, ICRC-3.
//! - Bounded waits for what may be repeated: public keys, questions to ledgers, and transfers with a time of creation. Signatures wait as long
//!   as they take, because they are paid.
//! - Out: answers as they came; whoever asks checks them.

mod bitcoin;
#[cfg(test)]
pub mod fake;
mod ledger;
mod management;

use crate::account::bitcoin::BitcoinNetwork;
use crate::chain::bitcoin::OutPoint;
use crate::chain::icrc::{Account, BlockWithId, TransferArg, TransferError};
use crate::root_key::{KeyKind, RawKey};
use crate::signing::SigningRequest;
use candid::Principal;
pub use canister_kit::calls::CallError;
use canister_kit::calls::{ask, not_answered};
use canister_kit::encoding::Cycles;
use canister_kit::runtime::{Replica, Runtime};
use canister_kit::{Environment, KeyName};

/// What a call to a ledger costs at most: anybody may have written the ledger, and its answers may be as long as the network carries (2 MiB, at 1000
/// cycles a byte on a subnet of 13 nodes).
pub const LEDGER_CALL: Cycles = Cycles(2_200_000_000);

/// What a ledger says before a transfer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerFacts {
    /// What it takes for a transfer.
    pub fee: u128,
    /// How many blocks its log has, if it shows one with ICRC-3.
    pub log_length: Option<u64>,
}

/// A part of a ledger's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogPart {
    /// How many blocks the whole log has.
    pub log_length: u64,
    /// Consecutive blocks from the one on that was asked for.
    pub blocks: Vec<BlockWithId>,
}

/// A coin on Bitcoin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coin {
    /// Where it is.
    pub outpoint: OutPoint,
    /// In satoshi.
    pub value: u64,
    /// The height of its block.
    pub height: u32,
}

/// Most pages of coins that one question follows; a page has a thousand or more.
pub const MAX_PAGES: u32 = 5;

/// What the Bitcoin canister says of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BitcoinFacts {
    /// Coins with a confirmation at least; those of the first [`MAX_PAGES`] pages.
    pub coins: Vec<Coin>,
    /// How many pages were asked for.
    pub pages: u32,
    /// Whether there are no more.
    pub complete: bool,
    /// The height of the chain's tip.
    pub tip_height: u32,
}

/// What the wallet needs beyond the kit's [`Runtime`].
pub trait Outside: Runtime {
    /// The canister's own public key of a kind under a master key.
    async fn public_key(&self, kind: KeyKind, name: &KeyName) -> Result<RawKey, CallError>;

    /// What a signature of a kind costs; nothing where there is no such key.
    fn signature_fee(&self, kind: KeyKind, name: &KeyName) -> Option<Cycles>;

    /// A signature: 64 bytes as the management canister gives them.
    async fn sign(&self, request: &SigningRequest, name: &KeyName) -> Result<Vec<u8>, CallError>;

    /// Fee and length of the log of a ledger.
    async fn ledger_facts(&self, ledger: Principal) -> Result<LedgerFacts, CallError>;

    /// A transfer on a ledger.
    async fn transfer(
        &self,
        ledger: Principal,
        transfer: &TransferArg,
    ) -> Result<Result<u128, TransferError>, CallError>;

    /// The balance of an account on a ledger.
    async fn ledger_balance(&self, ledger: Principal, account: &Account)
    -> Result<u128, CallError>;

    /// What a page of coins of an address costs.
    fn coins_fee(&self, network: BitcoinNetwork) -> Cycles;

    /// What broadcasting so many bytes costs.
    fn sending_fee(&self, network: BitcoinNetwork, bytes: usize) -> Cycles;

    /// The confirmed coins of an address on Bitcoin.
    async fn coins(
        &self,
        environment: Environment,
        address: &str,
    ) -> Result<BitcoinFacts, CallError>;

    /// Fees of recent transactions on Bitcoin, in milli-satoshi for each virtual byte; 101 of them, or none.
    async fn fee_percentiles(&self, environment: Environment) -> Result<Vec<u64>, CallError>;

    /// Broadcasts a transaction on Bitcoin.
    async fn broadcast(&self, environment: Environment, bytes: &[u8]) -> Result<(), CallError>;

    /// Blocks of a ledger's log from one on.
    async fn ledger_blocks(&self, ledger: Principal, from: u64) -> Result<LogPart, CallError>;
}

impl Outside for Replica {
    async fn public_key(&self, kind: KeyKind, name: &KeyName) -> Result<RawKey, CallError> {
        management::public_key(kind, name).await
    }

    fn signature_fee(&self, kind: KeyKind, name: &KeyName) -> Option<Cycles> {
        management::signature_fee(kind, name)
    }

    async fn sign(&self, request: &SigningRequest, name: &KeyName) -> Result<Vec<u8>, CallError> {
        management::sign(request, name).await
    }

    async fn ledger_facts(&self, ledger: Principal) -> Result<LedgerFacts, CallError> {
        ledger::facts(ledger).await
    }

    async fn transfer(
        &self,
        ledger: Principal,
        transfer: &TransferArg,
    ) -> Result<Result<u128, TransferError>, CallError> {
        ledger::transfer(ledger, transfer).await
    }

    async fn ledger_balance(
        &self,
        ledger: Principal,
        account: &Account,
    ) -> Result<u128, CallError> {
        ask(ledger, "icrc1_balance_of", account).await
    }

    fn coins_fee(&self, network: BitcoinNetwork) -> Cycles {
        bitcoin::coins_fee(network)
    }

    fn sending_fee(&self, network: BitcoinNetwork, bytes: usize) -> Cycles {
        bitcoin::sending_fee(network, bytes)
    }

    async fn coins(
        &self,
        environment: Environment,
        address: &str,
    ) -> Result<BitcoinFacts, CallError> {
        bitcoin::coins(environment, address).await
    }

    async fn fee_percentiles(&self, environment: Environment) -> Result<Vec<u64>, CallError> {
        bitcoin::fee_percentiles(environment).await
    }

    async fn broadcast(&self, environment: Environment, bytes: &[u8]) -> Result<(), CallError> {
        bitcoin::send(environment, bytes).await
    }

    async fn ledger_blocks(&self, ledger: Principal, from: u64) -> Result<LogPart, CallError> {
        ledger::blocks(ledger, from).await
    }
}
