//! The message: argument, caller, reject, method name, deadline.
//!
//! Source: interface specification, "Entry points" and `msg_*`. In: the context. Out: its parts.

use super::system_call::SystemCall;
use crate::ids::Time;
use crate::sandbox::{Context, Trap};
use std::sync::Arc;

/// Bytes that a copying import reads, shared so that the heap can be written meanwhile.
fn argument_of(context: &Context) -> Arc<[u8]> {
    match context {
        Context::Init { arg, .. } | Context::Inspect { arg, .. } => arg.clone(),
        Context::Update(input)
        | Context::ReplicatedQuery(input)
        | Context::Query { input, .. }
        | Context::CompositeQuery { input, .. } => input.arg.clone(),
        Context::Callback { input, .. } => input.answer.clone().unwrap_or_default(),
        _ => Arc::from([]),
    }
}

pub(super) fn arg_data_size(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(argument_of(&call.host.context).len() as u64)
}

pub(super) fn arg_data_copy(call: &mut SystemCall) -> Result<u64, Trap> {
    let argument = argument_of(&call.host.context);
    call.copy_out(
        0,
        &argument,
        "ic0.msg_arg_data_copy heap",
        "ic0.msg_arg_data_copy payload",
    )?;
    Ok(0)
}

pub(super) fn caller_size(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(call
        .host
        .caller()
        .map_or(0, |caller| caller.as_slice().len() as u64))
}

pub(super) fn caller_copy(call: &mut SystemCall) -> Result<u64, Trap> {
    if let Some(caller) = call.host.caller() {
        call.copy_out(
            0,
            caller.as_slice(),
            "ic0.msg_caller_copy heap",
            "ic0.msg_caller_copy id",
        )?;
    }
    Ok(0)
}

/// What is vouched for about the caller; nothing counts as empty.
pub(super) fn caller_info_data_size(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(call
        .host
        .environment
        .caller_info
        .as_ref()
        .map_or(0, |info| info.data.len() as u64))
}

pub(super) fn caller_info_data_copy(call: &mut SystemCall) -> Result<u64, Trap> {
    let info = call.host.environment.caller_info.clone();
    let data = info.as_ref().map_or(&[][..], |info| info.data.as_slice());
    call.copy_out(
        0,
        data,
        "ic0.msg_caller_info_data_copy heap",
        "ic0.msg_caller_info_data_copy data",
    )?;
    Ok(0)
}

pub(super) fn caller_info_signer_size(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(call
        .host
        .environment
        .caller_info
        .as_ref()
        .map_or(0, |info| info.signer.as_slice().len() as u64))
}

pub(super) fn caller_info_signer_copy(call: &mut SystemCall) -> Result<u64, Trap> {
    let info = call.host.environment.caller_info.clone();
    let signer = info.as_ref().map_or(&[][..], |info| info.signer.as_slice());
    call.copy_out(
        0,
        signer,
        "ic0.msg_caller_info_signer_copy heap",
        "ic0.msg_caller_info_signer_copy signer",
    )?;
    Ok(0)
}

pub(super) fn reject_code(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(match &call.host.context {
        Context::Callback { input, .. } => input
            .answer
            .as_ref()
            .err()
            .map_or(0, |reject| reject.code as u64),
        _ => 0,
    })
}

fn reject_message(context: &Context) -> String {
    match context {
        Context::Callback { input, .. } => input
            .answer
            .as_ref()
            .err()
            .map(|reject| reject.message.clone())
            .unwrap_or_default(),
        _ => String::new(),
    }
}

pub(super) fn reject_msg_size(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(reject_message(&call.host.context).len() as u64)
}

pub(super) fn reject_msg_copy(call: &mut SystemCall) -> Result<u64, Trap> {
    let message = reject_message(&call.host.context);
    call.copy_out(
        0,
        message.as_bytes(),
        "ic0.msg_reject_msg_copy heap",
        "ic0.msg_reject_msg_copy msg",
    )?;
    Ok(0)
}

pub(super) fn deadline(call: &mut SystemCall) -> Result<u64, Trap> {
    let deadline = match &call.host.context {
        Context::Update(input)
        | Context::ReplicatedQuery(input)
        | Context::Query { input, .. }
        | Context::CompositeQuery { input, .. } => input.deadline,
        Context::Callback { input, .. } => input.deadline,
        _ => None,
    };
    Ok(deadline.unwrap_or(Time(0)).0)
}

fn method_name(context: &Context) -> String {
    match context {
        Context::Inspect { method, .. } => method.clone(),
        _ => String::new(),
    }
}

pub(super) fn method_name_size(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(method_name(&call.host.context).len() as u64)
}

pub(super) fn method_name_copy(call: &mut SystemCall) -> Result<u64, Trap> {
    let name = method_name(&call.host.context);
    call.copy_out(
        0,
        name.as_bytes(),
        "ic0.msg_method_name_copy heap",
        "ic0.msg_method_name_copy payload",
    )?;
    Ok(0)
}
