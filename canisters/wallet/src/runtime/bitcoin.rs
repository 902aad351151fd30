//! The Bitcoin canister: coins, fees, broadcasting.
//!
//! - Specification: the Bitcoin canister's interface (`bitcoin_get_utxos`, `bitcoin_get_current_fee_percentiles`, `bitcoin_send_transaction`) and its
//!   fees, as package ic-cdk-bitcoin-canister has them.
//! - In production and staging it is the network's own canister. On a developer's machine it is whatever the environment variable
//!   [`VARIABLE`] of this canister names, and without one the network's own.
//! - Out: answers as they came, all pages of coins together.

use super::{CallError, not_answered};
use crate::account::bitcoin::BitcoinNetwork;
use crate::chain::bitcoin::{OutPoint, Txid};
use candid::{CandidType, Principal};
use canister_kit::Environment;
use canister_kit::encoding::Cycles;
use canister_kit::runtime::Replica;
use ic_cdk::api::{env_var_name_exists, env_var_value};
use ic_cdk::call::Call;
use ic_cdk_bitcoin_canister::{
    GetCurrentFeePercentilesRequest, GetUtxosRequest, GetUtxosResponse, Network,
    SendTransactionRequest, UtxosFilterInRequest, cost_get_current_fee_percentiles, cost_get_utxos,
    cost_send_transaction, get_bitcoin_canister_id,
};
use serde::de::DeserializeOwned;

/// Names the Bitcoin canister of a developer's machine, as icp-cli and dfx set it for a canister of the name `bitcoin`.
const VARIABLE: &str = "PUBLIC_CANISTER_ID:bitcoin";

/// A coin on Bitcoin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coin {
    /// Where it is.
    pub outpoint: OutPoint,
    /// In satoshi.
    pub value: u64,
    /// The height of its block.
    pub height: u32,
}

/// Most pages of coins that one question follows; a page has a thousand or more.
pub const MAX_PAGES: u32 = 5;

/// What the Bitcoin canister says of an address.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BitcoinFacts {
    /// Coins with a confirmation at least; those of the first [`MAX_PAGES`] pages.
    pub coins: Vec<Coin>,
    /// How many pages were asked for.
    pub pages: u32,
    /// Whether there are no more.
    pub complete: bool,
    /// The height of the chain's tip.
    pub tip_height: u32,
}

/// Calls to the Bitcoin canister.
pub trait Bitcoin {
    /// What a page of coins of an address costs.
    fn coins_fee(&self, network: BitcoinNetwork) -> Cycles;

    /// What broadcasting so many bytes costs.
    fn sending_fee(&self, network: BitcoinNetwork, bytes: usize) -> Cycles;

    /// The confirmed coins of an address on Bitcoin.
    async fn coins(
        &self,
        environment: Environment,
        address: &str,
    ) -> Result<BitcoinFacts, CallError>;

    /// Fees of recent transactions on Bitcoin, in milli-satoshi for each virtual byte; 101 of them, or none.
    async fn fee_percentiles(&self, environment: Environment) -> Result<Vec<u64>, CallError>;

    /// Broadcasts a transaction on Bitcoin.
    async fn broadcast(&self, environment: Environment, bytes: &[u8]) -> Result<(), CallError>;
}

impl Bitcoin for Replica {
    fn coins_fee(&self, network: BitcoinNetwork) -> Cycles {
        coins_fee(network)
    }

    fn sending_fee(&self, network: BitcoinNetwork, bytes: usize) -> Cycles {
        sending_fee(network, bytes)
    }

    async fn coins(
        &self,
        environment: Environment,
        address: &str,
    ) -> Result<BitcoinFacts, CallError> {
        coins(environment, address).await
    }

    async fn fee_percentiles(&self, environment: Environment) -> Result<Vec<u64>, CallError> {
        fee_percentiles(environment).await
    }

    async fn broadcast(&self, environment: Environment, bytes: &[u8]) -> Result<(), CallError> {
        send(environment, bytes).await
    }
}

fn network(of: BitcoinNetwork) -> Network {
    match of {
        BitcoinNetwork::Mainnet => Network::Mainnet,
        BitcoinNetwork::Testnet => Network::Testnet,
        BitcoinNetwork::Regtest => Network::Regtest,
    }
}

/// The canister to ask.
fn canister(environment: Environment) -> Result<Principal, CallError> {
    let network = network(BitcoinNetwork::of(environment));
    let named = environment == Environment::Local && env_var_name_exists(VARIABLE);
    match named {
        false => Ok(get_bitcoin_canister_id(network)),
        true => Principal::from_text(env_var_value(VARIABLE))
            .map_err(|error| CallError::new(0, format!("{VARIABLE}: {error}"))),
    }
}

/// What a page of coins of an address costs.
fn coins_fee(of: BitcoinNetwork) -> Cycles {
    let request = GetUtxosRequest {
        network: network(of).into(),
        address: String::new(),
        filter: None,
    };
    Cycles(cost_get_utxos(&request))
}

/// What broadcasting so many bytes costs.
fn sending_fee(of: BitcoinNetwork, bytes: usize) -> Cycles {
    Cycles(cost_send_transaction(&SendTransactionRequest {
        network: network(of).into(),
        transaction: vec![0; bytes],
    }))
}

/// The confirmed coins of an address.
async fn coins(environment: Environment, address: &str) -> Result<BitcoinFacts, CallError> {
    let (canister, network) = (
        canister(environment)?,
        network(BitcoinNetwork::of(environment)),
    );
    let mut facts = BitcoinFacts::default();
    let mut filter = Some(UtxosFilterInRequest::MinConfirmations(1));
    for _ in 0..MAX_PAGES {
        let request = GetUtxosRequest {
            network: network.into(),
            address: address.to_owned(),
            filter: filter.take(),
        };
        let fee = cost_get_utxos(&request);
        let page: GetUtxosResponse = pay(canister, "bitcoin_get_utxos", &request, fee).await?;
        facts.tip_height = page.tip_height;
        facts.pages += 1;
        facts.coins.extend(page.utxos.iter().map(|coin| Coin {
            outpoint: OutPoint {
                txid: Txid(coin.outpoint.txid.into()),
                vout: coin.outpoint.vout,
            },
            value: coin.value,
            height: coin.height,
        }));
        let Some(next) = page.next_page else {
            facts.complete = true;
            return Ok(facts);
        };
        filter = Some(UtxosFilterInRequest::Page(next));
    }
    Ok(facts)
}

/// Fees of recent transactions, in milli-satoshi for each virtual byte.
async fn fee_percentiles(environment: Environment) -> Result<Vec<u64>, CallError> {
    let request = GetCurrentFeePercentilesRequest {
        network: network(BitcoinNetwork::of(environment)).into(),
    };
    let fee = cost_get_current_fee_percentiles(&request);
    let method = "bitcoin_get_current_fee_percentiles";
    pay(canister(environment)?, method, &request, fee).await
}

/// Broadcasts a transaction.
async fn send(environment: Environment, transaction: &[u8]) -> Result<(), CallError> {
    let request = SendTransactionRequest {
        network: network(BitcoinNetwork::of(environment)).into(),
        transaction: transaction.to_vec(),
    };
    let fee = cost_send_transaction(&request);
    pay(
        canister(environment)?,
        "bitcoin_send_transaction",
        &request,
        fee,
    )
    .await
}

/// The Bitcoin canister is the network's own, and answers; a bounded wait could lose the cycles.
async fn pay<R>(
    callee: Principal,
    method: &str,
    arguments: &impl CandidType,
    fee: u128,
) -> Result<R, CallError>
where
    R: CandidType + DeserializeOwned,
{
    let call = Call::unbounded_wait(callee, method).with_arg(arguments);
    let answer = call.with_cycles(fee).await.map_err(not_answered)?;
    answer.candid().map_err(|error| CallError::new(0, error))
}
