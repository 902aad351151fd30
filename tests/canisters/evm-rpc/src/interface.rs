//! The types of `tests/canisters/evm-rpc/evm-rpc.did`: those of the EVM RPC canister, and those with which the stand-in is installed and
//! told to fail.
//!
//! - What they mean stands in that file. Bytes are hexadecimal texts with `0x`, numbers have any size.
//! - The order of the services is the one in which that canister asks them and lists what they said.
//! - This file is a part of the package `chainkey-chains` too, so that tests speak the same types; so it uses nothing but candid and serde.

use candid::{CandidType, Nat};
use serde::Deserialize;

/// Defines records and variants with what all of them derive.
macro_rules! candid_types {
    ($($item:item)*) => {
        $(
            #[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
            #[allow(missing_docs)] // The names and meanings of evm-rpc.did.
            $item
        )*
    };
}

/// Defines variants whose cases begin with a capital, and which have an order.
macro_rules! ordered_variants {
    ($($item:item)*) => {
        $(
            #[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
            #[allow(missing_docs)] // As above.
            $item
        )*
    };
}

ordered_variants! {
    #[derive(Copy)]
    pub enum EthMainnetService {
        Alchemy,
        Ankr,
        BlockPi,
        Cloudflare,
        PublicNode,
        Llama,
    }

    #[derive(Copy)]
    pub enum EthSepoliaService {
        Alchemy,
        Ankr,
        BlockPi,
        PublicNode,
        Sepolia,
    }

    #[derive(Copy)]
    pub enum L2MainnetService {
        Alchemy,
        Ankr,
        BlockPi,
        PublicNode,
        Llama,
    }

    pub struct HttpHeader {
        pub name: String,
        pub value: String,
    }

    pub struct RpcApi {
        pub url: String,
        pub headers: Option<Vec<HttpHeader>>,
    }

    pub enum RpcService {
        Provider(u64),
        Custom(RpcApi),
        EthMainnet(EthMainnetService),
        EthSepolia(EthSepoliaService),
        ArbitrumOne(L2MainnetService),
        BaseMainnet(L2MainnetService),
        OptimismMainnet(L2MainnetService),
    }

    pub enum RpcServices {
        Custom {
            #[serde(rename = "chainId")]
            chain_id: u64,
            services: Vec<RpcApi>,
        },
        EthMainnet(Option<Vec<EthMainnetService>>),
        EthSepolia(Option<Vec<EthSepoliaService>>),
        ArbitrumOne(Option<Vec<L2MainnetService>>),
        BaseMainnet(Option<Vec<L2MainnetService>>),
        OptimismMainnet(Option<Vec<L2MainnetService>>),
    }

    pub enum ConsensusStrategy {
        Equality,
        Threshold { total: Option<u8>, min: u8 },
    }

    #[derive(Copy)]
    pub enum RejectionCode {
        NoError,
        SysFatal,
        SysTransient,
        DestinationInvalid,
        CanisterReject,
        CanisterError,
        Unknown,
    }

    pub enum ProviderError {
        NoPermission,
        TooFewCycles { expected: Nat, received: Nat },
        ProviderNotFound,
        MissingRequiredProvider,
        InvalidRpcConfig(String),
    }

    pub enum HttpOutcallError {
        IcError {
            code: RejectionCode,
            message: String,
        },
        InvalidHttpJsonRpcResponse {
            status: u16,
            body: String,
            #[serde(rename = "parsingError")]
            parsing_error: Option<String>,
        },
    }

    pub struct JsonRpcError {
        pub code: i64,
        pub message: String,
    }

    pub enum ValidationError {
        Custom(String),
        InvalidHex(String),
    }

    pub enum RpcError {
        ProviderError(ProviderError),
        HttpOutcallError(HttpOutcallError),
        JsonRpcError(JsonRpcError),
        ValidationError(ValidationError),
    }

    pub enum BlockTag {
        Latest,
        Finalized,
        Safe,
        Earliest,
        Pending,
        Number(Nat),
    }

    pub enum SendRawTransactionStatus {
        Ok(Option<String>),
        InsufficientFunds,
        NonceTooLow,
        NonceTooHigh,
    }

    pub enum RpcAuth {
        BearerToken { url: String },
        UrlParameter {
            #[serde(rename = "urlPattern")]
            url_pattern: String,
        },
    }

    pub enum RpcAccess {
        Authenticated {
            auth: RpcAuth,
            #[serde(rename = "publicUrl")]
            public_url: Option<String>,
        },
        Unauthenticated {
            #[serde(rename = "publicUrl")]
            public_url: String,
        },
    }

    /// How a provider fails, or the canister itself.
    pub enum Fault {
        Silent,
        Lost,
        Status(u16),
        Error(JsonRpcError),
        Result(String),
        Trap,
        TrapAfter,
    }
}

/// What several providers said.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq)]
pub enum MultiRpcResult<T> {
    /// As many as it takes said this.
    Consistent(RpcResult<T>),
    /// They contradict each other; what each said.
    Inconsistent(Vec<(RpcService, RpcResult<T>)>),
}

/// What one provider said.
pub type RpcResult<T> = Result<T, RpcError>;

candid_types! {
    #[derive(Default)]
    pub struct RpcConfig {
        #[serde(rename = "responseSizeEstimate")]
        pub response_size_estimate: Option<u64>,
        #[serde(rename = "responseConsensus")]
        pub response_consensus: Option<ConsensusStrategy>,
    }

    #[derive(Default)]
    pub struct GetLogsRpcConfig {
        #[serde(rename = "responseSizeEstimate")]
        pub response_size_estimate: Option<u64>,
        #[serde(rename = "responseConsensus")]
        pub response_consensus: Option<ConsensusStrategy>,
        #[serde(rename = "maxBlockRange")]
        pub max_block_range: Option<u32>,
    }

    pub struct FeeHistoryArgs {
        #[serde(rename = "blockCount")]
        pub block_count: Nat,
        #[serde(rename = "newestBlock")]
        pub newest_block: BlockTag,
        #[serde(rename = "rewardPercentiles")]
        pub reward_percentiles: Option<Vec<u8>>,
    }

    pub struct FeeHistory {
        #[serde(rename = "oldestBlock")]
        pub oldest_block: Nat,
        #[serde(rename = "baseFeePerGas")]
        pub base_fee_per_gas: Vec<Nat>,
        #[serde(rename = "gasUsedRatio")]
        pub gas_used_ratio: Vec<f64>,
        pub reward: Vec<Vec<Nat>>,
    }

    pub struct GetTransactionCountArgs {
        pub address: String,
        pub block: BlockTag,
    }

    pub struct GetLogsArgs {
        #[serde(rename = "fromBlock")]
        pub from_block: Option<BlockTag>,
        #[serde(rename = "toBlock")]
        pub to_block: Option<BlockTag>,
        pub addresses: Vec<String>,
        pub topics: Option<Vec<Vec<String>>>,
    }

    pub struct AccessListEntry {
        pub address: String,
        #[serde(rename = "storageKeys")]
        pub storage_keys: Vec<String>,
    }

    #[derive(Default)]
    pub struct TransactionRequest {
        pub r#type: Option<String>,
        pub nonce: Option<Nat>,
        pub to: Option<String>,
        pub from: Option<String>,
        pub gas: Option<Nat>,
        pub value: Option<Nat>,
        pub input: Option<String>,
        #[serde(rename = "gasPrice")]
        pub gas_price: Option<Nat>,
        #[serde(rename = "maxPriorityFeePerGas")]
        pub max_priority_fee_per_gas: Option<Nat>,
        #[serde(rename = "maxFeePerGas")]
        pub max_fee_per_gas: Option<Nat>,
        #[serde(rename = "maxFeePerBlobGas")]
        pub max_fee_per_blob_gas: Option<Nat>,
        #[serde(rename = "accessList")]
        pub access_list: Option<Vec<AccessListEntry>>,
        #[serde(rename = "blobVersionedHashes")]
        pub blob_versioned_hashes: Option<Vec<String>>,
        pub blobs: Option<Vec<String>>,
        #[serde(rename = "chainId")]
        pub chain_id: Option<Nat>,
    }

    pub struct CallArgs {
        pub transaction: TransactionRequest,
        pub block: Option<BlockTag>,
    }

    pub struct LogEntry {
        pub address: String,
        pub topics: Vec<String>,
        pub data: String,
        #[serde(rename = "blockNumber")]
        pub block_number: Option<Nat>,
        #[serde(rename = "transactionHash")]
        pub transaction_hash: Option<String>,
        #[serde(rename = "transactionIndex")]
        pub transaction_index: Option<Nat>,
        #[serde(rename = "blockHash")]
        pub block_hash: Option<String>,
        #[serde(rename = "logIndex")]
        pub log_index: Option<Nat>,
        pub removed: bool,
    }

    pub struct TransactionReceipt {
        #[serde(rename = "blockHash")]
        pub block_hash: String,
        #[serde(rename = "blockNumber")]
        pub block_number: Nat,
        #[serde(rename = "effectiveGasPrice")]
        pub effective_gas_price: Nat,
        #[serde(rename = "gasUsed")]
        pub gas_used: Nat,
        #[serde(rename = "cumulativeGasUsed")]
        pub cumulative_gas_used: Nat,
        pub status: Option<Nat>,
        pub root: Option<String>,
        #[serde(rename = "transactionHash")]
        pub transaction_hash: String,
        #[serde(rename = "contractAddress")]
        pub contract_address: Option<String>,
        pub from: String,
        pub logs: Vec<LogEntry>,
        #[serde(rename = "logsBloom")]
        pub logs_bloom: String,
        pub to: Option<String>,
        #[serde(rename = "transactionIndex")]
        pub transaction_index: Nat,
        pub r#type: String,
    }

    pub struct Block {
        #[serde(rename = "baseFeePerGas")]
        pub base_fee_per_gas: Option<Nat>,
        pub number: Nat,
        pub difficulty: Option<Nat>,
        #[serde(rename = "extraData")]
        pub extra_data: String,
        #[serde(rename = "gasLimit")]
        pub gas_limit: Nat,
        #[serde(rename = "gasUsed")]
        pub gas_used: Nat,
        pub hash: String,
        #[serde(rename = "logsBloom")]
        pub logs_bloom: String,
        pub miner: String,
        #[serde(rename = "mixHash")]
        pub mix_hash: String,
        pub nonce: Nat,
        #[serde(rename = "parentHash")]
        pub parent_hash: String,
        #[serde(rename = "receiptsRoot")]
        pub receipts_root: String,
        #[serde(rename = "sha3Uncles")]
        pub sha3_uncles: String,
        pub size: Nat,
        #[serde(rename = "stateRoot")]
        pub state_root: String,
        pub timestamp: Nat,
        #[serde(rename = "totalDifficulty")]
        pub total_difficulty: Option<Nat>,
        pub transactions: Vec<String>,
        #[serde(rename = "transactionsRoot")]
        pub transactions_root: Option<String>,
        pub uncles: Vec<String>,
    }

    pub struct Provider {
        #[serde(rename = "providerId")]
        pub provider_id: u64,
        #[serde(rename = "chainId")]
        pub chain_id: u64,
        pub access: RpcAccess,
        pub alias: Option<RpcService>,
    }

    /// An EVM that stands for every named provider of its chain.
    pub struct NetworkUrl {
        #[serde(rename = "chainId")]
        pub chain_id: u64,
        pub url: String,
    }

    /// What the stand-in must be told at installation.
    #[derive(Default)]
    pub struct InitArgs {
        pub demo: Option<bool>,
        #[serde(rename = "nodesInSubnet")]
        pub nodes_in_subnet: Option<u32>,
        pub networks: Vec<NetworkUrl>,
    }

    /// Who fails, in what, and how.
    pub struct FaultOrder {
        pub service: Option<RpcService>,
        pub method: Option<String>,
        pub fault: Fault,
    }
}
