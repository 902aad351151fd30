//! A token bucket kept as a single time (the generic cell rate algorithm, ITU-T I.371).
//!
//! - What it does: a bucket of `burst` tokens that gets one back per `interval` is described by the time at
//!   which it is full again. Taking `n` tokens moves that time by `n` intervals; the take is refused where the time
//!   would lie more than `burst` intervals ahead. All of it is integer arithmetic, without rounding or drift.
//! - A full bucket is a time that has passed, so it needs no place: forgetting a full bucket loses nothing.
//! - The caller keeps the time and gives the clock.

use crate::encoding::Timestamp;

/// Longest time in which a bucket may fill, in nanoseconds: 30 days.
const LONGEST: u64 = 30 * Timestamp::DAY;

/// How many tokens a bucket holds, and how fast it gets them back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    burst: u32,
    interval: u64,
}

impl Rate {
    /// A bucket of `burst` tokens that gets one back every `interval` nanoseconds.
    ///
    /// # Panics
    /// If one of the two is zero, or the bucket would need more than 30 days to fill. In a constant that is an
    /// error of compilation.
    pub const fn new(burst: u32, interval: u64) -> Self {
        assert!(burst > 0 && interval > 0, "a rate has no zero");
        let fills = (burst as u64).checked_mul(interval);
        assert!(
            matches!(fills, Some(time) if time <= LONGEST),
            "a bucket fills within 30 days"
        );
        Self { burst, interval }
    }

    /// Tokens of a full bucket.
    pub const fn burst(&self) -> u32 {
        self.burst
    }

    /// Nanoseconds until a bucket has one more token.
    pub const fn interval(&self) -> u64 {
        self.interval
    }

    /// Nanoseconds in which an empty bucket fills.
    pub const fn window(&self) -> u64 {
        self.burst as u64 * self.interval
    }

    /// The largest number of tokens that can be taken from one bucket in so many nanoseconds.
    pub const fn most_within(&self, nanoseconds: u64) -> u64 {
        self.burst as u64 + nanoseconds / self.interval
    }

    /// Takes tokens: the new time at which the bucket is full.
    ///
    /// # Errors
    /// The time from which the same take would succeed.
    ///
    /// # Panics
    /// If more tokens are wanted than a full bucket has: such a call could never succeed.
    pub fn take(
        &self,
        full: Timestamp,
        tokens: u32,
        now: Timestamp,
    ) -> Result<Timestamp, Timestamp> {
        assert!(tokens <= self.burst, "no bucket has {tokens} tokens");
        let later = full.max(now).after(u64::from(tokens) * self.interval);
        match later.0.saturating_sub(now.0) <= self.window() {
            true => Ok(later),
            false => Err(Timestamp(later.0 - self.window())),
        }
    }

    /// Tokens in the bucket that is full at `full`.
    pub fn left(&self, full: Timestamp, now: Timestamp) -> u32 {
        let missing = full.0.saturating_sub(now.0).div_ceil(self.interval);
        self.burst
            .saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const RATE: Rate = Rate::new(3, 10);

    #[test]
    fn a_full_bucket_gives_its_burst_and_then_one_per_interval() {
        let now = Timestamp(1000);
        let mut full = Timestamp(0);
        for left in [2, 1, 0] {
            full = RATE.take(full, 1, now).unwrap();
            assert_eq!(RATE.left(full, now), left);
        }
        assert_eq!(RATE.take(full, 1, now), Err(Timestamp(1010)));
        assert_eq!(RATE.take(full, 1, Timestamp(1009)), Err(Timestamp(1010)));
        assert!(RATE.take(full, 1, Timestamp(1010)).is_ok());
    }

    #[test]
    fn a_refusal_takes_nothing_and_names_the_first_time_that_works() {
        let full = RATE.take(Timestamp(0), 2, Timestamp(1000)).unwrap();
        let retry = RATE.take(full, 3, Timestamp(1001)).unwrap_err();
        assert!(RATE.take(full, 3, Timestamp(retry.0 - 1)).is_err());
        assert!(RATE.take(full, 3, retry).is_ok());
    }

    proptest! {
        #[test]
        fn no_window_lets_more_through_than_promised(steps in prop::collection::vec((0_u64..30, 1_u32..4), 1..80)) {
            let (mut now, mut full, mut taken) = (Timestamp(1000), Timestamp(0), Vec::new());
            for (pause, tokens) in steps {
                now = now.after(pause);
                if let Ok(later) = RATE.take(full, tokens, now) {
                    full = later;
                    taken.push((now.0, u64::from(tokens)));
                }
            }
            for (first, (from, _)) in taken.iter().enumerate() {
                let mut sum = 0;
                for (at, tokens) in &taken[first..] {
                    sum += tokens;
                    prop_assert!(sum <= RATE.most_within(at - from));
                }
            }
        }
    }
}
