//! Locks for the time of a call that awaits: one caller, one thing, one call.
//!
//! - What it does: [`Guards::hold`] notes (caller, resource) in a set on the heap and hands out a
//!   [`Guard`]; dropping it takes the note away.
//! - Across awaits a guard lives in the call's future. When a callback traps, its changes are rolled back, the
//!   guard's release included; then the network calls the clean-up callback, in which ic-cdk drops the futures
//!   of that call, and the guard with them. So a guard is released on every way out: return, `?`, trap before
//!   an await (rolled back with everything else), trap after one.
//! - The set is empty after an upgrade. Stop a canister before its upgrade, as the specification advises: then no
//!   call is open. What must outlive an upgrade belongs in the [`crate::journal`].
//! - The caller keeps the guard in a named variable. `let _ = ...` would drop it at once.
//! - Left out: waiting. A held lock is an error, because a queue of waiting callers has no bound.

use crate::caller::Caller;
use crate::refusal::Refusal;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

type Held<R> = Rc<RefCell<BTreeSet<(Caller, R)>>>;

/// The locks of one kind of resource, on the heap.
pub struct Guards<R: Ord + Clone> {
    held: Held<R>,
    at_most: usize,
}

impl<R: Ord + Clone> Guards<R> {
    /// No lock is held; at most so many will be at once.
    pub fn new(at_most: usize) -> Self {
        Self {
            held: Held::default(),
            at_most,
        }
    }

    /// Locks a resource for a caller until the guard is dropped.
    ///
    /// # Errors
    /// [`Refusal::Busy`] if this caller holds it already, [`Refusal::TooManyRunning`] if the set is full.
    pub fn hold(&self, caller: Caller, resource: R) -> Result<Guard<R>, Refusal> {
        let mut held = self.held.borrow_mut();
        let key = (caller, resource);
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

    /// Whether a caller holds a resource.
    pub fn holds(&self, caller: Caller, resource: &R) -> bool {
        self.held.borrow().contains(&(caller, resource.clone()))
    }

    /// How many locks are held.
    pub fn count(&self) -> usize {
        self.held.borrow().len()
    }
}

/// A held lock. Dropping it releases it.
#[must_use = "a guard that is dropped at once guards nothing"]
pub struct Guard<R: Ord + Clone> {
    held: Held<R>,
    key: (Caller, R),
}

impl<R: Ord + Clone> Guard<R> {
    /// Who holds the lock.
    pub fn caller(&self) -> Caller {
        self.key.0
    }

    /// What is locked.
    pub fn resource(&self) -> &R {
        &self.key.1
    }
}

impl<R: Ord + Clone> Drop for Guard<R> {
    fn drop(&mut self) {
        // The set is borrowed only inside the functions above, which drop no guard.
        self.held.borrow_mut().remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runtime::fake::person;
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    fn caller(number: u32) -> Caller {
        Caller::new(person(number)).unwrap()
    }

    #[test]
    fn refuses_the_second_of_two_calls_on_one_thing() {
        let guards = Guards::new(10);
        let first = guards.hold(caller(1), "a").unwrap();
        assert_eq!(guards.hold(caller(1), "a").err(), Some(Refusal::Busy));
        let others = [guards.hold(caller(2), "a"), guards.hold(caller(1), "b")];
        assert!(others.iter().all(Result::is_ok));
        drop(first);
        assert!(guards.hold(caller(1), "a").is_ok());
    }

    #[test]
    fn refuses_more_locks_than_the_set_may_hold() {
        let guards = Guards::new(2);
        let held: Vec<_> = (0..2).map(|n| guards.hold(caller(1), n).unwrap()).collect();
        let refused = guards.hold(caller(1), 2).err();
        assert_eq!(refused, Some(Refusal::TooManyRunning));
        drop(held);
        assert_eq!(guards.count(), 0);
    }

    #[test]
    fn releases_when_a_waiting_call_is_dropped() {
        let guards = Guards::new(10);
        let mut call = Box::pin(async {
            let _held = guards.hold(caller(1), "a").unwrap();
            std::future::pending::<()>().await;
        });
        let waiting = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert_eq!(waiting, Poll::Pending);
        assert!(guards.holds(caller(1), &"a"));
        drop(call);
        assert!(!guards.holds(caller(1), &"a"));
    }

    #[test]
    fn releases_on_an_early_return() {
        let guards = Guards::new(10);
        let refused = || -> Result<(), Refusal> {
            let _held = guards.hold(caller(1), "a")?;
            Err(Refusal::Paused)
        };
        assert_eq!(refused(), Err(Refusal::Paused));
        assert_eq!(guards.count(), 0);
    }
}
