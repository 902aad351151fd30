//! What an account on Solana holds.
//!
//! - What it does: asks for the account and its nonce account, or for a mint and the account's place of that token.
//! - In: an address that was derived. Out: balances in the smallest units, all final.

use super::Holdings;
use crate::account::solana::SolanaAddress;
use crate::chain::solana::{
    Account, Mint, NonceState, TokenAccount, TokenProgram, associated, nonce_account,
};
use crate::error::WalletError;
use crate::runtime::{CallError, Outside, Paid, SOLANA_CALL, SolanaFailure};
use candid::CandidType;
use canister_kit::Environment;
use canister_kit::encoding::Cycles;
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

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Question {
    /// Of an address.
    Sol {
        /// The address.
        own: SolanaAddress,
    },
    /// Of its account of a token.
    Token {
        /// The address.
        own: SolanaAddress,
        /// The token.
        mint: SolanaAddress,
        /// The program that keeps it.
        program: TokenProgram,
    },
}

/// What came.
pub struct Answer {
    question: Question,
    told: Paid<Vec<Option<Account>>>,
}

impl Question {
    fn accounts(&self) -> [SolanaAddress; 2] {
        match self {
            Self::Sol { own } => [*own, nonce_account(own)],
            Self::Token { own, mint, program } => [*mint, associated(own, *program, mint)],
        }
    }

    /// Asks.
    pub async fn ask(self, world: &impl Outside, environment: Environment) -> Answer {
        let accounts = self.accounts();
        let told = world.solana_accounts(environment, &accounts, None).await;
        Answer {
            question: self,
            told,
        }
    }
}

impl Answer {
    /// What it has cost.
    pub fn cost(&self) -> Cycles {
        self.told.cost
    }

    /// Shows what was told.
    ///
    /// # Errors
    /// [`WalletError::Silent`], also where there is no such mint.
    pub fn holdings(self, as_of: u64) -> Result<Holdings, WalletError> {
        let silent = |text: &str| WalletError::Silent(CallError::new(0, text));
        let [_, second] = self.question.accounts().map(|address| address.to_string());
        let told = self.told.result.map_err(|failure| match failure {
            SolanaFailure::Silent(error) => WalletError::Silent(error),
            SolanaFailure::Inconsistent => silent("Solana's providers do not agree"),
            SolanaFailure::Refused(reason) => silent(&reason),
        })?;
        let [first, behind] = <[_; 2]>::try_from(told).map_err(|_| silent("too few accounts"))?;
        let lamports = |account: &Option<Account>| account.as_ref().map_or(0, |it| it.lamports.0);
        Ok(match self.question {
            Question::Sol { .. } => Holdings::Solana(SolanaHoldings {
                balance: lamports(&first),
                nonce_account: second,
                nonce: behind
                    .as_ref()
                    .and_then(NonceState::read)
                    .map(|state| state.value.to_string()),
                nonce_balance: lamports(&behind),
                as_of,
            }),
            Question::Token { program, .. } => {
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
