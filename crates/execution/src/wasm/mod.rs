//! Validation, metering and compilation of Wasm modules.

/// Compiles modules.
pub struct WasmEngine {}

/// A compiled module.
#[derive(Debug)]
pub struct CompiledModule {
    /// As uploaded.
    pub hash: [u8; 32],
    /// The heap's type.
    pub memory: Option<MemoryType>,
    /// Mutable globals.
    pub mutable_globals: Vec<u8>,
    /// Entry points.
    pub exports: std::collections::BTreeSet<WasmMethod>,
    /// `icp:` sections.
    pub custom_sections: std::collections::BTreeMap<String, CustomSection>,
}

/// The type of a heap.
#[derive(Debug)]
pub struct MemoryType {
    /// Whether addresses have 64 bits.
    pub is_64: bool,
}

/// A section.
#[derive(Debug)]
pub struct CustomSection {
    /// Its bytes.
    pub content: Vec<u8>,
}

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
