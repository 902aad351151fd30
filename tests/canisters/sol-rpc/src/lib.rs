//! A stand-in for the SOL RPC canister on a development network: the same interface, forwarded to one JSON-RPC of a Solana.
//!
//! - What it does: chooses sources, takes the price and makes one answer of several as the SOL RPC canister does; each source is one HTTP outcall
//!   (POST) to its URL. It knows nothing of Solana itself.
//! - Interface: `tests/canisters/sol-rpc/sol_rpc.did`, which a test below compares with the code; its facts are those of the canister's
//!   own file (release 1.3). `overrideProvider` of the installation names the URL of the chain.
//! - Left out: `getProviders` and `updateApiKeys` (nobody has keys here), logs and metrics. Added: `order_faults`.

mod ask;
mod config;
mod fault;
mod interface;
mod price;
mod providers;
mod question;
mod reduce;
mod shape;

use ask::{ask, cost};
use ic_cdk::{init, post_upgrade, query, update};
use interface::account::{AccountInfo, TokenAmount};
use interface::block::{ConfirmedBlock, PrioritizationFee};
use interface::error::{MultiRpcResult, RpcError};
use interface::install::{InstallArgs, Order};
use interface::params::{
    GetAccountInfoParams, GetBalanceParams, GetBlockParams, GetSignatureStatusesParams,
    GetSignaturesForAddressParams, GetSlotParams, GetTokenAccountBalanceParams,
    GetTransactionParams, SendTransactionParams,
};
use interface::source::{
    GetRecentPrioritizationFeesRpcConfig, GetSlotRpcConfig, RpcConfig, RpcSources,
};
use interface::transaction::{
    ConfirmedTransactionStatusWithSignature, EncodedConfirmedTransactionWithStatusMeta,
    TransactionStatus,
};
use price::require_base_fee;

#[init]
fn init(args: InstallArgs) {
    config::install(args);
}

#[post_upgrade]
fn post_upgrade(changes: Option<InstallArgs>) {
    config::reopen(changes);
}

/// The next requests fail, until so many did. Who may call: controllers.
#[update]
fn order_faults(order: Option<Order>) {
    fault::place(order);
}

/// A method of the interface and the query of its cost, both of which put the same question.
macro_rules! method {
    ($name:literal, $call:ident, $cost_name:literal, $cost:ident, $params:ty => $reply:ty, $question:expr) => {
        #[update(name = $name, guard = "require_base_fee")]
        async fn $call(
            sources: RpcSources,
            config: Option<RpcConfig>,
            params: $params,
        ) -> MultiRpcResult<$reply> {
            ask($question(&params), sources, config.unwrap_or_default()).await
        }

        #[query(name = $cost_name)]
        fn $cost(
            sources: RpcSources,
            config: Option<RpcConfig>,
            params: $params,
        ) -> Result<u128, RpcError> {
            cost($question(&params), sources, &config.unwrap_or_default())
        }
    };
}

method!("getAccountInfo", account_info, "getAccountInfoCyclesCost", account_info_cost,
    GetAccountInfoParams => Option<AccountInfo>, |params| Ok(question::account_info(params)));
method!("getBalance", balance, "getBalanceCyclesCost", balance_cost,
    GetBalanceParams => u64, |params| Ok(question::balance(params)));
method!("getBlock", block, "getBlockCyclesCost", block_cost,
    GetBlockParams => Option<ConfirmedBlock>, |params| Ok(question::block(params)));
method!("getSignaturesForAddress", signatures, "getSignaturesForAddressCyclesCost", signatures_cost,
    GetSignaturesForAddressParams => Vec<ConfirmedTransactionStatusWithSignature>,
    |params| Ok(question::signatures_for_address(params)));
method!("getSignatureStatuses", statuses, "getSignatureStatusesCyclesCost", statuses_cost,
    GetSignatureStatusesParams => Vec<Option<TransactionStatus>>, question::signature_statuses);
method!("getTokenAccountBalance", token_balance, "getTokenAccountBalanceCyclesCost", token_balance_cost,
    GetTokenAccountBalanceParams => TokenAmount, |params| Ok(question::token_account_balance(params)));
method!("getTransaction", transaction, "getTransactionCyclesCost", transaction_cost,
    GetTransactionParams => Option<EncodedConfirmedTransactionWithStatusMeta>,
    |params| Ok(question::transaction(params)));
method!("sendTransaction", send, "sendTransactionCyclesCost", send_cost,
    SendTransactionParams => String, |params| Ok(question::send_transaction(params)));
method!("jsonRequest", json_request, "jsonRequestCyclesCost", json_request_cost,
    String => String, |payload: &String| question::raw(payload));

/// A slot that all nodes have seen, rounded down.
#[update(name = "getSlot", guard = "require_base_fee")]
async fn slot(
    sources: RpcSources,
    config: Option<GetSlotRpcConfig>,
    params: Option<GetSlotParams>,
) -> MultiRpcResult<u64> {
    let config = config.unwrap_or_default();
    let question = question::slot(&config, &params.unwrap_or_default());
    ask(Ok(question), sources, RpcConfig::from(&config)).await
}

/// What [`slot`] costs.
#[query(name = "getSlotCyclesCost")]
fn slot_cost(
    sources: RpcSources,
    config: Option<GetSlotRpcConfig>,
    params: Option<GetSlotParams>,
) -> Result<u128, RpcError> {
    let config = config.unwrap_or_default();
    let question = question::slot(&config, &params.unwrap_or_default());
    cost(Ok(question), sources, &RpcConfig::from(&config))
}

/// Fees of the last blocks, for transactions that write to these accounts.
#[update(name = "getRecentPrioritizationFees", guard = "require_base_fee")]
async fn fees(
    sources: RpcSources,
    config: Option<GetRecentPrioritizationFeesRpcConfig>,
    addresses: Option<Vec<String>>,
) -> MultiRpcResult<Vec<PrioritizationFee>> {
    let config = config.unwrap_or_default();
    let question = question::fees(&config, &addresses.unwrap_or_default());
    ask(Ok(question), sources, RpcConfig::from(&config)).await
}

/// What [`fees`] costs.
#[query(name = "getRecentPrioritizationFeesCyclesCost")]
fn fees_cost(
    sources: RpcSources,
    config: Option<GetRecentPrioritizationFeesRpcConfig>,
    addresses: Option<Vec<String>>,
) -> Result<u128, RpcError> {
    let config = config.unwrap_or_default();
    let question = question::fees(&config, &addresses.unwrap_or_default());
    cost(Ok(question), sources, &RpcConfig::from(&config))
}

#[cfg(test)]
mod tests {
    use super::*;
    use candid_parser::utils::{CandidSource, service_equal};

    candid::export_service!();

    const CANDID: &str = include_str!("../sol_rpc.did");

    #[test]
    fn the_exported_interface_equals_the_candid_file() {
        let exported = __export_service();
        service_equal(CandidSource::Text(&exported), CandidSource::Text(CANDID))
            .unwrap_or_else(|difference| panic!("{difference}\n{exported}"));
    }
}
