//! The rules of `icrc2_approve`.
//!
//! - Specification: ICRC-2, `icrc2_approve`.
//! - Order of the checks: memo, window, duplicate, own account, minting account, fee, balance, end, expected allowance.
//! - The minting account approves nothing: it holds nothing that could pay the fee.

use crate::account::Account;
use crate::block::{Approval, Operation};
use crate::chain::BlockIndex;
use crate::error::{ApproveError, Other, Refused};
use crate::ledger::{Envelope, Ledger};
use crate::recent::Fingerprint;
use crate::request::ApproveArgs;
use crate::tokens::Tokens;
use candid::{Nat, Principal};
use canister_kit::encoding::Timestamp;
use ic_stable_structures::Memory;

impl<M: Memory> Ledger<M> {
    /// What `icrc2_approve` does.
    ///
    /// # Errors
    /// As ICRC-2 says.
    pub fn approve(
        &mut self,
        at: Timestamp,
        caller: Principal,
        args: ApproveArgs,
    ) -> Result<BlockIndex, ApproveError> {
        let envelope = Envelope {
            fingerprint: Fingerprint::of("icrc2_approve", caller, &args),
            memo: args.memo,
            created_at: args.created_at_time,
        };
        let opened = self.admit(at, envelope)?;
        let from = Account {
            owner: caller,
            subaccount: args.from_subaccount,
        };
        if args.spender.owner == caller {
            return Err(Refused::from(Other::SelfApproval).into());
        }
        if self.config().mints(&from) {
            return Err(Refused::from(Other::MintingApproval).into());
        }
        let fee = self.fee(args.fee.as_ref(), self.config().fee)?;
        self.book.hold(&from, fee.amount)?;
        if args.expires_at.is_some_and(|end| end <= at.0) {
            return Err(ApproveError::Expired { ledger_time: at.0 });
        }
        let current = self.book.allowance(&from, &args.spender, at).amount;
        if let Some(expected) = &args.expected_allowance
            && *expected != Nat::from(current)
        {
            let current_allowance = current.into();
            return Err(ApproveError::AllowanceChanged { current_allowance });
        }
        let approval = Approval {
            from,
            spender: args.spender,
            allowance: Tokens::from(&args.amount),
            expected: args.expected_allowance.map(|_| current),
            expires_at: args.expires_at,
        };
        Ok(self.commit(opened, Operation::Approve(approval), fee))
    }
}

#[cfg(test)]
mod tests;
