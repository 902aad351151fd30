//! Making the reasons why code stops.
//!
//! Source: recorded texts of the public network. In: what happened. Out: [`Trap`]. Leaves out: what callers are told (see
//! `entry::failure`).

use super::Trap;
use crate::error::{ErrorCode, UserError};
use wasmtime::WasmBacktrace;

const TOOLCHAIN_HELP: &str = "If you are running this canister in a test environment (e.g., dfx), make sure the test environment is \
                              up to date. Otherwise, this is likely an error with the compiler/CDK toolchain being used to build \
                              the canister. Please report the error to IC devs on the forum: https://forum.dfinity.org and \
                              include which language/CDK was used to create the canister.";
const DOCUMENTATION: &str =
    "https://internetcomputer.org/docs/current/references/execution-errors#";
/// The public network counts functions with five imports of its own in front.
const FUNCTION_INDEX_SHIFT: u32 = 5;

/// A breach of the contract for which the tool chain is to blame.
pub(crate) fn toolchain(message: impl Into<String>) -> Trap {
    contract(message, TOOLCHAIN_HELP, None)
}

/// A breach of the contract for which the developer gets this advice and, if there is one, a link to an anchor of the
/// documentation.
pub(crate) fn contract(message: impl Into<String>, suggestion: &str, anchor: Option<&str>) -> Trap {
    Trap::ContractViolation {
        message: message.into(),
        suggestion: suggestion.to_string(),
        doc_link: anchor
            .map(|anchor| format!("{DOCUMENTATION}{anchor}"))
            .unwrap_or_default(),
        backtrace: None,
    }
}

/// A Wasm trap with this reason.
pub(crate) fn wasm(reason: &str) -> Trap {
    Trap::Wasm {
        reason: reason.to_string(),
        backtrace: None,
    }
}

/// Bytes that are no principal.
pub(crate) fn invalid_principal() -> Trap {
    let text = format!("Canister provided invalid principal id.\n{TOOLCHAIN_HELP}");
    other(ErrorCode::CanisterContractViolation, &text)
}

/// An error with its own code and text; whoever tells a caller names the canister.
pub(crate) fn other(code: ErrorCode, text: &str) -> Trap {
    Trap::Other(UserError::new(code, text))
}

/// The trap that ended Wasm code, by its error, unless the host knows better.
pub(super) fn from_engine(error: &wasmtime::Error) -> Trap {
    use wasmtime::Trap as Code;
    match error.downcast_ref::<Code>() {
        Some(Code::StackOverflow) => wasm("stack overflow"),
        Some(Code::MemoryOutOfBounds) => wasm("heap out of bounds"),
        Some(Code::TableOutOfBounds) => wasm("table out of bounds"),
        Some(Code::IntegerDivisionByZero) => wasm("integer division by 0"),
        Some(Code::UnreachableCodeReached) => wasm("unreachable"),
        Some(Code::BadSignature) => toolchain("function invocation does not match its signature"),
        _ => wasm("unknown"),
    }
}

/// Gives a trap the backtrace of the error that it came with, if it is of a kind that shows one. `callee` is the import that
/// trapped, where the public network has a Wasm function in its place.
pub(super) fn with_backtrace(trap: Trap, error: &wasmtime::Error, callee: Option<&str>) -> Trap {
    let text = error
        .downcast_ref::<WasmBacktrace>()
        .and_then(|backtrace| backtrace_text(backtrace, callee));
    match trap {
        Trap::Wasm { reason, .. } => Trap::Wasm {
            reason,
            backtrace: text,
        },
        Trap::CalledTrap { message, .. } => Trap::CalledTrap {
            message,
            backtrace: text,
        },
        other => other,
    }
}

/// A name as the source of the code has it, where it is a mangled one of Rust, without the compiler's hash.
fn demangled(name: &str) -> String {
    match rustc_demangle::try_demangle(name) {
        Ok(name) => format!("{name:#}"),
        Err(_) => name.to_string(),
    }
}

/// The names of the functions, innermost first; `None` if the module has no names for them.
fn backtrace_text(backtrace: &WasmBacktrace, callee: Option<&str>) -> Option<String> {
    let mut text = "Canister Backtrace:\n".to_string();
    let frames = backtrace.frames();
    if callee.is_none() && frames.iter().all(|frame| frame.func_name().is_none()) {
        return None;
    }
    let names = frames.iter().map(|frame| match frame.func_name() {
        Some(name) => demangled(name),
        None => format!(
            "unknown function at index {}",
            frame.func_index() + FUNCTION_INDEX_SHIFT
        ),
    });
    for name in callee.map(str::to_string).into_iter().chain(names) {
        text.push_str(&name);
        text.push('\n');
    }
    Some(text)
}
