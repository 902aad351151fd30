//! The rules of `icrc1_transfer` and `icrc2_transfer_from`.
//!
//! - Specification: ICRC-1, `icrc1_transfer` and "Minting account"; ICRC-2, `icrc2_transfer_from`.
//! - Order of the checks: memo, window, duplicate, both ends the minting account, fee, least burn, allowance, balance.
//! - Mints and burns cost nothing. A burn is at least the fee, or the whole balance where that is less, and never nothing.

use crate::account::Account;
use crate::block::{Kind, Movement, Operation};
use crate::chain::BlockIndex;
use crate::error::{MoveRefused, Other, Refused, TransferError, TransferFromError};
use crate::ledger::{Envelope, Fee, Ledger};
use crate::recent::Fingerprint;
use crate::request::{TransferArgs, TransferFromArgs};
use crate::tokens::Tokens;
use candid::{Nat, Principal};
use canister_kit::encoding::Timestamp;
use ic_stable_structures::Memory;

/// What is wished, before the rules.
struct Wish {
    from: Account,
    to: Account,
    spender: Option<Account>,
    amount: Nat,
    fee: Option<Nat>,
}

impl<M: Memory> Ledger<M> {
    /// What `icrc1_transfer` does.
    ///
    /// # Errors
    /// As ICRC-1 says.
    pub fn transfer(
        &mut self,
        at: Timestamp,
        caller: Principal,
        args: TransferArgs,
    ) -> Result<BlockIndex, TransferError> {
        let envelope = Envelope {
            fingerprint: Fingerprint::of("icrc1_transfer", caller, &args),
            memo: args.memo,
            created_at: args.created_at_time,
        };
        let from = Account {
            owner: caller,
            subaccount: args.from_subaccount,
        };
        let wish = Wish {
            from,
            to: args.to,
            spender: None,
            amount: args.amount,
            fee: args.fee,
        };
        Ok(self.move_tokens(at, envelope, wish)?)
    }

    /// What `icrc2_transfer_from` does.
    ///
    /// # Errors
    /// As ICRC-2 says.
    pub fn transfer_from(
        &mut self,
        at: Timestamp,
        caller: Principal,
        args: TransferFromArgs,
    ) -> Result<BlockIndex, TransferFromError> {
        let envelope = Envelope {
            fingerprint: Fingerprint::of("icrc2_transfer_from", caller, &args),
            memo: args.memo,
            created_at: args.created_at_time,
        };
        let spender = Account {
            owner: caller,
            subaccount: args.spender_subaccount,
        };
        let wish = Wish {
            from: args.from,
            to: args.to,
            spender: Some(spender),
            amount: args.amount,
            fee: args.fee,
        };
        Ok(self.move_tokens(at, envelope, wish)?)
    }

    fn move_tokens(
        &mut self,
        at: Timestamp,
        envelope: Envelope,
        wish: Wish,
    ) -> Result<BlockIndex, MoveRefused> {
        let opened = self.admit(at, envelope)?;
        let (movement, fee) = self.rule(wish)?;
        self.book.afford(&movement, fee.amount, at)?;
        Ok(self.commit(opened, Operation::Move(movement), fee))
    }

    /// What a wish is, and what it costs.
    fn rule(&self, wish: Wish) -> Result<(Movement, Fee), MoveRefused> {
        let config = self.config();
        let kind = match (config.mints(&wish.from), config.mints(&wish.to)) {
            (true, true) => return Err(Refused::from(Other::MintingToItself).into()),
            (true, false) => Kind::Mint,
            (false, true) => Kind::Burn,
            (false, false) => Kind::Transfer,
        };
        let due = match kind {
            Kind::Transfer => config.fee,
            Kind::Mint | Kind::Burn => Tokens::ZERO,
        };
        let fee = self.fee(wish.fee.as_ref(), due)?;
        let amount = Tokens::from(&wish.amount);
        if kind == Kind::Burn {
            let balance = self.book.balance(&wish.from);
            let least = config.fee.min(balance).max(Tokens(1));
            if amount < least {
                return Err(MoveRefused::BadBurn { least });
            }
        }
        let Wish {
            from, to, spender, ..
        } = wish;
        let movement = Movement {
            kind,
            from,
            to,
            spender,
            amount,
        };
        Ok((movement, fee))
    }
}

#[cfg(test)]
mod tests;
