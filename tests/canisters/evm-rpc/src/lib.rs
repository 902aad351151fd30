//! A stand-in for the EVM RPC canister on a development network: the same interface, answered by EVMs that its installation names.
//!
//! - What it does: passes JSON-RPC on by HTTP outcalls to every provider of a call, compares what they say, and answers in that canister's
//!   types. It knows nothing of Ethereum but the form of requests and answers.
//! - Interface: `tests/canisters/evm-rpc/evm-rpc.did`, which a test below compares with the code; its facts are those of the EVM RPC canister's
//!   release 2.8.0, mainnet's since September 2026.
//! - Cycles: each outcall costs its caller what the System API names and that canister's fee for each node. So the stand-in needs no cycles but
//!   for its own messages.
//! - `set_faults` is its own: by it a controller makes providers silent, contradictory or forgetful, and this canister trap.
//! - Left out: keys of providers, logs, metrics, batches (which mainnet does not have yet), and asking first who answered well of late.

mod answer;
mod config;
pub mod interface;
mod outcall;
mod providers;
mod reduce;
mod request;
mod service;
mod status;

use candid::Nat;
use ic_cdk::api::{is_controller, msg_caller};
use ic_cdk::{init, post_upgrade, query, update};
use ic_management_canister_types::{HttpRequestResult, TransformArgs};
use interface::{
    Block, BlockTag, CallArgs, FaultOrder, FeeHistory, FeeHistoryArgs, GetLogsArgs,
    GetLogsRpcConfig, GetTransactionCountArgs, InitArgs, LogEntry, MultiRpcResult, Provider,
    RpcConfig, RpcResult, RpcService, RpcServices, SendRawTransactionStatus, TransactionReceipt,
};

/// How many blocks a call for logs may span if it does not say.
const LOG_BLOCKS: u32 = 500;

#[init]
fn init(args: InitArgs) {
    config::install(args);
}

#[post_upgrade]
fn post_upgrade() {
    config::reopen();
}

/// Defines a method that asks every provider, and the query that names its price.
macro_rules! methods {
    ($($(#[$doc:meta])* $name:literal, $price_name:literal:
        $method:ident, $price:ident, $argument:ty => $answer:ty, $request:expr;)*) => {
        $(
            $(#[$doc])*
            #[update(name = $name)]
            async fn $method(
                source: RpcServices,
                config: Option<RpcConfig>,
                argument: $argument,
            ) -> MultiRpcResult<$answer> {
                let request = $request(&source, &argument);
                service::ask(source, config, Ok(request)).await
            }

            /// What that costs.
            #[query(name = $price_name)]
            fn $price(
                source: RpcServices,
                config: Option<RpcConfig>,
                argument: $argument,
            ) -> RpcResult<Nat> {
                let request = $request(&source, &argument);
                service::price(source, config, Ok(request)).map(Nat::from)
            }
        )*
    };
}

methods! {
    /// The fees of recent blocks.
    "eth_feeHistory", "eth_feeHistoryCyclesCost":
        fee_history, fee_history_price, FeeHistoryArgs => FeeHistory,
        |_: &RpcServices, argument| request::fee_history(argument);
    /// A block without the bodies of its transactions.
    "eth_getBlockByNumber", "eth_getBlockByNumberCyclesCost":
        block_by_number, block_by_number_price, BlockTag => Block,
        |source, argument| request::block_by_number(argument, providers::chain_id(source));
    /// How many transactions an address has sent.
    "eth_getTransactionCount", "eth_getTransactionCountCyclesCost":
        transaction_count, transaction_count_price, GetTransactionCountArgs => Nat,
        |_: &RpcServices, argument| request::transaction_count(argument);
    /// What became of a transaction; none while it is in no block.
    "eth_getTransactionReceipt", "eth_getTransactionReceiptCyclesCost":
        transaction_receipt, transaction_receipt_price, String => Option<TransactionReceipt>,
        |_: &RpcServices, argument: &String| request::transaction_receipt(argument);
    /// What a call of a contract would answer.
    "eth_call", "eth_callCyclesCost":
        call, call_price, CallArgs => String,
        |_: &RpcServices, argument| request::call(argument);
}

/// The logs of contracts.
#[update(name = "eth_getLogs")]
async fn logs(
    source: RpcServices,
    config: Option<GetLogsRpcConfig>,
    args: GetLogsArgs,
) -> MultiRpcResult<Vec<LogEntry>> {
    let (config, most) = split(config);
    service::ask(source, Some(config), request::logs(&args, most)).await
}

/// What that costs.
#[query(name = "eth_getLogsCyclesCost")]
fn logs_price(
    source: RpcServices,
    config: Option<GetLogsRpcConfig>,
    args: GetLogsArgs,
) -> RpcResult<Nat> {
    let (config, most) = split(config);
    service::price(source, Some(config), request::logs(&args, most)).map(Nat::from)
}

fn split(config: Option<GetLogsRpcConfig>) -> (RpcConfig, u32) {
    let config = config.unwrap_or_default();
    let most = config.max_block_range.unwrap_or(LOG_BLOCKS);
    let config = RpcConfig {
        response_size_estimate: config.response_size_estimate,
        response_consensus: config.response_consensus,
    };
    (config, most)
}

/// Hands a signed transaction to the providers. One that they know already is sent.
#[update(name = "eth_sendRawTransaction")]
async fn send_raw_transaction(
    source: RpcServices,
    config: Option<RpcConfig>,
    transaction: String,
) -> MultiRpcResult<SendRawTransactionStatus> {
    service::send(source, config, transaction).await
}

/// What that costs.
#[query(name = "eth_sendRawTransactionCyclesCost")]
fn send_raw_transaction_price(
    source: RpcServices,
    config: Option<RpcConfig>,
    transaction: String,
) -> RpcResult<Nat> {
    let request = request::send_raw_transaction(&transaction);
    service::price(source, config, Ok(request)).map(Nat::from)
}

/// Asks what the caller wrote.
#[update]
async fn multi_request(
    source: RpcServices,
    config: Option<RpcConfig>,
    json: String,
) -> MultiRpcResult<String> {
    service::multi_request(source, config, json).await
}

/// What that costs.
#[query(name = "multi_requestCyclesCost")]
fn multi_request_price(
    source: RpcServices,
    config: Option<RpcConfig>,
    json: String,
) -> RpcResult<Nat> {
    service::price(source, config, request::Request::raw(&json)).map(Nat::from)
}

/// Asks one provider what the caller wrote.
#[update]
async fn request(service: RpcService, json: String, most: u64) -> RpcResult<String> {
    service::request(service, &json, most).await
}

/// What that costs.
#[query(name = "requestCost")]
fn request_price(service: RpcService, json: String, most: u64) -> RpcResult<Nat> {
    service::request_price(service, &json, most).map(Nat::from)
}

/// How many nodes a call pays the processing fee for.
#[query(name = "getNodesInSubnet")]
fn nodes_in_subnet() -> u32 {
    config::nodes()
}

/// The providers of the chains that the installation named.
#[query(name = "getProviders")]
fn all_providers() -> Vec<Provider> {
    providers::all()
}

/// The number of each named provider.
#[query(name = "getServiceProviderMap")]
fn service_provider_map() -> Vec<(RpcService, u64)> {
    providers::numbers()
}

/// Traps: no provider of a stand-in has a key.
#[update(name = "updateApiKeys")]
fn update_api_keys(keys: Vec<(u64, Option<String>)>) {
    assert!(is_controller(&msg_caller()), "You are not authorized");
    if let Some((id, _)) = keys.first() {
        panic!("Trying to set API key for unauthenticated provider: {id}");
    }
}

/// Replaces the faults that providers have. Who may call: controllers.
#[update]
fn set_faults(faults: Vec<FaultOrder>) {
    config::order(faults);
}

/// Makes equal what nodes are told.
#[query(hidden = true)]
fn cleanup_response(arguments: TransformArgs) -> HttpRequestResult {
    outcall::transform(arguments)
}

#[cfg(test)]
mod tests {
    use super::*;
    use candid_parser::utils::{CandidSource, service_equal};

    candid::export_service!();

    const CANDID: &str = include_str!("../evm-rpc.did");

    #[test]
    fn the_exported_interface_equals_the_candid_file() {
        let exported = __export_service();
        service_equal(CandidSource::Text(&exported), CandidSource::Text(CANDID))
            .unwrap_or_else(|difference| panic!("{difference}\n{exported}"));
    }
}
