//! A module ready to run, with everything the sandbox and the replicated state need to know about it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::custom_sections::{self, CustomSection};
use super::error::WasmError;
use super::instrumentation::{active_data, entry_points, memory_type, mutable_globals};
use super::methods::WasmMethod;
use super::sections::Sections;
use crate::system_api::Linked;

/// The type of a module's heap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryType {
    /// Initial size in Wasm pages.
    pub minimum_pages: u64,
    /// Largest size in Wasm pages, if the module bounds it (a 64-bit heap is always bounded).
    pub maximum_pages: Option<u64>,
    /// Whether addresses are 64 bit wide.
    pub is_64: bool,
}

/// An active data segment: `bytes` belong at `offset` of the heap when the canister is installed, in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataSegment {
    /// Address of the first byte.
    pub offset: u64,
    /// The bytes.
    pub bytes: Arc<[u8]>,
}

/// A mutable global: its value persists between messages.
#[derive(Clone, Debug)]
pub struct GlobalExport {
    /// The name under which the instrumented module exports it.
    pub name: String,
    /// The type of its value: a number or a vector.
    pub value_type: wasmtime::ValType,
    /// Its index in the module.
    pub index: u32,
}

/// A compiled canister module. Immutable and shared by all canisters with the same code.
pub struct CompiledModule {
    /// SHA-256 of the bytes as uploaded: the `module_hash` that `canister_status` shows.
    pub hash: [u8; 32],
    /// The instrumented module. Its imports are those of the original, all from `ic0`.
    pub module: wasmtime::Module,
    /// The heap's type, exported as [`MEMORY_EXPORT`](super::MEMORY_EXPORT).
    pub memory: Option<MemoryType>,
    /// Whether there is a table to call callbacks through, exported as [`TABLE_EXPORT`](super::TABLE_EXPORT).
    pub has_table: bool,
    /// The active data segments; they lie within the initial heap.
    pub data_segments: Arc<[DataSegment]>,
    /// The mutable globals in index order, without the two that metering adds.
    pub mutable_globals: Vec<GlobalExport>,
    /// The entry points, the start function included.
    pub exports: BTreeSet<WasmMethod>,
    /// The `icp:` custom sections by name (without the scope).
    pub custom_sections: BTreeMap<String, CustomSection>,
    /// What it reads of the subnet's keys.
    pub key_reads: KeyReads,
    /// What compiling is charged when it is not in the subnet's cache, in instructions.
    pub compilation_cost: u64,
    /// Size of the original code section in bytes.
    pub code_section_size: u64,
    /// Size of the module once decompressed, in bytes.
    pub decoded_size: u64,
    /// The module with its imports connected, made at its first execution.
    pub(crate) linked: OnceLock<Linked>,
}

/// What a module's imports read of the subnet's keys: for other modules no key is made and nothing is signed.
#[derive(Clone, Copy, Debug)]
pub struct KeyReads {
    /// `data_certificate_*`: the certificate that a query sees.
    pub certificate: bool,
    /// `root_key_*`.
    pub root_key: bool,
}

impl KeyReads {
    fn of(module: &wasmtime::Module) -> Self {
        let imports = |prefix| {
            let mut imports = module.imports();
            imports.any(|import| import.name().starts_with(prefix))
        };
        KeyReads {
            certificate: imports("data_certificate_"),
            root_key: imports("root_key_"),
        }
    }
}

impl fmt::Debug for CompiledModule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CompiledModule")
            .field("hash", &hex::encode(self.hash))
            .finish_non_exhaustive()
    }
}

/// All of a [`CompiledModule`] that follows from the original module without compiling it.
pub(super) struct Description {
    pub memory: Option<MemoryType>,
    pub has_table: bool,
    pub data_segments: Arc<[DataSegment]>,
    pub mutable_globals: Vec<GlobalExport>,
    pub exports: BTreeSet<WasmMethod>,
    pub custom_sections: BTreeMap<String, CustomSection>,
    pub code_section_size: u64,
}

impl Description {
    /// Describes a module whose other sections are valid.
    ///
    /// # Errors
    /// Bad custom sections, then data segments out of bounds.
    pub fn of(sections: &Sections) -> Result<Self, WasmError> {
        Ok(Description {
            custom_sections: custom_sections::collect(&sections.custom_sections)?,
            data_segments: active_data(sections)?,
            memory: memory_type(sections),
            has_table: !sections.tables.is_empty(),
            mutable_globals: mutable_globals(sections),
            exports: entry_points(sections).map(|(method, _)| method).collect(),
            code_section_size: u64::from(sections.code_section_size),
        })
    }

    /// Joins the description with the compiled code.
    pub fn compiled(self, hash: [u8; 32], decoded_size: u64, code: CompiledCode) -> CompiledModule {
        CompiledModule {
            hash,
            key_reads: KeyReads::of(&code.module),
            module: code.module,
            memory: self.memory,
            has_table: self.has_table,
            data_segments: self.data_segments,
            mutable_globals: self.mutable_globals,
            exports: self.exports,
            custom_sections: self.custom_sections,
            compilation_cost: code.compilation_cost,
            code_section_size: self.code_section_size,
            decoded_size,
            linked: OnceLock::new(),
        }
    }
}

/// What compiling gives, and what the cache keeps. Clones share the code.
#[derive(Clone)]
pub(super) struct CompiledCode {
    pub module: wasmtime::Module,
    pub compilation_cost: u64,
}
