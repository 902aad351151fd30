//! Weights that are drawn from without putting back.
//!
//! Source: docs/protocols/draws.md, step 19; Fenwick, "A new data structure for cumulative frequency tables". In: weights one by one, at most 2^58 together. Out: the entry
//! that a number below the sum falls on. Adding, finding and removing take as many steps as the number of weights has bits.

/// Weights by index, and their sums.
#[derive(Clone, Debug, Default)]
pub struct Weights {
    weights: Vec<u64>,
    /// Node i (from 1) has the sum of the weights from i minus its lowest bit on, up to i.
    sums: Vec<u64>,
    total: u64,
}

impl Weights {
    /// How many weights were added.
    pub fn len(&self) -> usize {
        self.weights.len()
    }

    /// The sum of what is left.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Adds the next weight.
    pub fn push(&mut self, weight: u64) {
        self.weights.push(weight);
        self.total += weight;
        let place = self.weights.len();
        let lowest = place & place.wrapping_neg();
        let mut sum = weight;
        // The nodes below this one, each half as wide as the one before.
        let mut step = lowest / 2;
        while step > 0 {
            sum += self.sums[place - step - 1];
            step /= 2;
        }
        self.sums.push(sum);
    }

    /// Finds the entry that a number below the total falls on, and removes its weight; nothing for a number that is not below it.
    pub fn take(&mut self, mut number: u64) -> Option<usize> {
        if number >= self.total {
            return None;
        }
        let mut before = 0;
        let mut step = match self.sums.len() {
            0 => return None,
            count => 1 << count.ilog2(),
        };
        while step > 0 {
            match self.sums.get(before + step - 1) {
                Some(sum) if *sum <= number => {
                    number -= sum;
                    before += step;
                }
                _ => {}
            }
            step /= 2;
        }
        self.remove(before);
        Some(before)
    }

    fn remove(&mut self, index: usize) {
        let weight = std::mem::take(&mut self.weights[index]);
        self.total -= weight;
        let mut place = index + 1;
        while let Some(sum) = self.sums.get_mut(place - 1) {
            *sum -= weight;
            place += place & place.wrapping_neg();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stream::Stream;

    /// The definition: the first entry whose sum exceeds the number.
    fn by_walking(weights: &mut [u64], mut number: u64) -> Option<usize> {
        let found = weights.iter().position(|weight| {
            let here = number < *weight;
            if !here {
                number -= weight;
            }
            here
        })?;
        weights[found] = 0;
        Some(found)
    }

    #[test]
    fn takes_what_walking_over_the_weights_would_take_until_nothing_is_left() {
        let mut stream = Stream::new([9; 32]);
        for count in [1, 2, 3, 7, 8, 100] {
            let mut plain: Vec<u64> = (0..count).map(|_| 1 + stream.below(50)).collect();
            let mut weights = Weights::default();
            plain.iter().for_each(|weight| weights.push(*weight));
            assert_eq!(weights.len(), count);
            for _ in 0..count {
                let total = plain.iter().sum();
                assert_eq!(weights.total(), total);
                let number = stream.below(total);
                assert_eq!(weights.take(number), by_walking(&mut plain, number));
            }
            assert_eq!((weights.total(), weights.take(0)), (0, None));
        }
    }
}
