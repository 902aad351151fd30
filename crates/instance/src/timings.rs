//! How long requests to the nodes' keys took.
//!
//! Only for people who watch: no state depends on it, for real time is never the same twice. In: durations. Out: the latest requests of each holder.

use chainkey_execution::ids::SubnetId;
use std::collections::BTreeMap;
use std::time::Duration;
use subnet_view::Timing;

/// Requests of a holder that are kept.
const KEPT: usize = 100;

/// The latest requests, by who holds the key and by their numbers there.
#[derive(Default)]
pub struct Timings(BTreeMap<SubnetId, BTreeMap<u64, Timing>>);

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

impl Timings {
    /// A request was accepted, and its key and a presignature made where there was none.
    pub fn bound(&mut self, holder: SubnetId, request: u64, round: u64, took: Duration) {
        let known = self.0.entry(holder).or_default();
        let timing = Timing {
            accepted_in_round: round,
            bind_micros: micros(took),
            ..Timing::default()
        };
        known.insert(request, timing);
        while known.len() > KEPT {
            known.pop_first();
        }
    }

    /// The nodes worked on it, and perhaps came to its end.
    pub fn signed(&mut self, holder: SubnetId, request: u64, took: Duration, end: Option<u64>) {
        let known = self.0.get_mut(&holder);
        if let Some(timing) = known.and_then(|known| known.get_mut(&request)) {
            timing.sign_micros += micros(took);
            timing.answered_in_round = end;
        }
    }

    /// Those of a holder.
    pub fn of(&self, holder: SubnetId) -> BTreeMap<u64, Timing> {
        self.0.get(&holder).cloned().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::subnet_id;

    #[test]
    fn the_latest_requests_are_kept_with_all_that_was_worked_on_them() {
        let mut timings = Timings::default();
        let holder = subnet_id(0, 0);
        for request in 0..=KEPT as u64 {
            timings.bound(holder, request, 5, Duration::from_micros(7));
        }
        timings.signed(holder, 3, Duration::from_micros(2), None);
        timings.signed(holder, 3, Duration::from_micros(4), Some(9));
        timings.signed(holder, 0, Duration::from_micros(4), Some(9));
        let known = timings.of(holder);
        assert_eq!(known.len(), KEPT);
        assert!(!known.contains_key(&0));
        let expected = Timing {
            accepted_in_round: 5,
            answered_in_round: Some(9),
            bind_micros: 7,
            sign_micros: 6,
        };
        assert_eq!(known[&3], expected);
    }
}
