//! What transactions pay now, and what one offers below the highest fees that were approved.
//!
//! - Specification: EIP-1559: the base fee rises by at most an eighth with every block, so twice the next one suffices for six full blocks.
//! - In: what the chain tells of its last blocks, and the highest fees. Out: fees within them, or the reason why no block would take them.
//! - An intent offers so much less than the highest fees that one replacement is always possible below them: its cancellation.
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

/// The base fee is above what the highest fee lets an intent offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AboveCap {
    /// The next block's.
    pub base_fee: Wei,
}

impl Market {
    /// What providers tell who differ: of each fee the one in the middle, of an even number the lower one, so that one provider alone never
    /// raises any. Nothing of none.
    pub fn middle(told: &[Self]) -> Option<Self> {
        let middle = |fee: fn(&Self) -> Wei| {
            let mut fees: Vec<Wei> = told.iter().map(fee).collect();
            fees.sort_unstable();
            fees.get(fees.len().checked_sub(1)? / 2).copied()
        };
        Some(Self {
            base_fee: middle(|it| it.base_fee)?,
            priority_fee: middle(|it| it.priority_fee)?,
        })
    }
}

impl Fees {
    /// Fees for a transaction in this market, with room below these ones for a replacement.
    ///
    /// # Errors
    /// The next block takes more.
    pub fn offered(&self, market: &Market) -> Result<Self, AboveCap> {
        let (base_fee, most) = (market.base_fee, self.before_a_raise());
        if base_fee > most.max_fee_per_gas {
            return Err(AboveCap { base_fee });
        }
        let priority = market.priority_fee.max(Wei(1));
        let priority = priority.min(most.max_priority_fee_per_gas);
        let wanted = Wei(base_fee.0.saturating_mul(2).saturating_add(priority.0));
        let max_fee_per_gas = wanted.min(most.max_fee_per_gas);
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
        assert_eq!(fees(15, 9).offered(&market(10, 2)), Ok(fees(13, 2)));
        assert_eq!(fees(100, 2).offered(&market(10, 2)), Ok(fees(21, 1)));
        let base_fee = Wei(101);
        assert_eq!(
            fees(100, 9).offered(&market(101, 2)),
            Err(AboveCap { base_fee })
        );
    }

    #[test]
    fn one_of_several_providers_raises_neither_fee() {
        let middle = |told: &[(u128, u128)]| {
            let told: Vec<Market> = told.iter().map(|it| market(it.0, it.1)).collect();
            Market::middle(&told)
        };
        // The one with the middle base fee tells an enormous tip.
        let three = middle(&[(9, 1), (10, 1_000), (11, 2)]);
        assert_eq!(three, Some(market(10, 2)));
        assert_eq!(middle(&[(900, 1_000), (10, 2)]), Some(market(10, 2)));
        assert_eq!(middle(&[(10, 2)]), Some(market(10, 2)));
        assert_eq!(middle(&[]), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn no_market_makes_an_offer_above_the_cap(
            cap in 2..u128::MAX, own in 2..u128::MAX, base in any::<u128>(), tip in any::<u128>(),
        ) {
            let cap = fees(cap, own.min(cap));
            if let Ok(offer) = cap.offered(&market(base, tip)) {
                prop_assert!(offer.least_raise().unwrap().within(&cap), "it can be replaced");
                prop_assert!(offer.max_priority_fee_per_gas <= offer.max_fee_per_gas);
                prop_assert!(offer.max_fee_per_gas.0 >= base);
            }
        }
    }
}
