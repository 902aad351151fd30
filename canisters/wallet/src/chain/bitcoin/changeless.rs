//! The search for coins that pay so exactly that there is no change.
//!
//! - Method: Branch and Bound (M. Erhardt, "An Evaluation of Coin Selection Strategies", 2016, section 5): a depth-first search over taking or
//!   leaving each coin, in descending order, that cuts branches which pay too little or too much. What is paid too much goes to the fee, and
//!   may not be more than change would cost now and later. Of the sets that are found the cheapest one is taken, and of those the first.
//! - In: coins in descending order of their worth. Out: a set, or nothing where none was found in so many steps.

use super::amount::Satoshi;
use super::select::{Choice, Demand, MAX_INPUTS, Worth, cost, scaled, spending_change};
use super::size::Weight;
use super::utxo::Utxo;
use std::iter;

/// Most steps of a search.
const MAX_STEPS: u32 = 100_000;

/// Searches for coins without change.
pub fn search(demand: &Demand, coins: &[Worth]) -> Option<Choice> {
    let mut search = Search::new(demand, coins);
    for _ in 0..MAX_STEPS {
        let done = match search.is_dead_end() {
            true => !search.go_back(),
            false => {
                search.go_on();
                false
            }
        };
        if done {
            break;
        }
    }
    search.best
}

struct Search<'a> {
    demand: &'a Demand<'a>,
    coins: &'a [Worth],
    /// At each place, what all coins from there on are worth.
    rest: Vec<i128>,
    /// What the taken coins are to be worth at least, before the fee is rounded up.
    target: i128,
    /// How much more than that they may be worth.
    window: i128,
    /// What is paid without the fee.
    paid: u64,
    /// By how much the fee may be above the lowest one.
    tolerance: u64,
    taken: Vec<usize>,
    worth: i128,
    value: u64,
    /// The next coin to decide about.
    next: usize,
    best: Option<Choice>,
}

impl<'a> Search<'a> {
    fn new(demand: &'a Demand<'a>, coins: &'a [Worth]) -> Self {
        let mut rest: Vec<i128> = coins.iter().map(|coin| coin.worth).rev().collect();
        let mut all = 0;
        for worth in &mut rest {
            all += *worth;
            *worth = all;
        }
        rest.reverse();
        let change = Weight::of_output(demand.change).virtual_bytes();
        let tolerance = demand
            .rate
            .fee(change)
            .0
            .saturating_add(spending_change(demand.rate));
        // Rounding up, of a weight to virtual bytes and of a fee to satoshi, adds less than this.
        let rounding = i128::from(demand.rate.0) * 3 + 4_000;
        let paid = demand.paid();
        Self {
            demand,
            coins,
            rest,
            // Up to 252 inputs are counted in one byte, as none is.
            target: scaled(Satoshi(paid)) + cost(demand.rate, demand.weight(iter::empty(), false)),
            window: scaled(Satoshi(tolerance)) + rounding,
            paid,
            tolerance,
            taken: Vec::new(),
            worth: 0,
            value: 0,
            next: 0,
            best: None,
        }
    }

    /// Whether nothing better can be found by taking more coins; notes what is found here.
    fn is_dead_end(&mut self) -> bool {
        let rest = self.rest.get(self.next).copied().unwrap_or(0);
        let dearer = |best: &Choice| self.value >= self.paid + best.fee.0;
        if self.worth + rest < self.target
            || self.worth > self.target + self.window
            || self.best.as_ref().is_some_and(dearer)
        {
            return true;
        }
        if self.worth >= self.target && self.note() {
            return true;
        }
        self.next == self.coins.len() || self.taken.len() == MAX_INPUTS
    }

    /// Notes the taken coins if they do.
    fn note(&mut self) -> bool {
        let coins: Vec<Utxo> = self.taken.iter().map(|at| self.coins[*at].coin).collect();
        let kinds = coins.iter().map(|coin| coin.kind);
        let size = self.demand.weight(kinds, false).virtual_bytes();
        let least = self.demand.least_fee(size);
        let Some(left) = self.value.checked_sub(self.paid).map(Satoshi) else {
            return false;
        };
        let tolerated = least.0.saturating_add(self.tolerance);
        if left < least || left.0 > tolerated || left > self.demand.max_fee {
            return false;
        }
        self.best = Some(Choice {
            coins,
            change: None,
            fee: left,
        });
        true
    }

    /// Takes the next coin; but not one that is like the one before it, which was left.
    fn go_on(&mut self) {
        let (at, coin) = (self.next, &self.coins[self.next]);
        self.next += 1;
        let like =
            |before: &Worth| (before.worth, before.coin.value) == (coin.worth, coin.coin.value);
        let left_before = at > 0 && self.taken.last() != Some(&(at - 1));
        if left_before && like(&self.coins[at - 1]) {
            return;
        }
        self.taken.push(at);
        self.worth += coin.worth;
        self.value += coin.coin.value.0;
    }

    /// Leaves the coin that was taken last, and forgets what was decided after it; false at the end.
    fn go_back(&mut self) -> bool {
        let Some(at) = self.taken.pop() else {
            return false;
        };
        let coin = &self.coins[at];
        self.worth -= coin.worth;
        self.value -= coin.coin.value.0;
        self.next = at + 1;
        true
    }
}
