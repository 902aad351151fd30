//! Locks for the time of a call that awaits: one key, one call.
//!
//! - What it does: [`Guards::hold`] notes a key in a set on the heap and hands out a [`Guard`]; dropping it takes the note
//!   away.
//! - The key says whom a lock keeps out: (caller, thing) the same caller's other calls, a thing alone every caller's, the
//!   empty key every call that asks.
//! - Across awaits a guard lives in the call's future. When a callback traps, its changes are rolled back, the
//!   guard's release included; then the network calls the clean-up callback, in which ic-cdk drops the futures
//!   of that call, and the guard with them. So a guard is released on every way out: return, `?`, trap before
//!   an await (rolled back with everything else), trap after one.
//! - The set is empty after an upgrade. Stop a canister before its upgrade, as the specification advises: then no
//!   call is open. What must outlive an upgrade belongs in the [`crate::journal`].
//! - The caller keeps the guard in a named variable. `let _ = ...` would drop it at once.
//! - Left out: waiting. A held lock is an error, because a queue of waiting callers has no bound.

use crate::refusal::Refusal;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

type Held<K> = Rc<RefCell<BTreeSet<K>>>;

/// The locks of one kind, on the heap.
pub struct Guards<K: Ord + Clone> {
    held: Held<K>,
    at_most: usize,
}

impl<K: Ord + Clone> Guards<K> {
    /// No lock is held; at most so many will be at once.
    pub fn new(at_most: usize) -> Self {
        Self {
            held: Held::default(),
            at_most,
        }
    }

    /// Locks a key until the guard is dropped.
    ///
    /// # Errors
    /// [`Refusal::Busy`] if it is locked already, [`Refusal::TooManyRunning`] if the set is full. The text of the first one
    /// speaks of the same caller: where the key names no caller, the canister answers with an error of its own.
    pub fn hold(&self, key: K) -> Result<Guard<K>, Refusal> {
        let mut held = self.held.borrow_mut();
        if held.contains(&key) {
            return Err(Refusal::Busy);
        }
        if held.len() >= self.at_most {
            return Err(Refusal::TooManyRunning);
        }
        held.insert(key.clone());
        Ok(Guard {
            held: Rc::clone(&self.held),
            key,
        })
    }

    /// The same for a key of somebody who may hold only so many, so that nobody fills the set for all others. `is_own` tells whose
    /// keys count; it looks at every held key, of which there are as many as the set may hold.
    ///
    /// # Errors
    /// As [`Guards::hold`]; also [`Refusal::TooManyRunning`] if so many of these keys are locked already.
    pub fn hold_own(
        &self,
        key: K,
        at_most: usize,
        is_own: impl Fn(&K) -> bool,
    ) -> Result<Guard<K>, Refusal> {
        match self.holds(&key) || self.count_of(is_own) < at_most {
            true => self.hold(key),
            false => Err(Refusal::TooManyRunning),
        }
    }

    /// Whether a key is locked.
    pub fn holds(&self, key: &K) -> bool {
        self.held.borrow().contains(key)
    }

    /// How many locks are held.
    pub fn count(&self) -> usize {
        self.held.borrow().len()
    }

    /// How many of them are somebody's.
    pub fn count_of(&self, is_own: impl Fn(&K) -> bool) -> usize {
        let held = self.held.borrow();
        held.iter().filter(|key| is_own(key)).count()
    }
}

/// A held lock. Dropping it releases it.
#[must_use = "a guard that is dropped at once guards nothing"]
pub struct Guard<K: Ord + Clone> {
    held: Held<K>,
    key: K,
}

impl<K: Ord + Clone> Guard<K> {
    /// What is locked.
    pub fn key(&self) -> &K {
        &self.key
    }
}

impl<K: Ord + Clone> Drop for Guard<K> {
    fn drop(&mut self) {
        // The set is borrowed only inside the functions above, which drop no guard.
        self.held.borrow_mut().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    #[test]
    fn refuses_the_second_of_two_calls_on_one_thing() {
        let guards = Guards::new(10);
        let first = guards.hold((1, "a")).unwrap();
        assert_eq!(first.key(), &(1, "a"));
        // A refused hold unlocks nothing.
        for _ in 0..2 {
            assert_eq!(guards.hold((1, "a")).err(), Some(Refusal::Busy));
        }
        let others = [guards.hold((2, "a")), guards.hold((1, "b"))];
        assert!(others.iter().all(Result::is_ok));
        drop(first);
        assert!(guards.hold((1, "a")).is_ok());
    }

    #[test]
    fn the_empty_key_is_one_lock_for_all_calls() {
        let guards = Guards::new(1);
        let held = guards.hold(()).unwrap();
        assert_eq!(guards.hold(()).err(), Some(Refusal::Busy));
        drop(held);
        assert!(guards.hold(()).is_ok());
    }

    #[test]
    fn refuses_more_locks_than_the_set_may_hold() {
        let guards = Guards::new(2);
        let held: Vec<_> = (0..2).map(|n| guards.hold(n).unwrap()).collect();
        let refused = guards.hold(2).err();
        assert_eq!(refused, Some(Refusal::TooManyRunning));
        drop(held);
        assert_eq!(guards.count(), 0);
    }

    #[test]
    fn nobody_fills_the_set_for_all_others() {
        let guards = Guards::new(3);
        let hold = |who, what| guards.hold_own((who, what), 2, |held| held.0 == who);
        let own: Vec<_> = [1, 2].map(|what| hold("eve", what).unwrap()).into();
        assert_eq!(hold("eve", 3).err(), Some(Refusal::TooManyRunning));
        assert_eq!(hold("eve", 2).err(), Some(Refusal::Busy));
        let other = hold("ann", 1).unwrap();
        assert_eq!(hold("ann", 2).err(), Some(Refusal::TooManyRunning), "full");
        drop(own);
        assert!(hold("eve", 3).is_ok());
        drop(other);
    }

    #[test]
    fn releases_when_a_waiting_call_is_dropped() {
        let guards = Guards::new(10);
        let mut call = Box::pin(async {
            let _held = guards.hold("a").unwrap();
            std::future::pending::<()>().await;
        });
        let waiting = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(waiting, Poll::Pending);
        assert!(guards.holds(&"a"));
        drop(call);
        assert!(!guards.holds(&"a"));
    }

    #[test]
    fn releases_on_an_early_return() {
        let guards = Guards::new(10);
        let refused = || -> Result<(), Refusal> {
            let _held = guards.hold("a")?;
            Err(Refusal::Paused)
        };
        assert_eq!(refused(), Err(Refusal::Paused));
        assert_eq!(guards.count(), 0);
    }
}
