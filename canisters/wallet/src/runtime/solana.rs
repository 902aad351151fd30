//! The SOL RPC canister: accounts, blocks, statuses, broadcasting.
//!
//! - Specification: the interface of dfinity/sol-rpc-canister (`getAccountInfo`, `getSlot`, `getBlock`, `getSignatureStatuses`, `sendTransaction`), of which
//!   the records below are the parts that are used.
//! - In production it asks three providers of mainnet, in staging of devnet, and two must agree. On a developer's machine the environment variable
//!   [`CANISTER`] names the canister, and [`URL`] the node that it asks.
//! - Everything is asked at the commitment `finalized`: what it tells is never taken back.
//! - Out: answers as they came, each with what it has cost: of the cycles that go along, the rest comes back.

mod records;

use super::{CallError, Charged, Silence, charge, named, read};
use crate::account::solana::SolanaAddress;
use crate::chain::solana::{Account, Blockhash, Lamports, TransactionId};
use candid::CandidType;
use candid::utils::ArgumentEncoder;
use canister_kit::Environment;
use canister_kit::encoding::Cycles;
use canister_kit::runtime::Replica;
use data_encoding::BASE64;
use ic_cdk::api::{env_var_name_exists, env_var_value};
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

/// What became of broadcasting a transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SolanaSending {
    /// Nodes have it.
    Taken,
    /// They would not take it, and why.
    Refused(String),
}

/// What a node answers: what it was asked for, or why it refuses.
type Told<T> = Charged<Result<T, String>>;

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
    ) -> Charged<Vec<Option<Account>>>;

    /// A recent block.
    async fn solana_block(&self, environment: Environment) -> Charged<SolanaBlock>;

    /// What became of transactions, however old they are; nothing of those that the chain does not know.
    async fn solana_statuses(
        &self,
        environment: Environment,
        ids: &[TransactionId],
    ) -> Charged<Vec<Option<SolanaStatus>>>;

    /// Broadcasts a transaction, perhaps only if it would succeed.
    async fn solana_send(
        &self,
        environment: Environment,
        transaction: &[u8],
        simulate: bool,
    ) -> Charged<SolanaSending>;
}

impl Solana for Replica {
    async fn solana_accounts(
        &self,
        environment: Environment,
        accounts: &[SolanaAddress],
        min_slot: Option<u64>,
    ) -> Charged<Vec<Option<Account>>> {
        let (mut told, mut cost) = (Vec::new(), Cycles::ZERO);
        for address in accounts {
            let one = account(environment, address, min_slot).await;
            cost = cost.plus(one.cost);
            match one.answer {
                Ok(account) => told.push(account),
                Err(silence) => return charged(Err(silence), cost),
            }
        }
        charged(Ok(told), cost)
    }

    async fn solana_block(&self, environment: Environment) -> Charged<SolanaBlock> {
        block(environment).await
    }

    async fn solana_statuses(
        &self,
        environment: Environment,
        ids: &[TransactionId],
    ) -> Charged<Vec<Option<SolanaStatus>>> {
        let params = StatusesParams {
            signatures: ids.iter().map(ToString::to_string).collect(),
            search: Some(true),
        };
        let (sources, config) = (sources(environment), config(environment));
        let arguments = (sources, config, params);
        let told: Told<Vec<Option<Status>>> =
            call(environment, "getSignatureStatuses", arguments).await;
        told.map(answered)
            .map(|statuses| match statuses.len() == ids.len() {
                true => Ok(statuses.into_iter().map(|it| it.map(status)).collect()),
                false => Err(unreadable("statuses are missing")),
            })
    }

    async fn solana_send(
        &self,
        environment: Environment,
        transaction: &[u8],
        simulate: bool,
    ) -> Charged<SolanaSending> {
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
        let told: Told<String> = call(environment, "sendTransaction", arguments).await;
        told.map(|outcome| {
            Ok(match outcome {
                Ok(_) => SolanaSending::Taken,
                Err(reason) => SolanaSending::Refused(reason),
            })
        })
    }
}

async fn account(
    environment: Environment,
    address: &SolanaAddress,
    min_slot: Option<u64>,
) -> Charged<Option<Account>> {
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
    let told: Told<Option<AccountInfo>> = call(environment, "getAccountInfo", arguments).await;
    told.map(answered).map(|info| info.map(shown).transpose())
}

fn shown(info: AccountInfo) -> Result<Account, Silence> {
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

async fn block(environment: Environment) -> Charged<SolanaBlock> {
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
    let slot: Told<u64> = call(environment, "getSlot", arguments).await;
    let slot = slot.map(answered);
    let mut cost = slot.cost;
    let newest = match slot.answer {
        Ok(slot) => slot,
        Err(silence) => return charged(Err(silence), cost),
    };
    let mut last = "no slot has a block".to_owned();
    for back in 0..SLOTS {
        let slot = newest.saturating_sub(back);
        let one = block_of(environment, slot).await;
        cost = cost.plus(one.cost);
        match one.answer {
            Ok(Ok(Some(info))) => return charged(known(slot, &info), cost),
            Ok(Ok(None)) => {}
            // Nodes refuse a slot that was skipped.
            Ok(Err(reason)) => last = reason,
            Err(silence) => return charged(Err(silence), cost),
        }
    }
    charged(Err(unreadable(&last)), cost)
}

async fn block_of(environment: Environment, slot: u64) -> Told<Option<BlockInfo>> {
    let params = BlockParams {
        slot,
        details: Some(Details::None),
        commitment: Some(BlockCommitment::Finalized),
        version: Some(0),
    };
    let (sources, config) = (sources(environment), config(environment));
    call(environment, "getBlock", (sources, config, params)).await
}

fn known(slot: u64, info: &BlockInfo) -> Result<SolanaBlock, Silence> {
    match (Blockhash::parse(&info.hash), info.height) {
        (Some(hash), Some(height)) => Ok(SolanaBlock { slot, height, hash }),
        _ => Err(unreadable("a block has no hash or no height")),
    }
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

async fn call<A, R>(environment: Environment, method: &str, arguments: A) -> Told<R>
where
    A: ArgumentEncoder,
    R: CandidType + DeserializeOwned,
{
    let canister = match named(environment, CANISTER, PUBLIC) {
        Ok(canister) => canister,
        Err(error) => return charged(Err(Silence::Silent(error)), Cycles::ZERO),
    };
    let (answer, cost) = charge(canister, method, arguments, SOLANA_CALL).await;
    let answer = answer.and_then(|answer| read::<Multi<R>>(&answer));
    let answer = match answer {
        Ok(Multi::Consistent(Ok(told))) => Ok(Ok(told)),
        Ok(Multi::Consistent(Err(error))) => refusal(error).map(Err),
        Ok(Multi::Inconsistent(_)) => Err(Silence::Differ),
        Err(error) => Err(Silence::Silent(error)),
    };
    charged(answer, cost)
}

fn charged<T>(answer: Result<T, Silence>, cost: Cycles) -> Charged<T> {
    Charged { answer, cost }
}

/// A node that refuses a question has told nothing.
fn answered<T>(told: Result<T, String>) -> Result<T, Silence> {
    told.map_err(|reason| unreadable(&reason))
}

fn unreadable(reason: &str) -> Silence {
    Silence::Silent(CallError::new(0, reason))
}

/// Why the chain's nodes refuse; or that they did not answer.
fn refusal(error: RpcError) -> Result<String, Silence> {
    match error {
        RpcError::JsonRpc { code, message } => {
            Ok(CallError::new(0, format!("{message} ({code})")).message)
        }
        RpcError::Provider(error) => Err(unreadable(&format!("{error:?}"))),
        RpcError::Validation(error) => Err(unreadable(&error)),
        RpcError::HttpOutcall(error) => Err(unreadable(&format!("{error:?}"))),
    }
}
