//! The second look at a plan, just before it is signed.
//!
//! - What it does: decides from the inputs and outputs alone, and from nothing that planning noted about them, whether the transaction
//!   does what was approved and nothing else.
//! - In: a plan, perhaps a stored one, the approved payment, and keys that were derived anew. Out: nothing, or the first mismatch.
//! - The caller guarantees that the coins are the account's. Signatures commit to their amounts, so a wrong one spends nothing.

use super::amount::Satoshi;
use super::error::Mismatch;
use super::keys::AccountKeys;
use super::payment::Payment;
use super::plan::{Plan, demand_coins};
use super::select::{MAX_INPUTS, sum};

impl Plan {
    /// Checks that it pays exactly the payment's outputs, that everything else comes back, and that the fee is within its bounds.
    ///
    /// # Errors
    /// The first thing in which it differs.
    pub fn check_against(&self, payment: &Payment, keys: &AccountKeys) -> Result<(), Mismatch> {
        if self.keys() != keys {
            return Err(Mismatch::Keys);
        }
        let coins = self.inputs();
        let counted = (1..=MAX_INPUTS).contains(&coins.len());
        if !counted || demand_coins(coins.iter()).is_err() {
            return Err(Mismatch::Inputs);
        }
        let mut others = self.outputs().to_vec();
        for (output, wanted) in (0..).zip(payment.outputs()) {
            let missing = Mismatch::OutputMissing { output };
            let found = others.iter().position(|other| other == wanted);
            others.swap_remove(found.ok_or(missing)?);
        }
        match others[..] {
            [] => {}
            [own] if own.to != keys.change() => return Err(Mismatch::OutputUnknown),
            [own] if own.value < own.to.dust() => return Err(Mismatch::Change),
            [_] => {}
            _ => return Err(Mismatch::OutputUnknown),
        }
        let out: u128 = self
            .outputs()
            .iter()
            .map(|output| u128::from(output.value.0))
            .sum();
        let fee = u128::from(sum(coins)).checked_sub(out);
        let least = payment.fee_rate().fee(self.size());
        let allowed = least..=payment.max_fee();
        match fee.and_then(|fee| u64::try_from(fee).ok()).map(Satoshi) {
            Some(fee) if fee == self.fee() && allowed.contains(&fee) => Ok(()),
            _ => Err(Mismatch::Fee),
        }
    }
}
