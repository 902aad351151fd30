//! Which coins a payment spends.
//!
//! - Method: two candidates, and the cheaper one is taken, where change also costs what spending it at the same rate will. One candidate
//!   spends no more than needed and has no change ([`super::changeless`]); the other one takes coins by what they are worth after their own
//!   fee, the largest first, until they suffice, and gives change. Coins that cost more than they are worth are left alone.
//! - In: what is to be paid, at which rate, and coins in any order. Out: always the same coins for the same input.
//! - The caller guarantees that every coin stands once, and that no amount is above [`Satoshi::SUPPLY`].

use super::amount::{FeeRate, Satoshi};
use super::changeless;
use super::destination::Destination;
use super::error::PlanError;
use super::payment::Output;
use super::size::{VirtualBytes, Weight};
use super::utxo::{Utxo, UtxoKind};

/// Most coins that one transaction spends; each needs a signature of its own.
pub const MAX_INPUTS: usize = 100;

/// What a transaction must do.
pub struct Demand<'a> {
    /// Who is paid.
    pub outputs: &'a [Output],
    /// Where change goes.
    pub change: Destination,
    /// The lowest rate.
    pub rate: FeeRate,
    /// The highest fee.
    pub max_fee: Satoshi,
    /// The fee of the transaction that this one replaces.
    pub replaced: Option<Satoshi>,
}

/// The coins of a transaction, and what becomes of what they are worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is spent.
    pub coins: Vec<Utxo>,
    /// The change, if there is any.
    pub change: Option<Satoshi>,
    /// The fee.
    pub fee: Satoshi,
}

/// A coin and what it is worth after the fee for spending it, in units of 1/4000 satoshi, in which nothing is rounded.
#[derive(Clone, Copy)]
pub struct Worth {
    /// The coin.
    pub coin: Utxo,
    /// Its worth, above zero.
    pub worth: i128,
}

/// How far some coins go.
enum Settled {
    /// Not far enough.
    Short,
    /// They pay, but for a fee above the highest one.
    Above(Satoshi),
    /// They pay.
    Done {
        change: Option<Satoshi>,
        fee: Satoshi,
    },
}

impl Demand<'_> {
    /// All outputs together, without change.
    pub fn paid(&self) -> u64 {
        self.outputs.iter().map(|output| output.value.0).sum()
    }

    /// The size with such inputs.
    pub fn weight(
        &self,
        inputs: impl ExactSizeIterator<Item = UtxoKind>,
        with_change: bool,
    ) -> Weight {
        let change = with_change.then_some(self.change);
        let paid = self.outputs.iter().map(|output| output.to);
        let all: Vec<_> = paid.chain(change).collect();
        Weight::of_transaction(inputs, all.into_iter())
    }

    /// The lowest fee: at the rate, and where another transaction is replaced, more than its fee by what relaying costs (BIP-125, rule 4).
    pub fn least_fee(&self, size: VirtualBytes) -> Satoshi {
        let above = self.replaced.map_or(Satoshi(0), |replaced| {
            Satoshi(replaced.0.saturating_add(FeeRate::RELAY.fee(size).0))
        });
        self.rate.fee(size).max(above)
    }

    /// The coins that are worth spending; the largest first, and equal ones by their place in the chain.
    fn worths(&self, coins: &[Utxo]) -> Vec<Worth> {
        let worth = |coin: &Utxo| Worth {
            coin: *coin,
            worth: scaled(coin.value) - cost(self.rate, Weight::of_input(coin.kind)),
        };
        let worths = coins.iter().map(worth);
        let mut worths: Vec<_> = worths.filter(|coin| coin.worth > 0).collect();
        worths.sort_by(|a, b| {
            let order = b.worth.cmp(&a.worth);
            order.then(a.coin.outpoint.cmp(&b.coin.outpoint))
        });
        worths
    }

    fn settle(&self, coins: &[Utxo]) -> Settled {
        let fee = |with_change| {
            let kinds = coins.iter().map(|coin| coin.kind);
            self.least_fee(self.weight(kinds, with_change).virtual_bytes())
                .0
        };
        let Some(left) = sum(coins).checked_sub(self.paid()) else {
            return Settled::Short;
        };
        if left < fee(false) {
            return Settled::Short;
        }
        let with_change = fee(true);
        let change = left.checked_sub(with_change).map(Satoshi);
        let change = change.filter(|change| *change >= self.change.dust());
        let fee = Satoshi(change.map_or(left, |_| with_change));
        match fee > self.max_fee {
            true => Settled::Above(fee),
            false => Settled::Done { change, fee },
        }
    }

    /// Why so many coins, if all of them could be spent, would not do, or why not all can.
    fn missing(&self, coins: &[Utxo]) -> PlanError {
        let kinds = coins.iter().map(|coin| coin.kind);
        let fee = self.least_fee(self.weight(kinds, false).virtual_bytes());
        let available = Satoshi(sum(coins));
        let required = Satoshi(self.paid().saturating_add(fee.0));
        match available < required {
            true => PlanError::InsufficientFunds {
                available,
                required,
            },
            false => PlanError::TooManyInputs,
        }
    }
}

/// Chooses coins for a new transaction.
///
/// # Errors
/// Funds, fee, number of coins.
pub fn choose(demand: &Demand, coins: &[Utxo]) -> Result<Choice, PlanError> {
    let exact = changeless::search(demand, &demand.worths(coins));
    let changing = largest_first(demand, &[], coins);
    let (exact, changing) = match (exact, changing) {
        (Some(exact), Ok(changing)) => (exact, changing),
        (Some(exact), Err(_)) => return Ok(exact),
        (None, changing) => return changing,
    };
    let later = changing.change.map_or(0, |_| spending_change(demand.rate));
    match exact.fee.0 <= changing.fee.0.saturating_add(later) {
        true => Ok(exact),
        false => Ok(changing),
    }
}

/// Spends `base`, and of `further` coins the largest ones until all together suffice.
///
/// # Errors
/// Funds, fee, number of coins.
pub fn largest_first(
    demand: &Demand,
    base: &[Utxo],
    further: &[Utxo],
) -> Result<Choice, PlanError> {
    let mut coins = base.to_vec();
    let mut lowest: Option<Satoshi> = None;
    let worths = demand.worths(further);
    let mut rest = worths.iter();
    loop {
        match demand.settle(&coins) {
            Settled::Done { change, fee } => return Ok(Choice { coins, change, fee }),
            // More coins can lower it: what is too little for change alone goes to the fee.
            Settled::Above(fee) => lowest = Some(lowest.map_or(fee, |lowest| lowest.min(fee))),
            Settled::Short => {}
        }
        match rest.next() {
            Some(next) if coins.len() < MAX_INPUTS => coins.push(next.coin),
            _ => break,
        }
    }
    if let Some(fee) = lowest {
        let max_fee = demand.max_fee;
        return Err(PlanError::FeeAboveCap { fee, max_fee });
    }
    let all = base.iter().chain(worths.iter().map(|worth| &worth.coin));
    let all: Vec<_> = all.copied().collect();
    Err(demand.missing(&all))
}

/// What it will cost to spend change.
pub fn spending_change(rate: FeeRate) -> u64 {
    rate.fee(Weight::of_input(UtxoKind::P2tr).virtual_bytes()).0
}

/// An amount in units of 1/4000 satoshi.
pub fn scaled(amount: Satoshi) -> i128 {
    i128::from(amount.0) * 4_000
}

/// The fee of a weight in units of 1/4000 satoshi: a thousandth for each quarter of a virtual byte.
pub fn cost(rate: FeeRate, weight: Weight) -> i128 {
    i128::from(rate.0) * i128::from(weight.0)
}

/// What coins are worth together.
pub fn sum(coins: &[Utxo]) -> u64 {
    let values = coins.iter().map(|coin| coin.value.0);
    values.fold(0, u64::saturating_add)
}
