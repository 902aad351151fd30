//! How long the server has been idle.
//!
//! In: starts and ends of requests. Out: whether it was idle for a time. A pending request counts as activity.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

#[derive(Debug)]
struct Seen {
    pending: u64,
    last: Instant,
}

/// Requests that are pending and the end of the last one.
#[derive(Debug)]
pub struct Activity(Mutex<Seen>);

/// A request that is pending until this is dropped.
pub struct Pending<'a>(&'a Activity);

impl Activity {
    /// No request yet; the idle time starts now.
    pub fn new() -> Self {
        Activity(Mutex::new(Seen {
            pending: 0,
            last: Instant::now(),
        }))
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request came in.
    pub fn begin(&self) -> Pending<'_> {
        self.seen().pending += 1;
        Pending(self)
    }

    /// Whether nothing was pending for so long.
    pub fn idle_for(&self, time: Duration) -> bool {
        let seen = self.seen();
        seen.pending == 0 && seen.last.elapsed() > time
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        let mut seen = self.0.seen();
        seen.pending -= 1;
        seen.last = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pending_request_keeps_the_server_busy() {
        let activity = Activity::new();
        let pending = activity.begin();
        std::thread::sleep(Duration::from_millis(5));
        assert!(!activity.idle_for(Duration::ZERO));
        drop(pending);
        std::thread::sleep(Duration::from_millis(5));
        assert!(activity.idle_for(Duration::from_millis(1)));
        assert!(!activity.idle_for(Duration::from_secs(60)));
    }
}
