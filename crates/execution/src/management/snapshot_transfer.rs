//! Reading snapshots out of the network and uploading them.
//!
//! Methods: read_canister_snapshot_metadata, read_canister_snapshot_data, upload_canister_snapshot_metadata,
//! upload_canister_snapshot_data. Source: interface specification. Slices are at most 2 MB. An uploaded snapshot begins with
//! sizes, all zeros, and is filled slice by slice; its module is compiled when it is loaded.

use super::access::{controlled, controlled_mut};
use super::chunks::{MAX_CHUNK_BYTES, MAX_CHUNKS, hashes};
use super::refusal::{bad_argument, chunk_store, contract_violation, rejected};
use super::snapshots::{charge, check_room, immutable, readable, snapshot_of};
use super::{Invocation, Reply, wire};
use crate::canister::{LowMemoryHook, Snapshot, SnapshotCode, SnapshotId, SnapshotTimer};
use crate::cycles::fees::Width;
use crate::error::UserError;
use crate::ids::{CanisterId, Time};
use crate::memory::{Heap, StableMemory};
use crate::sandbox::{GlobalValue, WasmState};
use crate::subnet::SubnetState;
use candid::Nat;
use ic_management_canister_types as types;
use num_traits::ToPrimitive;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Bytes of a slice at most.
const MAX_SLICE: u64 = 2_000_000;
const WASM_PAGE: u64 = 64 * 1024;
const MAX_MODULE: u64 = 100 << 20;
const MAX_HEAP: u64 = 4 << 30;
const MAX_HEAP_64: u64 = 6 << 30;
const MAX_STABLE: u64 = 500 << 30;
const MAX_GLOBALS: usize = 1_000;
const MAX_CERTIFIED_DATA: usize = 32;
/// Bytes that a global counts for.
const GLOBAL_BYTES: u64 = 32;

/// read_canister_snapshot_metadata
pub(super) fn read_metadata(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::ReadCanisterSnapshotMetadataArgs = call.decode()?;
    let canister = readable(state, CanisterId::new(arguments.canister_id), call.caller())?;
    let snapshot = snapshot_of(canister, &SnapshotId(arguments.snapshot_id))?;
    let reply = types::ReadCanisterSnapshotMetadataResult {
        source: Some(super::info::source(snapshot.uploaded)),
        taken_at_timestamp: snapshot.taken_at.0,
        wasm_module_size: snapshot.code.wasm().len() as u64,
        globals: snapshot
            .wasm_state
            .globals
            .iter()
            .map(|value| Some(shown(value)))
            .collect(),
        wasm_memory_size: snapshot.wasm_state.heap.pages() * WASM_PAGE,
        stable_memory_size: snapshot.wasm_state.stable.pages() * WASM_PAGE,
        wasm_chunk_store: hashes(snapshot.chunks.keys()),
        canister_version: snapshot.version,
        certified_data: snapshot.certified_data.clone(),
        global_timer: snapshot.global_timer.map(|timer| match timer {
            SnapshotTimer::Inactive => types::CanisterTimer::Inactive,
            SnapshotTimer::Active(time) => types::CanisterTimer::Active(time.0),
        }),
        on_low_wasm_memory_hook_status: snapshot.low_memory_hook.map(|hook| match hook {
            LowMemoryHook::NotSatisfied => types::OnLowWasmMemoryHookStatus::ConditionNotSatisfied,
            LowMemoryHook::Ready => types::OnLowWasmMemoryHookStatus::Ready,
            LowMemoryHook::Executed => types::OnLowWasmMemoryHookStatus::Executed,
        }),
    };
    Ok(Reply::Now(wire::encode(&reply)))
}

fn shown(value: &GlobalValue) -> types::SnapshotMetadataGlobal {
    match *value {
        GlobalValue::I32(value) => types::SnapshotMetadataGlobal::I32(value),
        GlobalValue::I64(value) => types::SnapshotMetadataGlobal::I64(value),
        GlobalValue::F32(bits) => types::SnapshotMetadataGlobal::F32(f32::from_bits(bits)),
        GlobalValue::F64(bits) => types::SnapshotMetadataGlobal::F64(f64::from_bits(bits)),
        GlobalValue::V128(value) => types::SnapshotMetadataGlobal::V128(Nat::from(value)),
    }
}

fn global(value: &types::SnapshotMetadataGlobal) -> Result<GlobalValue, UserError> {
    Ok(match value {
        types::SnapshotMetadataGlobal::I32(value) => GlobalValue::I32(*value),
        types::SnapshotMetadataGlobal::I64(value) => GlobalValue::I64(*value),
        types::SnapshotMetadataGlobal::F32(value) => GlobalValue::F32(value.to_bits()),
        types::SnapshotMetadataGlobal::F64(value) => GlobalValue::F64(value.to_bits()),
        types::SnapshotMetadataGlobal::V128(value) => {
            GlobalValue::V128(value.0.to_u128().ok_or_else(|| {
                bad_argument(format!("Global {value} does not fit into 128 bits"))
            })?)
        }
    })
}

/// read_canister_snapshot_data
pub(super) fn read_data(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::ReadCanisterSnapshotDataArgs = call.decode()?;
    let id = CanisterId::new(arguments.canister_id);
    let snapshot_id = SnapshotId(arguments.snapshot_id);
    let canister = readable(state, id, call.caller())?;
    let snapshot = snapshot_of(canister, &snapshot_id)?.clone();
    let chunk = slice(&snapshot, &arguments.kind)?;
    charge(state, id, chunk.len() as u64, call.caller())?;
    Ok(Reply::Now(wire::encode(
        &types::ReadCanisterSnapshotDataResult { chunk },
    )))
}

fn slice(snapshot: &Snapshot, kind: &types::SnapshotDataKind) -> Result<Vec<u8>, UserError> {
    let outside = |offset: u64, size: u64| invalid_slice(offset, size);
    match *kind {
        types::SnapshotDataKind::WasmModule { offset, size } => {
            check_slice(size)?;
            let module = snapshot.code.wasm();
            module_range(module.len(), offset, size)
                .map(|range| module[range].to_vec())
                .ok_or_else(|| outside(offset, size))
        }
        types::SnapshotDataKind::WasmMemory { offset, size } => {
            check_slice(size)?;
            let heap = &snapshot.wasm_state.heap;
            heap.read(offset, size).map_err(|_| outside(offset, size))
        }
        types::SnapshotDataKind::StableMemory { offset, size } => {
            check_slice(size)?;
            let stable = &snapshot.wasm_state.stable;
            stable.read(offset, size).map_err(|_| outside(offset, size))
        }
        types::SnapshotDataKind::WasmChunk { ref hash } => <[u8; 32]>::try_from(hash.as_slice())
            .ok()
            .and_then(|hash| snapshot.chunks.get(&hash))
            .map(|chunk| chunk.to_vec())
            .ok_or_else(|| chunk_store(format!("Chunk hash {hash:?} was not found"))),
    }
}

fn module_range(length: usize, offset: u64, size: u64) -> Option<std::ops::Range<usize>> {
    let start = usize::try_from(offset).ok()?;
    let end = start.checked_add(usize::try_from(size).ok()?)?;
    (end <= length).then_some(start..end)
}

fn check_slice(size: u64) -> Result<(), UserError> {
    if size <= MAX_SLICE {
        return Ok(());
    }
    Err(bad_argument(format!(
        "Requested slice too large: {size} > {MAX_SLICE}"
    )))
}

fn invalid_slice(offset: u64, size: u64) -> UserError {
    bad_argument(format!(
        "Invalid subslice into wasm module / main memory / stable memory: offset: {offset}, size: {size}"
    ))
}

/// upload_canister_snapshot_metadata
pub(super) fn upload_metadata(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::UploadCanisterSnapshotMetadataArgs = call.decode()?;
    let id = CanisterId::new(arguments.canister_id);
    let caller = call.caller();
    let replaced = arguments.replace_snapshot.clone().map(SnapshotId);
    let canister = controlled(state, id, caller)?;
    check_metadata(&arguments, canister.width())?;
    check_room(canister, replaced.as_ref())?;
    let snapshot = blank(id, canister.version, state.time, &arguments)?;
    charge(state, id, snapshot.bytes, caller)?;
    let canister = controlled_mut(state, id, caller)?;
    if let Some(replaced) = replaced {
        canister.snapshots.remove(&replaced);
    }
    let snapshot_id = canister.next_snapshot_id();
    canister
        .snapshots
        .insert(snapshot_id.clone(), Arc::new(snapshot));
    let reply = types::UploadCanisterSnapshotMetadataResult {
        snapshot_id: snapshot_id.0,
    };
    Ok(Reply::Now(wire::encode(&reply)))
}

/// Checks in the public network's order.
fn check_metadata(
    metadata: &types::UploadCanisterSnapshotMetadataArgs,
    width: Width,
) -> Result<(), UserError> {
    let heap_limit = match width {
        Width::Wasm32 => MAX_HEAP,
        Width::Wasm64 => MAX_HEAP_64,
    };
    if metadata.wasm_module_size == 0 {
        return Err(invalid_metadata("the Wasm module is empty".into()));
    }
    let memories = [
        ("Wasm memory", metadata.wasm_memory_size, heap_limit),
        ("stable memory", metadata.stable_memory_size, MAX_STABLE),
    ];
    within("Wasm module", metadata.wasm_module_size, MAX_MODULE)?;
    for (name, size, limit) in memories {
        if size % WASM_PAGE != 0 {
            return Err(invalid_metadata(format!(
                "the {name} has {size} bytes, which are not whole pages of {WASM_PAGE}"
            )));
        }
        within(name, size, limit)?;
    }
    within("globals", metadata.globals.len() as u64, MAX_GLOBALS as u64)?;
    within(
        "certified data",
        metadata.certified_data.len() as u64,
        MAX_CERTIFIED_DATA as u64,
    )
}

fn within(name: &str, given: u64, allowed: u64) -> Result<(), UserError> {
    if given <= allowed {
        return Ok(());
    }
    Err(invalid_metadata(format!(
        "the {name} is too large: {given}, at most {allowed} is allowed"
    )))
}

fn invalid_metadata(message: String) -> UserError {
    contract_violation(format!(
        "Could not validate the settings: {message} \nApply the described changes to make the settings valid. See documentation: https://internetcomputer.org/docs/current/references/execution-errors#invalid-settings"
    ))
}

/// A snapshot of these sizes, all zeros.
fn blank(
    canister: CanisterId,
    version: u64,
    now: Time,
    metadata: &types::UploadCanisterSnapshotMetadataArgs,
) -> Result<Snapshot, UserError> {
    let globals: Vec<GlobalValue> = metadata
        .globals
        .iter()
        .map(global)
        .collect::<Result<_, _>>()?;
    let mut stable = StableMemory::default();
    stable
        .grow(metadata.stable_memory_size / WASM_PAGE)
        .ok_or_else(|| invalid_metadata("stable memory is too large".into()))?;
    let bytes = metadata.wasm_module_size
        + metadata.wasm_memory_size
        + metadata.stable_memory_size
        + metadata.certified_data.len() as u64
        + globals.len() as u64 * GLOBAL_BYTES;
    Ok(Snapshot {
        canister,
        taken_at: now,
        version,
        bytes,
        code: SnapshotCode::Uploaded(vec![0; metadata.wasm_module_size as usize].into()),
        wasm_state: WasmState {
            heap: Heap::zeroed(metadata.wasm_memory_size / WASM_PAGE),
            stable,
            globals,
        },
        certified_data: metadata.certified_data.clone(),
        chunks: BTreeMap::new(),
        global_timer: metadata.global_timer.as_ref().map(|timer| match timer {
            types::CanisterTimer::Inactive => SnapshotTimer::Inactive,
            types::CanisterTimer::Active(time) => SnapshotTimer::Active(Time(*time)),
        }),
        low_memory_hook: metadata.on_low_wasm_memory_hook_status.as_ref().map(
            |status| match status {
                types::OnLowWasmMemoryHookStatus::ConditionNotSatisfied => {
                    LowMemoryHook::NotSatisfied
                }
                types::OnLowWasmMemoryHookStatus::Ready => LowMemoryHook::Ready,
                types::OnLowWasmMemoryHookStatus::Executed => LowMemoryHook::Executed,
            },
        ),
        uploaded: true,
    })
}

/// upload_canister_snapshot_data
pub(super) fn upload_data(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::UploadCanisterSnapshotDataArgs = call.decode()?;
    let id = CanisterId::new(arguments.canister_id);
    let caller = call.caller();
    let snapshot_id = SnapshotId(arguments.snapshot_id);
    let canister = controlled(state, id, caller)?;
    if !snapshot_of(canister, &snapshot_id)?.uploaded {
        return Err(immutable());
    }
    check_slice(arguments.chunk.len() as u64)?;
    charge(state, id, arguments.chunk.len() as u64, caller)?;
    let canister = controlled_mut(state, id, caller)?;
    if let Some(snapshot) = canister.snapshots.get_mut(&snapshot_id) {
        write(Arc::make_mut(snapshot), &arguments.kind, &arguments.chunk)?;
    }
    Ok(Reply::Now(wire::nothing()))
}

fn write(
    snapshot: &mut Snapshot,
    kind: &types::SnapshotDataOffset,
    chunk: &[u8],
) -> Result<(), UserError> {
    let size = chunk.len() as u64;
    match *kind {
        types::SnapshotDataOffset::WasmModule { offset } => {
            let mut module = snapshot.code.wasm().to_vec();
            let range = module_range(module.len(), offset, size)
                .ok_or_else(|| invalid_slice(offset, size))?;
            module[range].copy_from_slice(chunk);
            snapshot.code = SnapshotCode::Uploaded(module.into());
            Ok(())
        }
        types::SnapshotDataOffset::WasmMemory { offset } => snapshot
            .wasm_state
            .heap
            .write(offset, chunk)
            .map_err(|_| invalid_slice(offset, size)),
        types::SnapshotDataOffset::StableMemory { offset } => snapshot
            .wasm_state
            .stable
            .write(offset, chunk)
            .map_err(|_| invalid_slice(offset, size)),
        types::SnapshotDataOffset::WasmChunk => upload_chunk(snapshot, chunk),
    }
}

fn upload_chunk(snapshot: &mut Snapshot, chunk: &[u8]) -> Result<(), UserError> {
    if chunk.len() > MAX_CHUNK_BYTES {
        return Err(chunk_store(format!(
            "Wasm chunk size {} exceeds the maximum chunk size of {MAX_CHUNK_BYTES}",
            chunk.len()
        )));
    }
    let hash: [u8; 32] = Sha256::digest(chunk).into();
    if snapshot.chunks.len() >= MAX_CHUNKS && !snapshot.chunks.contains_key(&hash) {
        return Err(rejected("The chunk store of the snapshot is full."));
    }
    if snapshot.chunks.insert(hash, chunk.into()).is_none() {
        snapshot.bytes += MAX_CHUNK_BYTES as u64;
    }
    Ok(())
}
