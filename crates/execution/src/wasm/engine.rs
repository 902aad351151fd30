//! The Wasm engine: one configuration for everything, and compiling once per module.
//!
//! In: uploaded bytes. Out: a shared [`CompiledModule`]. The caller who runs the code needs a thread with more stack than
//! [`MAX_WASM_STACK_BYTES`](super::MAX_WASM_STACK_BYTES). Left out: instances, memories and the System API (the sandbox).

use std::collections::BTreeMap;
use std::fmt;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};
use thiserror::Error;
use wasmtime::{Config, Engine, MemoryCreator, Module, OptLevel};

use super::cache::{CacheError, DiskCache, ModuleCache};
use super::compile_charge::compilation_charge;
use super::compiled::{CompiledCode, CompiledModule, Description};
use super::decoding::decode;
use super::error::{ValidationError, WasmError};
use super::instantiation::check_instantiation;
use super::instrumentation::instrument;
use super::limits::{MAX_WASM_STACK_BYTES, MAX_WASM64_PAGES, WASM_PAGE_BYTES};
use super::sections::Sections;
use super::validation::{check_code_section_size, check_module};

/// Address space behind every heap, in bytes: enough for the largest heap, so that a heap never moves.
const MEMORY_RESERVATION_BYTES: u64 = MAX_WASM64_PAGES * WASM_PAGE_BYTES;
/// Unmapped address space after a heap's reservation, in bytes: static offsets below it need no bounds check of their own.
const MEMORY_GUARD_BYTES: u64 = 2 * 1024 * 1024 * 1024;
/// More frames than the stack holds: of a long backtrace, callers see the beginning and the end.
const MAX_BACKTRACE_FRAMES: NonZeroUsize = NonZeroUsize::new(1_000_000).unwrap();
/// Compiled modules that nothing else refers to are dropped above this number.
const MAX_IDLE_MODULES: usize = 128;

/// Why the engine did not start.
#[derive(Debug, Error)]
pub enum EngineError {
    /// The engine refuses its configuration on this machine.
    #[error("the Wasm engine cannot be configured: {0}")]
    Configuration(String),
    /// The module cache on disk cannot be used.
    #[error(transparent)]
    Cache(#[from] CacheError),
}

/// A place in the table of modules, so that one module is compiled once while others compile beside it.
type Slot = Arc<Mutex<Option<Arc<CompiledModule>>>>;

/// Validates, instruments and compiles modules, each once. Cheap to share behind an [`Arc`].
pub struct WasmEngine {
    engine: Engine,
    disk: Option<DiskCache>,
    modules: Mutex<BTreeMap<[u8; 32], Slot>>,
}

impl fmt::Debug for WasmEngine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("WasmEngine").finish_non_exhaustive()
    }
}

impl WasmEngine {
    /// Starts an engine.
    ///
    /// `memory_creator` provides the heaps of instances; without it the engine's own are used. It is always asked for a reservation
    /// of 6 GiB with a guard of 2 GiB behind it and must give both.
    ///
    /// # Errors
    /// When the machine lacks something the configuration needs, or the cache directory cannot be made private.
    pub fn new(
        cache: ModuleCache,
        memory_creator: Option<Arc<dyn MemoryCreator>>,
    ) -> Result<Self, EngineError> {
        let mut config = configuration();
        if let Some(creator) = memory_creator {
            config.with_host_memory(creator);
        }
        let engine = Engine::new(&config)
            .map_err(|error| EngineError::Configuration(format!("{error:#}")))?;
        let disk = match cache {
            ModuleCache::Memory => None,
            ModuleCache::Directory(directory) => Some(DiskCache::open(&directory, &engine)?),
        };
        Ok(WasmEngine {
            engine,
            disk,
            modules: Mutex::default(),
        })
    }

    /// The wasmtime engine that compiled modules belong to.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Decompresses, validates, instruments and compiles a module, or finds it compiled.
    ///
    /// # Errors
    /// The first rule that the module breaks; the installation is then charged
    /// [`failed_compilation_cost`](super::failed_compilation_cost).
    pub fn compile(&self, uploaded: &[u8]) -> Result<Arc<CompiledModule>, WasmError> {
        let hash: [u8; 32] = Sha256::digest(uploaded).into();
        let slot = self.slot(hash);
        let mut module = slot.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = module.as_ref() {
            return Ok(Arc::clone(module));
        }
        let compiled = Arc::new(self.compile_uncached(hash, uploaded)?);
        *module = Some(Arc::clone(&compiled));
        Ok(compiled)
    }

    fn slot(&self, hash: [u8; 32]) -> Slot {
        let mut modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        if !modules.contains_key(&hash) && modules.len() >= MAX_IDLE_MODULES {
            modules.retain(|_, slot| is_in_use(slot));
        }
        Arc::clone(modules.entry(hash).or_default())
    }

    fn compile_uncached(
        &self,
        hash: [u8; 32],
        uploaded: &[u8],
    ) -> Result<CompiledModule, WasmError> {
        let wasm = decode(uploaded)?;
        let cached = self
            .disk
            .as_ref()
            .and_then(|disk| disk.load(&self.engine, &hash));
        let sections;
        let (description, code) = match cached {
            // Only modules that passed every check were stored.
            Some(code) => {
                sections = Sections::read(&wasm)?;
                (Description::of(&sections)?, code)
            }
            None => {
                sections = self.validate(&wasm)?;
                let description = Description::of(&sections)?;
                let code = self.compile_sections(&wasm, &sections)?;
                if let Some(disk) = &self.disk {
                    disk.store(&hash, &code);
                }
                (description, code)
            }
        };
        Ok(description.compiled(hash, wasm.len() as u64, code))
    }

    fn validate<'a>(&self, wasm: &'a [u8]) -> Result<Sections<'a>, ValidationError> {
        check_code_section_size(wasm)?;
        Module::validate(&self.engine, wasm)
            .map_err(|error| ValidationError::Wasmtime(error.to_string()))?;
        let sections = Sections::read(wasm)?;
        check_module(&sections)?;
        Ok(sections)
    }

    fn compile_sections(
        &self,
        wasm: &[u8],
        sections: &Sections,
    ) -> Result<CompiledCode, WasmError> {
        let instrumented = instrument(wasm, sections)?;
        check_instantiation(sections)?;
        let module = Module::new(&self.engine, &instrumented.wasm)
            .map_err(|error| WasmError::Instantiation(format!("{error:?}")))?;
        let compilation_cost = compilation_charge(sections, instrumented.network_instructions);
        Ok(CompiledCode {
            module,
            compilation_cost,
        })
    }
}

/// Whether somebody compiles into the slot or holds its module.
fn is_in_use(slot: &Slot) -> bool {
    match slot.try_lock() {
        Ok(module) => module
            .as_ref()
            .is_some_and(|module| Arc::strong_count(module) > 1),
        Err(_) => true,
    }
}

/// The configuration of all engines: which Wasm is accepted, deterministic floats, heaps that never move.
fn configuration() -> Config {
    let mut config = Config::new();
    config
        .wasm_bulk_memory(true)
        .wasm_reference_types(true)
        .wasm_multi_value(true)
        .wasm_simd(true)
        .wasm_tail_call(true)
        .wasm_memory64(true)
        .wasm_multi_memory(false)
        .wasm_relaxed_simd(false)
        .wasm_gc(false)
        .wasm_function_references(false)
        .wasm_exceptions(false)
        .wasm_extended_const(false)
        .wasm_wide_arithmetic(false)
        .wasm_custom_page_sizes(false)
        .wasm_stack_switching(false)
        .cranelift_nan_canonicalization(true)
        // Canister modules come optimized: measured, more makes compiling a third slower and running no faster.
        .cranelift_opt_level(OptLevel::None)
        .generate_address_map(false)
        .native_unwind_info(false)
        .memory_reservation(MEMORY_RESERVATION_BYTES)
        .memory_guard_size(MEMORY_GUARD_BYTES)
        .memory_may_move(false)
        .memory_init_cow(false)
        .max_wasm_stack(crate::sandbox::stack_bytes().min(MAX_WASM_STACK_BYTES))
        // Not used, but it may not be smaller.
        .async_stack_size(2 * MAX_WASM_STACK_BYTES)
        .wasm_backtrace_max_frames(Some(MAX_BACKTRACE_FRAMES));
    config
}
