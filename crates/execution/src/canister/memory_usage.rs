//! What memory a canister uses.
//!
//! Source: recorded behaviour of `canister_status` (`memory_metrics`). In: a canister. Out: bytes, by use.

use super::{Canister, HistoryChange};

const WASM_PAGE: u64 = 64 * 1024;
const CHUNK: u64 = 1 << 20;
const HISTORY_ENTRY: u64 = 160;
const HISTORY_CONTROLLER: u64 = 30;
/// Bytes that a global counts for.
const GLOBAL: u64 = 32;

impl Canister {
    /// Bytes of linear memory.
    pub fn heap_bytes(&self) -> u64 {
        self.wasm_state.heap.pages() * WASM_PAGE
    }

    /// Bytes of stable memory.
    pub fn stable_bytes(&self) -> u64 {
        self.wasm_state.stable.pages() * WASM_PAGE
    }

    /// Bytes of globals: 32 for each mutable one, and for the counter that metering adds.
    pub fn global_bytes(&self) -> u64 {
        self.module().map_or(0, |module| {
            (module.mutable_globals.len() as u64 + 1) * GLOBAL
        })
    }

    /// Bytes of the module as it was sent.
    pub fn wasm_bytes(&self) -> u64 {
        self.installed
            .as_ref()
            .map_or(0, |installed| installed.wasm.len() as u64)
    }

    /// Bytes of the `icp:` custom sections, names included.
    pub fn custom_section_bytes(&self) -> u64 {
        let size = |(name, section): (&String, &crate::wasm::CustomSection)| {
            (name.len() + section.content.len()) as u64
        };
        self.module()
            .map_or(0, |module| module.custom_sections.iter().map(size).sum())
    }

    /// Bytes of the history.
    pub fn history_bytes(&self) -> u64 {
        let size = |change: &HistoryChange| match change {
            HistoryChange::Creation { controllers, .. }
            | HistoryChange::ControllersChange { controllers, .. } => {
                HISTORY_ENTRY + HISTORY_CONTROLLER * controllers.len() as u64
            }
            _ => HISTORY_ENTRY,
        };
        self.history
            .entries()
            .map(|entry| size(&entry.change))
            .sum()
    }

    /// Bytes of the chunk store: a MiB a chunk.
    pub fn chunk_store_bytes(&self) -> u64 {
        self.chunks.len() as u64 * CHUNK
    }

    /// Bytes of the snapshots.
    pub fn snapshot_bytes(&self) -> u64 {
        self.snapshots.values().map(|snapshot| snapshot.bytes).sum()
    }

    /// Bytes that the canister holds: what it uses, or all that it reserved.
    pub fn held_storage(&self) -> u64 {
        self.memory_usage().max(self.settings.memory_allocation)
    }

    /// Bytes in all.
    pub fn memory_usage(&self) -> u64 {
        self.heap_bytes()
            + self.stable_bytes()
            + self.global_bytes()
            + self.wasm_bytes()
            + self.custom_section_bytes()
            + self.history_bytes()
            + self.chunk_store_bytes()
            + self.snapshot_bytes()
    }
}
