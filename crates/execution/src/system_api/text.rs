//! Texts for people: `debug_print` and `trap`.
//!
//! Source: interface specification, "Debugging aids" and "Canister logs". In: bytes of the heap; a range beyond it never traps.
//! Out: a log record; a trap.

use super::system_call::{MAX_TEXT_BYTES, SystemCall};
use crate::sandbox::Trap;

pub(super) fn debug_print(call: &mut SystemCall) -> Result<u64, Trap> {
    call.heap()?;
    let content = match call.slice(0, "ic0.debug_print") {
        Ok(bytes) => bytes.to_vec(),
        Err(_) => b"(debug_print message out of memory bounds)".to_vec(),
    };
    if tracing::enabled!(tracing::Level::INFO) {
        let shown =
            String::from_utf8_lossy(&content[..content.len().min(MAX_TEXT_BYTES)]).into_owned();
        let environment = &call.host.environment;
        tracing::info!(target: "canister", canister = %environment.canister, time = environment.time.0, "{shown}");
    }
    call.host.log.append(content);
    Ok(0)
}

pub(super) fn trap(call: &mut SystemCall) -> Result<u64, Trap> {
    let (start, size) = (
        call.argument(0),
        call.argument(1).min(MAX_TEXT_BYTES as u64),
    );
    let heap = call.heap()?;
    let message = match start.checked_add(size) {
        Some(end) if end <= heap.len() as u64 => {
            String::from_utf8_lossy(&heap[start as usize..end as usize]).into_owned()
        }
        _ => "(trap message out of memory bounds)".to_string(),
    };
    Err(Trap::CalledTrap {
        message,
        backtrace: None,
    })
}
