//! Transactions that take the place of one that waits.
//!
//! - Specification: none; nodes keep one transaction per account and nonce, and take another one only if it pays at least a tenth more, in both
//!   fees (go-ethereum's `txpool.pricebump`, and what others took over).
//! - In: the previous transaction and the fees. Out: a transaction with the same nonce, of which at most one ever takes effect.

use super::error::TransactionError;
use super::quantity::Wei;
use super::transaction::{Fees, RawTransaction, Transaction};
use crate::account::ethereum::EvmAddress;

impl Fees {
    /// The least fees with which nodes take another transaction instead: each a tenth more, rounded up, and at least 1 wei more.
    ///
    /// # Errors
    /// They are 2^128 or more.
    pub fn least_raise(&self) -> Result<Self, TransactionError> {
        Ok(Self {
            max_priority_fee_per_gas: raised(self.max_priority_fee_per_gas)?,
            max_fee_per_gas: raised(self.max_fee_per_gas)?,
        })
    }

    /// The largest fees whose least raise is not above these ones.
    #[must_use]
    pub fn before_a_raise(&self) -> Self {
        Self {
            max_priority_fee_per_gas: before_raise(self.max_priority_fee_per_gas),
            max_fee_per_gas: before_raise(self.max_fee_per_gas),
        }
    }
}

/// The largest fee of which a tenth more, rounded up, is at most this one: ten elevenths, rounded down; of 10 and below, one less.
fn before_raise(fee: Wei) -> Wei {
    Wei(fee.0 - fee.0.div_ceil(11))
}

fn raised(fee: Wei) -> Result<Wei, TransactionError> {
    let sum = fee.0.checked_add(fee.0.div_ceil(10).max(1));
    sum.map(Wei).ok_or(TransactionError::CostTooLarge)
}

/// The same transaction with higher fees.
///
/// # Errors
/// The fees are not raised enough, or too high.
pub fn replacement(previous: &Transaction, fees: Fees) -> Result<Transaction, TransactionError> {
    let raw = previous.raw().clone();
    enough(previous, &fees)?;
    Transaction::check(RawTransaction { fees, ..raw })
}

/// A transaction to the account itself that does nothing, so that the previous one never takes effect. It has the same gas limit, which suffices on
/// every chain, also where 21 000 does not; what is not used is not paid.
///
/// # Errors
/// The fees are not raised enough, or too high.
pub fn cancellation(
    previous: &Transaction,
    account: EvmAddress,
    fees: Fees,
) -> Result<Transaction, TransactionError> {
    enough(previous, &fees)?;
    let RawTransaction {
        chain_id,
        nonce,
        gas_limit,
        ..
    } = *previous.raw();
    Transaction::check(RawTransaction {
        chain_id,
        nonce,
        fees,
        gas_limit,
        to: account,
        value: Wei(0),
        data: Vec::new(),
    })
}

fn enough(previous: &Transaction, fees: &Fees) -> Result<(), TransactionError> {
    let least = previous.raw().fees.least_raise()?;
    let enough = fees.max_priority_fee_per_gas >= least.max_priority_fee_per_gas
        && fees.max_fee_per_gas >= least.max_fee_per_gas;
    match enough {
        true => Ok(()),
        false => Err(TransactionError::RaiseTooSmall {
            priority: least.max_priority_fee_per_gas.0,
            maximum: least.max_fee_per_gas.0,
        }),
    }
}
