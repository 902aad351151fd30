//! The limits a canister module must keep.
//!
//! Source: interface specification, "Canister module format", and the behaviour of the public network where the
//! specification leaves a number open (function size and complexity, table elements).

/// Largest module after decompression, in bytes.
pub const MAX_MODULE_BYTES: u64 = 100 * 1024 * 1024;
/// Largest code section, in bytes, without the number of functions at its start.
pub const MAX_CODE_SECTION_BYTES: u32 = 11 * 1024 * 1024;
/// Largest number of functions a module may define.
pub const MAX_FUNCTIONS: usize = 50_000;
/// Largest number of globals a module may define.
pub const MAX_GLOBALS: usize = 1_000;
/// Largest number of Wasm instructions in one function.
pub const MAX_FUNCTION_INSTRUCTIONS: usize = 1_000_000;
/// Largest weighted complexity of one function (see the complexity table).
pub const MAX_FUNCTION_COMPLEXITY: u64 = 1_000_000;
/// Largest number of custom sections whose name starts with `icp:`.
pub const MAX_CUSTOM_SECTIONS: usize = 16;
/// Largest total size of the `icp:` sections, names (without the scope) and contents together, in bytes.
pub const MAX_CUSTOM_SECTIONS_BYTES: u64 = 1024 * 1024;
/// Largest number of exported update, query and composite query methods.
pub const MAX_EXPORTED_METHODS: usize = 1_000;
/// Largest sum of the lengths of the exported method names, in bytes.
pub const MAX_EXPORTED_NAMES_BYTES: usize = 20_000;
/// Largest number of tables of an instance.
pub const MAX_TABLES: u64 = 1;
/// Largest number of elements of a table.
pub const MAX_TABLE_ELEMENTS: u64 = 1_000_000;
/// Size of a Wasm page, in bytes.
pub const WASM_PAGE_BYTES: u64 = 64 * 1024;
/// Largest heap with 64-bit addresses, in Wasm pages (6 GiB).
pub const MAX_WASM64_PAGES: u64 = 6 * 1024 * 1024 * 1024 / WASM_PAGE_BYTES;
/// Most stack that Wasm code may use, in bytes, with what the engine's own frames add. A thread that runs Wasm needs this and room
/// for the host.
pub const MAX_WASM_STACK_BYTES: usize = 5 * 1024 * 1024 + 64 * 1024;
/// Stack that the code of a canister itself may use, in bytes: the public network's 5 MiB also hold its own way in.
pub const GUEST_STACK_BYTES: usize = 5 * 1024 * 1024 - 336;
/// What compiling one Wasm instruction costs, in instructions.
pub const COMPILE_COST_PER_INSTRUCTION: u64 = 6_000;
