//! Errors of requests, and the answers of several providers together.

use super::source::RpcSource;
use candid::CandidType;
use serde::Deserialize;

#[allow(clippy::enum_variant_names)] // The interface's names.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RpcError {
    JsonRpcError(JsonRpcError),
    ProviderError(ProviderError),
    ValidationError(String),
    HttpOutcallError(HttpOutcallError),
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct JsonRpcError {
    pub code: i64,
    pub message: String,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProviderError {
    TooFewCycles { expected: u128, received: u128 },
    InvalidRpcConfig(String),
    UnsupportedCluster(String),
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(non_snake_case)]
pub enum HttpOutcallError {
    IcError {
        code: RejectionCode,
        message: String,
    },
    InvalidHttpJsonRpcResponse {
        status: u16,
        body: String,
        parsingError: Option<String>,
    },
}

#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RejectionCode {
    NoError,
    CanisterError,
    SysTransient,
    DestinationInvalid,
    Unknown,
    SysFatal,
    CanisterReject,
}

impl From<u32> for RejectionCode {
    fn from(code: u32) -> Self {
        match code {
            0 => Self::NoError,
            1 => Self::SysFatal,
            2 => Self::SysTransient,
            3 => Self::DestinationInvalid,
            4 => Self::CanisterReject,
            5 => Self::CanisterError,
            _ => Self::Unknown,
        }
    }
}

/// The answer of one provider.
pub type RpcResult<Reply> = Result<Reply, RpcError>;

/// The answers of all providers.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
pub enum MultiRpcResult<Reply> {
    Consistent(RpcResult<Reply>),
    Inconsistent(Vec<(RpcSource, RpcResult<Reply>)>),
}
