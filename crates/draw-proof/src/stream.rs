//! Numbers without bias from a seed.
//!
//! Source: docs/protocols/draws.md, steps 16 and 17: SHA-256 in counter mode, and rejection. In: a seed. Out: numbers below a bound, each equally likely; nothing is
//! ever reduced modulo the bound. Same seed, same numbers.

use crate::domain::{Domain, Hash};

/// Words of a block.
const WORDS: u64 = 4;

/// The stream of a seed.
#[derive(Clone, Debug)]
pub struct Stream {
    seed: Hash,
    block: Hash,
    /// The next word.
    next: u64,
}

impl Stream {
    /// From the first word on.
    pub fn new(seed: Hash) -> Self {
        Self {
            seed,
            block: [0; 32],
            next: 0,
        }
    }

    /// The next word (step 16).
    pub fn word(&mut self) -> u64 {
        let (block, place) = (self.next / WORDS, self.next % WORDS);
        if place == 0 {
            self.block = Domain::Stream.hash(&[&self.seed, &block.to_be_bytes()]);
        }
        self.next += 1;
        let mut word = [0; 8];
        word.copy_from_slice(&self.block[place as usize * 8..][..8]);
        u64::from_be_bytes(word)
    }

    /// A number below a bound (step 17).
    ///
    /// # Panics
    /// If the bound is 0: there is no such number.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "there is no number below 0");
        let bits = u64::BITS - (bound - 1).leading_zeros();
        let mask = match bits {
            0 => 0,
            bits => u64::MAX >> (u64::BITS - bits),
        };
        loop {
            let value = self.word() & mask;
            if value < bound {
                return value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_consecutive_blocks() {
        let seed = [3; 32];
        let mut stream = Stream::new(seed);
        for block in 0..3u64 {
            let expected = Domain::Stream.hash(&[&seed, &block.to_be_bytes()]);
            for word in expected.chunks(8) {
                assert_eq!(stream.word().to_be_bytes(), word);
            }
        }
    }

    #[test]
    fn numbers_stay_below_their_bound_and_reach_both_ends() {
        let mut stream = Stream::new([4; 32]);
        for bound in [1u64, 2, 3, 5, 200, 256, 257] {
            let drawn: Vec<u64> = (0..20_000).map(|_| stream.below(bound)).collect();
            assert_eq!(drawn.iter().min(), Some(&0));
            assert_eq!(drawn.iter().max(), Some(&(bound - 1)));
        }
        assert!(stream.below(u64::MAX) < u64::MAX);
    }

    #[test]
    fn a_bound_that_is_no_power_of_two_has_no_bias_to_low_numbers() {
        // A byte modulo 200 would give the numbers below 56 twice as often.
        let mut stream = Stream::new([5; 32]);
        let draws = 200_000;
        let low = (0..draws).filter(|_| stream.below(200) < 56).count() as f64;
        let expected = draws as f64 * 56.0 / 200.0;
        let deviation = (draws as f64 * 0.28 * 0.72).sqrt();
        assert!((low - expected).abs() < 4.0 * deviation, "{low}");
    }
}
