//! Setting the time.
//!
//! In: new times, which must not lie in the past. Out: moved clocks. A time that is set shows in states with the next round, a
//! certified time at once. Leaves out: real time.

use crate::clock::GENESIS;
use crate::error::InstanceError;
use crate::instance::Instance;
use chainkey_execution::ids::Time;

/// The time from which the first subnet starts: the asked one, or that of every network.
pub fn initial_time(asked: Option<Time>) -> Result<Time, InstanceError> {
    match asked {
        None => Ok(GENESIS),
        Some(time) if time < GENESIS => Err(InstanceError::Configuration(format!(
            "The initial timestamp (unix timestamp in nanoseconds) must be no earlier than {} (provided {}).",
            GENESIS.0, time.0
        ))),
        Some(time) => Ok(time),
    }
}

impl Instance {
    /// Moves the clocks: the next round runs at exactly this time.
    pub fn set_time(&mut self, time: Time) -> Result<(), InstanceError> {
        self.check_not_past(time)?;
        for hosted in &mut self.subnets {
            hosted.clock.set(time);
        }
        Ok(())
    }

    /// Moves the clocks and the time that queries see.
    pub fn set_certified_time(&mut self, time: Time) -> Result<(), InstanceError> {
        self.check_not_past(time)?;
        for hosted in &mut self.subnets {
            hosted.clock.set_certified(time);
            hosted.subnet.state.time = time;
        }
        Ok(())
    }

    /// Moves the clocks on by so many nanoseconds and runs a round on every subnet.
    pub fn advance(&mut self, nanoseconds: u64) {
        for hosted in &mut self.subnets {
            let time = hosted.clock.now().plus(nanoseconds);
            hosted.clock.set(time);
        }
        self.tick();
    }

    fn check_not_past(&self, time: Time) -> Result<(), InstanceError> {
        for hosted in &self.subnets {
            let current = hosted.clock.now();
            if time < current {
                return Err(InstanceError::SettingTimeIntoPast {
                    current: current.0,
                    set: time.0,
                });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_an_initial_time_before_that_of_every_network() {
        let error = initial_time(Some(Time(GENESIS.0 - 1))).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("must be no earlier than 1620328630000000000")
        );
        assert_eq!(initial_time(None), Ok(GENESIS));
    }
}
