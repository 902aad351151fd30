//! A stand-in for the Bitcoin canister on a development network: the same interface, answered from a regtest chain.
//!
//! - What it does: checks network, access and cycles as the Bitcoin canister does, and passes the request on by an HTTP outcall to a bridge
//!   (`tests/chains/src/bitcoin/bridge.rs`), which answers with what the chain says. It knows nothing of Bitcoin itself.
//! - Interface: `tests/canisters/bitcoin/bitcoin.did`, which a test below compares with the code; its facts are those of the
//!   Bitcoin canister's own file. Errors are rejected with the Bitcoin canister's texts; a missing fee, a wrong network and a disabled
//!   interface trap with them.
//! - Cycles: each call must carry the maximum that the Bitcoin canister asks for, and pays what it would pay, by mainnet's table unless
//!   the installation says otherwise. The part that grows with instructions counts those of this canister. Outcalls are
//!   paid by this canister, from what it earns and was given.
//! - Left out: the methods that are queries, since queries make no outcalls; every field of the configuration but fees and access.

mod bridge;
mod config;
mod fees;
mod service;

use candid::CandidType;
use ic_btc_interface::{
    Config, GetBalanceRequest, GetBlockHeadersRequest, GetBlockHeadersResponse,
    GetCurrentFeePercentilesRequest, GetUtxosRequest, GetUtxosResponse, MillisatoshiPerByte,
    Satoshi, SendTransactionRequest, SetConfigRequest,
};
use ic_cdk::api::{msg_reject, msg_reply};
use ic_cdk::{init, post_upgrade, query, update};
use std::marker::PhantomData;

pub use config::InitArgs;

#[init]
fn init(args: InitArgs) {
    config::install(args);
}

#[post_upgrade]
fn post_upgrade() {
    config::reopen();
}

/// The balance of an address. Rejects: a bad address, too many confirmations.
#[update(manual_reply = true)]
async fn bitcoin_get_balance(request: GetBalanceRequest) -> PhantomData<Satoshi> {
    reply(service::balance(request).await)
}

/// The unspent coins of an address, 1 000 to a page. Rejects: a bad address or page, too many confirmations.
#[update(manual_reply = true)]
async fn bitcoin_get_utxos(request: GetUtxosRequest) -> PhantomData<GetUtxosResponse> {
    reply(service::utxos(request).await)
}

/// 101 percentiles of recent fees, or none.
#[update(manual_reply = true)]
async fn bitcoin_get_current_fee_percentiles(
    request: GetCurrentFeePercentilesRequest,
) -> PhantomData<Vec<MillisatoshiPerByte>> {
    reply(service::fee_percentiles(request).await)
}

/// Headers of the chain, at most 100. Rejects: heights that don't exist.
#[update(manual_reply = true)]
async fn bitcoin_get_block_headers(
    request: GetBlockHeadersRequest,
) -> PhantomData<GetBlockHeadersResponse> {
    reply(service::block_headers(request).await)
}

/// Hands a transaction to the network, which may refuse it: nobody is told. Rejects: bytes that are no transaction.
#[update(manual_reply = true)]
async fn bitcoin_send_transaction(request: SendTransactionRequest) {
    // Like the Bitcoin canister: `null`, which a caller that expects no value reads as none.
    reply(service::send_transaction(request).await);
}

/// The configuration.
#[query]
fn get_config() -> Config {
    config::get().config()
}

/// Changes fees or access. Who may call: controllers.
#[update]
fn set_config(request: SetConfigRequest) {
    config::change(request);
}

fn reply<Reply: CandidType>(result: Result<Reply, String>) -> PhantomData<Reply> {
    match result {
        Ok(reply) => msg_reply(candid::encode_one(reply).expect("the reply encodes")),
        Err(reason) => msg_reject(reason),
    }
    PhantomData
}

#[cfg(test)]
mod tests {
    use super::*;
    use candid_parser::utils::{CandidSource, service_equal};

    candid::export_service!();

    const CANDID: &str = include_str!("../bitcoin.did");

    #[test]
    fn the_exported_interface_equals_the_candid_file() {
        let exported = __export_service();
        service_equal(CandidSource::Text(&exported), CandidSource::Text(CANDID))
            .unwrap_or_else(|difference| panic!("{difference}\n{exported}"));
    }
}
