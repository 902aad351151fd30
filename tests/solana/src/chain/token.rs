//! What accounts of the SPL token program say: amounts, as JSON-RPC tells them.

use crate::chain::{Chain, Slot};
use solana_account::Account;
use solana_program_pack::Pack;
use solana_pubkey::Pubkey;
use spl_token_interface::state::{Account as TokenAccount, Mint};

/// An amount of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenAmount {
    /// In its smallest unit.
    pub amount: u64,
    /// Decimals of its mint.
    pub decimals: u8,
}

impl TokenAmount {
    /// The amount in whole tokens, without zeros at its end.
    pub fn ui_text(&self) -> String {
        let decimals = usize::from(self.decimals);
        let digits = format!("{:0>width$}", self.amount, width = decimals + 1);
        let (whole, part) = digits.split_at(digits.len() - decimals);
        match part.trim_end_matches('0') {
            "" => whole.to_owned(),
            part => format!("{whole}.{part}"),
        }
    }
}

/// What an account of a transaction holds of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenBalance {
    /// The account's place among the keys of the transaction.
    pub place: usize,
    /// The token.
    pub mint: Pubkey,
    /// Who owns it.
    pub owner: Pubkey,
    /// How much.
    pub amount: TokenAmount,
}

impl Chain {
    /// What a token account held at a slot; nothing if it is none.
    pub fn tokens(&self, account: &Account, slot: Slot) -> Option<(TokenAccount, TokenAmount)> {
        let token = read(account)?;
        let mint = self.account(&token.mint, slot)?;
        let decimals = Mint::unpack(&mint.data).ok()?.decimals;
        let amount = token.amount;
        Some((token, TokenAmount { amount, decimals }))
    }

    pub(super) fn token_balances(
        &self,
        accounts: &[Option<Account>],
        keys: &[Pubkey],
    ) -> Vec<TokenBalance> {
        debug_assert_eq!(accounts.len(), keys.len());
        let held = accounts.iter().enumerate().filter_map(|(place, account)| {
            let token = read(account.as_ref()?)?;
            let mint = self.vm.get_account(&token.mint)?;
            Some(TokenBalance {
                place,
                mint: token.mint,
                owner: token.owner,
                amount: TokenAmount {
                    amount: token.amount,
                    decimals: Mint::unpack(&mint.data).ok()?.decimals,
                },
            })
        });
        held.collect()
    }
}

fn read(account: &Account) -> Option<TokenAccount> {
    let held = account.owner == spl_token_interface::id();
    held.then(|| TokenAccount::unpack(&account.data).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_a_provider_writes_them() {
        let text = |amount, decimals| TokenAmount { amount, decimals }.ui_text();
        assert_eq!(text(0, 6), "0");
        assert_eq!(text(1, 6), "0.000001");
        assert_eq!(text(1_500_000, 6), "1.5");
        assert_eq!(text(20_000_000, 6), "20");
        assert_eq!(text(7, 0), "7");
    }
}
