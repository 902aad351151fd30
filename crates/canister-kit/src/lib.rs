//! What every canister of the suite has in common.
//!
//! - What it does: checks the arguments of `init`, keeps the configuration in stable memory across
//!   upgrades, answers `info`, and puts the Candid file into the module's public metadata.
//! - Specification: IC interface specification, "Canister metadata" (`icp:public candid:service`).
//! - In and out: Candid records in, typed errors and Candid records out.
//! - The caller must give [`ConfigStore::open`] a stable memory that nothing else writes to.
//! - Left out for now: pausing by a guardian, quotas, the audit log and certified metrics. They
//!   join this crate together with the endpoints that need them.

pub mod config;
pub mod environment;
pub mod info;
pub mod init;
pub mod metadata;

pub use config::{Config, ConfigError, ConfigStore};
pub use environment::{Environment, KeyName, KeyNameError};
pub use info::{Info, Service};
pub use init::{InitArgs, InitError};
