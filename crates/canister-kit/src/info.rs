//! The answer of the query `info`: which code runs, where, and with which key.
//!
//! - In: the constants of the code and the stored configuration. Out: one Candid record.

use crate::config::Config;
use crate::environment::Environment;
use candid::CandidType;
use serde::Deserialize;

/// What a canister's code says about itself.
#[derive(Clone, Copy, Debug)]
pub struct Service {
    /// Name of the canister, such as `wallet`.
    pub name: &'static str,
    /// Version of the code.
    pub version: &'static str,
    /// Layout of stable memory that this code writes.
    pub schema_version: u32,
}

/// What anyone may know about a running canister.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// Name of the canister.
    pub name: String,
    /// Version of the code.
    pub version: String,
    /// Layout of stable memory.
    pub schema_version: u32,
    /// Where the canister runs.
    pub environment: Environment,
    /// The master key that it asks for.
    pub key_name: String,
    /// Whether paying methods are stopped.
    pub paused: bool,
}

impl Info {
    /// Joins what the code says with what stable memory holds.
    pub fn new(service: &Service, config: &Config) -> Self {
        Self {
            name: service.name.to_owned(),
            version: service.version.to_owned(),
            schema_version: config.schema_version,
            environment: config.environment,
            key_name: config.key_name.to_string(),
            paused: config.paused,
        }
    }
}
