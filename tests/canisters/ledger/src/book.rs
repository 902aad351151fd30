//! Balances, allowances and the supply.
//!
//! - What it does: [`Book::afford`] says whether an operation is covered, [`Book::apply`] makes it. Applying looks at nothing but the
//!   operation and its fee, so that the blocks give the same books again.
//! - Specification: ICRC-1, "Minting account": fees are burned, minting and burning cost nothing; ICRC-2: an allowance covers amount
//!   and fee, is not asked for where the spender is the payer's own account, and ends when its time has come.
//! - Invariant: the supply is the sum of all balances and at most [`Tokens::MOST`].
//! - The caller applies only what was afforded in the same message. Accounts and allowances that are empty are not kept; allowances
//!   that have ended are kept until they are replaced.

use crate::account::{Account, AccountKey};
use crate::block::{Kind, Movement, Operation};
use crate::error::{MoveRefused, Other, Refused};
use crate::memory::{Region, RegionMemory, Regions};
use crate::tokens::Tokens;
use canister_kit::encoding::Timestamp;
use ic_stable_structures::storable::{Bound, Storable};
use ic_stable_structures::{Memory, StableBTreeMap, StableCell};
use std::borrow::Cow;

/// An allowance that has not ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Granted {
    /// How much.
    pub amount: Tokens,
    /// When it ends.
    pub expires_at: Option<u64>,
}

/// Stored as the amount's 16 bytes and, where there is an end, its 8, all big-endian. Not a tuple with an `Option`: the stable structures pad
/// one inside a tuple and then refuse to read it.
impl Storable for Granted {
    const BOUND: Bound = Bound::Bounded {
        max_size: 24,
        is_fixed_size: false,
    };

    fn to_bytes(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.into_bytes())
    }

    fn into_bytes(self) -> Vec<u8> {
        let mut bytes = self.amount.into_bytes();
        bytes.extend(self.expires_at.iter().flat_map(|end| end.to_be_bytes()));
        bytes
    }

    fn from_bytes(bytes: Cow<'_, [u8]>) -> Self {
        let Some((amount, end)) = bytes.split_first_chunk::<16>() else {
            panic!("a stored allowance is shorter than an amount");
        };
        let expires_at = match (end.is_empty(), end.try_into()) {
            (true, _) => None,
            (false, Ok(end)) => Some(u64::from_be_bytes(end)),
            (false, Err(_)) => panic!("a stored end of an allowance is not 8 bytes"),
        };
        Self {
            amount: Tokens(u128::from_be_bytes(*amount)),
            expires_at,
        }
    }
}

/// Who pays and who may spend.
type Grant = (AccountKey, AccountKey);

/// The books.
pub struct Book<M: Memory> {
    balances: StableBTreeMap<AccountKey, Tokens, RegionMemory<M>>,
    allowances: StableBTreeMap<Grant, Granted, RegionMemory<M>>,
    supply: StableCell<Tokens, RegionMemory<M>>,
}

impl<M: Memory> Book<M> {
    /// Opens the books that the regions hold.
    pub fn open(regions: &Regions<M>) -> Self {
        Self {
            balances: StableBTreeMap::init(regions.open(Region::Balances)),
            allowances: StableBTreeMap::init(regions.open(Region::Allowances)),
            supply: StableCell::init(regions.open(Region::Supply), Tokens::ZERO),
        }
    }

    /// What an account holds.
    pub fn balance(&self, account: &Account) -> Tokens {
        self.balances.get(&account.key()).unwrap_or_default()
    }

    /// What all accounts hold together.
    pub fn supply(&self) -> Tokens {
        *self.supply.get()
    }

    /// What a spender may still spend of an account.
    pub fn allowance(&self, from: &Account, spender: &Account, at: Timestamp) -> Granted {
        let stored = self.allowances.get(&(from.key(), spender.key()));
        let granted = stored.unwrap_or_default();
        match granted.expires_at.is_none_or(|end| end > at.0) {
            true => granted,
            false => Granted::default(),
        }
    }

    /// Whether a movement is covered.
    ///
    /// # Errors
    /// The allowance, the balance, or what can be counted is too small.
    pub fn afford(
        &self,
        movement: &Movement,
        fee: Tokens,
        at: Timestamp,
    ) -> Result<(), MoveRefused> {
        let total = movement.amount.plus(fee);
        if let Some(spender) = movement.paid_for_by() {
            let allowance = self.allowance(&movement.from, spender, at).amount;
            if allowance < total {
                return Err(MoveRefused::InsufficientAllowance { allowance });
            }
        }
        match movement.kind {
            Kind::Mint if self.supply().plus(movement.amount) > Tokens::MOST => {
                Err(Refused::from(Other::SupplyExhausted).into())
            }
            Kind::Mint => Ok(()),
            Kind::Burn | Kind::Transfer => Ok(self.hold(&movement.from, total)?),
        }
    }

    /// Whether an account holds so much.
    ///
    /// # Errors
    /// It does not.
    pub fn hold(&self, account: &Account, total: Tokens) -> Result<(), Refused> {
        let balance = self.balance(account);
        match balance < total {
            true => Err(Refused::InsufficientFunds { balance }),
            false => Ok(()),
        }
    }

    /// Makes the change that an operation stands for.
    ///
    /// # Panics
    /// If the operation is not covered; the message is rolled back.
    pub fn apply(&mut self, operation: &Operation, fee: Tokens) {
        match operation {
            Operation::Move(movement) => self.make(movement, fee),
            Operation::Approve(approval) => {
                let granted = Granted {
                    amount: approval.allowance,
                    expires_at: approval.expires_at,
                };
                self.set_allowance((approval.from.key(), approval.spender.key()), granted);
                self.take(&approval.from, fee);
                self.set_supply(covered(self.supply().minus(fee)));
            }
        }
    }

    fn make(&mut self, movement: &Movement, fee: Tokens) {
        let total = movement.amount.plus(fee);
        if let Some(spender) = movement.paid_for_by() {
            self.spend((movement.from.key(), spender.key()), total);
        }
        if movement.kind != Kind::Mint {
            self.take(&movement.from, total);
        }
        if movement.kind != Kind::Burn {
            let after = self.balance(&movement.to).plus(movement.amount);
            self.set_balance(&movement.to, after);
        }
        let supply = self.supply();
        self.set_supply(match movement.kind {
            Kind::Mint => supply.plus(movement.amount),
            Kind::Burn => covered(supply.minus(total)),
            Kind::Transfer => covered(supply.minus(fee)),
        });
    }

    fn spend(&mut self, grant: Grant, total: Tokens) {
        let granted = self.allowances.get(&grant).unwrap_or_default();
        let left = Granted {
            amount: covered(granted.amount.minus(total)),
            ..granted
        };
        self.set_allowance(grant, left);
    }

    fn set_allowance(&mut self, grant: Grant, granted: Granted) {
        match granted.amount {
            Tokens::ZERO => drop(self.allowances.remove(&grant)),
            _ => drop(self.allowances.insert(grant, granted)),
        }
    }

    fn take(&mut self, account: &Account, total: Tokens) {
        let after = covered(self.balance(account).minus(total));
        self.set_balance(account, after);
    }

    fn set_balance(&mut self, account: &Account, amount: Tokens) {
        match amount {
            Tokens::ZERO => drop(self.balances.remove(&account.key())),
            amount => drop(self.balances.insert(account.key(), amount)),
        }
    }

    fn set_supply(&mut self, amount: Tokens) {
        self.supply.set(amount);
    }
}

impl Movement {
    /// The spender whose allowance is used: one that is not the payer's own account.
    fn paid_for_by(&self) -> Option<&Account> {
        let spender = self.spender.as_ref()?;
        (spender.key() != self.from.key()).then_some(spender)
    }
}

/// What is left of what covers a payment.
fn covered(left: Option<Tokens>) -> Tokens {
    match left {
        Some(left) => left,
        None => panic!("an operation is applied that was not covered"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_allowance_is_read_back_with_its_end_or_without() {
        for expires_at in [None, Some(0), Some(u64::MAX)] {
            for amount in [Tokens::ZERO, Tokens(7), Tokens(u128::MAX)] {
                let granted = Granted { amount, expires_at };
                assert_eq!(Granted::from_bytes(granted.to_bytes()), granted);
            }
        }
    }
}
