//! A lock of the whole canister, for the time of a call that awaits.
//!
//! - What it does: [`Lock::hold`] hands out one [`Held`] at a time; dropping it opens the lock. The kit's guards are per caller; this one is
//!   for what only one call may do, whoever made it.
//! - Every way out of a call opens it, a trap after an await included, because ic-cdk drops the futures of that call in the clean-up
//!   callback. An upgrade opens it too.
//! - The caller keeps what it holds in a named variable.

use std::cell::Cell;
use std::rc::Rc;

/// A lock, open at first.
#[derive(Debug, Default)]
pub struct Lock(Rc<Cell<bool>>);

impl Lock {
    /// Closes the lock, or nothing where it is closed.
    pub fn hold(&self) -> Option<Held> {
        let closed = self.0.replace(true);
        (!closed).then(|| Held(Rc::clone(&self.0)))
    }
}

/// What keeps a lock closed.
#[must_use = "what is dropped at once keeps nothing closed"]
#[derive(Debug)]
pub struct Held(Rc<Cell<bool>>);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_held_once_until_it_is_dropped() {
        let lock = Lock::default();
        let held = lock.hold();
        assert!(held.is_some());
        // A refused hold does not open it when it is dropped.
        assert!(lock.hold().is_none());
        assert!(lock.hold().is_none());
        drop(held);
        assert!(lock.hold().is_some());
    }
}
