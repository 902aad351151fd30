//! The SOL RPC canister: accounts, blocks, statuses, broadcasting.
//!
//! - Specification: the interface of dfinity/sol-rpc-canister (`getAccountInfo`, `getSlot`, `getBlock`, `getSignatureStatuses`, `sendTransaction`), of which
//!   the records below are the parts that are used.
//! - In production it asks three providers of mainnet, in staging of devnet, and two must agree. On a developer's machine the environment variable
//!   [`CANISTER`] names the canister, and [`URL`] the node that it asks.
//! - Everything is asked at the commitment `finalized`: what it tells is never taken back.
//! - Out: answers as they came, each with what it has cost: of the cycles that go along, the rest comes back.

mod records;

use super::{CallError, not_answered, read};
use crate::account::solana::SolanaAddress;
use crate::chain::solana::{Account, Blockhash, Lamports, TransactionId};
use candid::utils::ArgumentEncoder;
use candid::{CandidType, Principal};
use canister_kit::Environment;
use canister_kit::encoding::Cycles;
use canister_kit::runtime::Replica;
use data_encoding::BASE64;
use ic_cdk::api::{env_var_name_exists, env_var_value, msg_cycles_refunded};
use ic_cdk::call::Call;
use records::*;
use serde::de::DeserializeOwned;

/// Names the canister of a developer's machine, as icp-cli and dfx set it for a canister of the name `sol_rpc`.
const CANISTER: &str = "PUBLIC_CANISTER_ID:sol_rpc";

/// Names the node that it asks there.
const URL: &str = "SOL_RPC_URL";

/// Where a validator for tests listens.
const LOCAL_URL: &str = "http://127.0.0.1:8899";

/// The canister of the public network.
const PUBLIC: &str = "tghme-zyaaa-aaaar-qarca-cai";

/// What goes along with a call: several times of what three providers cost on a subnet of 34 nodes with an answer of [`ANSWER`] bytes.
pub const SOLANA_CALL: Cycles = Cycles(4_000_000_000);

/// The longest answer that is asked for, in bytes: the first [`SHOWN`] of an account in base64, and what stands around it.
const ANSWER: u64 = 6_144;

/// How much of an account is shown: more than any mint needs whose transfers are plain.
const SHOWN: u32 = 2_048;

/// How many slots are tried for a block, because a slot may have none.
pub const SLOTS: u64 = 4;

/// Why something was not told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SolanaFailure {
    /// The canister did not answer, or its providers did not.
    Silent(CallError),
    /// Its providers told different things.
    Inconsistent,
    /// The chain's nodes refuse.
    Refused(String),
}

/// An answer, and what it has cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paid<T> {
    /// What came.
    pub result: Result<T, SolanaFailure>,
    /// What it took.
    pub cost: Cycles,
}

/// A block that is final.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SolanaBlock {
    /// Its slot.
    pub slot: u64,
    /// How many blocks are below it.
    pub height: u64,
    /// Its hash.
    pub hash: Blockhash,
}

/// What became of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SolanaStatus {
    /// In which slot.
    pub slot: u64,
    /// Whether it did what it says.
    pub succeeded: bool,
    /// Whether that stays so.
    pub finalized: bool,
}

/// Calls to the SOL RPC canister.
pub trait Solana {
    /// Accounts, in the order in which they are asked for, as they were in this slot or later.
    async fn solana_accounts(
        &self,
        environment: Environment,
        accounts: &[SolanaAddress],
        min_slot: Option<u64>,
    ) -> Paid<Vec<Option<Account>>>;

    /// A recent block.
    async fn solana_block(&self, environment: Environment) -> Paid<SolanaBlock>;

    /// What became of transactions, however old they are; nothing of those that the chain does not know.
    async fn solana_statuses(
        &self,
        environment: Environment,
        ids: &[TransactionId],
    ) -> Paid<Vec<Option<SolanaStatus>>>;

    /// Broadcasts a transaction, perhaps only if it would succeed.
    async fn solana_send(
        &self,
        environment: Environment,
        transaction: &[u8],
        simulate: bool,
    ) -> Paid<()>;
}

impl Solana for Replica {
    async fn solana_accounts(
        &self,
        environment: Environment,
        accounts: &[SolanaAddress],
        min_slot: Option<u64>,
    ) -> Paid<Vec<Option<Account>>> {
        let (mut told, mut cost) = (Vec::new(), Cycles::ZERO);
        for address in accounts {
            let one = account(environment, address, min_slot).await;
            cost = cost.plus(one.cost);
            match one.result {
                Ok(account) => told.push(account),
                Err(failure) => return paid(Err(failure), cost),
            }
        }
        paid(Ok(told), cost)
    }

    async fn solana_block(&self, environment: Environment) -> Paid<SolanaBlock> {
        block(environment).await
    }

    async fn solana_statuses(
        &self,
        environment: Environment,
        ids: &[TransactionId],
    ) -> Paid<Vec<Option<SolanaStatus>>> {
        let params = StatusesParams {
            signatures: ids.iter().map(ToString::to_string).collect(),
            search: Some(true),
        };
        let (sources, config) = (sources(environment), config(environment));
        let arguments = (sources, config, params);
        let told: Paid<Vec<Option<Status>>> =
            call(environment, "getSignatureStatuses", arguments).await;
        told.and_then(|statuses| match statuses.len() == ids.len() {
            true => Ok(statuses.into_iter().map(|it| it.map(status)).collect()),
            false => Err(unreadable("statuses are missing")),
        })
    }

    async fn solana_send(
        &self,
        environment: Environment,
        transaction: &[u8],
        simulate: bool,
    ) -> Paid<()> {
        let params = SendParams {
            transaction: BASE64.encode(transaction),
            encoding: Some(SendEncoding::Base64),
            skip_preflight: Some(!simulate),
            preflight_commitment: Some(Commitment::Finalized),
            max_retries: None,
            min_slot: None,
        };
        let (sources, config) = (sources(environment), config(environment));
        let arguments = (sources, config, params);
        let told: Paid<String> = call(environment, "sendTransaction", arguments).await;
        told.and_then(|_| Ok(()))
    }
}

async fn account(
    environment: Environment,
    address: &SolanaAddress,
    min_slot: Option<u64>,
) -> Paid<Option<Account>> {
    let params = AccountParams {
        pubkey: address.to_string(),
        commitment: Some(Commitment::Finalized),
        encoding: Some(AccountEncoding::Base64),
        slice: Some(Slice {
            offset: 0,
            length: SHOWN,
        }),
        min_slot,
    };
    let (sources, config) = (sources(environment), config(environment));
    let arguments = (sources, config, params);
    let told: Paid<Option<AccountInfo>> = call(environment, "getAccountInfo", arguments).await;
    told.and_then(|info| info.map(shown).transpose())
}

fn shown(info: AccountInfo) -> Result<Account, SolanaFailure> {
    let AccountData::Binary((data, AccountEncoding::Base64)) = info.data else {
        return Err(unreadable("an account is not in base64"));
    };
    let data = BASE64.decode(data.as_bytes());
    let data = data.map_err(|_| unreadable("an account is not in base64"))?;
    let owner = SolanaAddress::parse(&info.owner);
    Ok(Account {
        lamports: Lamports(info.lamports),
        owner: owner.ok_or_else(|| unreadable("an account's owner is no address"))?,
        executable: info.executable,
        space: info.space,
        data,
    })
}

fn status(status: Status) -> SolanaStatus {
    SolanaStatus {
        slot: status.slot,
        succeeded: status.status.is_ok(),
        finalized: matches!(status.confirmation, Some(Commitment::Finalized)),
    }
}

async fn block(environment: Environment) -> Paid<SolanaBlock> {
    let slot_config = config(environment).map(|config| SlotConfig {
        size: config.size,
        consensus: config.consensus,
        rounding: None,
    });
    let slot_params = Some(SlotParams {
        commitment: Some(Commitment::Finalized),
        min_slot: None,
    });
    let arguments = (sources(environment), slot_config, slot_params);
    let slot: Paid<u64> = call(environment, "getSlot", arguments).await;
    let mut cost = slot.cost;
    let newest = match slot.result {
        Ok(slot) => slot,
        Err(failure) => return paid(Err(failure), cost),
    };
    let mut last = unreadable("no slot has a block");
    for back in 0..SLOTS {
        let slot = newest.saturating_sub(back);
        let one = block_of(environment, slot).await;
        cost = cost.plus(one.cost);
        match one.result {
            Ok(Some(block)) => return paid(Ok(block), cost),
            Ok(None) => {}
            // Nodes refuse a slot that was skipped.
            Err(failure @ SolanaFailure::Refused(_)) => last = failure,
            Err(failure) => return paid(Err(failure), cost),
        }
    }
    paid(Err(last), cost)
}

async fn block_of(environment: Environment, slot: u64) -> Paid<Option<SolanaBlock>> {
    let params = BlockParams {
        slot,
        details: Some(Details::None),
        commitment: Some(BlockCommitment::Finalized),
        version: Some(0),
    };
    let (sources, config) = (sources(environment), config(environment));
    let arguments = (sources, config, params);
    let told: Paid<Option<BlockInfo>> = call(environment, "getBlock", arguments).await;
    told.and_then(|info| {
        let Some(info) = info else {
            return Ok(None);
        };
        match (Blockhash::parse(&info.hash), info.height) {
            (Some(hash), Some(height)) => Ok(Some(SolanaBlock { slot, height, hash })),
            _ => Err(unreadable("a block has no hash or no height")),
        }
    })
}

/// The canister to ask.
fn canister(environment: Environment) -> Result<Principal, CallError> {
    let named = environment == Environment::Local && env_var_name_exists(CANISTER);
    let id = match named {
        true => env_var_value(CANISTER),
        false => PUBLIC.to_owned(),
    };
    Principal::from_text(id).map_err(|error| CallError::new(0, format!("{CANISTER}: {error}")))
}

/// Whom the canister asks.
fn sources(environment: Environment) -> Sources {
    match environment {
        Environment::Production => Sources::Default(Cluster::Mainnet),
        Environment::Staging => Sources::Default(Cluster::Devnet),
        Environment::Local => Sources::Custom(vec![Source::Custom(Endpoint {
            url: match env_var_name_exists(URL) {
                true => env_var_value(URL),
                false => LOCAL_URL.to_owned(),
            },
            headers: None,
        })]),
    }
}

/// How many must agree.
fn config(environment: Environment) -> Option<Config> {
    let consensus = match environment {
        Environment::Production | Environment::Staging => Consensus::Threshold {
            total: Some(3),
            min: 2,
        },
        Environment::Local => Consensus::Equality,
    };
    Some(Config {
        size: Some(ANSWER),
        consensus: Some(consensus),
    })
}

/// Asks. The canister is the network's own and answers; a bounded wait could lose the cycles.
async fn call<A, R>(environment: Environment, method: &str, arguments: A) -> Paid<R>
where
    A: ArgumentEncoder + Send + Sync,
    R: CandidType + DeserializeOwned,
{
    let canister = match canister(environment) {
        Ok(canister) => canister,
        Err(error) => return paid(Err(SolanaFailure::Silent(error)), Cycles::ZERO),
    };
    let call = Call::unbounded_wait(canister, method).with_args(&arguments);
    let answer = call.with_cycles(SOLANA_CALL.0).await;
    let cost = SOLANA_CALL.0.saturating_sub(msg_cycles_refunded());
    let answer = answer.map_err(not_answered);
    let told = answer.and_then(|answer| read::<Multi<R>>(&answer.into_bytes()));
    let result = match told {
        Ok(Multi::Consistent(result)) => result.map_err(SolanaFailure::from),
        Ok(Multi::Inconsistent(_)) => Err(SolanaFailure::Inconsistent),
        Err(error) => Err(SolanaFailure::Silent(error)),
    };
    paid(result, Cycles(cost))
}

fn paid<T>(result: Result<T, SolanaFailure>, cost: Cycles) -> Paid<T> {
    Paid { result, cost }
}

fn unreadable(reason: &str) -> SolanaFailure {
    SolanaFailure::Silent(CallError::new(0, reason))
}

impl<T> Paid<T> {
    fn and_then<U>(self, read: impl FnOnce(T) -> Result<U, SolanaFailure>) -> Paid<U> {
        Paid {
            result: self.result.and_then(read),
            cost: self.cost,
        }
    }
}

impl From<RpcError> for SolanaFailure {
    fn from(error: RpcError) -> Self {
        let silent = |text: String| Self::Silent(CallError::new(0, text));
        match error {
            RpcError::JsonRpcError { code, message } => {
                Self::Refused(CallError::new(0, format!("{message} ({code})")).message)
            }
            RpcError::ProviderError(error) => silent(format!("{error:?}")),
            RpcError::ValidationError(error) => silent(error),
            RpcError::HttpOutcallError(error) => silent(format!("{error:?}")),
        }
    }
}
