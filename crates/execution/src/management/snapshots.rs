//! Snapshots kept with a canister.
//!
//! Methods: take_canister_snapshot, load_canister_snapshot, list_canister_snapshots, delete_canister_snapshot. Source: interface
//! specification; recorded texts and fees. Reading and uploading their contents is in `snapshot_transfer`.

use super::access::{controlled, controlled_mut, existing, may_read};
use super::code::Installation;
use super::install::invalid_module;
use super::refusal::{
    Unpaid, bad_argument, cannot_pay, not_controller, not_found, rejected, snapshot_not_found,
};
use super::{Invocation, Reply, wire};
use crate::canister::{
    Canister, ChangeOrigin, CyclesUse, HistoryChange, HistoryEntry, Installed, LowMemoryHook,
    Snapshot, SnapshotCode, SnapshotId, SnapshotTimer,
};
use crate::cycles::fees::Width;
use crate::error::{ErrorCode, UserError};
use crate::ids::CanisterId;
use crate::subnet::SubnetState;
use candid::Principal;
use ic_management_canister_types as types;
use std::sync::Arc;

/// Snapshots that a canister may have.
const MAX_SNAPSHOTS: usize = 10;
/// Instructions that an operation on a snapshot counts for, beside its bytes.
const BASE_INSTRUCTIONS: u64 = 2_000_000_000;

/// Takes the fee for handling a snapshot of this many bytes.
pub(super) fn charge(
    state: &mut SubnetState,
    id: CanisterId,
    bytes: u64,
    caller: Principal,
) -> Result<(), UserError> {
    let base = if state.config.kind.is_system() {
        0
    } else {
        BASE_INSTRUCTIONS
    };
    let fees = state.fees.clone();
    let fee = fees.execution(base + bytes, Width::Wasm32);
    let canister = state.canisters.get_mut(&id).ok_or_else(|| not_found(id))?;
    canister
        .can_pay(&fees, fee, &caller)
        .map_err(|error| cannot_pay(Unpaid::Snapshot, error))?;
    canister.charge(fee, CyclesUse::Instructions);
    Ok(())
}

/// Whether one more snapshot may be kept, in place of `replaced` if that is given.
pub(super) fn check_room(
    canister: &Canister,
    replaced: Option<&SnapshotId>,
) -> Result<(), UserError> {
    if let Some(replaced) = replaced {
        return match canister.snapshots.contains_key(replaced) {
            true => Ok(()),
            false => Err(snapshot_not_found(canister.id, replaced)),
        };
    }
    if canister.snapshots.len() < MAX_SNAPSHOTS {
        return Ok(());
    }
    let id = canister.id;
    Err(rejected(format!(
        "Canister {id} has reached the maximum number of snapshots allowed: {MAX_SNAPSHOTS}.\nConsider deleting an unnecessary snapshot of the specified canister before creating a new one. See documentation: canister-snapshot-limit-exceeded"
    )))
}

/// take_canister_snapshot
pub(super) fn take_canister_snapshot(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::TakeCanisterSnapshotArgs = call.decode()?;
    let id = CanisterId::new(arguments.canister_id);
    let caller = call.caller();
    let replaced = arguments.replace_snapshot.map(SnapshotId);
    let canister = controlled(state, id, caller)?;
    check_room(canister, replaced.as_ref())?;
    let snapshot = canister.snapshot(state.time).ok_or_else(|| {
        rejected(format!(
            "Failed to create snapshot for empty canister {id}:"
        ))
    })?;
    charge(state, id, snapshot.bytes, caller)?;
    let canister = controlled_mut(state, id, caller)?;
    if let Some(replaced) = replaced {
        canister.snapshots.remove(&replaced);
    }
    let snapshot_id = canister.next_snapshot_id();
    let reply = wire::encode(&described(&snapshot_id, &snapshot));
    canister.snapshots.insert(snapshot_id, Arc::new(snapshot));
    if arguments.uninstall_code.unwrap_or(false) {
        let origin = call.change_origin(arguments.sender_canister_version);
        uninstall_after_snapshot(state, id, origin)?;
    }
    Ok(Reply::Now(reply))
}

fn uninstall_after_snapshot(
    state: &mut SubnetState,
    id: CanisterId,
    origin: ChangeOrigin,
) -> Result<(), UserError> {
    let mut canister = state.canisters.remove(&id).ok_or_else(|| not_found(id))?;
    super::uninstall(state, &mut canister);
    canister.history.push(HistoryEntry {
        time: state.time,
        version: canister.version,
        origin,
        change: HistoryChange::CodeUninstall,
    });
    state.canisters.insert(id, canister);
    Ok(())
}

fn described(id: &SnapshotId, snapshot: &Snapshot) -> types::Snapshot {
    types::Snapshot {
        id: id.0.clone(),
        taken_at_timestamp: snapshot.taken_at.0,
        total_size: snapshot.bytes,
    }
}

/// A snapshot of the canister.
pub(super) fn snapshot_of<'a>(
    canister: &'a Canister,
    id: &SnapshotId,
) -> Result<&'a Arc<Snapshot>, UserError> {
    canister
        .snapshots
        .get(id)
        .ok_or_else(|| snapshot_not_found(canister.id, id))
}

/// A snapshot that may be loaded: the canister's own, or that of another canister of the caller's.
fn loadable(
    state: &SubnetState,
    canister: &Canister,
    id: &SnapshotId,
    caller: Principal,
) -> Result<Arc<Snapshot>, UserError> {
    if let Some(own) = canister.snapshots.get(id) {
        return Ok(own.clone());
    }
    let owner = state
        .canisters
        .values()
        .find(|owner| owner.snapshots.contains_key(id))
        .ok_or_else(|| snapshot_not_found(canister.id, id))?;
    if !owner.settings.controllers.contains(&caller) {
        return Err(rejected(format!(
            "The snapshot {id} does not belong to canister {}.\nUse the `list_canister_snapshot` API to see which snapshots are present. See documentation: https://internetcomputer.org/docs/current/references/execution-errors#canister-snapshot-invalid-ownership",
            canister.id
        )));
    }
    snapshot_of(owner, id).cloned()
}

/// load_canister_snapshot
pub(super) fn load_canister_snapshot(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::LoadCanisterSnapshotArgs = call.decode()?;
    let id = CanisterId::new(arguments.canister_id);
    let caller = call.caller();
    let snapshot_id = SnapshotId(arguments.snapshot_id);
    let canister = controlled(state, id, caller)?;
    let snapshot = loadable(state, canister, &snapshot_id, caller)?;
    check_consistency(&snapshot)?;
    charge(state, id, snapshot.bytes, caller)?;
    let origin = call.change_origin(arguments.sender_canister_version);
    let installed = compile(state, id, &snapshot, caller)?;
    let now = state.time;
    let canister = controlled_mut(state, id, caller)?;
    restore(canister, &snapshot, installed);
    canister.version += 1;
    canister.installed_at = Some(now);
    canister.history.push(HistoryEntry {
        time: now,
        version: canister.version,
        origin,
        change: HistoryChange::LoadSnapshot {
            from_canister: (snapshot.canister != id).then_some(snapshot.canister),
            snapshot: snapshot_id.0,
            version: snapshot.version,
            taken_at: snapshot.taken_at,
            uploaded: snapshot.uploaded,
        },
    });
    Ok(Reply::Now(wire::nothing()))
}

/// An uploaded snapshot must fit its own module; what `take_canister_snapshot` made always does.
fn check_consistency(snapshot: &Snapshot) -> Result<(), UserError> {
    if snapshot.uploaded && snapshot.code.wasm().is_empty() {
        return Err(bad_argument("Snapshot does not contain a Wasm module."));
    }
    Ok(())
}

/// The code of the snapshot, compiled; the canister is charged as for an installation.
fn compile(
    state: &mut SubnetState,
    id: CanisterId,
    snapshot: &Snapshot,
    caller: Principal,
) -> Result<Installed, UserError> {
    let wasm = snapshot.code.wasm().clone();
    let module = match &snapshot.code {
        SnapshotCode::Installed(installed) => installed.module.clone(),
        SnapshotCode::Uploaded(_) => state
            .engine
            .compile(&wasm)
            .map_err(|error| invalid_module(id, &error))?,
    };
    check_globals(snapshot, module.mutable_globals.len())?;
    let canister = controlled(state, id, caller)?;
    let mut work = Installation {
        canister: canister.clone(),
        caller,
        prepaid: Default::default(),
        limit: state.config.instructions.install,
        used: 0,
        records: Vec::new(),
    };
    work.count_compilation(state, module.hash, module.compilation_cost);
    let fees = state.fees.clone();
    let fee = fees.execution(work.used, Width::Wasm32);
    let canister = controlled_mut(state, id, caller)?;
    canister
        .can_pay(&fees, fee, &caller)
        .map_err(|error| cannot_pay(Unpaid::Snapshot, error))?;
    canister.charge(fee, CyclesUse::Instructions);
    Ok(Installed { module, wasm })
}

fn check_globals(snapshot: &Snapshot, expected: usize) -> Result<(), UserError> {
    let found = snapshot.wasm_state.globals.len();
    if !snapshot.uploaded || found == expected {
        return Ok(());
    }
    Err(bad_argument(format!(
        "Wasm globals do not match: expected {expected} mutable globals, got {found}."
    )))
}

/// Makes the canister what it was. Uploaded snapshots may leave timer and hook as they are.
fn restore(canister: &mut Canister, snapshot: &Snapshot, installed: Installed) {
    canister.installed = Some(installed);
    canister.wasm_state = snapshot.wasm_state.clone();
    canister.certified_data = snapshot.certified_data.clone();
    canister.chunks = snapshot.chunks.clone();
    if snapshot.uploaded {
        match snapshot.global_timer {
            Some(SnapshotTimer::Active(time)) => canister.global_timer = Some(time),
            Some(SnapshotTimer::Inactive) => canister.global_timer = None,
            None => {}
        }
        if let Some(hook) = snapshot.low_memory_hook {
            canister.low_memory_hook = hook;
        }
    } else {
        canister.global_timer = None;
        canister.low_memory_hook = LowMemoryHook::NotSatisfied;
    }
}

/// list_canister_snapshots
pub(super) fn list_canister_snapshots(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    query_canister_snapshots(state, call.caller(), &call.payload).map(Reply::Now)
}

/// list_canister_snapshots as a query
pub(super) fn query_canister_snapshots(
    state: &SubnetState,
    caller: Principal,
    payload: &[u8],
) -> Result<Vec<u8>, UserError> {
    let arguments: types::ListCanisterSnapshotsArgs = wire::decode(payload)?;
    let canister = readable(state, CanisterId::new(arguments.canister_id), caller)?;
    let list: types::ListCanisterSnapshotsResult = canister
        .snapshots
        .iter()
        .map(|(id, snapshot)| described(id, snapshot))
        .collect();
    Ok(wire::encode(&list))
}

/// A canister whose snapshots the caller may read.
pub(super) fn readable(
    state: &SubnetState,
    id: CanisterId,
    caller: Principal,
) -> Result<&Canister, UserError> {
    let canister = existing(state, id)?;
    if may_read(canister, &canister.settings.snapshot_visibility, caller) {
        Ok(canister)
    } else {
        Err(not_controller(canister, caller))
    }
}

/// delete_canister_snapshot
pub(super) fn delete_canister_snapshot(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::DeleteCanisterSnapshotArgs = call.decode()?;
    let id = CanisterId::new(arguments.canister_id);
    let snapshot_id = SnapshotId(arguments.snapshot_id);
    let canister = controlled_mut(state, id, call.caller())?;
    if canister.snapshots.remove(&snapshot_id).is_none() {
        return Err(snapshot_not_found(id, &snapshot_id));
    }
    Ok(Reply::Now(wire::nothing()))
}

/// Only uploaded snapshots can be changed.
pub(super) fn immutable() -> UserError {
    UserError::new(
        ErrorCode::CanisterSnapshotImmutable,
        "Only canister snapshots created by metadata upload can be mutated.",
    )
}
