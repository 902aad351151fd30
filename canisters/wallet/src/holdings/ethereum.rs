//! What an account on a chain of Ethereum's kind holds: its own currency with its nonces and what transactions pay, or a token.
//!
//! - In: chain, index, perhaps a token's contract. Out: what the chain's providers agree on.

use super::Holdings;
use crate::account::ethereum::EvmAddress;
use crate::account::path::{AccountIndex, Purpose};
use crate::chain::ethereum::erc20;
use crate::chain::ethereum::market::Market;
use crate::chain::ethereum::network::Network;
use crate::chain::ethereum::quantity::{ChainId, Nonce};
use crate::error::WalletError;
use crate::intent::IntentError;
use crate::prepare::root_keys;
use crate::runtime::{At, CALL, CallError, Charged, Outside, Place, Silence};
use crate::state::{NonceKey, WalletKit};
use crate::wallet::WalletId;
use canister_kit::encoding::Cycles;
use canister_kit::stable::Memory;

/// What asking costs at most: for balance, nonce and fees.
pub const MOST: Cycles = Cycles(3 * CALL.0);

/// An account, and what is asked about it.
pub struct Asked {
    place: Place,
    chain: ChainId,
    index: AccountIndex,
    account: EvmAddress,
    token: Option<EvmAddress>,
}

/// What came of it.
pub struct Told {
    chain: ChainId,
    index: AccountIndex,
    answer: Result<Answer, Silence>,
    cost: Cycles,
}

enum Answer {
    Own {
        balance: u128,
        nonce: Nonce,
        market: Market,
    },
    Token(u128),
}

impl Asked {
    /// Finds the account.
    ///
    /// # Errors
    /// [`WalletError::KeysNotPrepared`], or [`WalletError::Intent`] for a chain or a contract that is none.
    pub fn parse<M: Memory>(
        kit: &WalletKit<M>,
        wallet: WalletId,
        (chain_id, index): (u64, u32),
        token: Option<String>,
    ) -> Result<Self, WalletError> {
        let (chain, index) = (ChainId(chain_id), AccountIndex(index));
        let environment = kit.config().environment;
        let network = Network::of(chain, environment);
        let network = network.ok_or(IntentError::NoSuchChain { chain_id })?;
        let address =
            |text: String| EvmAddress::parse(&text).ok_or(IntentError::BadDestination(text));
        let key = Purpose::Evm.key(&root_keys(kit)?, wallet, index)?;
        Ok(Self {
            place: Place {
                network,
                environment,
            },
            chain,
            index,
            account: EvmAddress::of(&key)?,
            token: token.map(address).transpose()?,
        })
    }

    /// Asks.
    pub async fn ask(&self, world: &impl Outside) -> Told {
        let mut cost = Cycles::ZERO;
        let answer = match self.token {
            None => self.own(world, &mut cost).await,
            Some(token) => {
                let data = erc20::balance_of(self.account);
                let told = world.evm_call(self.place, token, &data).await;
                taken(told, &mut cost).and_then(|word| {
                    let none = CallError::new(0, "the contract tells no balance");
                    erc20::balance(&word).ok_or(Silence::Silent(none))
                })
            }
            .map(|balance| Answer::Token(balance.0)),
        };
        Told {
            chain: self.chain,
            index: self.index,
            answer,
            cost,
        }
    }

    async fn own(&self, world: &impl Outside, cost: &mut Cycles) -> Result<Answer, Silence> {
        let (place, account) = (self.place, self.account);
        let balance = taken(world.evm_balance(place, account).await, cost)?;
        let count = taken(world.evm_count(place, account, At::Latest).await, cost)?;
        let market = taken(world.evm_market(place).await, cost)?;
        Ok(Answer::Own {
            balance,
            nonce: Nonce(count),
            market,
        })
    }
}

fn taken<T>(told: Charged<T>, cost: &mut Cycles) -> Result<T, Silence> {
    *cost = cost.plus(told.cost);
    told.answer
}

impl Told {
    /// What it cost.
    pub fn cost(&self) -> Cycles {
        self.cost
    }

    /// Shows it beside what the wallet has on record.
    ///
    /// # Errors
    /// [`WalletError::Silent`].
    pub fn shown<M: Memory>(
        self,
        kit: &WalletKit<M>,
        wallet: WalletId,
        as_of: u64,
    ) -> Result<Holdings, WalletError> {
        let (chain, index) = (self.chain, self.index);
        match self.answer.map_err(silent)? {
            Answer::Token(balance) => Ok(Holdings::Erc20 { balance, as_of }),
            Answer::Own {
                balance,
                nonce,
                market,
            } => {
                let nonces = kit.product().nonces(&NonceKey {
                    wallet,
                    chain,
                    index,
                });
                Ok(Holdings::Eth {
                    balance,
                    nonce: nonce.0,
                    next_nonce: nonces.next(nonce).0,
                    in_flight: nonces.held().map(|(_, id)| id.number()).collect(),
                    base_fee_per_gas: market.base_fee.0,
                    priority_fee_per_gas: market.priority_fee.0,
                    as_of,
                })
            }
        }
    }
}

fn silent(silence: Silence) -> WalletError {
    WalletError::Silent(match silence {
        Silence::Silent(error) => error,
        Silence::Differ => CallError::new(0, "the chain's providers tell different things"),
    })
}
