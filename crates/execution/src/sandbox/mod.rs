//! Runs canister code.

mod execution;

pub use execution::*;
