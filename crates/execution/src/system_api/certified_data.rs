//! Certified data and its certificate.
//!
//! Source: interface specification, "Certified data". In: bytes. Out: at most 32 bytes for the state tree; the certificate of a query.

use super::system_call::SystemCall;
use crate::sandbox::{Context, Trap, trap};
use std::sync::Arc;

/// Most bytes of certified data.
const MAX_BYTES: u64 = 32;

pub(super) fn set(call: &mut SystemCall) -> Result<u64, Trap> {
    let (start, size) = (call.argument(0), call.argument(1));
    if size > MAX_BYTES {
        let message = format!(
            "ic0_certified_data_set failed because the passed data must be no larger than {MAX_BYTES} bytes. Found {size} bytes."
        );
        let advice = "Try certifying just the hash of your data instead of the full contents.";
        return Err(trap::contract(
            message,
            advice,
            Some("certified_data_set-payload-too-large"),
        ));
    }
    let heap = call.heap()?;
    let length = heap.len();
    if start
        .checked_add(size)
        .is_none_or(|end| end > length as u64)
    {
        return Err(trap::toolchain(format!(
            "ic0_certified_data_set failed because src + size is out of bounds. Found src = {start} and size = {size} while \
             src + size must be <= {length}"
        )));
    }
    let data = heap[start as usize..(start + size) as usize].to_vec();
    call.host.certified_data = Some(data);
    Ok(0)
}

fn certificate(context: &Context) -> Option<Arc<[u8]>> {
    match context {
        Context::Query { certificate, .. } | Context::CompositeQuery { certificate, .. } => {
            certificate.clone()
        }
        _ => None,
    }
}

pub(super) fn certificate_present(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(u64::from(certificate(&call.host.context).is_some()))
}

pub(super) fn certificate_size(call: &mut SystemCall) -> Result<u64, Trap> {
    match certificate(&call.host.context) {
        Some(certificate) => Ok(certificate.len() as u64),
        None => Err(super::table::refused(
            "ic0_data_certificate_size",
            &call.host.context,
        )),
    }
}

pub(super) fn certificate_copy(call: &mut SystemCall) -> Result<u64, Trap> {
    let Some(certificate) = certificate(&call.host.context) else {
        return Err(super::table::refused(
            "ic0_data_certificate_copy",
            &call.host.context,
        ));
    };
    let (target, offset, size) = (call.argument(0), call.argument(1), call.argument(2));
    let heap = call.heap()?;
    out_of_bounds("offset", offset, size, certificate.len())?;
    out_of_bounds("dst", target, size, heap.len())?;
    heap[target as usize..(target + size) as usize]
        .copy_from_slice(&certificate[offset as usize..(offset + size) as usize]);
    Ok(0)
}

fn out_of_bounds(what: &str, start: u64, size: u64, length: usize) -> Result<(), Trap> {
    match start.checked_add(size) {
        Some(end) if end <= length as u64 => Ok(()),
        _ => Err(trap::toolchain(format!(
            "ic0_data_certificate_copy failed because {what} + size is out of bounds. Found {what} = {start} and size = {size} \
             while {what} + size must be <= {length}"
        ))),
    }
}
