//! What a wallet's accounts hold, asked of their chains.
//!
//! - What it does: [`begin`] checks the caller and admits it to what the question costs, [`Question::ask`] asks, [`end`] settles. Nothing of the
//!   answer is kept: what is spent is decided by asking anew.
//! - In: an account as a caller names it. Out: [`Holdings`] with the time of asking, or a [`WalletError`].

mod ethereum;
mod solana;

use crate::account::Addresses;
use crate::account::bitcoin::BitcoinNetwork;
use crate::account::icrc::IcrcAccount;
use crate::account::path::AccountIndex;
use crate::asset::{Asset, RawAsset};
use crate::chain::icrc::Account;
use crate::chain::solana::TokenProgram;
use crate::error::WalletError;
use crate::execute::{Coins, asking_fee, most_of_asking};
use crate::intent::IntentError;
use crate::prepare::root_keys;
use crate::runtime::{BitcoinFacts, CallError, Coin, LEDGER_CALL, Outside};
use crate::state::WalletKit;
use crate::wallet::WalletId;
use candid::{CandidType, Principal};
use canister_kit::encoding::Cycles;
use canister_kit::stable::Memory;
use canister_kit::{Admitted, Caller, Environment};
use serde::Deserialize;
use solana::{SolanaHoldings, SplHoldings};

/// Most coins that are shown.
const MAX_COINS: usize = 500;

/// What asking a ledger costs at most: for balance, fee and log.
const LEDGER: Cycles = Cycles(3 * LEDGER_CALL.0);

/// What the fee percentiles cost at most.
const PERCENTILES: Cycles = Cycles(200_000_000);

/// An account as callers name it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub enum RawAccount {
    /// Both addresses of an index.
    Bitcoin {
        /// The index.
        index: u32,
    },
    /// On a ledger.
    Icrc {
        /// The ledger.
        ledger: Principal,
        /// The index.
        index: u32,
    },
    /// On a chain of Ethereum's kind.
    Eth {
        /// EIP-155's number of the chain.
        chain_id: u64,
        /// The index.
        index: u32,
    },
    /// A token on such a chain.
    Erc20 {
        /// EIP-155's number of the chain.
        chain_id: u64,
        /// The token's contract.
        contract: String,
        /// The index.
        index: u32,
    },
    /// The address of an index on Solana.
    Solana {
        /// The index.
        index: u32,
    },
    /// Its account of a token.
    Spl {
        /// The mint, in base58.
        mint: String,
        /// The program that keeps it.
        token_program: TokenProgram,
        /// The index.
        index: u32,
    },
}

/// A coin.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct CoinView {
    /// The transaction, as explorers write it.
    pub txid: String,
    /// Which of its outputs.
    pub vout: u32,
    /// In satoshi.
    pub value: u64,
    /// Whether it is at the Taproot address.
    pub taproot: bool,
    /// From 1.
    pub confirmations: u32,
    /// The proposal that spends it.
    pub reserved_for: Option<u64>,
}

/// What an account holds.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub enum Holdings {
    /// On Bitcoin.
    Bitcoin {
        /// All confirmed coins, in satoshi.
        balance: u64,
        /// Those that no proposal has reserved.
        available: u64,
        /// The first 500 coins.
        coins: Vec<CoinView>,
        /// Fees of recent transactions, in milli-satoshi for each virtual byte: 101 of them, or none.
        fee_percentiles: Vec<u64>,
        /// The height of the chain's tip.
        tip_height: u32,
        /// When it was so, in nanoseconds since 1970.
        as_of: u64,
    },
    /// On a ledger.
    Icrc {
        /// In the token's smallest unit.
        balance: u128,
        /// What a transfer costs.
        fee: u128,
        /// When it was so, in nanoseconds since 1970.
        as_of: u64,
    },
    /// On a chain of Ethereum's kind.
    Eth {
        /// In wei.
        balance: u128,
        /// How many of the account's transactions are in blocks.
        nonce: u64,
        /// The nonce of the wallet's next transaction.
        next_nonce: u64,
        /// The proposals whose transactions are not final, in the order of their nonces.
        in_flight: Vec<u64>,
        /// What the next block takes per unit of gas, in wei.
        base_fee_per_gas: u128,
        /// What half of the gas of recent blocks paid beyond that at most.
        priority_fee_per_gas: u128,
        /// When it was so, in nanoseconds since 1970.
        as_of: u64,
    },
    /// A token on such a chain.
    Erc20 {
        /// In its smallest unit.
        balance: u128,
        /// When it was so, in nanoseconds since 1970.
        as_of: u64,
    },
    /// On Solana.
    Solana(SolanaHoldings),
    /// A token on Solana.
    Spl(SplHoldings),
}

enum Asked {
    Bitcoin {
        addresses: Coins<String>,
        environment: Environment,
    },
    Icrc {
        ledger: Principal,
        account: Account,
    },
    Evm(ethereum::Asked),
    Solana(solana::Asked),
}

enum Told {
    Bitcoin {
        coins: Coins<BitcoinFacts>,
        fees: Vec<u64>,
    },
    Icrc {
        balance: u128,
        fee: u128,
    },
    Evm(ethereum::Told),
    Solana(solana::Told),
}

/// The right to ask once.
pub struct Question {
    wallet: WalletId,
    asked: Asked,
    admitted: Admitted,
}

/// What came of it.
pub struct Answer {
    wallet: WalletId,
    told: Result<Told, CallError>,
    admitted: Admitted,
}

/// Checks the caller, and admits it to what the question costs.
///
/// # Errors
/// [`WalletError::NoSuchWallet`], [`WalletError::KeysNotPrepared`], [`WalletError::Intent`] for a ledger that is none, and as
/// [`WalletError::Refused`] those of the quota, the pause and the admission.
pub fn begin<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Outside,
    caller: Caller,
    wallet: WalletId,
    account: RawAccount,
) -> Result<Question, WalletError> {
    kit.product().get_for(wallet, caller.principal())?;
    kit.take_quota(world, caller, 1)?;
    let environment = kit.config().environment;
    let network = BitcoinNetwork::of(environment);
    match account {
        RawAccount::Bitcoin { index } => {
            let roots = root_keys(kit)?;
            let (index, canister) = (AccountIndex(index), world.canister());
            let addresses = Addresses::of(&roots, network, canister, wallet, index)?;
            let active = kit.active().map_err(WalletError::from)?;
            let most = most_of_asking(world, network).plus(PERCENTILES);
            let admitted = kit.admit(world, active, caller, most)?;
            Ok(Question {
                wallet,
                asked: Asked::Bitcoin {
                    addresses: addresses.into(),
                    environment,
                },
                admitted,
            })
        }
        RawAccount::Icrc { ledger, index } => {
            let asset = Asset::parse(&RawAsset::Icrc(ledger));
            asset.ok_or(IntentError::NoLedger(ledger))?;
            let active = kit.active().map_err(WalletError::from)?;
            let admitted = kit.admit(world, active, caller, LEDGER)?;
            let own = IcrcAccount::of(world.canister(), wallet, AccountIndex(index));
            Ok(Question {
                wallet,
                asked: Asked::Icrc {
                    ledger,
                    account: (&own).into(),
                },
                admitted,
            })
        }
        RawAccount::Eth { chain_id, index } => {
            let asked = ethereum::Asked::parse(kit, wallet, (chain_id, index), None)?;
            let asked = Asked::Evm(asked);
            admitted(kit, world, caller, wallet, (asked, ethereum::MOST))
        }
        RawAccount::Erc20 {
            chain_id,
            contract,
            index,
        } => {
            let asked = ethereum::Asked::parse(kit, wallet, (chain_id, index), Some(contract))?;
            let asked = Asked::Evm(asked);
            admitted(kit, world, caller, wallet, (asked, ethereum::MOST))
        }
        RawAccount::Solana { index } => on_solana(kit, world, caller, wallet, (index, None)),
        RawAccount::Spl {
            mint,
            token_program,
            index,
        } => {
            let token = Some((mint, token_program));
            on_solana(kit, world, caller, wallet, (index, token))
        }
    }
}

fn on_solana<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Outside,
    caller: Caller,
    wallet: WalletId,
    (index, token): (u32, Option<(String, TokenProgram)>),
) -> Result<Question, WalletError> {
    let asked = Asked::Solana(solana::Asked::parse(kit, wallet, index, token)?);
    admitted(kit, world, caller, wallet, (asked, solana::ASKING))
}

/// Admits the caller to what a question costs at most.
fn admitted<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Outside,
    caller: Caller,
    wallet: WalletId,
    (asked, most): (Asked, Cycles),
) -> Result<Question, WalletError> {
    let active = kit.active().map_err(WalletError::from)?;
    let admitted = kit.admit(world, active, caller, most)?;
    Ok(Question {
        wallet,
        asked,
        admitted,
    })
}

impl Question {
    /// Asks.
    pub async fn ask(self, world: &impl Outside) -> Answer {
        let told = match &self.asked {
            Asked::Bitcoin {
                addresses,
                environment,
            } => bitcoin(world, *environment, addresses).await,
            Asked::Icrc { ledger, account } => icrc(world, *ledger, account).await,
            Asked::Evm(asked) => Ok(Told::Evm(asked.ask(world).await)),
            Asked::Solana(asked) => Ok(Told::Solana(asked.ask(world).await)),
        };
        Answer {
            wallet: self.wallet,
            told,
            admitted: self.admitted,
        }
    }
}

async fn bitcoin(
    world: &impl Outside,
    environment: Environment,
    addresses: &Coins<String>,
) -> Result<Told, CallError> {
    Ok(Told::Bitcoin {
        coins: addresses.ask(world, environment).await?,
        fees: world.fee_percentiles(environment).await?,
    })
}

async fn icrc(
    world: &impl Outside,
    ledger: Principal,
    account: &Account,
) -> Result<Told, CallError> {
    Ok(Told::Icrc {
        balance: world.ledger_balance(ledger, account).await?,
        fee: world.ledger_facts(ledger).await?.fee,
    })
}

/// Settles, and shows what was told.
///
/// # Errors
/// [`WalletError::Silent`].
pub fn end<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Outside,
    answer: Answer,
) -> Result<Holdings, WalletError> {
    let network = BitcoinNetwork::of(kit.config().environment);
    let pages = |pages| asking_fee(world, network, pages).plus(PERCENTILES);
    let cost = match &answer.told {
        Ok(Told::Bitcoin { coins, .. }) => pages(coins.pages()),
        Ok(Told::Icrc { .. }) => LEDGER,
        Ok(Told::Evm(told)) => told.cost(),
        Ok(Told::Solana(told)) => told.cost(),
        // Nobody knows how far it came.
        Err(_) => answer.admitted.reservation().cycles,
    };
    kit.settle(world, answer.admitted, cost);
    let as_of = world.now().0;
    match answer.told.map_err(WalletError::Silent)? {
        Told::Evm(told) => told.shown(kit, answer.wallet, as_of),
        Told::Solana(told) => told.shown(as_of),
        Told::Icrc { balance, fee } => Ok(Holdings::Icrc {
            balance,
            fee,
            as_of,
        }),
        Told::Bitcoin { coins: told, fees } => {
            let tip_height = told.tip_height();
            let view = |coin: &Coin, taproot| {
                let reserved = kit.product().reserved_for(answer.wallet, &coin.outpoint);
                CoinView {
                    txid: coin.outpoint.txid.to_string(),
                    vout: coin.outpoint.vout,
                    value: coin.value,
                    taproot,
                    confirmations: tip_height.saturating_sub(coin.height) + 1,
                    reserved_for: reserved.map(|id| id.number()),
                }
            };
            let all = told.p2wpkh.coins.iter().map(|coin| view(coin, false));
            let mut coins: Vec<CoinView> = all
                .chain(told.p2tr.coins.iter().map(|coin| view(coin, true)))
                .collect();
            let free = coins.iter().filter(|coin| coin.reserved_for.is_none());
            let available = free.map(|coin| coin.value).sum();
            let balance = coins.iter().map(|coin| coin.value).sum();
            coins.truncate(MAX_COINS);
            Ok(Holdings::Bitcoin {
                balance,
                available,
                coins,
                fee_percentiles: fees,
                tip_height,
                as_of,
            })
        }
    }
}
