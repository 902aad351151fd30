//! Snapshots of a canister's state.
//!
//! Source: interface specification, `take_canister_snapshot`; recorded ids and sizes. In and out: values; memories and code
//! are shared with the canister (copy on write).

use super::{Canister, Installed};
use crate::ids::{CanisterId, Time};
use crate::sandbox::WasmState;
use candid::Principal;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// The id of a snapshot as the clients see it: the number (8 bytes, big endian), then the id of the canister.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SnapshotId(pub Vec<u8>);

impl SnapshotId {
    /// The id of a canister's snapshot with this number.
    pub fn new(number: u64, canister: CanisterId) -> Self {
        SnapshotId([&number.to_be_bytes(), canister.as_slice()].concat())
    }
}

impl fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.split_first_chunk::<8>() {
            Some((number, canister)) if canister.len() <= Principal::MAX_LENGTH_IN_BYTES => write!(
                f,
                "{}-{}",
                Principal::from_slice(canister),
                u64::from_be_bytes(*number)
            ),
            _ => f.write_str(&hex::encode(&self.0)),
        }
    }
}

/// The code that a snapshot holds.
#[derive(Clone, Debug)]
pub enum SnapshotCode {
    /// That of the canister when the snapshot was taken.
    Installed(Installed),
    /// Bytes that are uploaded piece by piece; they are compiled when the snapshot is loaded.
    Uploaded(Arc<[u8]>),
}

impl SnapshotCode {
    /// The module as uploaded.
    pub fn wasm(&self) -> &Arc<[u8]> {
        match self {
            SnapshotCode::Installed(installed) => &installed.wasm,
            SnapshotCode::Uploaded(wasm) => wasm,
        }
    }
}

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
    pub code: SnapshotCode,
    /// Memories and globals.
    pub wasm_state: WasmState,
    /// Certified data.
    pub certified_data: Vec<u8>,
    /// Chunk store.
    pub chunks: BTreeMap<[u8; 32], Arc<[u8]>>,
    /// The global timer; for uploaded snapshots `None` if it was left out.
    pub global_timer: Option<SnapshotTimer>,
    /// State of the low-memory hook; for uploaded snapshots `None` if it was left out.
    pub low_memory_hook: Option<super::LowMemoryHook>,
    /// Whether it came by upload of metadata and data.
    pub uploaded: bool,
}

/// The global timer in a snapshot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SnapshotTimer {
    /// Off.
    Inactive,
    /// Due at this time.
    Active(Time),
}

impl Canister {
    /// Bytes that a snapshot of the canister as it is now counts for.
    pub fn bytes_of_a_snapshot(&self) -> u64 {
        self.memory_usage() - self.history_bytes() - self.snapshot_bytes()
    }

    /// A snapshot of the canister as it is now; `None` if it has no code.
    pub fn snapshot(&self, now: Time) -> Option<Snapshot> {
        Some(Snapshot {
            canister: self.id,
            taken_at: now,
            version: self.version,
            bytes: self.bytes_of_a_snapshot(),
            code: SnapshotCode::Installed(self.installed.clone()?),
            wasm_state: self.wasm_state.clone(),
            certified_data: self.certified_data.clone(),
            chunks: self.chunks.clone(),
            global_timer: Some(match self.global_timer {
                Some(time) => SnapshotTimer::Active(time),
                None => SnapshotTimer::Inactive,
            }),
            low_memory_hook: Some(self.low_memory_hook),
            uploaded: false,
        })
    }

    /// The id of the next snapshot.
    pub fn next_snapshot_id(&mut self) -> SnapshotId {
        let id = SnapshotId::new(self.next_snapshot, self.id);
        self.next_snapshot += 1;
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Recorded: oracle `mgmt/snapshots/bad_id`.
    #[test]
    fn an_id_is_shown_as_canister_and_number() {
        assert_eq!(
            SnapshotId(vec![1; 10]).to_string(),
            "f7crg-kabae-72340172838076673"
        );
        assert_eq!(
            SnapshotId(vec![1; 18]).to_string(),
            "kcyov-mibae-aqcai-baeaq-cai-72340172838076673"
        );
    }
}
