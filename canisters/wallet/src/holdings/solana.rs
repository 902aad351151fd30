//! What an account on Solana holds.
//!
//! - What it does: asks for the account and its nonce account, or for a mint and the account's place of that token.
//! - In: an address that was derived. Out: balances in the smallest units, all final.

use super::Holdings;
use crate::account::path::{AccountIndex, Purpose};
use crate::account::solana::SolanaAddress;
use crate::chain::solana::{
    Account, Mint, NonceState, TokenAccount, TokenProgram, associated, nonce_account,
};
use crate::error::WalletError;
use crate::intent::IntentError;
use crate::prepare::root_keys;
use crate::runtime::{CallError, Charged, Outside, SOLANA_CALL, Silence};
use crate::state::WalletKit;
use crate::wallet::WalletId;
use candid::CandidType;
use canister_kit::Environment;
use canister_kit::encoding::Cycles;
use canister_kit::stable::Memory;
use serde::Deserialize;

/// What asking costs at most.
pub const ASKING: Cycles = Cycles(2 * SOLANA_CALL.0);

/// What an address has.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct SolanaHoldings {
    /// In lamports.
    pub balance: u64,
    /// The address of its nonce account.
    pub nonce_account: String,
    /// The value of the nonce account, once the first payment has opened it.
    pub nonce: Option<String>,
    /// What the nonce account has, in lamports.
    pub nonce_balance: u64,
    /// When it was so, in nanoseconds since 1970.
    pub as_of: u64,
}

/// What it has of a token.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct SplHoldings {
    /// In the token's smallest unit.
    pub balance: u64,
    /// How many decimals the token has.
    pub decimals: u8,
    /// The token account; there may be none yet.
    pub token_account: String,
    /// Whether it is frozen.
    pub frozen: bool,
    /// When it was so, in nanoseconds since 1970.
    pub as_of: u64,
}

/// An account, and what is asked about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    own: SolanaAddress,
    token: Option<(SolanaAddress, TokenProgram)>,
    environment: Environment,
}

/// What came of it.
pub struct Told {
    asked: Asked,
    told: Charged<Vec<Option<Account>>>,
}

impl Asked {
    /// Finds the account.
    ///
    /// # Errors
    /// [`WalletError::KeysNotPrepared`], or [`WalletError::Intent`] for a mint that is no address.
    pub fn parse<M: Memory>(
        kit: &WalletKit<M>,
        wallet: WalletId,
        index: u32,
        token: Option<(String, TokenProgram)>,
    ) -> Result<Self, WalletError> {
        let mint =
            |text: String| SolanaAddress::parse(&text).ok_or(IntentError::BadDestination(text));
        let token = token.map(|(text, program)| mint(text).map(|mint| (mint, program)));
        let key = Purpose::Solana.key(&root_keys(kit)?, wallet, AccountIndex(index))?;
        Ok(Self {
            own: SolanaAddress::of(&key)?,
            token: token.transpose()?,
            environment: kit.config().environment,
        })
    }

    fn accounts(&self) -> [SolanaAddress; 2] {
        match &self.token {
            None => [self.own, nonce_account(&self.own)],
            Some((mint, program)) => [*mint, associated(&self.own, *program, mint)],
        }
    }

    /// Asks.
    pub async fn ask(&self, world: &impl Outside) -> Told {
        let accounts = self.accounts();
        let told = world.solana_accounts(self.environment, &accounts, None);
        Told {
            asked: *self,
            told: told.await,
        }
    }
}

fn silent(text: &str) -> WalletError {
    WalletError::Silent(CallError::new(0, text))
}

impl Told {
    /// What asking cost.
    pub fn cost(&self) -> Cycles {
        self.told.cost
    }

    /// Shows what was told.
    ///
    /// # Errors
    /// [`WalletError::Silent`], also where there is no such mint.
    pub fn shown(self, as_of: u64) -> Result<Holdings, WalletError> {
        let [_, second] = self.asked.accounts().map(|address| address.to_string());
        let told = self.told.answer.map_err(|silence| match silence {
            Silence::Silent(error) => WalletError::Silent(error),
            Silence::Differ => silent("the providers tell different things"),
        })?;
        let [first, behind] = <[_; 2]>::try_from(told).map_err(|_| silent("too few accounts"))?;
        let lamports = |account: &Option<Account>| account.as_ref().map_or(0, |it| it.lamports.0);
        Ok(match self.asked.token {
            None => Holdings::Solana(SolanaHoldings {
                balance: lamports(&first),
                nonce_account: second,
                nonce: behind
                    .as_ref()
                    .and_then(NonceState::read)
                    .map(|state| state.value.to_string()),
                nonce_balance: lamports(&behind),
                as_of,
            }),
            Some((_, program)) => {
                let mint = first.and_then(|mint| Mint::read(&mint, program));
                let mint = mint.ok_or_else(|| silent("the program has no such mint"))?;
                let account = behind.and_then(|it| TokenAccount::read(&it, program));
                Holdings::Spl(SplHoldings {
                    balance: account.map_or(0, |it| it.amount),
                    decimals: mint.decimals,
                    token_account: second,
                    frozen: account.is_some_and(|it| it.frozen),
                    as_of,
                })
            }
        })
    }
}
