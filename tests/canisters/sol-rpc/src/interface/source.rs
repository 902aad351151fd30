//! Whom a request is put to, and how the answers are made one.

use candid::CandidType;
use serde::Deserialize;

#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum SolanaCluster {
    Mainnet,
    Devnet,
    Testnet,
}

#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SupportedProvider {
    AlchemyMainnet,
    AlchemyDevnet,
    AnkrMainnet,
    AnkrDevnet,
    ChainstackMainnet,
    ChainstackDevnet,
    DrpcMainnet,
    DrpcDevnet,
    HeliusMainnet,
    HeliusDevnet,
    PublicNodeMainnet,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct HttpHeader {
    pub name: String,
    pub value: String,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RpcEndpoint {
    pub url: String,
    pub headers: Option<Vec<HttpHeader>>,
}

#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RpcSource {
    Supported(SupportedProvider),
    Custom(RpcEndpoint),
}

#[derive(CandidType, Deserialize, Clone, Debug)]
pub enum RpcSources {
    Custom(Vec<RpcSource>),
    Default(SolanaCluster),
}

#[derive(CandidType, Deserialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConsensusStrategy {
    #[default]
    Equality,
    Threshold {
        total: Option<u8>,
        min: u8,
    },
}

#[derive(CandidType, Deserialize, Clone, Debug, Default)]
#[allow(non_snake_case)]
pub struct RpcConfig {
    pub responseSizeEstimate: Option<u64>,
    pub responseConsensus: Option<ConsensusStrategy>,
}

#[derive(CandidType, Deserialize, Clone, Debug, Default)]
#[allow(non_snake_case)]
pub struct GetSlotRpcConfig {
    pub responseSizeEstimate: Option<u64>,
    pub responseConsensus: Option<ConsensusStrategy>,
    pub roundingError: Option<u64>,
}

#[derive(CandidType, Deserialize, Clone, Debug, Default)]
#[allow(non_snake_case)]
pub struct GetRecentPrioritizationFeesRpcConfig {
    pub responseSizeEstimate: Option<u64>,
    pub responseConsensus: Option<ConsensusStrategy>,
    pub maxSlotRoundingError: Option<u64>,
    pub maxLength: Option<u8>,
}

impl From<&GetSlotRpcConfig> for RpcConfig {
    fn from(config: &GetSlotRpcConfig) -> Self {
        Self {
            responseSizeEstimate: config.responseSizeEstimate,
            responseConsensus: config.responseConsensus,
        }
    }
}

impl From<&GetRecentPrioritizationFeesRpcConfig> for RpcConfig {
    fn from(config: &GetRecentPrioritizationFeesRpcConfig) -> Self {
        Self {
            responseSizeEstimate: config.responseSizeEstimate,
            responseConsensus: config.responseConsensus,
        }
    }
}
