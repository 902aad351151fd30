//! Accounts and amounts of tokens.

use candid::CandidType;
use serde::Deserialize;

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
#[allow(non_snake_case)]
pub struct AccountInfo {
    pub lamports: u64,
    pub data: AccountData,
    pub owner: String,
    pub executable: bool,
    pub rentEpoch: u64,
    pub space: u64,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
#[allow(non_camel_case_types)]
pub enum AccountData {
    legacyBinary(String),
    json(ParsedAccount),
    binary(String, AccountEncoding),
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
pub struct ParsedAccount {
    pub program: String,
    pub parsed: String,
    pub space: u64,
}

#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
#[allow(non_camel_case_types)]
pub enum AccountEncoding {
    binary,
    base58,
    base64,
    #[serde(rename = "base64+zstd")]
    base64_zstd,
    jsonParsed,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
#[allow(non_snake_case)]
pub struct TokenAmount {
    pub decimals: u8,
    pub uiAmount: Option<f64>,
    pub uiAmountString: String,
    pub amount: String,
}
