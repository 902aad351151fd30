//! Tests of the whole way of a module.

mod cache;
mod execution;
mod fuzz;
mod limits;
mod oracle;
mod runner;

use super::{ModuleCache, WasmEngine};

fn engine() -> WasmEngine {
    WasmEngine::new(ModuleCache::Memory, None).expect("the engine starts")
}

fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).expect("the text parses")
}
