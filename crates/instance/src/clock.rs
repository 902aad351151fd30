//! The clock of one subnet.
//!
//! Time moves by one nanosecond a round unless it was moved by hand since the last round; then the next round runs at
//! exactly that time. In: new times. Out: the time of each round. Leaves out: real time.

use chainkey_execution::ids::Time;

/// The time at which the first instance of every network starts: 2021-05-06T19:17:10 UTC, in nanoseconds.
pub const GENESIS: Time = Time(1_620_328_630_000_000_000);

/// The clock of one subnet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clock {
    now: Time,
    last_round: Option<Time>,
}

impl Clock {
    /// A clock that shows this time; the first round runs at it.
    pub fn new(now: Time) -> Self {
        Clock {
            now,
            last_round: None,
        }
    }

    /// What the clock shows; the state shows it from the next round on.
    pub fn now(&self) -> Time {
        self.now
    }

    /// Moves the clock; the caller has checked that it does not go back.
    pub fn set(&mut self, time: Time) {
        self.now = time;
    }

    /// Moves the clock to a time that is certified at once, as if a round had run at it.
    pub fn set_certified(&mut self, time: Time) {
        self.now = time;
        self.last_round = Some(time);
    }

    /// Starts a round: its time.
    pub fn next_round(&mut self) -> Time {
        if self.last_round == Some(self.now) {
            self.now = self.now.plus(1);
        }
        self.last_round = Some(self.now);
        self.now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_round_adds_a_nanosecond_if_the_time_was_not_changed() {
        let mut clock = Clock::new(GENESIS);
        assert_eq!(clock.next_round(), GENESIS);
        assert_eq!(clock.next_round(), GENESIS.plus(1));
        assert_eq!(clock.next_round(), GENESIS.plus(2));
    }

    #[test]
    fn the_round_after_an_advance_runs_at_exactly_the_new_time() {
        let mut clock = Clock::new(GENESIS);
        clock.next_round();
        clock.set(GENESIS.plus(1_000));
        assert_eq!(clock.next_round(), GENESIS.plus(1_000));
        assert_eq!(clock.next_round(), GENESIS.plus(1_001));
    }

    #[test]
    fn the_round_after_a_certified_time_adds_a_nanosecond() {
        let mut clock = Clock::new(GENESIS);
        clock.set_certified(GENESIS.plus(1_000));
        assert_eq!(clock.next_round(), GENESIS.plus(1_001));
    }

    #[test]
    fn setting_the_time_that_it_is_changes_nothing() {
        let mut clock = Clock::new(GENESIS);
        clock.next_round();
        clock.set(GENESIS);
        assert_eq!(clock.next_round(), GENESIS.plus(1));
    }
}
