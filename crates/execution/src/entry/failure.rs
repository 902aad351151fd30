//! What callers are told when code stops.
//!
//! Source: recorded texts of the real server: `Error from Canister <id>: <text>` and, where there is advice, a dot, a line
//! break and the advice. In: a trap. Out: code and text. The caller says whether the reader may see backtraces (whoever may
//! read the canister's log may).

use crate::error::{ErrorCode, UserError};
use crate::ids::CanisterId;
use crate::sandbox::Trap;
use crate::wasm::WasmMethod;

const DOCS: &str = "https://internetcomputer.org/docs/current/references/execution-errors";
const TOOLCHAIN: &str = "If you are running this canister in a test environment (e.g., dfx), make sure the test environment is up to date. Otherwise, this is likely an error with the compiler/CDK toolchain being used to build the canister. Please report the error to IC devs on the forum: https://forum.dfinity.org and include which language/CDK was used to create the canister.";
const HANDLE_EXCEPTIONS: &str = "Consider gracefully handling failures from this canister or altering the canister to handle exceptions.";

/// Whether the reader of an error may see backtraces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Backtraces {
    /// The reader may read the canister's log.
    Shown,
    /// The reader may not.
    Hidden,
}

/// The error that the caller of `canister` sees.
pub fn user_error(canister: CanisterId, trap: &Trap, backtraces: Backtraces) -> UserError {
    let advice = advice(trap)
        .map(|advice| format!(".\n{advice}"))
        .unwrap_or_default();
    let message = format!(
        "Error from Canister {canister}: {}{advice}",
        text(trap, backtraces)
    );
    UserError::new(code(trap), shortened(message))
}

/// Longer messages lose their middle: callers get the beginning and the end.
fn shortened(message: String) -> String {
    const LIMIT: usize = 8_192;
    const START: usize = 4_096;
    const GAP: &str = "...";
    if message.len() <= LIMIT {
        return message;
    }
    let start = message.floor_char_boundary(START);
    let end = message.ceil_char_boundary(message.len() - (LIMIT - START - GAP.len()));
    format!("{}{GAP}{}", &message[..start], &message[end..])
}

/// The error when the cleanup callback trapped as well.
pub fn cleanup_error(
    canister: CanisterId,
    callback: &Trap,
    cleanup: &Trap,
    backtraces: Backtraces,
) -> UserError {
    let message = format!(
        "Error from Canister {canister}: {}\n\ncall_on_cleanup also failed:\n\n{}",
        text(callback, backtraces),
        text(cleanup, backtraces)
    );
    UserError::new(code(callback), shortened(message))
}

/// The error for a canister without code.
pub fn no_module(canister: CanisterId) -> UserError {
    let message = format!(
        "Error from Canister {canister}: Attempted to execute a message, but the canister contains no Wasm module..\nPlease install code to this canister before calling it. See documentation: {DOCS}#wasm-module-not-found"
    );
    UserError::new(ErrorCode::CanisterWasmModuleNotFound, message)
}

/// The number of the error.
pub fn code(trap: &Trap) -> ErrorCode {
    match trap {
        Trap::Wasm { .. } => ErrorCode::CanisterTrapped,
        Trap::CalledTrap { .. } => ErrorCode::CanisterCalledTrap,
        Trap::ContractViolation { .. } => ErrorCode::CanisterContractViolation,
        Trap::InstructionLimit { .. } => ErrorCode::CanisterInstructionLimitExceeded,
        Trap::WasmMemoryLimit { .. } => ErrorCode::CanisterWasmMemoryLimitExceeded,
        Trap::OutOfMemory => ErrorCode::CanisterOutOfMemory,
        Trap::InsufficientCyclesInMemoryGrow { .. } => ErrorCode::InsufficientCyclesInMemoryGrow,
        Trap::ReservedCyclesLimitExceededInMemoryGrow { .. } => {
            ErrorCode::ReservedCyclesLimitExceededInMemoryGrow
        }
        Trap::MethodNotFound(_) => ErrorCode::CanisterMethodNotFound,
        Trap::FunctionNotFound { .. } => ErrorCode::CanisterFunctionNotFound,
        Trap::Other(error) => error.code,
    }
}

/// The line that a trap leaves in the canister's log; other errors leave none.
pub fn log_line(trap: &Trap) -> Option<String> {
    let (text, backtrace) = match trap {
        Trap::Wasm { reason, backtrace } => (reason.as_str(), backtrace),
        Trap::CalledTrap { message, backtrace } if message.is_empty() => {
            ("(no message)", backtrace)
        }
        Trap::CalledTrap { message, backtrace } => (message.as_str(), backtrace),
        _ => return None,
    };
    Some(match backtrace {
        Some(backtrace) => format!("[TRAP]: {text}\n{backtrace}"),
        None => format!("[TRAP]: {text}"),
    })
}

/// The text without prefix and advice, as logs and cleanup errors show it.
pub fn text(trap: &Trap, backtraces: Backtraces) -> String {
    let with_backtrace = |text: String, backtrace: &Option<String>| match backtrace {
        Some(backtrace) if backtraces == Backtraces::Shown => format!("{text}\n{backtrace}"),
        _ => text,
    };
    match trap {
        Trap::Wasm { reason, backtrace } => {
            with_backtrace(format!("Canister trapped: {reason}"), backtrace)
        }
        Trap::CalledTrap { message, backtrace } => with_backtrace(
            format!("Canister called `ic0.trap` with message: '{message}'"),
            backtrace,
        ),
        Trap::ContractViolation {
            message, backtrace, ..
        } => with_backtrace(format!("Canister violated contract: {message}"), backtrace),
        Trap::InstructionLimit { limit } => {
            format!(
                "Canister exceeded the limit of {limit} instructions for single message execution."
            )
        }
        Trap::WasmMemoryLimit { bytes, limit } => format!(
            "Canister exceeded its current Wasm memory limit of {limit} bytes. The peak Wasm memory usage was {bytes} bytes. If the canister reaches 4GiB, then it may stop functioning and may become unrecoverable. Please reach out to the canister owner to investigate the reason for the increased memory usage. It might be necessary to move data from the Wasm memory to the stable memory. If such high Wasm memory usage is expected and safe, then the developer can increase the Wasm memory limit in the canister settings."
        ),
        Trap::OutOfMemory => "Canister cannot grow its memory usage.".into(),
        Trap::InsufficientCyclesInMemoryGrow {
            bytes,
            available,
            required,
        } => format!(
            "Canister cannot grow memory by {bytes} bytes due to insufficient cycles. At least {} additional cycles are required.",
            *required - *available
        ),
        Trap::ReservedCyclesLimitExceededInMemoryGrow {
            bytes,
            requested,
            limit,
        } => format!(
            "Canister cannot grow memory by {bytes} bytes due to its reserved cycles limit. The current limit ({limit}) would be exceeded by {}.",
            *requested - *limit
        ),
        Trap::MethodNotFound(method) => format!("Canister has no {}.", method_name(method)),
        Trap::FunctionNotFound { table, function } => {
            format!(
                "Canister requested to invoke a non-existent Wasm function {function} from table {table}"
            )
        }
        Trap::Other(error) => error.message.clone(),
    }
}

/// The advice that follows the text, if there is any.
fn advice(trap: &Trap) -> Option<String> {
    let documented = |suggestion: &str, anchor: &str| {
        Some(format!("{suggestion} See documentation: {DOCS}#{anchor}"))
    };
    match trap {
        Trap::Wasm { .. } => documented(HANDLE_EXCEPTIONS, "trapped"),
        Trap::CalledTrap { .. } => documented(HANDLE_EXCEPTIONS, "trapped-explicitly"),
        Trap::ContractViolation {
            suggestion,
            doc_link,
            ..
        } => match (suggestion.as_str(), doc_link.as_str()) {
            ("", "") => None,
            (suggestion, "") => Some(suggestion.to_string()),
            (suggestion, link) if link.starts_with("https://") => {
                Some(format!("{suggestion} See documentation: {link}"))
            }
            (suggestion, anchor) => documented(suggestion, anchor.trim_start_matches('#')),
        },
        Trap::InstructionLimit { .. } => documented(
            "Try optimizing this method to consume fewer instructions or split the work across multiple messages.",
            "instruction-limit-exceeded",
        ),
        Trap::WasmMemoryLimit { .. } => documented(
            "Try checking the canister for a possible memory leak or modifying it to use more stable memory instead of Wasm memory.",
            "wasm-memory-limit-exceeded",
        ),
        Trap::OutOfMemory => documented(
            "Check the canister's memory usage against its allocation and the system wide limits to determine why more memory cannot be allocated.",
            "out-of-memory",
        ),
        Trap::InsufficientCyclesInMemoryGrow { .. } => documented(
            "Try topping up the canister.",
            "insufficient-cycles-in-memory-grow",
        ),
        Trap::ReservedCyclesLimitExceededInMemoryGrow { .. } => documented(
            "Try increasing the canister's reserved cycles limit.",
            "reserved-cycles-limit-exceeded-in-memory-grow",
        ),
        Trap::MethodNotFound(_) => documented(
            "Check that the method being called is exported by the target canister.",
            "method-not-found",
        ),
        Trap::FunctionNotFound { .. } => Some(TOOLCHAIN.into()),
        Trap::Other(_) => None,
    }
}

fn method_name(method: &WasmMethod) -> String {
    match method {
        WasmMethod::Update(name) => format!("update method '{name}'"),
        WasmMethod::Query(name) => format!("query method '{name}'"),
        WasmMethod::CompositeQuery(name) => format!("composite_query method '{name}'"),
        WasmMethod::System(system) => format!("system method '{}'", system.export_name()),
    }
}
