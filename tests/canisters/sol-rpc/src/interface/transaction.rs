//! Transactions, their statuses and what they did.

use super::account::TokenAmount;
use super::failure::TransactionError;
use candid::CandidType;
use serde::Deserialize;

pub type Outcome = Result<(), TransactionError>;

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
#[allow(non_snake_case)]
pub struct EncodedConfirmedTransactionWithStatusMeta {
    pub slot: u64,
    pub blockTime: Option<i64>,
    pub transaction: EncodedTransactionWithStatusMeta,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
pub struct EncodedTransactionWithStatusMeta {
    pub meta: Option<TransactionStatusMeta>,
    pub transaction: EncodedTransaction,
    pub version: Option<TransactionVersion>,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
#[allow(non_camel_case_types)]
pub enum EncodedTransaction {
    legacyBinary(String),
    binary(String, BinaryEncoding),
}

#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(non_camel_case_types)]
pub enum BinaryEncoding {
    base58,
    base64,
}

#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(non_camel_case_types)]
pub enum TransactionVersion {
    legacy,
    number(u8),
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
#[allow(non_snake_case)]
pub struct TransactionStatusMeta {
    pub fee: u64,
    pub status: Outcome,
    pub innerInstructions: Option<Vec<InnerInstructions>>,
    pub postTokenBalances: Option<Vec<TransactionTokenBalance>>,
    pub preBalances: Vec<u64>,
    pub postBalances: Vec<u64>,
    pub returnData: Option<ReturnData>,
    pub logMessages: Option<Vec<String>>,
    pub rewards: Option<Vec<Reward>>,
    pub loadedAddresses: Option<LoadedAddresses>,
    pub preTokenBalances: Option<Vec<TransactionTokenBalance>>,
    pub computeUnitsConsumed: Option<u64>,
    #[serde(alias = "costUnits")]
    pub cost_units: Option<u64>,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
#[allow(non_snake_case)]
pub struct ReturnData {
    pub data: String,
    pub programId: String,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
pub struct InnerInstructions {
    pub instructions: Vec<Instruction>,
    pub index: u8,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
#[allow(non_camel_case_types)]
pub enum Instruction {
    compiled(CompiledInstruction),
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
#[allow(non_snake_case)]
pub struct CompiledInstruction {
    pub data: String,
    pub accounts: Vec<u8>,
    pub programIdIndex: u8,
    pub stackHeight: Option<u32>,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
pub struct LoadedAddresses {
    pub writable: Vec<String>,
    pub readonly: Vec<String>,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
#[allow(non_snake_case)]
pub struct Reward {
    pub lamports: i64,
    pub commission: Option<u8>,
    pub pubkey: String,
    pub rewardType: Option<RewardType>,
    pub postBalance: u64,
}

#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(non_camel_case_types)]
pub enum RewardType {
    #[serde(alias = "Fee")]
    fee,
    #[serde(alias = "Rent")]
    rent,
    #[serde(alias = "Voting")]
    voting,
    #[serde(alias = "Staking")]
    staking,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
#[allow(non_snake_case)]
pub struct TransactionTokenBalance {
    pub owner: Option<String>,
    pub mint: String,
    pub programId: Option<String>,
    pub accountIndex: u8,
    pub uiTokenAmount: TokenAmount,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
#[allow(non_snake_case)]
pub struct TransactionStatus {
    pub slot: u64,
    pub status: Outcome,
    pub err: Option<TransactionError>,
    pub confirmationStatus: Option<ConfirmationStatus>,
}

#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(non_camel_case_types)]
pub enum ConfirmationStatus {
    processed,
    confirmed,
    finalized,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
#[allow(non_snake_case)]
pub struct ConfirmedTransactionStatusWithSignature {
    pub signature: String,
    pub slot: u64,
    pub err: Option<TransactionError>,
    pub memo: Option<String>,
    pub blockTime: Option<i64>,
    pub confirmationStatus: Option<ConfirmationStatus>,
}
