//! Ledgers with ICRC-1, and their logs with ICRC-3.
//!
//! - Specification: ICRC-1 (`icrc1_fee`, `icrc1_transfer`); ICRC-3 (`icrc3_get_blocks`, archives by callbacks).
//! - Blocks that a ledger has moved to an archive are asked of the archive that the ledger names.
//! - The standards' numbers are `nat`, which is another type than `nat64`: both ends would refuse the latter.

use super::{CallError, ask};
use crate::chain::icrc::{Account, BlockWithId, TransferArg, TransferError, Value};
use candid::{CandidType, Principal};
use canister_kit::encoding::Cycles;
use canister_kit::runtime::Replica;
use ic_cdk::api::canister_self;
use serde::Deserialize;

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

/// Calls to ledgers.
pub trait Ledgers {
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

    /// Blocks of a ledger's log from one on.
    async fn ledger_blocks(&self, ledger: Principal, from: u64) -> Result<LogPart, CallError>;
}

impl Ledgers for Replica {
    async fn ledger_facts(&self, ledger: Principal) -> Result<LedgerFacts, CallError> {
        facts(ledger).await
    }

    async fn transfer(
        &self,
        ledger: Principal,
        transfer: &TransferArg,
    ) -> Result<Result<u128, TransferError>, CallError> {
        let outcome: Result<u128, TransferError> = ask(ledger, "icrc1_transfer", transfer).await?;
        Ok(outcome.map_err(TransferError::cut))
    }

    async fn ledger_balance(
        &self,
        ledger: Principal,
        account: &Account,
    ) -> Result<u128, CallError> {
        ask(ledger, "icrc1_balance_of", account).await
    }

    async fn ledger_blocks(&self, ledger: Principal, from: u64) -> Result<LogPart, CallError> {
        blocks(ledger, from).await
    }
}

/// How many blocks are asked for at once.
const PAGE: u128 = 100;

/// The method that ledgers and their archives have.
const GET_BLOCKS: &str = "icrc3_get_blocks";

#[derive(CandidType, Deserialize)]
struct BlockRange {
    start: u128,
    length: u128,
}

#[derive(CandidType, Deserialize)]
struct WrittenBlock {
    id: u128,
    block: Value,
}

candid::define_function!(ArchiveCallback : (Vec<BlockRange>) -> (GetBlocksResult) query);

#[derive(CandidType, Deserialize)]
struct ArchivedBlocks {
    args: Vec<BlockRange>,
    callback: ArchiveCallback,
}

#[derive(CandidType, Deserialize)]
struct GetBlocksResult {
    log_length: u128,
    blocks: Vec<WrittenBlock>,
    archived_blocks: Vec<ArchivedBlocks>,
}

async fn facts(ledger: Principal) -> Result<LedgerFacts, CallError> {
    let fee: u128 = ask(ledger, "icrc1_fee", &()).await?;
    // Without ICRC-3 a ledger rejects this; then a transfer whose outcome gets lost cannot be looked up.
    let log_length = match get_blocks(ledger, Vec::new()).await {
        Ok(log) => u64::try_from(log.log_length).ok(),
        Err(error) if error.is_of_callee() => None,
        Err(error) => return Err(error),
    };
    Ok(LedgerFacts { fee, log_length })
}

async fn blocks(ledger: Principal, from: u64) -> Result<LogPart, CallError> {
    let start = u128::from(from);
    let range = vec![BlockRange {
        start,
        length: PAGE,
    }];
    let answer = get_blocks(ledger, range).await?;
    let log_length = u64::try_from(answer.log_length);
    let log_length = log_length.map_err(|error| CallError::new(0, error))?;
    let has = |blocks: &[WrittenBlock]| blocks.iter().any(|block| block.id == start);
    let starts = |archived: &&ArchivedBlocks| archived.args.iter().any(|part| part.start == start);
    let blocks = match answer.archived_blocks.iter().find(starts) {
        Some(archived) if !has(&answer.blocks) => {
            let archive = &archived.callback.0;
            // A ledger that anybody may have written must not choose what this canister calls.
            let others = [Principal::management_canister(), canister_self()];
            if archive.method != GET_BLOCKS || others.contains(&archive.principal) {
                return Err(CallError::new(0, "the ledger names no archive with ICRC-3"));
            }
            let part: GetBlocksResult = ask(archive.principal, GET_BLOCKS, &archived.args).await?;
            part.blocks
        }
        _ => answer.blocks,
    };
    let numbered = |written: WrittenBlock| {
        let (id, block) = (u64::try_from(written.id).ok()?, written.block);
        Some(BlockWithId { id, block })
    };
    let blocks = blocks.into_iter().filter_map(numbered).collect();
    Ok(LogPart { log_length, blocks })
}

async fn get_blocks(
    ledger: Principal,
    ranges: Vec<BlockRange>,
) -> Result<GetBlocksResult, CallError> {
    ask(ledger, GET_BLOCKS, &ranges).await
}
