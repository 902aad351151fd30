//! The EVM RPC canister's records, as far as the wallet uses them, under that interface's own names.
//!
//! - Specification: `candid/evm_rpc.did` of the EVM RPC canister. Fields and cases that the wallet never sends are left out, and fields that it never
//!   reads are skipped, both as Candid's subtyping allows.

// Names are that interface's.
#![allow(non_snake_case, clippy::enum_variant_names)]

use super::Silence;
use crate::runtime::CallError;
use candid::{CandidType, Empty, Reserved};
use serde::Deserialize;

/// Who is asked; the wallet never chooses providers by name.
#[derive(CandidType)]
pub enum RpcServices {
    EthMainnet(Option<Vec<Empty>>),
    EthSepolia(Option<Vec<Empty>>),
    ArbitrumOne(Option<Vec<Empty>>),
    BaseMainnet(Option<Vec<Empty>>),
    OptimismMainnet(Option<Vec<Empty>>),
    Custom { chainId: u64, services: Vec<RpcApi> },
}

#[derive(CandidType)]
pub struct RpcApi {
    url: String,
    headers: Option<Vec<HttpHeader>>,
}

#[derive(CandidType)]
pub struct HttpHeader {
    name: String,
    value: String,
}

#[derive(CandidType)]
pub struct RpcConfig {
    responseSizeEstimate: Option<u64>,
    responseConsensus: Option<ConsensusStrategy>,
}

#[derive(CandidType)]
enum ConsensusStrategy {
    Threshold { total: Option<u8>, min: u8 },
}

impl RpcServices {
    /// A developer's node.
    pub fn own(chain: u64, url: String) -> Self {
        let headers = None;
        Self::Custom {
            chainId: chain,
            services: vec![RpcApi { url, headers }],
        }
    }
}

impl RpcConfig {
    /// Of three providers so many must tell the same.
    pub fn of_three(agreeing: u8) -> Self {
        Self {
            responseSizeEstimate: None,
            responseConsensus: Some(ConsensusStrategy::Threshold {
                total: Some(3),
                min: agreeing,
            }),
        }
    }
}

#[derive(CandidType)]
pub enum BlockTag {
    Latest,
    Pending,
    Finalized,
}

#[derive(CandidType)]
pub struct GetTransactionCountArgs {
    pub address: String,
    pub block: BlockTag,
}

#[derive(CandidType)]
pub struct FeeHistoryArgs {
    pub blockCount: u128,
    pub newestBlock: BlockTag,
    pub rewardPercentiles: Option<Vec<u8>>,
}

#[derive(CandidType, Deserialize)]
pub struct FeeHistory {
    pub oldestBlock: u128,
    pub baseFeePerGas: Vec<u128>,
    pub reward: Vec<Vec<u128>>,
}

#[derive(CandidType)]
pub struct CallArgs {
    pub transaction: TransactionRequest,
    pub block: Option<BlockTag>,
}

#[derive(CandidType)]
pub struct TransactionRequest {
    pub to: Option<String>,
    pub input: Option<String>,
}

#[derive(CandidType, Deserialize)]
pub enum SendStatus {
    Ok(Option<String>),
    NonceTooLow,
    NonceTooHigh,
    InsufficientFunds,
}

#[derive(CandidType, Deserialize)]
pub struct TransactionReceipt {
    pub transactionHash: String,
    pub blockNumber: u128,
    pub status: Option<u128>,
    pub gasUsed: u128,
    pub effectiveGasPrice: u128,
}

/// What the providers told together.
#[derive(CandidType, Deserialize)]
pub enum Multi<T> {
    Consistent(Result<T, RpcError>),
    Inconsistent(Vec<(Reserved, Result<T, RpcError>)>),
}

impl<T> Multi<T> {
    /// The answer, if enough of them gave the same.
    pub fn agreed(self) -> Result<T, Silence> {
        match self {
            Self::Consistent(answer) => {
                answer.map_err(|error| Silence::Silent(CallError::new(0, error.told())))
            }
            Self::Inconsistent(_) => Err(Silence::Differ),
        }
    }

    /// The answer, or where they differ, those of at least two.
    pub fn all(self) -> Result<Vec<T>, Silence> {
        let Self::Inconsistent(all) = self else {
            return self.agreed().map(|answer| vec![answer]);
        };
        let answers = all.into_iter().filter_map(|(_, answer)| answer.ok());
        let answers: Vec<T> = answers.collect();
        match answers.len() {
            0 | 1 => Err(Silence::Differ),
            _ => Ok(answers),
        }
    }
}

#[derive(CandidType, Deserialize, Debug)]
pub enum RpcError {
    JsonRpcError { code: i64, message: String },
    ProviderError(ProviderError),
    ValidationError(ValidationError),
    HttpOutcallError(HttpOutcallError),
}

#[derive(CandidType, Deserialize, Debug)]
pub enum ProviderError {
    TooFewCycles { expected: u128, received: u128 },
    MissingRequiredProvider,
    ProviderNotFound,
    NoPermission,
    InvalidRpcConfig(String),
}

#[derive(CandidType, Deserialize, Debug)]
pub enum ValidationError {
    Custom(String),
    InvalidHex(String),
}

#[derive(CandidType, Deserialize, Debug)]
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

#[derive(CandidType, Deserialize, Debug)]
pub enum RejectionCode {
    NoError,
    CanisterError,
    SysTransient,
    DestinationInvalid,
    Unknown,
    SysFatal,
    CanisterReject,
}

impl RpcError {
    /// In words.
    fn told(&self) -> String {
        match self {
            Self::JsonRpcError { code, message } => format!("{message} ({code})"),
            Self::ProviderError(error) => format!("{error:?}"),
            Self::ValidationError(error) => format!("{error:?}"),
            Self::HttpOutcallError(error) => format!("{error:?}"),
        }
    }
}
