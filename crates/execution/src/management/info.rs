//! What canisters may learn about a canister. Methods: canister_info, canister_metadata, canister_metrics.
//!
//! Source: interface specification. In: a canister's history, custom sections and account. Out: the same in the clients' types.

use super::access::{controlled, existing};
use super::refusal::rejected;
use super::{Invocation, Reply, wire};
use crate::canister::{
    Canister, ChangeOrigin, CyclesUse, DeploymentMode, HistoryChange, HistoryEntry,
};
use crate::entry::failure;
use crate::error::UserError;
use crate::ids::CanisterId;
use crate::subnet::SubnetState;
use candid::{CandidType, Nat, Principal, Reserved};
use ic_management_canister_types as types;
use serde_bytes::ByteBuf;
use std::collections::BTreeSet;

/// The reply of canister_info. As on the real network the details are not optional on the wire; clients read them as such.
#[derive(CandidType)]
struct InfoReply {
    total_num_changes: u64,
    recent_changes: Vec<ChangeReply>,
    module_hash: Option<ByteBuf>,
    controllers: Vec<Principal>,
}

/// One change of the history.
#[derive(CandidType)]
struct ChangeReply {
    timestamp_nanos: u64,
    canister_version: u64,
    origin: types::ChangeOrigin,
    details: types::ChangeDetails,
}

/// canister_info
pub(super) fn canister_info(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::CanisterInfoArgs = call.decode()?;
    let canister = existing(state, CanisterId::new(arguments.canister_id))?;
    let wanted = arguments.num_requested_changes.unwrap_or(0) as usize;
    let entries = canister.history.entries();
    let left_out = entries.len().saturating_sub(wanted);
    let reply = InfoReply {
        total_num_changes: canister.history.total(),
        recent_changes: entries.skip(left_out).map(change).collect(),
        module_hash: canister
            .module()
            .map(|module| ByteBuf::from(module.hash.to_vec())),
        controllers: list(&canister.settings.controllers),
    };
    Ok(Reply::Now(wire::encode(&reply)))
}

fn list(controllers: &BTreeSet<Principal>) -> Vec<Principal> {
    controllers.iter().copied().collect()
}

fn change(entry: &HistoryEntry) -> ChangeReply {
    ChangeReply {
        timestamp_nanos: entry.time.0,
        canister_version: entry.version,
        origin: match &entry.origin {
            ChangeOrigin::User(user_id) => {
                types::ChangeOrigin::FromUser(types::FromUserRecord { user_id: *user_id })
            }
            ChangeOrigin::Canister(id, version) => {
                types::ChangeOrigin::FromCanister(types::FromCanisterRecord {
                    canister_id: id.principal(),
                    canister_version: *version,
                })
            }
        },
        details: details(&entry.change),
    }
}

fn details(change: &HistoryChange) -> types::ChangeDetails {
    match change {
        HistoryChange::Creation {
            controllers,
            environment_variables_hash,
        } => types::ChangeDetails::Creation(types::CreationRecord {
            controllers: list(controllers),
            environment_variables_hash: environment_variables_hash.map(|hash| hash.to_vec()),
        }),
        HistoryChange::CodeUninstall => types::ChangeDetails::CodeUninstall,
        HistoryChange::CodeDeployment { mode, module_hash } => {
            types::ChangeDetails::CodeDeployment(types::CodeDeploymentRecord {
                mode: match mode {
                    DeploymentMode::Install => types::CodeDeploymentMode::Install,
                    DeploymentMode::Reinstall => types::CodeDeploymentMode::Reinstall,
                    DeploymentMode::Upgrade => types::CodeDeploymentMode::Upgrade,
                },
                module_hash: module_hash.to_vec(),
            })
        }
        HistoryChange::LoadSnapshot {
            from_canister,
            snapshot,
            version,
            taken_at,
            uploaded,
        } => types::ChangeDetails::LoadSnapshot(types::LoadSnapshotRecord {
            from_canister_id: from_canister.map(|id| id.principal()),
            snapshot_id: snapshot.clone(),
            canister_version: *version,
            taken_at_timestamp: taken_at.0,
            source: source(*uploaded),
        }),
        HistoryChange::ControllersChange { controllers, .. } => {
            types::ChangeDetails::ControllersChange(types::ControllersChangeRecord {
                controllers: list(controllers),
            })
        }
    }
}

/// How a snapshot came about.
pub(super) fn source(uploaded: bool) -> types::SnapshotSource {
    if uploaded {
        types::SnapshotSource::MetadataUpload(Reserved)
    } else {
        types::SnapshotSource::TakenFromCanister(Reserved)
    }
}

/// canister_metadata
pub(super) fn canister_metadata(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::CanisterMetadataArgs = call.decode()?;
    let id = CanisterId::new(arguments.canister_id);
    let canister = existing(state, id)?;
    let module = canister.module().ok_or_else(|| failure::no_module(id))?;
    let name = &arguments.name;
    // A private section is as good as absent for everybody but the controllers.
    let is_controller = canister.settings.controllers.contains(&call.caller());
    let section = module
        .custom_sections
        .get(name)
        .filter(|section| section.public || is_controller)
        .ok_or_else(|| {
            rejected(format!(
                "Canister {id} has no metadata section named {name}."
            ))
        })?;
    let reply = types::CanisterMetadataResult {
        value: section.content.to_vec(),
    };
    Ok(Reply::Now(wire::encode(&reply)))
}

/// canister_metrics
pub(super) fn canister_metrics(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    query_canister_metrics(state, call.caller(), &call.payload).map(Reply::Now)
}

/// canister_metrics as a query
pub(super) fn query_canister_metrics(
    state: &SubnetState,
    caller: Principal,
    payload: &[u8],
) -> Result<Vec<u8>, UserError> {
    let arguments: types::CanisterMetricsArgs = wire::decode(payload)?;
    let canister = controlled(state, CanisterId::new(arguments.canister_id), caller)?;
    Ok(wire::encode(&metrics(canister)))
}

fn metrics(canister: &Canister) -> types::CanisterMetricsResult {
    let consumed = |purpose: CyclesUse| {
        Nat::from(
            canister
                .consumed
                .get(&purpose)
                .copied()
                .unwrap_or_default()
                .0,
        )
    };
    types::CanisterMetricsResult {
        cycles_consumed: types::CyclesConsumed {
            memory: consumed(CyclesUse::Memory),
            compute_allocation: consumed(CyclesUse::ComputeAllocation),
            ingress_induction: consumed(CyclesUse::IngressInduction),
            instructions: consumed(CyclesUse::Instructions),
            request_and_response_transmission: consumed(CyclesUse::RequestAndResponseTransmission),
            uninstall: consumed(CyclesUse::Uninstall),
            canister_creation: consumed(CyclesUse::CanisterCreation),
            http_outcalls: consumed(CyclesUse::HttpOutcalls),
            burned_cycles: consumed(CyclesUse::Burned),
        },
    }
}
