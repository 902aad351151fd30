//! The answer of the query `info`: which code runs, where, and with which key.
//!
//! - In: the constants of the code and the stored configuration. Out: one Candid record.

use crate::admission::Mode;
use crate::config::Config;
use crate::environment::Environment;
use candid::{CandidType, Principal};
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
    /// Whether methods that pay are stopped.
    pub paused: bool,
    /// Who may pause the canister and change its allow-list; nothing if every controller may.
    pub guardian: Option<Principal>,
    /// Who may make calls that pay.
    pub admission: AdmissionMode,
}

/// Who may make calls that pay, as `info` shows it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub enum AdmissionMode {
    /// The principals of a list.
    AllowList,
    /// Who has paid cycles in advance.
    Prepaid,
    /// Everyone, below a budget.
    Open {
        /// What may be spent in one day (UTC).
        cycles_per_day: u128,
    },
}

impl From<Mode> for AdmissionMode {
    fn from(mode: Mode) -> Self {
        match mode {
            Mode::AllowList => Self::AllowList,
            Mode::Prepaid => Self::Prepaid,
            Mode::Open { per_day } => Self::Open {
                cycles_per_day: per_day.0,
            },
        }
    }
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
            guardian: config.guardian.map(|guardian| guardian.0),
            admission: config.admission.into(),
        }
    }
}
