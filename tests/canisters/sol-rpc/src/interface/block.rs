//! Blocks, and fees of recent blocks.

use super::transaction::{EncodedTransactionWithStatusMeta, Reward};
use candid::CandidType;
use serde::Deserialize;

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
#[allow(non_snake_case)]
pub struct ConfirmedBlock {
    pub previousBlockhash: String,
    pub blockhash: String,
    pub parentSlot: u64,
    pub blockTime: Option<i64>,
    pub blockHeight: Option<u64>,
    pub signatures: Option<Vec<String>>,
    pub rewards: Option<Vec<Reward>>,
    pub numRewardPartition: Option<u64>,
    pub transactions: Option<Vec<EncodedTransactionWithStatusMeta>>,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
#[allow(non_snake_case)]
pub struct PrioritizationFee {
    pub slot: u64,
    pub prioritizationFee: u64,
}
