//! Canister modules: from the uploaded bytes to code that can run.
//!
//! The way of a module: `decoding` (gzip) -> `validation` (the rules of the canister module format) -> `instrumentation` (counting
//! instructions, private exports) -> compiling in `engine`, at most once per module thanks to `cache`. The result is a
//! [`CompiledModule`].
//!
//! What the host of an instance has to do (see each item): set the global [`INSTRUCTION_COUNTER_EXPORT`] before every call and
//! read it after; treat a trap `unreachable` with [`OUT_OF_INSTRUCTIONS_EXPORT`] at 1 as running out of instructions; apply
//! `data_segments` and run the entry point `Start` when a canister is installed; carry over `mutable_globals` between messages;
//! decide memory growth in the store's resource limiter; run on a thread with more stack than [`MAX_WASM_STACK_BYTES`].

mod cache;
mod compile_charge;
mod compiled;
mod complexity;
mod custom_sections;
mod decoding;
mod engine;
mod error;
mod imports;
mod instantiation;
mod instruction_cost;
mod instrumentation;
mod limits;
mod metering;
mod methods;
mod sections;
#[cfg(test)]
mod tests;
mod validation;

pub use cache::{CacheError, ModuleCache};
pub use compiled::{CompiledModule, DataSegment, GlobalExport, MemoryType};
pub use custom_sections::CustomSection;
pub use decoding::{declared_width, failed_compilation_cost};
pub use engine::{EngineError, WasmEngine};
pub use error::{InstrumentationError, ValidationError, WasmError};
pub use imports::{
    AddressWidth, Availability, ImportSignature, SYSTEM_API_IMPORTS, SYSTEM_API_MODULE,
    import_signature,
};
pub use instrumentation::{
    INSTRUCTION_COUNTER_EXPORT, MEMORY_EXPORT, OUT_OF_INSTRUCTIONS_EXPORT, TABLE_EXPORT,
};
pub use limits::*;
pub use methods::{SystemMethod, WasmMethod};
