//! The outcome of a seed, value by value.
//!
//! Source: docs/protocols/draws.md, steps 18 to 21. In: the kind of draw, the seed, and the entries' weights in order. Out: the values of the outcome, in order.
//! Each step costs about the same, so that whoever counts steps can stop anywhere; whoever begins anew gets the same values.

use crate::domain::Hash;
use crate::spec::Kind;
use crate::stream::Stream;
use crate::weights::Weights;

/// An outcome that is being worked out.
#[derive(Clone, Debug)]
pub struct Evaluation {
    stream: Stream,
    entries: u32,
    loaded: u32,
    work: Work,
    given: u32,
    length: u32,
}

#[derive(Clone, Debug)]
enum Work {
    Raffle(Weights),
    Shuffle(Vec<u32>),
    Dice { sides: u32 },
    Lottery(Vec<u32>),
}

/// What the next step needs, or gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The weight of this entry is needed: [`Evaluation::load`].
    Weight {
        /// Which.
        index: u32,
    },
    /// The next value of the outcome.
    Value(u32),
    /// The outcome is complete.
    Done,
}

impl Evaluation {
    /// From the beginning.
    pub fn new(kind: Kind, entries: u32, seed: Hash) -> Self {
        let (work, length) = match kind {
            Kind::Raffle { winners } => (Work::Raffle(Weights::default()), winners.min(entries)),
            Kind::Shuffle => (Work::Shuffle((0..entries).collect()), entries),
            Kind::Dice { count, sides } => (Work::Dice { sides }, count),
            Kind::Lottery { count, highest } => (Work::Lottery((1..=highest).collect()), count),
        };
        let loaded = match work {
            Work::Raffle(_) => 0,
            _ => entries,
        };
        Self {
            stream: Stream::new(seed),
            entries,
            loaded,
            work,
            given: 0,
            length,
        }
    }

    /// How many values the outcome has.
    pub fn length(&self) -> u32 {
        self.length
    }

    /// How many of them have been given.
    pub fn given(&self) -> u32 {
        self.given
    }

    /// Gives the weight that [`Step::Weight`] asked for.
    pub fn load(&mut self, weight: u64) {
        if let Work::Raffle(weights) = &mut self.work {
            weights.push(weight);
            self.loaded = weights.len() as u32;
        }
    }

    /// The next step. Asking for a weight does nothing by itself.
    pub fn step(&mut self) -> Step {
        if self.given == self.length {
            return Step::Done;
        }
        if self.loaded < self.entries {
            return Step::Weight { index: self.loaded };
        }
        let value = match &mut self.work {
            Work::Raffle(weights) => {
                let number = self.stream.below(weights.total());
                match weights.take(number) {
                    Some(index) => index as u32,
                    None => unreachable!("the number is below the total"),
                }
            }
            Work::Shuffle(places) | Work::Lottery(places) => {
                let place = self.given as usize;
                let other = self.stream.below((places.len() - place) as u64) as usize;
                places.swap(place, place + other);
                places[place]
            }
            Work::Dice { sides } => 1 + self.stream.below(u64::from(*sides)) as u32,
        };
        self.given += 1;
        Step::Value(value)
    }

    /// The whole outcome at once.
    pub fn all(mut self, mut weight: impl FnMut(u32) -> u64) -> Vec<u32> {
        let mut values = Vec::with_capacity(self.length as usize);
        loop {
            match self.step() {
                Step::Weight { index } => self.load(weight(index)),
                Step::Value(value) => values.push(value),
                Step::Done => return values,
            }
        }
    }
}
