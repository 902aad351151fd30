//! A ledger with ICRC-1, ICRC-2 and ICRC-3, for tests and the development network: the canister's entry points.
//!
//! - What it does: an ordinary ledger of one token, kept in stable memory; no registry carries the module of the public one. It is no part of
//!   the products and is not meant to hold value.
//! - Interface: `ledger.did`, beside Cargo.toml, which a test below compares with the code.
//! - Specification: <https://github.com/dfinity/ICRC-1>, the standards ICRC-1, ICRC-2 and ICRC-3.
//! - Start reading at [`ledger`] (the way of a transaction), [`movement`], [`approval`], [`book`], [`block`]; [`fault`] is the one extension.
//! - Left out: archives, fee collectors, index, upgrade arguments, ICRC-21 and later standards; migrations between layouts.

pub mod account;
pub mod approval;
pub mod block;
pub mod book;
pub mod chain;
pub mod config;
pub mod error;
pub mod fault;
pub mod ledger;
pub mod memory;
pub mod movement;
pub mod recent;
pub mod request;
pub mod tokens;
pub mod value;

use account::Account;
use block::BlockType;
use candid::{Nat, Principal};
use canister_kit::encoding::Timestamp;
use chain::{Archive, ArchivesArgs, BlockPage, DataCertificate, Range};
use config::InitArgs;
use error::{ApproveError, TransferError, TransferFromError};
use fault::{Fault, FaultRefused};
use ic_cdk::api::{certified_data_set, data_certificate, is_controller, msg_caller, time};
use ic_cdk::{init, post_upgrade, query, update};
use ic_stable_structures::DefaultMemoryImpl;
use ledger::Ledger;
use request::{
    Allowance, AllowanceArgs, ApproveArgs, Metadatum, Standard, TransferArgs, TransferFromArgs,
};
use std::cell::RefCell;

canister_kit::candid_metadata!("../ledger.did");

thread_local! {
    static LEDGER: RefCell<Ledger<DefaultMemoryImpl>> =
        RefCell::new(Ledger::open(DefaultMemoryImpl::default()));
}

fn read<T>(reader: impl FnOnce(&Ledger<DefaultMemoryImpl>) -> T) -> T {
    LEDGER.with_borrow(reader)
}

/// Changes the ledger and certifies its tip.
fn change<T>(change: impl FnOnce(&mut Ledger<DefaultMemoryImpl>, Timestamp, Principal) -> T) -> T {
    LEDGER.with_borrow_mut(|ledger| {
        let answer = change(ledger, Timestamp(time()), msg_caller());
        if let Some(tree) = ledger.chain().tip_tree() {
            certified_data_set(tree.digest());
        }
        answer
    })
}

#[init]
fn init(args: InitArgs) {
    change(|ledger, at, _| ledger.install(at, &args))
        .unwrap_or_else(|refused| ic_cdk::trap(refused.to_string()));
}

#[post_upgrade]
fn post_upgrade() {
    change(|ledger, _, _| ledger.reopen())
        .unwrap_or_else(|refused| ic_cdk::trap(refused.to_string()));
}

/// ICRC-1: name of the token.
#[query]
fn icrc1_name() -> String {
    read(|ledger| ledger.config().name.clone())
}

/// ICRC-1: short name of the token.
#[query]
fn icrc1_symbol() -> String {
    read(|ledger| ledger.config().symbol.clone())
}

/// ICRC-1: decimal places of the unit that people see.
#[query]
fn icrc1_decimals() -> u8 {
    read(|ledger| ledger.config().decimals)
}

/// ICRC-1: what a transfer costs.
#[query]
fn icrc1_fee() -> Nat {
    read(|ledger| ledger.config().fee.into())
}

/// ICRC-1: all of that in one list.
#[query]
fn icrc1_metadata() -> Vec<(String, Metadatum)> {
    read(|ledger| ledger.config().metadata())
}

/// ICRC-1: what all accounts hold together.
#[query]
fn icrc1_total_supply() -> Nat {
    read(|ledger| ledger.book().supply().into())
}

/// ICRC-1: who mints and burns.
#[query]
fn icrc1_minting_account() -> Option<Account> {
    read(|ledger| Some(ledger.config().minting_account))
}

/// ICRC-1: what an account holds.
#[query]
fn icrc1_balance_of(account: Account) -> Nat {
    read(|ledger| ledger.book().balance(&account).into())
}

/// ICRC-1: the standards that the ledger keeps.
#[query]
fn icrc1_supported_standards() -> Vec<Standard> {
    config::standards()
}

/// ICRC-1: moves tokens of the caller.
#[update]
async fn icrc1_transfer(args: TransferArgs) -> Result<Nat, TransferError> {
    let transfer = || change(|ledger, at, caller| ledger.transfer(at, caller, args));
    fault::around(transfer).await.map(Nat::from)
}

/// ICRC-2: lets somebody else move tokens of the caller.
#[update]
fn icrc2_approve(args: ApproveArgs) -> Result<Nat, ApproveError> {
    change(|ledger, at, caller| ledger.approve(at, caller, args)).map(Nat::from)
}

/// ICRC-2: what somebody else may still move.
#[query]
fn icrc2_allowance(args: AllowanceArgs) -> Allowance {
    read(|ledger| ledger.allowance(Timestamp(time()), &args))
}

/// ICRC-2: moves tokens that somebody else has approved to the caller.
#[update]
async fn icrc2_transfer_from(args: TransferFromArgs) -> Result<Nat, TransferFromError> {
    let transfer = || change(|ledger, at, caller| ledger.transfer_from(at, caller, args));
    fault::around(transfer).await.map(Nat::from)
}

/// ICRC-3: blocks of some ranges, at most 1,000 at once.
#[query]
fn icrc3_get_blocks(ranges: Vec<Range>) -> BlockPage {
    read(|ledger| ledger.chain().page(&ranges))
}

/// ICRC-3: none.
#[query]
fn icrc3_get_archives(_: ArchivesArgs) -> Vec<Archive> {
    Vec::new()
}

/// ICRC-3: index and hash of the last block, certified; nothing in an update call or without blocks.
#[query]
fn icrc3_get_tip_certificate() -> Option<DataCertificate> {
    read(|ledger| ledger.chain().certified_tip(data_certificate()))
}

/// ICRC-3: the kinds of blocks that the ledger makes.
#[query]
fn icrc3_supported_block_types() -> Vec<BlockType> {
    block::block_types()
}

/// Development only: the next transfers fail. A controller may call, where the ledger was installed with `fault_controls`.
#[update]
fn dev_fail_next_transfers(count: u32, fault: Fault) -> Result<(), FaultRefused> {
    let enabled = read(|ledger| ledger.config().fault_controls);
    let by_controller = is_controller(&msg_caller());
    fault::orders(|orders| orders.place(enabled, by_controller, count, fault))
}

#[cfg(test)]
mod scene;

#[cfg(test)]
mod tests {
    use super::*;
    use candid_parser::utils::{CandidSource, service_equal};

    candid::export_service!();

    const CANDID: &str = include_str!("../ledger.did");

    #[test]
    fn the_exported_interface_equals_the_candid_file() {
        let exported = __export_service();
        service_equal(CandidSource::Text(&exported), CandidSource::Text(CANDID))
            .unwrap_or_else(|difference| panic!("{difference}\n{exported}"));
    }
}
