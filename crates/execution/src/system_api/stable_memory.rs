//! Stable memory.
//!
//! Source: interface specification, "Stable memory". In: offsets and sizes. Out: bytes between heap and stable memory. The 32-bit
//! imports work on a stable memory of at most 4 GiB. Each page of 4 KiB written for the first time in an execution costs like a
//! page of the heap.

use super::linking::charge;
use super::system_call::SystemCall;
use crate::memory::PAGE_BYTES;
use crate::sandbox::{Trap, WRITTEN_PAGE_INSTRUCTIONS, trap};

/// Pages of 64 KiB that the 32-bit imports can address.
const MAX_PAGES_32: u64 = 65_536;

pub(super) fn size64(call: &mut SystemCall) -> Result<u64, Trap> {
    Ok(call.host.stable.pages())
}

pub(super) fn grow64(call: &mut SystemCall) -> Result<u64, Trap> {
    let pages = call.argument(0);
    Ok(call.host.grow_stable(pages)?.unwrap_or(u64::MAX))
}

fn check_32(call: &SystemCall) -> Result<(), Trap> {
    if call.host.stable.pages() > MAX_PAGES_32 {
        return Err(trap::wasm(
            "32 bit stable memory api used on a memory larger than 4GB",
        ));
    }
    Ok(())
}

pub(super) fn size32(call: &mut SystemCall) -> Result<u64, Trap> {
    check_32(call)?;
    size64(call)
}

pub(super) fn grow32(call: &mut SystemCall) -> Result<u64, Trap> {
    check_32(call)?;
    if call.host.stable.pages() + call.argument(0) > MAX_PAGES_32 {
        return Ok(u32::MAX as u64);
    }
    Ok(grow64(call)? as u32 as u64)
}

pub(super) fn write32(call: &mut SystemCall) -> Result<u64, Trap> {
    check_32(call)?;
    write64(call)
}

pub(super) fn read32(call: &mut SystemCall) -> Result<u64, Trap> {
    check_32(call)?;
    read64(call)
}

fn check_bounds(start: u64, size: u64, limit: u64, reason: &str) -> Result<(), Trap> {
    match start.checked_add(size) {
        Some(end) if end <= limit => Ok(()),
        _ => Err(trap::wasm(reason)),
    }
}

fn check_stable(call: &SystemCall, offset: u64, size: u64) -> Result<(), Trap> {
    check_bounds(
        offset,
        size,
        call.host.stable.bytes(),
        "stable memory out of bounds",
    )
}

fn check_heap(call: &mut SystemCall, address: u64, size: u64) -> Result<(), Trap> {
    let length = call.heap()?.len() as u64;
    check_bounds(address, size, length, "heap out of bounds")
}

/// Arguments: offset, source, size.
pub(super) fn write64(call: &mut SystemCall) -> Result<u64, Trap> {
    let (offset, source, size) = (call.argument(0), call.argument(1), call.argument(2));
    check_stable(call, offset, size)?;
    check_heap(call, source, size)?;
    if size == 0 {
        return Ok(0);
    }
    let page_bytes = PAGE_BYTES as u64;
    let pages = offset / page_bytes..=(offset + size - 1) / page_bytes;
    let new = pages
        .filter(|page| call.host.stable_written.insert(*page))
        .count() as u64;
    charge(call, new * WRITTEN_PAGE_INSTRUCTIONS)?;
    let SystemCall {
        host,
        heap: Some(heap),
        ..
    } = call
    else {
        return Ok(0);
    };
    let bytes = &heap[source as usize..(source + size) as usize];
    host.stable
        .write(offset, bytes)
        .map_err(|_| trap::wasm("stable memory out of bounds"))?;
    Ok(0)
}

/// Arguments: destination, offset, size.
pub(super) fn read64(call: &mut SystemCall) -> Result<u64, Trap> {
    let (target, offset, size) = (call.argument(0), call.argument(1), call.argument(2));
    if size == 0 {
        return Ok(0); // As recorded: nothing is read, whatever the addresses.
    }
    check_stable(call, offset, size)?;
    check_heap(call, target, size)?;
    let SystemCall {
        host,
        heap: Some(heap),
        ..
    } = call
    else {
        return Ok(0);
    };
    let bytes = &mut heap[target as usize..(target + size) as usize];
    host.stable
        .read_into(offset, bytes)
        .map_err(|_| trap::wasm("stable memory out of bounds"))?;
    Ok(0)
}
