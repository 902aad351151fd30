//! What each method does: what it demands, what it asks, what it takes, in the Bitcoin canister's order.
//!
//! - In: the requests of the interface. Out: its replies, or the text of the rejection.

use crate::bridge::ask;
use crate::config::{get, require_service};
use crate::fees::{charge, charge_by_instructions, require};
use ic_btc_interface::{
    GetBalanceError, GetBalanceRequest, GetBlockHeadersError, GetBlockHeadersRequest,
    GetBlockHeadersResponse, GetCurrentFeePercentilesRequest, GetUtxosError, GetUtxosRequest,
    GetUtxosResponse, MillisatoshiPerByte, Satoshi, SendTransactionError, SendTransactionRequest,
};

/// The longest answers in bytes, headers included: 1 000 coins of at most 60 bytes, 100 headers of 80, 101 numbers.
const LONG: u64 = 100_000;
const SHORT: u64 = 16_000;

pub(crate) async fn balance(request: GetBalanceRequest) -> Result<Satoshi, String> {
    require_service(request.network);
    let fees = get().fees;
    require(fees.get_balance_maximum);
    charge(fees.get_balance);
    let answer = ask::<Satoshi, GetBalanceError>("bitcoin_get_balance", &request, SHORT).await?;
    answer.map_err(|error| format!("get_balance failed: {error:?}"))
}

pub(crate) async fn utxos(request: GetUtxosRequest) -> Result<GetUtxosResponse, String> {
    require_service(request.network);
    let fees = get().fees;
    require(fees.get_utxos_maximum);
    let answer = ask::<GetUtxosResponse, GetUtxosError>("bitcoin_get_utxos", &request, LONG);
    let answer = answer.await?;
    let reply = answer.map_err(|error| format!("get_utxos failed: {error:?}"))?;
    let per_ten = fees.get_utxos_cycles_per_ten_instructions;
    charge_by_instructions(fees.get_utxos_base, per_ten, fees.get_utxos_maximum);
    Ok(reply)
}

pub(crate) async fn fee_percentiles(
    request: GetCurrentFeePercentilesRequest,
) -> Result<Vec<MillisatoshiPerByte>, String> {
    require_service(request.network);
    let fees = get().fees;
    require(fees.get_current_fee_percentiles_maximum);
    charge(fees.get_current_fee_percentiles);
    let answer = ask::<_, ()>("bitcoin_get_current_fee_percentiles", &request, SHORT).await?;
    answer.map_err(|()| "no percentiles".to_owned())
}

pub(crate) async fn block_headers(
    request: GetBlockHeadersRequest,
) -> Result<GetBlockHeadersResponse, String> {
    require_service(request.network);
    let fees = get().fees;
    require(fees.get_block_headers_maximum);
    charge(fees.get_block_headers_base);
    let method = "bitcoin_get_block_headers";
    let answer = ask::<_, GetBlockHeadersError>(method, &request, SHORT).await?;
    let reply = answer.map_err(|error| format!("get_block_headers failed: {error:?}"))?;
    let most = fees.get_block_headers_maximum - fees.get_block_headers_base;
    charge_by_instructions(0, fees.get_block_headers_cycles_per_ten_instructions, most);
    Ok(reply)
}

pub(crate) async fn send_transaction(request: SendTransactionRequest) -> Result<(), String> {
    require_service(request.network);
    let fees = get().fees;
    let size = request.transaction.len() as u128;
    charge(fees.send_transaction_base + fees.send_transaction_per_byte * size);
    let answer = ask::<(), SendTransactionError>("bitcoin_send_transaction", &request, SHORT);
    let answer = answer.await?;
    answer.map_err(|error| format!("send_transaction failed: {error:?}"))
}
