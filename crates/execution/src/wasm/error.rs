//! Why a module was refused, with the texts that clients see.
//!
//! In: facts collected by the validator, the instrumentation and the compiler. Out: [`WasmError`], whose `Display` is the text
//! that follows `Error from Canister <id>: ` in a reject message, help line included.
//! The caller adds that prefix.
//! Left out: errors of instantiation that depend on state (memory limits of a subnet) and traps.

use thiserror::Error;

use crate::error::ErrorCode;

/// Text added to errors that a tool chain is likely to have caused.
const TOOLCHAIN_HELP: &str = "If you are running this canister in a test environment (e.g., dfx), make sure the test environment \
is up to date. Otherwise, this is likely an error with the compiler/CDK toolchain being used to build the canister. Please report \
the error to IC devs on the forum: https://forum.dfinity.org and include which language/CDK was used to create the canister.";

/// Base of the links to the documentation of errors.
const DOCUMENTATION: &str =
    "https://internetcomputer.org/docs/current/references/execution-errors#";

/// A refused module.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum WasmError {
    /// The module breaks a rule of the canister module format (error code 505).
    #[error("Canister's Wasm module is not valid: {0}.{help}", help = help_line(.0))]
    Invalid(#[from] ValidationError),
    /// The module cannot be instrumented (error code 505).
    #[error("Could not instrument wasm module of canister: {0}.\n{TOOLCHAIN_HELP}")]
    Instrumentation(#[from] InstrumentationError),
    /// The engine cannot compile or instantiate the module (error code 521).
    #[error("Canister encountered a Wasm engine error: Failed to instantiate module: {0}")]
    Instantiation(String),
}

impl WasmError {
    /// The error code of the reject response.
    pub fn error_code(&self) -> ErrorCode {
        match self {
            WasmError::Invalid(_) | WasmError::Instrumentation(_) => ErrorCode::CanisterInvalidWasm,
            WasmError::Instantiation(_) => ErrorCode::CanisterWasmEngineError,
        }
    }
}

/// A rule of the canister module format that a module breaks.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ValidationError {
    /// The engine's validator refused the module; carries its message.
    #[error("Wasmtime failed to validate wasm module wasmtime::Module::validate() failed with {0}")]
    Wasmtime(String),
    /// Not a module, or not one that can be read.
    #[error("Failed to decode wasm module: {0}")]
    Decoding(String),
    /// An import or export has another signature than the specification gives it.
    #[error("Wasm module has an invalid function signature. {0}")]
    FunctionSignature(String),
    /// An import that is not offered.
    #[error("Wasm module has an invalid import section. {0}")]
    ImportSection(String),
    /// An export that is reserved.
    #[error("Wasm module has an invalid export section. {0}")]
    ExportSection(String),
    /// One method name with several call types.
    #[error(
        "Duplicate function '{name}' exported multiple times with different call types: update, query, or composite_query."
    )]
    DuplicateExport {
        /// The method name.
        name: String,
    },
    /// More methods than allowed.
    #[error(
        "The number of exported functions called `canister_update <name>`, `canister_query <name>`, or \
         `canister_composite_query <name>` is {defined} which exceeds {allowed}."
    )]
    TooManyExports {
        /// Number found.
        defined: usize,
        /// Number allowed.
        allowed: usize,
    },
    /// Method names that are too long together.
    #[error(
        "The sum of `<name>` lengths in exported functions called `canister_update <name>`, `canister_query <name>`, or \
         `canister_composite_query <name>` is {total_length} which exceeds the allowed limit of {allowed}."
    )]
    ExportedNamesTooLong {
        /// Sum found, in bytes.
        total_length: usize,
        /// Sum allowed, in bytes.
        allowed: usize,
    },
    /// A data segment with an offset that is no plain constant.
    #[error("Wasm module has an invalid data section. {0}")]
    DataSection(String),
    /// A custom section with a bad `icp:` name.
    #[error("Wasm module has an invalid custom section. {0}")]
    CustomSection(String),
    /// A global of a type that cannot persist.
    #[error("Wasm module has an invalid global section. {0}")]
    GlobalSection(String),
    /// More globals than allowed.
    #[error(
        "Wasm module defined {defined} globals which exceeds the maximum number allowed {allowed}."
    )]
    TooManyGlobals {
        /// Number found.
        defined: usize,
        /// Number allowed.
        allowed: usize,
    },
    /// More functions than allowed.
    #[error(
        "Wasm module defined {defined} functions which exceeds the maximum number allowed {allowed}."
    )]
    TooManyFunctions {
        /// Number found.
        defined: usize,
        /// Number allowed.
        allowed: usize,
    },
    /// More `icp:` sections than allowed.
    #[error(
        "Wasm module defined {defined} custom sections which exceeds the maximum number allowed {allowed}."
    )]
    TooManyCustomSections {
        /// Number found.
        defined: usize,
        /// Number allowed.
        allowed: usize,
    },
    /// A function that would take too long to compile.
    #[error(
        "Wasm module contains a function at index {index} with complexity {complexity} which exceeds the maximum complexity \
         allowed {allowed}."
    )]
    FunctionComplexityTooHigh {
        /// Index in the function index space.
        index: u32,
        /// Complexity found.
        complexity: u64,
        /// Complexity allowed.
        allowed: u64,
    },
    /// An instruction of standard Wasm that canisters may not use.
    #[error(
        "Wasm module contains a function at index {index} with unsupported instruction {instruction}."
    )]
    UnsupportedInstruction {
        /// Index in the function index space.
        index: u32,
        /// Name of the instruction in the text format.
        instruction: &'static str,
    },
    /// A function with too many instructions.
    #[error(
        "Wasm module contains a function at index {index} of size {size} that exceeds the maximum allowed size of {allowed}."
    )]
    FunctionTooLarge {
        /// Index in the function index space.
        index: u32,
        /// Number of instructions found.
        size: usize,
        /// Number of instructions allowed.
        allowed: usize,
    },
    /// A code section that is too large.
    #[error(
        "Wasm module code section size of {size} exceeds the maximum allowed size of {allowed}."
    )]
    CodeSectionTooLarge {
        /// Size found, in bytes.
        size: u32,
        /// Size allowed, in bytes.
        allowed: u32,
    },
    /// A module that is too large once decompressed.
    #[error("Wasm module size of {size} exceeds the maximum allowed size of {allowed}.")]
    ModuleTooLarge {
        /// Size found, in bytes.
        size: u64,
        /// Size allowed, in bytes.
        allowed: u64,
    },
}

/// A module that is valid but cannot be instrumented.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum InstrumentationError {
    /// An active data segment outside the initial memory.
    #[error("Wasm module has invalid data segment of {len} bytes at {offset}")]
    DataSegment {
        /// Start of the segment; a negative constant is sign-extended.
        offset: u64,
        /// Length of the segment in bytes.
        len: usize,
    },
}

/// The advice after the first line: with a link for errors of the author, general for errors of the tool chain.
fn help_line(error: &ValidationError) -> String {
    let (suggestion, section) = match error {
        ValidationError::DuplicateExport { name } => (
            format!("Try defining different versions of the function for each call type, e.g. `{name}_update`, `{name}_query`, etc."),
            "wasm-module-duplicate-exports",
        ),
        ValidationError::TooManyExports { .. } => (
            "Try combining multiple endpoints into a single endpoint.".to_string(),
            "wasm-module-exports-too-many-methods",
        ),
        ValidationError::ExportedNamesTooLong { .. } => {
            ("Try using shorter method names.".to_string(), "wasm-module-sum-of-exported-name-lengths-too-large")
        }
        ValidationError::TooManyFunctions { .. } => {
            ("Try spliting this canister into multiple canisters.".to_string(), "wasm-module-too-many-functions")
        }
        ValidationError::TooManyGlobals { .. } => (
            "Try collecting multiple globals into a single structured which can be stored on the heap.".to_string(),
            "wasm-module-too-many-globals",
        ),
        ValidationError::FunctionComplexityTooHigh { .. } => (
            "Try breaking large functions up into multiple smaller functions.".to_string(),
            "wasm-module-function-complexity-too-high",
        ),
        ValidationError::FunctionTooLarge { .. } => (
            "Try breaking large functions up into multiple smaller functions.".to_string(),
            "wasm-module-function-too-large",
        ),
        ValidationError::CodeSectionTooLarge { .. } => (
            "Try shrinking the module code section using tools like `ic-wasm` or splitting the logic across multiple canisters."
                .to_string(),
            "wasm-module-code-section-too-large",
        ),
        ValidationError::ModuleTooLarge { .. } => (
            "Try shrinking the module using tools like `ic-wasm` or splitting the logic across multiple canisters.".to_string(),
            "wasm-module-too-large",
        ),
        _ => return format!("\n{TOOLCHAIN_HELP}"),
    };
    format!("\n{suggestion} See documentation: {DOCUMENTATION}{section}")
}
