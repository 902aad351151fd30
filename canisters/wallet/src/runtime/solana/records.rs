//! The records of the SOL RPC canister's interface that are used.
//!
//! - Specification: dfinity/sol-rpc-canister, `sol_rpc_canister.did`; names are those of its fields.
//! - What is not read is taken as `reserved`, so that it may be anything.

use candid::{CandidType, Nat, Reserved};
use serde::Deserialize;

/// A network.
#[derive(CandidType, Deserialize, Clone, Copy, Debug)]
pub enum Cluster {
    Mainnet,
    Devnet,
}

/// A node by its address.
#[derive(CandidType, Deserialize, Clone, Debug)]
pub struct Endpoint {
    pub url: String,
    pub headers: Option<Vec<Header>>,
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub struct Header {
    pub value: String,
    pub name: String,
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub enum Source {
    Custom(Endpoint),
}

/// Whom the canister asks.
#[derive(CandidType, Deserialize, Clone, Debug)]
pub enum Sources {
    Custom(Vec<Source>),
    Default(Cluster),
}

/// How many must agree.
#[derive(CandidType, Deserialize, Clone, Debug)]
pub enum Consensus {
    Equality,
    Threshold { total: Option<u8>, min: u8 },
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub struct Config {
    #[serde(rename = "responseSizeEstimate")]
    pub size: Option<u64>,
    #[serde(rename = "responseConsensus")]
    pub consensus: Option<Consensus>,
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub struct SlotConfig {
    #[serde(rename = "responseSizeEstimate")]
    pub size: Option<u64>,
    #[serde(rename = "responseConsensus")]
    pub consensus: Option<Consensus>,
    #[serde(rename = "roundingError")]
    pub rounding: Option<u64>,
}

/// How final something is.
#[derive(CandidType, Deserialize, Clone, Copy, Debug)]
pub enum Commitment {
    #[serde(rename = "processed")]
    Processed,
    #[serde(rename = "confirmed")]
    Confirmed,
    #[serde(rename = "finalized")]
    Finalized,
}

/// The same for blocks, which are confirmed at least.
#[derive(CandidType, Deserialize, Clone, Copy, Debug)]
pub enum BlockCommitment {
    #[serde(rename = "confirmed")]
    Confirmed,
    #[serde(rename = "finalized")]
    Finalized,
}

#[derive(CandidType, Deserialize, Clone, Copy, Debug)]
pub struct Slice {
    pub length: u32,
    pub offset: u32,
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub struct AccountParams {
    pub pubkey: String,
    pub commitment: Option<Commitment>,
    pub encoding: Option<AccountEncoding>,
    #[serde(rename = "dataSlice")]
    pub slice: Option<Slice>,
    #[serde(rename = "minContextSlot")]
    pub min_slot: Option<u64>,
}

/// As what an account's data is asked for.
#[derive(CandidType, Deserialize, Clone, Copy, Debug)]
pub enum AccountEncoding {
    #[serde(rename = "base64")]
    Base64,
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub struct AccountInfo {
    pub lamports: u64,
    pub data: AccountData,
    pub owner: String,
    pub executable: bool,
    pub space: u64,
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub enum AccountData {
    #[serde(rename = "legacyBinary")]
    Legacy(Reserved),
    #[serde(rename = "json")]
    Json(Reserved),
    #[serde(rename = "binary")]
    Binary((String, AccountEncoding)),
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub struct SlotParams {
    pub commitment: Option<Commitment>,
    #[serde(rename = "minContextSlot")]
    pub min_slot: Option<u64>,
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub struct BlockParams {
    pub slot: u64,
    #[serde(rename = "transactionDetails")]
    pub details: Option<Details>,
    pub commitment: Option<BlockCommitment>,
    #[serde(rename = "maxSupportedTransactionVersion")]
    pub version: Option<u8>,
}

/// What is told of a block's transactions.
#[derive(CandidType, Deserialize, Clone, Copy, Debug)]
pub enum Details {
    #[serde(rename = "none")]
    None,
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub struct BlockInfo {
    #[serde(rename = "blockhash")]
    pub hash: String,
    #[serde(rename = "blockHeight")]
    pub height: Option<u64>,
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub struct StatusesParams {
    pub signatures: Vec<String>,
    #[serde(rename = "searchTransactionHistory")]
    pub search: Option<bool>,
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub struct Status {
    pub slot: u64,
    pub status: Result<(), Reserved>,
    #[serde(rename = "confirmationStatus")]
    pub confirmation: Option<Commitment>,
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub struct SendParams {
    pub transaction: String,
    pub encoding: Option<SendEncoding>,
    #[serde(rename = "skipPreflight")]
    pub skip_preflight: Option<bool>,
    #[serde(rename = "preflightCommitment")]
    pub preflight_commitment: Option<Commitment>,
    #[serde(rename = "maxRetries")]
    pub max_retries: Option<u32>,
    #[serde(rename = "minContextSlot")]
    pub min_slot: Option<u64>,
}

/// As what a transaction is given.
#[derive(CandidType, Deserialize, Clone, Copy, Debug)]
pub enum SendEncoding {
    #[serde(rename = "base64")]
    Base64,
}

/// What several providers told together.
#[derive(CandidType, Deserialize, Clone, Debug)]
pub enum Multi<T> {
    Consistent(Result<T, RpcError>),
    Inconsistent(Reserved),
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub enum RpcError {
    #[serde(rename = "JsonRpcError")]
    JsonRpc { code: i64, message: String },
    #[serde(rename = "ProviderError")]
    Provider(ProviderError),
    #[serde(rename = "ValidationError")]
    Validation(String),
    #[serde(rename = "HttpOutcallError")]
    HttpOutcall(HttpOutcallError),
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub enum ProviderError {
    TooFewCycles { expected: Nat, received: Nat },
    InvalidRpcConfig(String),
    UnsupportedCluster(String),
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub enum HttpOutcallError {
    IcError {
        message: String,
    },
    InvalidHttpJsonRpcResponse {
        status: u16,
        body: String,
        #[serde(rename = "parsingError")]
        parsing_error: Option<String>,
    },
}
