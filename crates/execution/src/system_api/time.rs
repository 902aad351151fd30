//! Time and the global timer.
//!
//! Source: interface specification, "Time" and "Global timer". In: nanoseconds since 1970. Out: the same; 0 is no timer.

use super::system_call::SystemCall;
use crate::ids::Time;
use crate::sandbox::Trap;

pub(super) fn time(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(call.host.environment.time.0)
}

pub(super) fn global_timer_set(call: &mut SystemCall) -> Result<u64, Trap> {
    let new = Some(Time(call.argument(0))).filter(|time| time.0 != 0);
    let before = match call.host.global_timer.replace(new) {
        Some(earlier) => earlier,
        None => call.host.environment.global_timer,
    };
    Ok(before.unwrap_or(Time(0)).0)
}
