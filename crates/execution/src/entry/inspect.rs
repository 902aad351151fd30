//! Asks a canister whether it takes an ingress message.
//!
//! Source: interface specification, "Ingress message inspection": at most 200 M instructions, nothing is kept, nothing charged.

use super::{INSPECT_INSTRUCTIONS, error_for, limits, run};
use crate::canister::Canister;
use crate::cycles::Cycles;
use crate::error::{ErrorCode, UserError};
use crate::message::Ingress;
use crate::sandbox::{Context, Function};
use crate::subnet::SubnetState;
use crate::wasm::{SystemMethod, WasmMethod};

/// Refuses the message if the canister does; a canister without the entry point takes everything.
pub fn inspect(
    state: &SubnetState,
    canister: &Canister,
    ingress: &Ingress,
) -> Result<(), UserError> {
    let method = WasmMethod::System(SystemMethod::InspectMessage);
    if !canister
        .module()
        .is_some_and(|module| module.exports.contains(&method))
    {
        return Ok(());
    }
    let context = Context::Inspect {
        caller: ingress.sender,
        method: ingress.method.clone(),
        arg: ingress.payload.as_slice().into(),
    };
    let mut limits = limits(canister, INSPECT_INSTRUCTIONS);
    limits.wasm_memory_limit = None;
    let ran = run(
        state,
        canister,
        Function::Method(method),
        context,
        limits,
        |environment| environment.caller_info = ingress.caller_info.clone(),
        Cycles::ZERO,
    )?;
    let changes = ran
        .outcome
        .result
        .map_err(|trap| error_for(canister, &trap, &ingress.sender))?;
    if changes.accepted_message {
        return Ok(());
    }
    let message = format!(
        "Error from Canister {}: Canister rejected the message",
        canister.id
    );
    Err(UserError::new(ErrorCode::CanisterRejectedMessage, message))
}
