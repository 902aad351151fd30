//! What transactions pay now, and what one offers below the highest fees that were approved.
//!
//! - Specification: EIP-1559: the base fee rises by at most an eighth with every block, so twice the next one suffices for six full blocks.
//! - In: what the chain tells of its last blocks, and the highest fees. Out: fees within them, or the reason why no block would take them.
//! - Nobody has to be believed for it: whatever the market is said to be, the fees stay below the approved ones.

use super::quantity::Wei;
use super::transaction::Fees;

/// What the last blocks tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Market {
    /// What the next block takes per unit of gas.
    pub base_fee: Wei,
    /// What half of the gas of recent blocks paid beyond that at most.
    pub priority_fee: Wei,
}

/// The base fee is above the highest fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AboveCap {
    /// The next block's.
    pub base_fee: Wei,
}

impl Fees {
    /// Fees for a transaction in this market, neither of them above these ones.
    ///
    /// # Errors
    /// The next block takes more.
    pub fn offered(&self, market: &Market) -> Result<Self, AboveCap> {
        let base_fee = market.base_fee;
        if base_fee > self.max_fee_per_gas {
            return Err(AboveCap { base_fee });
        }
        let priority = market.priority_fee.max(Wei(1));
        let priority = priority.min(self.max_priority_fee_per_gas);
        let wanted = Wei(base_fee.0.saturating_mul(2).saturating_add(priority.0));
        let max_fee_per_gas = wanted.min(self.max_fee_per_gas);
        Ok(Self {
            max_priority_fee_per_gas: priority.min(max_fee_per_gas),
            max_fee_per_gas,
        })
    }

    /// Whether neither fee is above the other's.
    pub fn within(&self, cap: &Self) -> bool {
        self.max_fee_per_gas <= cap.max_fee_per_gas
            && self.max_priority_fee_per_gas <= cap.max_priority_fee_per_gas
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fees(maximum: u128, priority: u128) -> Fees {
        Fees {
            max_priority_fee_per_gas: Wei(priority),
            max_fee_per_gas: Wei(maximum),
        }
    }

    fn market(base_fee: u128, priority_fee: u128) -> Market {
        Market {
            base_fee: Wei(base_fee),
            priority_fee: Wei(priority_fee),
        }
    }

    #[test]
    fn an_offer_has_room_for_six_full_blocks_where_the_cap_lets_it() {
        assert_eq!(fees(100, 9).offered(&market(10, 2)), Ok(fees(22, 2)));
        assert_eq!(fees(15, 9).offered(&market(10, 2)), Ok(fees(15, 2)));
        assert_eq!(fees(100, 1).offered(&market(10, 2)), Ok(fees(21, 1)));
        let base_fee = Wei(101);
        assert_eq!(
            fees(100, 9).offered(&market(101, 2)),
            Err(AboveCap { base_fee })
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_market_makes_an_offer_above_the_cap(
            cap in any::<u128>(), own in any::<u128>(), base in any::<u128>(), tip in any::<u128>(),
        ) {
            let cap = fees(cap, own.min(cap));
            if let Ok(offer) = cap.offered(&market(base, tip)) {
                prop_assert!(offer.within(&cap));
                prop_assert!(offer.max_priority_fee_per_gas <= offer.max_fee_per_gas);
                prop_assert!(offer.max_fee_per_gas.0 >= base);
            }
        }
    }
}
