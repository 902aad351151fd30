//! Counters of instructions.
//!
//! Source: interface specification, `performance_counter`. In: the kind of counter. Out: instructions.

use super::system_call::SystemCall;
use crate::sandbox::{Trap, trap};

pub(super) fn performance_counter(call: &mut SystemCall) -> Result<u64, Trap> {
    let left = u64::try_from(*call.instructions_left).unwrap_or(0);
    let used = call.host.limits.instructions.saturating_sub(left);
    match call.argument(0) {
        0 => Ok(used),
        1 => Ok(call
            .host
            .environment
            .call_context_instructions
            .saturating_add(used)),
        kind => Err(trap::contract(
            format!("Error getting performance counter type {kind}"),
            "",
            None,
        )),
    }
}
