//! The parameters of requests: read from Candid, written as JSON, where what is not given is left out.

use candid::CandidType;
use serde::{Deserialize, Serialize};

#[derive(CandidType, Deserialize, Serialize, Clone, Copy, Debug)]
#[allow(non_camel_case_types)]
pub enum CommitmentLevel {
    processed,
    confirmed,
    finalized,
}

#[derive(CandidType, Deserialize, Serialize, Clone, Copy, Debug)]
#[allow(non_camel_case_types)]
pub enum FirmCommitment {
    confirmed,
    finalized,
}

#[derive(CandidType, Deserialize, Serialize, Clone, Copy, Debug)]
#[allow(non_camel_case_types)]
pub enum GetAccountInfoEncoding {
    base58,
    base64,
    #[serde(rename = "base64+zstd")]
    base64_zstd,
    jsonParsed,
}

#[derive(CandidType, Deserialize, Serialize, Clone, Copy, Debug)]
#[allow(non_camel_case_types)]
pub enum TransactionEncoding {
    base58,
    base64,
}

#[derive(CandidType, Deserialize, Serialize, Clone, Copy, Debug)]
#[allow(non_camel_case_types)]
pub enum TransactionDetails {
    accounts,
    none,
    signatures,
}

#[derive(CandidType, Deserialize, Serialize, Clone, Copy, Debug)]
pub struct DataSlice {
    pub length: u32,
    pub offset: u32,
}

#[derive(CandidType, Deserialize, Serialize, Clone, Debug)]
#[allow(non_snake_case)]
pub struct GetAccountInfoParams {
    #[serde(skip_serializing)]
    pub pubkey: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commitment: Option<CommitmentLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<GetAccountInfoEncoding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataSlice: Option<DataSlice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minContextSlot: Option<u64>,
}

#[derive(CandidType, Deserialize, Serialize, Clone, Debug)]
#[allow(non_snake_case)]
pub struct GetBalanceParams {
    #[serde(skip_serializing)]
    pub pubkey: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commitment: Option<CommitmentLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minContextSlot: Option<u64>,
}

#[derive(CandidType, Deserialize, Serialize, Clone, Debug)]
#[allow(non_snake_case)]
pub struct GetBlockParams {
    #[serde(skip_serializing)]
    pub slot: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transactionDetails: Option<TransactionDetails>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commitment: Option<FirmCommitment>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maxSupportedTransactionVersion: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rewards: Option<bool>,
}

#[derive(CandidType, Deserialize, Serialize, Clone, Debug)]
#[allow(non_snake_case)]
pub struct GetSignaturesForAddressParams {
    #[serde(skip_serializing)]
    pub pubkey: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commitment: Option<CommitmentLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minContextSlot: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

#[derive(CandidType, Deserialize, Serialize, Clone, Debug)]
#[allow(non_snake_case)]
pub struct GetSignatureStatusesParams {
    #[serde(skip_serializing)]
    pub signatures: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub searchTransactionHistory: Option<bool>,
}

#[derive(CandidType, Deserialize, Serialize, Clone, Debug, Default)]
#[allow(non_snake_case)]
pub struct GetSlotParams {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commitment: Option<CommitmentLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minContextSlot: Option<u64>,
}

#[derive(CandidType, Deserialize, Serialize, Clone, Debug)]
pub struct GetTokenAccountBalanceParams {
    #[serde(skip_serializing)]
    pub pubkey: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commitment: Option<CommitmentLevel>,
}

#[derive(CandidType, Deserialize, Serialize, Clone, Debug)]
#[allow(non_snake_case)]
pub struct GetTransactionParams {
    #[serde(skip_serializing)]
    pub signature: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commitment: Option<CommitmentLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maxSupportedTransactionVersion: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<TransactionEncoding>,
}

#[derive(CandidType, Deserialize, Serialize, Clone, Debug)]
#[allow(non_snake_case)]
pub struct SendTransactionParams {
    #[serde(skip_serializing)]
    pub transaction: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<TransactionEncoding>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub skipPreflight: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preflightCommitment: Option<CommitmentLevel>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub maxRetries: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minContextSlot: Option<u64>,
}
