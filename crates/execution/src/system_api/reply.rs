//! Answering: reply, reject, acceptance of an ingress message.
//!
//! Source: interface specification, `msg_reply*`, `msg_reject`, `accept_message`. In: bytes. Out: the answer in the host. A call is
//! answered once.

use super::system_call::SystemCall;
use crate::sandbox::{Answer, Answering, Trap, trap};

pub(super) fn reply_data_append(call: &mut SystemCall) -> Result<u64, Trap> {
    let (size, limit) = (call.argument(1), call.host.limits.reply_bytes);
    let Answering::Open(data) = &call.host.answering else {
        return Err(trap::toolchain(
            "ic0.msg_reply_data_append: the call is already replied.",
        ));
    };
    let total = (data.len() as u64).saturating_add(size);
    if total > limit {
        let message = format!(
            "ic0.msg_reply_data_append: application payload size ({total}) cannot be larger than {limit}."
        );
        let advice =
            "Consider checking the response size and returning an error if it is too long.";
        return Err(trap::contract(
            message,
            advice,
            Some("msg_reply_data_append-payload-too-large"),
        ));
    }
    let bytes = call.slice(0, "msg.reply")?.to_vec();
    if let Answering::Open(data) = &mut call.host.answering {
        data.extend_from_slice(&bytes);
    }
    Ok(0)
}

pub(super) fn reply(call: &mut SystemCall) -> Result<u64, Trap> {
    let Answering::Open(data) = &mut call.host.answering else {
        return Err(trap::toolchain(
            "ic0.msg_reply: the call is already replied",
        ));
    };
    let data = std::mem::take(data);
    call.host.answering = Answering::Done(Answer::Reply(data));
    Ok(0)
}

pub(super) fn reject(call: &mut SystemCall) -> Result<u64, Trap> {
    let (size, limit) = (call.argument(1), call.host.limits.reply_bytes);
    if !matches!(call.host.answering, Answering::Open(_)) {
        return Err(trap::toolchain(
            "ic0.msg_reject: the call is already replied",
        ));
    }
    if size > limit {
        let message = format!(
            "ic0.msg_reject: application payload size ({size}) cannot be larger than {limit}."
        );
        let advice = "Try truncating the error messages that are too long.";
        return Err(trap::contract(
            message,
            advice,
            Some("msg_reject-payload-too-large"),
        ));
    }
    let bytes = call.slice(0, "ic0.msg_reject")?.to_vec();
    let message = String::from_utf8(bytes)
        .map_err(|_| trap::toolchain("ic0.msg_reject: invalid UTF-8 string provided"))?;
    call.host.answering = Answering::Done(Answer::Reject(message));
    Ok(0)
}

pub(super) fn accept_message(call: &mut SystemCall) -> Result<u64, Trap> {
    if call.host.accepted_message {
        return Err(trap::toolchain(
            "ic0.accept_message: the function was already called.",
        ));
    }
    call.host.accepted_message = true;
    Ok(0)
}
