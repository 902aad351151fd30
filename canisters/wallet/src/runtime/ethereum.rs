//! Chains of Ethereum's kind, through the EVM RPC canister.
//!
//! - Specification: the EVM RPC canister's interface (`eth_getTransactionCount`, `eth_feeHistory`, `eth_sendRawTransaction`,
//!   `eth_getTransactionReceipt`, `eth_call`, `multi_request`), and Ethereum's JSON-RPC (execution-apis) behind it.
//! - Of three providers two must tell the same, and where a lie of two would do lasting harm, all three; but for fees, where the one in the middle is
//!   taken. A developer's own chain has one node, and nobody else to ask.
//! - In production and staging it is the network's own canister. On a developer's machine it is whatever the environment variable
//!   [`VARIABLE`] names, and without one the network's own; the node of a chain of his own is what `EVM_RPC_URL:<chain id>` names, or [`NODE`].
//! - Out: answers with what they cost: every question has [`CALL`] cycles with it, or [`RECEIPT`], and what is not needed comes back.

mod candid_api;
#[cfg(test)]
mod wire_tests;

use super::{CallError, charge, named};
use crate::account::ethereum::EvmAddress;
use crate::chain::ethereum::hash::TransactionHash;
use crate::chain::ethereum::market::Market;
use crate::chain::ethereum::network::Network;
use crate::chain::ethereum::quantity::Wei;
use candid::utils::ArgumentEncoder;
use candid::{CandidType, Principal};
use candid_api::{
    BlockTag, CallArgs, FeeHistory, FeeHistoryArgs, GetTransactionCountArgs, Multi, RpcConfig,
    RpcServices, SendStatus, TransactionReceipt, TransactionRequest,
};
use canister_kit::Environment;
use canister_kit::calls::read_skipping;
use canister_kit::encoding::Cycles;
use canister_kit::runtime::Replica;
use data_encoding::HEXLOWER;
use ic_cdk::api::{env_var_name_exists, env_var_value};
use serde::de::DeserializeOwned;

/// Cycles with a question: several times what it takes of three providers.
pub const CALL: Cycles = Cycles(10_000_000_000);

/// Cycles with a question for a receipt, which is as long as what a contract has logged.
pub const RECEIPT: Cycles = Cycles(30_000_000_000);

/// Names the EVM RPC canister of a developer's machine, as icp-cli and dfx set it for a canister of the name `evm_rpc`.
const VARIABLE: &str = "PUBLIC_CANISTER_ID:evm_rpc";

/// The network's own.
const MAINNET: &str = "7hfb6-caaaa-aaaar-qadga-cai";

/// A developer's node, where nothing else is said.
const NODE: &str = "http://127.0.0.1:8545";

/// How many of three providers must tell the same.
const TWO: u8 = 2;
const ALL: u8 = 3;

/// What passing over parts of an answer may cost, in Candid's own measure: a receipt has all that contracts have logged in it.
const SKIPPING: usize = 10_000_000;

/// Blocks whose fees are looked at.
const BLOCKS: u8 = 5;

/// Why a question was not answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The canister, or the providers together, told why not.
    Silent(CallError),
    /// Too few providers told the same.
    Differ,
}

/// An answer, and what it cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charged<T> {
    /// The answer.
    pub answer: Result<T, Silence>,
    /// What it cost.
    pub cost: Cycles,
}

impl<T> Charged<T> {
    pub(super) fn map<U>(self, read: impl FnOnce(T) -> Result<U, Silence>) -> Charged<U> {
        Charged {
            answer: self.answer.and_then(read),
            cost: self.cost,
        }
    }
}

/// When.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// As of the last block.
    Latest,
    /// With what waits.
    Pending,
    /// As of the last block that cannot be taken back.
    Finalized,
}

/// What became of sending a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sending {
    /// It waits, now or since earlier.
    Taken,
    /// A transaction with its nonce is in a block.
    NonceTooLow,
    /// One with an earlier nonce is missing.
    NonceTooHigh,
    /// The account holds too little.
    InsufficientFunds,
}

/// That a transaction is in a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvmReceipt {
    /// Which block.
    pub block: u64,
    /// Whether it took effect.
    pub succeeded: bool,
    /// What it paid for gas.
    pub fee: Wei,
}

/// Questions to chains of Ethereum's kind.
pub trait Ethereum {
    /// How many transactions an account has sent.
    async fn evm_count(&self, place: Place, account: EvmAddress, at: At) -> Charged<u64>;

    /// How many transactions of an account are in blocks, if all providers tell the same.
    async fn evm_count_by_all(&self, place: Place, account: EvmAddress) -> Charged<u64>;

    /// What transactions pay.
    async fn evm_market(&self, place: Place) -> Charged<Market>;

    /// The last block that cannot be taken back.
    async fn evm_finalized(&self, place: Place) -> Charged<u64>;

    /// Sends a transaction.
    async fn evm_send(&self, place: Place, transaction: &[u8]) -> Charged<Sending>;

    /// Where a transaction is; nothing if it is in no block.
    async fn evm_receipt(&self, place: Place, hash: TransactionHash)
    -> Charged<Option<EvmReceipt>>;

    /// What an account holds, in wei; 2^128 - 1 where it is more.
    async fn evm_balance(&self, place: Place, account: EvmAddress) -> Charged<u128>;

    /// What a contract answers to a call that changes nothing.
    async fn evm_call(&self, place: Place, contract: EvmAddress, data: &[u8]) -> Charged<Vec<u8>>;
}

/// Which chain, and who is asked about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The chain.
    pub network: Network,
    /// Where the canister runs.
    pub environment: Environment,
}

impl Place {
    fn canister(self) -> Result<Principal, CallError> {
        named(self.environment, VARIABLE, MAINNET)
    }

    /// Whom to ask, and how many must agree.
    fn providers(self, agreeing: u8) -> (RpcServices, Option<RpcConfig>) {
        let services = match self.network {
            Network::Mainnet => RpcServices::EthMainnet(None),
            Network::Sepolia => RpcServices::EthSepolia(None),
            Network::Arbitrum => RpcServices::ArbitrumOne(None),
            Network::Base => RpcServices::BaseMainnet(None),
            Network::Optimism => RpcServices::OptimismMainnet(None),
            Network::Own(chain) => {
                let variable = format!("EVM_RPC_URL:{}", chain.0);
                let url = match env_var_name_exists(&variable) {
                    true => env_var_value(&variable),
                    false => NODE.to_owned(),
                };
                return (RpcServices::own(chain.0, url), None);
            }
        };
        (services, Some(RpcConfig::of_three(agreeing)))
    }

    /// Asks with arguments that the providers stand before, and takes what they agree on.
    async fn ask<A, R>(self, method: &str, arguments: A, most: Cycles) -> Charged<R>
    where
        A: CandidType,
        R: CandidType + DeserializeOwned,
    {
        let told: Charged<Multi<R>> = self.ask_all(method, arguments, most, TWO).await;
        told.map(Multi::agreed)
    }

    async fn ask_all<A, R>(
        self,
        method: &str,
        arguments: A,
        most: Cycles,
        agreeing: u8,
    ) -> Charged<Multi<R>>
    where
        A: CandidType,
        R: CandidType + DeserializeOwned,
    {
        let canister = match self.canister() {
            Ok(canister) => canister,
            Err(error) => return Charged::without_call(error),
        };
        let (services, config) = self.providers(agreeing);
        send(canister, method, (services, config, arguments), most).await
    }
}

impl<T> Charged<T> {
    fn without_call(error: CallError) -> Self {
        Self {
            answer: Err(Silence::Silent(error)),
            cost: Cycles::ZERO,
        }
    }
}

async fn send<R>(
    canister: Principal,
    method: &str,
    arguments: impl ArgumentEncoder,
    most: Cycles,
) -> Charged<Multi<R>>
where
    R: CandidType + DeserializeOwned,
{
    let (answer, cost) = charge(canister, method, arguments, most).await;
    let answer = answer.and_then(|answer| read_skipping(&answer, SKIPPING));
    let answer = answer.map_err(Silence::Silent);
    Charged { answer, cost }
}

fn unreadable(what: &str) -> Silence {
    Silence::Silent(CallError::new(0, format!("{what} does not read")))
}

fn hex(bytes: &[u8]) -> String {
    format!("0x{}", HEXLOWER.encode(bytes))
}

/// The bytes of `0x` and hexadecimal digits.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.strip_prefix("0x")?;
    data_encoding::HEXLOWER_PERMISSIVE
        .decode(digits.as_bytes())
        .ok()
}

/// A quantity as nodes write it: `0x1a`. What is larger than the largest amount is that.
fn quantity(text: &str) -> Option<u128> {
    let digits = text.strip_prefix("0x")?.trim_start_matches('0');
    if !digits.chars().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    match digits.len() {
        0 => Some(0),
        1..=32 => u128::from_str_radix(digits, 16).ok(),
        _ => Some(u128::MAX),
    }
}

impl From<At> for BlockTag {
    fn from(at: At) -> Self {
        match at {
            At::Latest => Self::Latest,
            At::Pending => Self::Pending,
            At::Finalized => Self::Finalized,
        }
    }
}

impl FeeHistory {
    /// The next base fee is the last one that is told; half of the gas of the median block paid at most the median reward.
    fn market(self) -> Option<Market> {
        let base_fee = Wei(*self.baseFeePerGas.last()?);
        let mut rewards: Vec<u128> = self
            .reward
            .iter()
            .filter_map(|it| it.first().copied())
            .collect();
        rewards.sort_unstable();
        let priority_fee = Wei(rewards.get(rewards.len() / 2).copied().unwrap_or(0));
        Some(Market {
            base_fee,
            priority_fee,
        })
    }
}

impl TransactionReceipt {
    fn read(self) -> Option<EvmReceipt> {
        Some(EvmReceipt {
            block: u64::try_from(self.blockNumber).ok()?,
            succeeded: self.status? == 1,
            fee: Wei(self.gasUsed.saturating_mul(self.effectiveGasPrice)),
        })
    }
}

impl Place {
    async fn count(self, account: EvmAddress, at: At, agreeing: u8) -> Charged<u64> {
        let arguments = GetTransactionCountArgs {
            address: account.to_string(),
            block: at.into(),
        };
        let method = "eth_getTransactionCount";
        let told = self.ask_all(method, arguments, CALL, agreeing).await;
        told.map(|told: Multi<u128>| {
            u64::try_from(told.agreed()?).map_err(|_| unreadable("a nonce"))
        })
    }
}

impl Ethereum for Replica {
    async fn evm_count(&self, place: Place, account: EvmAddress, at: At) -> Charged<u64> {
        place.count(account, at, TWO).await
    }

    async fn evm_count_by_all(&self, place: Place, account: EvmAddress) -> Charged<u64> {
        place.count(account, At::Latest, ALL).await
    }

    async fn evm_market(&self, place: Place) -> Charged<Market> {
        let arguments = FeeHistoryArgs {
            blockCount: BLOCKS.into(),
            newestBlock: BlockTag::Latest,
            rewardPercentiles: Some(vec![50]),
        };
        // Providers are rarely at the same block. Nobody has to be believed: the fees stay below the approved ones.
        let told = place.ask_all("eth_feeHistory", arguments, CALL, TWO).await;
        told.map(|all: Multi<FeeHistory>| {
            let histories = all.all()?.into_iter();
            let markets = histories.map(|it| it.market().ok_or_else(|| unreadable("a fee")));
            let markets = markets.collect::<Result<Vec<_>, _>>()?;
            Market::middle(&markets).ok_or(Silence::Differ)
        })
    }

    async fn evm_finalized(&self, place: Place) -> Charged<u64> {
        // The shortest answer that names the last final block; nodes need no old state for it.
        let arguments = FeeHistoryArgs {
            blockCount: 1,
            newestBlock: BlockTag::Finalized,
            rewardPercentiles: None,
        };
        let told: Charged<FeeHistory> = place.ask("eth_feeHistory", arguments, CALL).await;
        told.map(|history| {
            u64::try_from(history.oldestBlock).map_err(|_| unreadable("a block number"))
        })
    }

    async fn evm_send(&self, place: Place, transaction: &[u8]) -> Charged<Sending> {
        let method = "eth_sendRawTransaction";
        let told: Charged<SendStatus> = place.ask(method, hex(transaction), CALL).await;
        told.map(|status| {
            Ok(match status {
                SendStatus::Ok(_) => Sending::Taken,
                SendStatus::NonceTooLow => Sending::NonceTooLow,
                SendStatus::NonceTooHigh => Sending::NonceTooHigh,
                SendStatus::InsufficientFunds => Sending::InsufficientFunds,
            })
        })
    }

    async fn evm_receipt(
        &self,
        place: Place,
        hash: TransactionHash,
    ) -> Charged<Option<EvmReceipt>> {
        let method = "eth_getTransactionReceipt";
        let told: Charged<Option<TransactionReceipt>> =
            place.ask(method, hash.to_string(), RECEIPT).await;
        told.map(|receipt| match receipt {
            None => Ok(None),
            Some(receipt) if receipt.transactionHash.to_ascii_lowercase() == hash.to_string() => {
                let read = receipt.read().ok_or_else(|| unreadable("a receipt"));
                read.map(Some)
            }
            Some(_) => Err(unreadable("a receipt of another transaction")),
        })
    }

    async fn evm_balance(&self, place: Place, account: EvmAddress) -> Charged<u128> {
        let json = serde_json::json!({
            "jsonrpc": "2.0",
            "id": 1,
            "method": "eth_getBalance",
            "params": [account.to_string(), "latest"],
        });
        let told: Charged<String> = place.ask("multi_request", json.to_string(), CALL).await;
        told.map(|text| quantity(&text).ok_or_else(|| unreadable("a balance")))
    }

    async fn evm_call(&self, place: Place, contract: EvmAddress, data: &[u8]) -> Charged<Vec<u8>> {
        let arguments = CallArgs {
            transaction: TransactionRequest {
                to: Some(contract.to_string()),
                input: Some(hex(data)),
            },
            block: Some(BlockTag::Latest),
        };
        let told: Charged<String> = place.ask("eth_call", arguments, CALL).await;
        told.map(|text| unhex(&text).ok_or_else(|| unreadable("what a contract answers")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_as_nodes_write_them() {
        assert_eq!(quantity("0x0"), Some(0));
        assert_eq!(quantity("0x1a"), Some(26));
        let large = format!("0x{}", "f".repeat(33));
        assert_eq!(quantity(&large), Some(u128::MAX));
        for wrong in ["1", "0xg", "null", "0x+1", "\"0x1\""] {
            assert_eq!(quantity(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn of_providers_that_differ_all_answers_count_if_there_are_two() {
        use super::candid_api::{RpcError, ValidationError};
        let failed = || {
            Err(RpcError::ValidationError(ValidationError::Custom(
                String::new(),
            )))
        };
        let of = |answers: Vec<Result<u64, RpcError>>| {
            let all = answers.into_iter().map(|answer| (candid::Reserved, answer));
            Multi::Inconsistent(all.collect()).all()
        };
        assert_eq!(of(vec![Ok(9), Ok(1), Ok(5)]), Ok(vec![9, 1, 5]));
        assert_eq!(of(vec![Ok(9), failed(), Ok(5)]), Ok(vec![9, 5]));
        assert_eq!(of(vec![Ok(9), failed(), failed()]), Err(Silence::Differ));
        assert_eq!(Multi::Consistent(Ok(3)).all(), Ok(vec![3]));
    }

    #[test]
    fn an_answer_that_costs_too_much_to_read_is_not_read() {
        // A vector of 2^32 values of no bytes.
        let bomb = [
            b"DIDL".as_slice(),
            &[1, 0x6d, 0x7f, 1, 0],
            &[0x80, 0x80, 0x80, 0x80, 0x10],
        ]
        .concat();
        assert!(read_skipping::<Vec<()>>(&bomb, SKIPPING).is_err());
        assert!(read_skipping::<candid::Reserved>(&bomb, SKIPPING).is_err());
        let seven = candid::encode_one(7u64).unwrap();
        assert_eq!(read_skipping(&seven, SKIPPING), Ok(7u64));
    }

    #[test]
    fn the_market_is_the_next_base_fee_and_the_median_reward() {
        let history = FeeHistory {
            oldestBlock: 7,
            baseFeePerGas: vec![10, 11, 12, 13],
            reward: vec![vec![5], vec![1], vec![3]],
        };
        let market = history.market().unwrap();
        assert_eq!((market.base_fee, market.priority_fee), (Wei(13), Wei(3)));
        let empty = FeeHistory {
            oldestBlock: 7,
            baseFeePerGas: vec![],
            reward: vec![],
        };
        assert_eq!(empty.market(), None);
    }
}
