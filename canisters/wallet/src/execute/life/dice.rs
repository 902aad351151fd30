//! Chance from a printed number, and the policies and fates that it draws.
//!
//! - What it does: splitmix64 (Steele, Lea, Flood 2014, "Fast splittable pseudorandom number generators"): small, and the same everywhere.
//! - `tests/tests/life.rs` takes it too: it names nothing but what `super` has.

use super::{
    ASSETS, CallError, Fate, ORDER, RawAllowList, RawLimit, RawPolicy, RawRequirement, RawRules,
    RawTier, asset, destination, unit,
};

/// Whom an allow-list may have.
pub const DESTINATIONS: [u32; 3] = [71, 72, 73];

const HOUR: u64 = 3_600;

/// A source of chance.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.roll() % bound
    }

    pub fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }

    pub fn one_of<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.below(values.len() as u64) as usize].clone()
    }

    /// A policy for so many members.
    pub fn policy(&mut self, members: u32) -> RawPolicy {
        let highest = RawRequirement {
            quorum: 1 + self.below(u64::from(members.min(3))) as u32,
            delay_seconds: self.one_of(&[0, HOUR / 2, 2 * HOUR]),
        };
        let mut assets = Vec::new();
        // In the order in which a policy is shown.
        for number in ORDER {
            if self.percent(80) {
                assets.push(self.rules(number, &highest));
            }
        }
        RawPolicy {
            assets,
            highest,
            calls: None,
        }
    }

    fn rules(&mut self, number: usize, highest: &RawRequirement) -> RawRules {
        let count = 1 + self.below(3);
        let mut quorums = Vec::new();
        let mut delays = Vec::new();
        for _ in 0..count {
            quorums.push(1 + self.below(u64::from(highest.quorum)) as u32);
            let delay = self.one_of(&[0, 600, HOUR]);
            delays.push(delay.min(highest.delay_seconds));
        }
        quorums.sort_unstable();
        delays.sort_unstable();
        let mut tiers = Vec::new();
        let mut bound = 0;
        for (quorum, delay_seconds) in quorums.into_iter().zip(delays) {
            bound += unit(number) * (100 + u128::from(self.below(400)));
            let needs = RawRequirement {
                quorum,
                delay_seconds,
            };
            let up_to = Some(bound);
            tiers.push(RawTier { up_to, needs });
        }
        if let Some(last) = tiers.last_mut() {
            last.up_to = None;
        }
        RawRules {
            asset: asset(number),
            tiers,
            limit: self.percent(75).then(|| self.limit(number)),
            allow_list: self.percent(40).then(|| self.allow_list(number)),
        }
    }

    fn limit(&mut self, asset: usize) -> RawLimit {
        RawLimit {
            amount: unit(asset) * self.one_of(&[900, 2_000, 6_000]),
            window_seconds: self.one_of(&[HOUR, 6 * HOUR, 24 * HOUR]),
        }
    }

    fn allow_list(&mut self, asset: usize) -> RawAllowList {
        let mut destinations = Vec::new();
        for number in DESTINATIONS {
            if self.percent(80) {
                destinations.push(destination(asset, number));
            }
        }
        RawAllowList {
            activation_seconds: self.one_of(&[0, HOUR, 4 * HOUR]),
            destinations,
        }
    }

    /// A policy that differs from another one in one thing.
    pub fn altered(&mut self, policy: &RawPolicy) -> RawPolicy {
        let mut altered = policy.clone();
        let highest = &mut altered.highest;
        let which = self.below(6);
        if which == 0 || altered.assets.is_empty() {
            highest.delay_seconds += 60;
            return altered;
        }
        let place = self.below(altered.assets.len() as u64) as usize;
        let rules = &mut altered.assets[place];
        let number = (0..ASSETS).find(|number| asset(*number) == rules.asset);
        let number = number.unwrap_or(0);
        match (which, &mut rules.limit, &mut rules.allow_list) {
            (1, Some(limit), _) => limit.amount -= limit.amount / 10,
            (2, Some(limit), _) => limit.amount += unit(number) * 300,
            (3, Some(limit), _) => limit.window_seconds += HOUR,
            (4, _, Some(list)) => {
                list.destinations.pop();
            }
            (_, _, list) => *list = Some(self.allow_list(number)),
        }
        altered
    }

    /// What happens to the calls of one run; the first one of a payment asks for the fee.
    pub fn fates(&mut self) -> Vec<Fate> {
        let mut fates = match self.percent(75) {
            true => vec![Fate::Answered],
            false => Vec::new(),
        };
        for _ in 0..self.below(4) {
            let fate = self.fate();
            fates.push(match self.percent(15) {
                true => Fate::Slow(Box::new(fate)),
                false => fate,
            });
        }
        fates
    }

    /// What happens to one call.
    pub fn fate(&mut self) -> Fate {
        match self.below(100) {
            0..55 => Fate::Answered,
            55..67 => Fate::Rejected(self.error(&[2, 2, 3, 4, 5, 6])),
            // Where a call has happened, no system says that it surely has not.
            67..82 => Fate::AnswerLost(self.error(&[0, 1, 4, 5, 6])),
            82..91 => Fate::EffectAndSilence,
            _ => Fate::Silence,
        }
    }

    fn error(&mut self, codes: &[u32]) -> CallError {
        CallError::new(self.one_of(codes), "chance")
    }
}
