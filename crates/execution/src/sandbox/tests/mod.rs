//! Executions of small modules.

mod recorded;
mod rollback;
pub(crate) mod runner;
mod traps;
