//! The instances of a server, by number.
//!
//! A number is never used again. Operations on one instance wait in the order in which they came; a panic in one leaves that
//! instance unusable and all others as they are. In: operations. Out: their results.

use crate::reply::Refusal;
use chainkey_instance::Instance;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};
use tokio::sync::{Mutex, OwnedMutexGuard};

/// What a number stands for.
pub enum Slot {
    /// An instance that can be used.
    Available(Box<Instance>),
    /// An instance that panicked.
    Broken(String),
    /// An instance that was deleted.
    Deleted,
}

/// How long an operation takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cost {
    /// Microseconds: it runs where requests are read.
    Short,
    /// Unknown: it gets a thread of its own if the instance's last such operation was long. Handing a short operation to
    /// another thread would cost more than the operation.
    Long,
}

/// An operation that takes longer counts as long.
const LONG: Duration = Duration::from_millis(2);

/// One instance with the tasks that drive it.
pub struct Hosted {
    slot: Arc<Mutex<Slot>>,
    last_was_long: AtomicBool,
    /// The task of live mode.
    pub progress: Mutex<Option<crate::auto_progress::Progress>>,
}

/// All instances.
#[derive(Default)]
pub struct Slots(RwLock<Vec<Arc<Hosted>>>);

impl Slots {
    /// Takes a new instance; its number.
    pub fn insert(&self, instance: Instance) -> usize {
        let hosted = Hosted {
            slot: Arc::new(Mutex::new(Slot::Available(Box::new(instance)))),
            last_was_long: AtomicBool::new(false),
            progress: Mutex::new(None),
        };
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.push(Arc::new(hosted));
        all.len() - 1
    }

    /// The instance with this number, as it was written in the path.
    pub fn get(&self, id: &str) -> Result<Arc<Hosted>, Refusal> {
        let number: usize = id
            .parse()
            .map_err(|_| Refusal::Unreadable(format!("Bad instance id: {id}")))?;
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(number)
            .cloned()
            .ok_or_else(|| Refusal::NoInstance("Instance not found".into()))
    }

    /// All instances in the order of their numbers.
    pub fn all(&self) -> Vec<Arc<Hosted>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.clone()
    }
}

impl Hosted {
    /// Runs an operation when all earlier ones are done.
    pub async fn run<T: Send + 'static>(
        &self,
        cost: Cost,
        operation: impl FnOnce(&mut Instance) -> Result<T, Refusal> + Send + 'static,
    ) -> Result<T, Refusal> {
        let slot = self.slot.clone().lock_owned().await;
        if cost == Cost::Short {
            return guarded(slot, operation);
        }
        let start = Instant::now();
        let result = match self.last_was_long.load(Ordering::Relaxed) {
            false => guarded(slot, operation),
            true => tokio::task::spawn_blocking(move || guarded(slot, operation))
                .await
                .unwrap_or_else(|error| Err(Refusal::Internal(error.to_string()))),
        };
        self.last_was_long
            .store(start.elapsed() > LONG, Ordering::Relaxed);
        result
    }

    /// Drops the instance; its number stays taken.
    pub async fn delete(&self) {
        let mut slot = self.slot.clone().lock_owned().await;
        let deleted = std::mem::replace(&mut *slot, Slot::Deleted);
        drop(slot);
        let _ = tokio::task::spawn_blocking(move || drop(deleted)).await;
    }

    /// A word for what it is.
    pub fn describe(&self) -> String {
        match self.slot.try_lock() {
            Err(_) => "Busy".into(),
            Ok(slot) => match &*slot {
                Slot::Available(_) => "Available".into(),
                Slot::Broken(_) => "Broken".into(),
                Slot::Deleted => "Deleted".into(),
            },
        }
    }
}

fn guarded<T>(
    mut slot: OwnedMutexGuard<Slot>,
    operation: impl FnOnce(&mut Instance) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let instance = match &mut *slot {
        Slot::Available(instance) => instance,
        Slot::Deleted => return Err(Refusal::NoInstance("Instance was deleted".into())),
        Slot::Broken(why) => return Err(Refusal::Internal(broken(why))),
    };
    match catch_unwind(AssertUnwindSafe(|| operation(instance))) {
        Ok(result) => result,
        Err(panic) => {
            let why = panic_text(panic.as_ref());
            let refusal = Refusal::Internal(broken(&why));
            *slot = Slot::Broken(why);
            Err(refusal)
        }
    }
}

fn broken(why: &str) -> String {
    format!("The instance panicked and can't be used any more: {why}")
}

fn panic_text(panic: &(dyn std::any::Any + Send)) -> String {
    if let Some(text) = panic.downcast_ref::<&str>() {
        return (*text).into();
    }
    match panic.downcast_ref::<String>() {
        Some(text) => text.clone(),
        None => "panic without text".into(),
    }
}
