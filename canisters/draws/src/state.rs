//! The canister's state: handles on the regions of stable memory, nothing on the heap alone.
//!
//! - In: a closure that gets the opened structure. Out: what the closure returns.
//! - The caller must not call back into this module from inside a closure.

use crate::memory::{self, Region, RegionMemory};
use canister_kit::ConfigStore;
use std::cell::RefCell;

thread_local! {
    static CONFIG: RefCell<ConfigStore<RegionMemory>> =
        RefCell::new(ConfigStore::open(memory::open(Region::Config)));
}

/// Lends the configuration store.
pub fn config<R>(use_it: impl FnOnce(&mut ConfigStore<RegionMemory>) -> R) -> R {
    CONFIG.with(|config| use_it(&mut config.borrow_mut()))
}
