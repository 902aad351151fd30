//! A transaction with a higher fee that takes the place of one that waits.
//!
//! - Specification: BIP-125. The replacement spends all that the first one spends, so only one of them can ever be mined; it pays the same
//!   outputs, and takes the fee out of the change, or out of further coins. Its rate is higher (as Bitcoin Core demands beside the BIP), and
//!   its fee is higher by a satoshi for each of its virtual bytes (rules 3 and 4).
//! - In: the plan and its signed transaction, the new rate and highest fee, further coins. Out: a plan.
//! - The caller guarantees that further coins are confirmed (rule 2), that nothing unconfirmed spends the first one's change (rules 3 and 5
//!   count its descendants too), and that the new fee was approved.

use super::amount::{FeeRate, Satoshi};
use super::assemble::SignedTransaction;
use super::error::{BumpError, PlanError};
use super::plan::{Plan, demand_coins};
use super::select::{Demand, largest_first};
use super::utxo::Utxo;

/// What a replacement may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bump {
    /// The rate that it is to have at least.
    pub fee_rate: FeeRate,
    /// The highest fee.
    pub max_fee: Satoshi,
}

impl Plan {
    /// Plans the replacement of this plan's signed transaction.
    ///
    /// # Errors
    /// The signed transaction is another one, the rate is not above its rate, or there is no such replacement.
    pub fn bump(
        &self,
        signed: &SignedTransaction,
        bump: Bump,
        further: &[Utxo],
    ) -> Result<Self, BumpError> {
        let txid = self.txid();
        if signed.txid != txid {
            return Err(BumpError::OtherTransaction);
        }
        let rate = bump.fee_rate;
        let above = u128::from(self.fee().0) * 1_000;
        let size = u128::from(signed.vsize.0);
        if u128::from(rate.0) * size <= above {
            let above = u64::try_from(above / size.max(1)).unwrap_or(u64::MAX);
            let above = FeeRate(above);
            return Err(BumpError::RateNotHigher { rate, above });
        }
        demand_coins(self.inputs().iter().chain(further))?;
        if let Some(own) = further.iter().find(|coin| coin.outpoint.txid == txid) {
            let outpoint = own.outpoint.to_string();
            return Err(PlanError::BadCoin { outpoint }.into());
        }
        let paid = self.paid();
        let demand = Demand {
            outputs: &paid,
            change: self.keys().change(),
            rate,
            max_fee: bump.max_fee,
            replaced: Some(self.fee()),
        };
        let choice = largest_first(&demand, self.inputs(), further)?;
        Ok(Self::of(*self.keys(), &paid, choice))
    }
}
