//! Who and where the canister is: ids, controllers, version, status, root key, replication.
//!
//! Source: interface specification, "Self-identification", "Canister status", "Canister version", "Controller check". In: the
//! environment. Out: its parts.

use super::system_call::SystemCall;
use crate::sandbox::{Trap, trap};
use candid::Principal;

pub(super) fn self_size(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(call.host.environment.canister.as_slice().len() as u64)
}

pub(super) fn self_copy(call: &mut SystemCall) -> Result<u64, Trap> {
    let id = call.host.environment.canister;
    call.copy_out(
        0,
        id.as_slice(),
        "ic0.canister_self_copy heap",
        "ic0.canister_self_copy id",
    )?;
    Ok(0)
}

pub(super) fn subnet_size(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(call.host.environment.subnet.0.as_slice().len() as u64)
}

pub(super) fn subnet_copy(call: &mut SystemCall) -> Result<u64, Trap> {
    let id = call.host.environment.subnet.0;
    call.copy_out(
        0,
        id.as_slice(),
        "ic0.subnet_self_copy heap",
        "ic0.subnet_self_copy id",
    )?;
    Ok(0)
}

pub(super) fn subnet_node_count(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(call.host.environment.node_count as u64)
}

pub(super) fn root_key_size(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(call.host.environment.root_key.len() as u64)
}

pub(super) fn root_key_copy(call: &mut SystemCall) -> Result<u64, Trap> {
    let key = call.host.environment.root_key.clone();
    call.copy_out(0, &key, "ic0.root_key_copy heap", "ic0.root_key_copy bytes")?;
    Ok(0)
}

pub(super) fn status(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(call.host.environment.status as u64)
}

pub(super) fn version(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(call.host.environment.canister_version)
}

pub(super) fn is_controller(call: &mut SystemCall) -> Result<u64, Trap> {
    let bytes = call.slice(0, "ic0.is_controller")?.to_vec();
    let principal = Principal::try_from(bytes).map_err(|_| trap::invalid_principal())?;
    Ok(u64::from(
        call.host.environment.controllers.contains(&principal),
    ))
}

pub(super) fn in_replicated_execution(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(u64::from(call.host.is_replicated()))
}
