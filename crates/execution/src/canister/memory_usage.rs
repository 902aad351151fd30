//! What memory a canister uses and what it has to hold for the future.
//!
//! Source: recorded behaviour of `canister_status` (`memory_metrics`). In: a canister. Out: bytes.

use super::Canister;

const WASM_PAGE: u64 = 64 * 1024;

impl Canister {
    /// Bytes of linear memory.
    pub fn heap_bytes(&self) -> u64 {
        self.wasm_state.heap.pages() * WASM_PAGE
    }

    /// Bytes of stable memory.
    pub fn stable_bytes(&self) -> u64 {
        self.wasm_state.stable.pages() * WASM_PAGE
    }
}
