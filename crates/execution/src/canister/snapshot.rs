//! Snapshots of a canister.
//!
//! Source: interface specification, `take_canister_snapshot`. In and out: values; memories and code are shared with the
//! canister (copy on write).

use super::Installed;
use crate::ids::{CanisterId, Time};
use crate::sandbox::WasmState;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The id of a snapshot: length-prefixed canister id and number, as the clients see it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SnapshotId(pub Vec<u8>);

/// What a snapshot holds.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The canister it is of.
    pub canister: CanisterId,
    /// When it was taken.
    pub taken_at: Time,
    /// The canister version at that time.
    pub version: u64,
    /// Bytes that it counts for.
    pub bytes: u64,
    /// Code.
    pub installed: Option<Installed>,
    /// Memories and globals.
    pub wasm_state: WasmState,
    /// Certified data.
    pub certified_data: Vec<u8>,
    /// Chunk store.
    pub chunks: BTreeMap<[u8; 32], Arc<[u8]>>,
    /// The global timer.
    pub global_timer: Option<Time>,
    /// State of the low-memory hook.
    pub low_memory_hook: super::LowMemoryHook,
    /// Whether it came by upload of metadata and data.
    pub uploaded: bool,
}
