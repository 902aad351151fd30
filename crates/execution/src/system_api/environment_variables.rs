//! Environment variables.
//!
//! Source: interface specification, `env_var_*`. In: an index (by name in order) or a name. Out: names and values.

use super::system_call::SystemCall;
use crate::error::ErrorCode;
use crate::sandbox::{Trap, trap};

/// Most bytes of a name.
const MAX_NAME_BYTES: u64 = 128;

pub(super) fn count(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(call.host.environment.environment_variables.len() as u64)
}

fn name_at(call: &SystemCall, index: u64) -> Result<String, Trap> {
    let environment = &call.host.environment;
    let variables = &environment.environment_variables;
    let name = usize::try_from(index)
        .ok()
        .and_then(|index| variables.keys().nth(index));
    name.cloned().ok_or_else(|| {
        let text = format!(
            "Environment variable index {index} is out of bounds. The number of environment variables is {}.",
            variables.len()
        );
        trap::other(ErrorCode::CanisterContractViolation, &text)
    })
}

pub(super) fn name_size(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(name_at(call, call.argument(0))?.len() as u64)
}

pub(super) fn name_copy(call: &mut SystemCall) -> Result<u64, Trap> {
    let name = name_at(call, call.argument(0))?;
    call.copy_out(
        1,
        name.as_bytes(),
        "ic0.env_var_name_copy heap",
        "ic0.env_var_name_copy name",
    )?;
    Ok(0)
}

/// The name that the first two arguments tell. `what` names the range in errors.
fn name_argument(call: &mut SystemCall, import: &str, what: &str) -> Result<String, Trap> {
    if call.argument(1) > MAX_NAME_BYTES {
        return Err(trap::contract(
            format!("{import}: Variable name is too large."),
            "",
            None,
        ));
    }
    let bytes = call.slice(0, what)?.to_vec();
    String::from_utf8(bytes).map_err(|_| {
        let message = format!("{import}: Variable name is not a valid UTF-8 string.");
        trap::contract(
            message,
            "Provide a valid UTF-8 string for the environment variable name.",
            None,
        )
    })
}

pub(super) fn name_exists(call: &mut SystemCall) -> Result<u64, Trap> {
    let name = name_argument(
        call,
        "ic0.env_var_name_exists",
        "ic0.env_var_name_exists heap",
    )?;
    Ok(u64::from(
        call.host
            .environment
            .environment_variables
            .contains_key(&name),
    ))
}

fn value_of(call: &SystemCall, name: &str) -> Result<String, Trap> {
    let environment = &call.host.environment;
    environment
        .environment_variables
        .get(name)
        .cloned()
        .ok_or_else(|| {
            let text = format!("Environment variable {name} not found.");
            trap::other(ErrorCode::CanisterContractViolation, &text)
        })
}

pub(super) fn value_size(call: &mut SystemCall) -> Result<u64, Trap> {
    let name = name_argument(
        call,
        "ic0.env_var_value_size",
        "ic0.env_var_value_size heap",
    )?;
    Ok(value_of(call, &name)?.len() as u64)
}

pub(super) fn value_copy(call: &mut SystemCall) -> Result<u64, Trap> {
    let name = name_argument(
        call,
        "ic0.env_var_value_copy",
        "ic0.env_var_value_copy name",
    )?;
    let value = value_of(call, &name)?;
    call.copy_out(
        2,
        value.as_bytes(),
        "ic0.env_var_value_copy heap",
        "ic0.env_var_value_copy value",
    )?;
    Ok(0)
}
