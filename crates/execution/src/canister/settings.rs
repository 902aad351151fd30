//! The settings of a canister.
//!
//! Source: interface specification, `canister_settings`, with its defaults. In and out: values. Leaves out: validation of
//! changes (see `management::settings`).

use crate::cycles::Cycles;
use candid::Principal;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Who may see logs, snapshots or the status.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Visibility {
    /// Controllers only.
    #[default]
    Controllers,
    /// Everybody.
    Public,
    /// Controllers and these.
    Viewers(Vec<Principal>),
}

/// The settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    /// At most 10.
    pub controllers: Arc<BTreeSet<Principal>>,
    /// Percent, at most 100.
    pub compute_allocation: u64,
    /// Bytes, 0 for best effort.
    pub memory_allocation: u64,
    /// Seconds.
    pub freezing_threshold: u64,
    /// Cycles that may be reserved for storage; `None`: the default of the subnet.
    pub reserved_cycles_limit: Option<Cycles>,
    /// Cycles that a call of another canister must bring; zero for none.
    pub minimum_incoming_call_cycles: Cycles,
    /// Who sees the log.
    pub log_visibility: Visibility,
    /// Bytes of log that are kept.
    pub log_memory_limit: u64,
    /// Who sees and reads snapshots.
    pub snapshot_visibility: Visibility,
    /// Who may call canister_status.
    pub status_visibility: Visibility,
    /// Bytes, 0 for none.
    pub wasm_memory_limit: u64,
    /// Bytes, 0 for none.
    pub wasm_memory_threshold: u64,
    /// At most 20.
    pub environment_variables: Arc<BTreeMap<String, String>>,
}

impl Settings {
    /// The defaults, with these controllers.
    pub fn new(controllers: BTreeSet<Principal>) -> Self {
        Settings {
            controllers: Arc::new(controllers),
            compute_allocation: 0,
            memory_allocation: 0,
            freezing_threshold: 2_592_000,
            reserved_cycles_limit: Some(Cycles(5_000_000_000_000)),
            minimum_incoming_call_cycles: Cycles::ZERO,
            log_visibility: Visibility::Controllers,
            log_memory_limit: 4_096,
            snapshot_visibility: Visibility::Controllers,
            status_visibility: Visibility::Controllers,
            wasm_memory_limit: 3 << 30,
            wasm_memory_threshold: 0,
            environment_variables: Arc::default(),
        }
    }
}
