//! Validation, metering and compilation of Wasm modules.

/// Compiles modules.
pub struct WasmEngine {}

/// A compiled module.
#[derive(Debug)]
pub struct CompiledModule {}

/// An entry point that a module exports.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum WasmMethod {
    Update(String),
    Query(String),
    CompositeQuery(String),
    System(SystemMethod),
}

/// The entry points that the system calls.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub enum SystemMethod {
    Start,
    Init,
    PreUpgrade,
    PostUpgrade,
    InspectMessage,
    Heartbeat,
    GlobalTimer,
    OnLowWasmMemory,
}
