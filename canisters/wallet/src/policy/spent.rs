//! What has left of one asset, for a limit in a rolling window.
//!
//! - What it does: keeps payments with their amounts, maximum fees included. A payment counts from its reservation on; as long as nobody knows
//!   that it has settled, it counts whatever its age, and after that from the time when that was known. So no window is ever
//!   counted too low.
//! - Bounded: beyond [`MOST`] payments, the two oldest that have settled become one with the later time, which counts them longer, never
//!   shorter. Payments older than the longest window are dropped.
//! - Stored as CBOR with numbered fields.

use super::{LONGEST, Seconds};
use crate::asset::Amount;
use crate::proposal::ProposalId;
use canister_kit::encoding::Timestamp;
use minicbor::{Decode, Encode};

/// Payments that are kept apart. More than the proposals that a wallet can have open.
pub const MOST: usize = 200;

#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(map)]
struct Payment {
    /// Nothing where several have become one.
    #[n(0)]
    proposal: Option<ProposalId>,
    #[n(1)]
    amount: Amount,
    /// When it was known to have settled; nothing before.
    #[n(2)]
    settled: Option<Timestamp>,
}

/// What has left of one asset.
#[derive(Encode, Decode, Clone, Debug, Default, PartialEq, Eq)]
#[cbor(transparent)]
pub struct Spent(#[n(0)] Vec<Payment>);

canister_kit::stored!(Spent, "what has left of an asset");

impl Spent {
    /// How much counts in the window that ends now.
    pub fn within(&self, window: Seconds, now: Timestamp) -> Amount {
        let counts = |payment: &&Payment| {
            payment
                .settled
                .is_none_or(|settled| window.after(settled) > now)
        };
        let counted = self.0.iter().filter(counts);
        Amount(counted.fold(0, |sum, payment| sum.saturating_add(payment.amount.0)))
    }

    /// When enough will have left the window for an amount to fit below a limit, if nothing else happens and all that is open settles
    /// now; nothing where it can never fit.
    pub fn fits_at(
        &self,
        limit: Amount,
        amount: Amount,
        window: Seconds,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let mut times: Vec<(Timestamp, u128)> = self
            .0
            .iter()
            .map(|payment| {
                (
                    window.after(payment.settled.unwrap_or(now)),
                    payment.amount.0,
                )
            })
            .filter(|(until, _)| *until > now)
            .collect();
        times.sort_unstable();
        let mut left = times
            .iter()
            .fold(0_u128, |sum, (_, amount)| sum.saturating_add(*amount));
        let fits = |left: u128| left.checked_add(amount.0).is_some_and(|sum| sum <= limit.0);
        if fits(left) {
            return Some(now);
        }
        for (until, amount) in times {
            left = left.saturating_sub(amount);
            if fits(left) {
                return Some(until);
            }
        }
        None
    }

    /// A payment is reserved.
    pub fn reserve(&mut self, proposal: ProposalId, amount: Amount, now: Timestamp) {
        self.0.retain(|payment| {
            payment
                .settled
                .is_none_or(|settled| LONGEST.after(settled) > now)
        });
        self.make_room();
        self.0.push(Payment {
            proposal: Some(proposal),
            amount,
            settled: None,
        });
    }

    /// Whatever the payment cost, it has left.
    pub fn settle(&mut self, proposal: ProposalId, now: Timestamp) {
        for payment in &mut self.0 {
            if payment.proposal == Some(proposal) && payment.settled.is_none() {
                payment.settled = Some(now);
            }
        }
    }

    /// The payment will surely never happen.
    pub fn release(&mut self, proposal: ProposalId) {
        let open =
            |payment: &Payment| payment.proposal == Some(proposal) && payment.settled.is_none();
        self.0.retain(|payment| !open(payment));
    }

    fn make_room(&mut self) {
        while self.0.len() >= MOST {
            let mut settled: Vec<(Timestamp, usize)> = self
                .0
                .iter()
                .enumerate()
                .filter_map(|(place, payment)| Some((payment.settled?, place)))
                .collect();
            settled.sort_unstable();
            let [(_, older), (time, newer), ..] = settled[..] else {
                // A wallet cannot have so many payments open.
                return;
            };
            let amount = self.0[older]
                .amount
                .0
                .saturating_add(self.0[newer].amount.0);
            self.0[newer] = Payment {
                proposal: None,
                amount: Amount(amount),
                settled: Some(time),
            };
            self.0.remove(older);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const DAY: Seconds = Seconds(86_400);

    fn at(seconds: u64) -> Timestamp {
        Timestamp(seconds * Timestamp::SECOND)
    }

    #[test]
    fn a_payment_counts_until_a_window_after_it_was_known_to_have_settled() {
        let mut spent = Spent::default();
        spent.reserve(ProposalId::new(1), Amount(5), at(0));
        assert_eq!(spent.within(DAY, at(10 * DAY.0)), Amount(5), "still open");
        spent.settle(ProposalId::new(1), at(10 * DAY.0));
        assert_eq!(spent.within(DAY, at(11 * DAY.0 - 1)), Amount(5));
        assert_eq!(spent.within(DAY, at(11 * DAY.0)), Amount(0));
    }

    #[test]
    fn what_never_happens_does_not_count_and_what_has_settled_stays() {
        let mut spent = Spent::default();
        for number in 1..=2 {
            spent.reserve(ProposalId::new(number), Amount(5), at(0));
        }
        spent.settle(ProposalId::new(1), at(1));
        for number in 1..=2 {
            spent.release(ProposalId::new(number));
        }
        assert_eq!(spent.within(DAY, at(1)), Amount(5));
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn the_bounded_record_never_counts_less_than_a_full_one(
            payments in prop::collection::vec((0_u64..2_000, 1_u128..100), 0..600),
        ) {
            let (mut spent, mut full, mut now) = (Spent::default(), Vec::new(), 0);
            for (number, (pause, amount)) in (1_u64..).zip(payments) {
                now += pause;
                spent.reserve(ProposalId::new(number), Amount(amount), at(now));
                spent.settle(ProposalId::new(number), at(now));
                full.push((now, amount));
                let exact: u128 = full.iter().filter(|(time, _)| time + DAY.0 > now).map(|(_, amount)| amount).sum();
                let counted = spent.within(DAY, at(now)).0;
                prop_assert!(counted >= exact);
                prop_assert!(spent.0.len() <= MOST);
                if full.len() <= MOST {
                    prop_assert_eq!(counted, exact);
                }
                let limit = Amount(exact + 10);
                let fits = spent.fits_at(limit, Amount(10), DAY, at(now));
                if counted == exact {
                    prop_assert_eq!(fits, Some(at(now)));
                }
                if let Some(time) = spent.fits_at(Amount(100), Amount(100), DAY, at(now)) {
                    prop_assert_eq!(spent.within(DAY, time), Amount(0));
                }
            }
        }
    }
}
