//! canister_status, as a call and as a query.
//!
//! Source: interface specification, `canister_status_result`; three old fields (`controller`, `balance`, `freezing_threshold`) that the real
//! reply still has. Leaves out: query statistics, which the real network aggregates over epochs of many rounds; they stay zero.

use super::access::{existing, may_read};
use super::refusal::not_controller;
use super::{Invocation, Reply, wire};
use crate::canister::{Canister, Settings, Status, Visibility};
use crate::cycles::Cycles;
use crate::cycles::fees::FeeSchedule;
use crate::error::UserError;
use crate::ids::CanisterId;
use crate::subnet::SubnetState;
use candid::{CandidType, Nat, Principal};
use ic_management_canister_types as types;
use serde_bytes::ByteBuf;

/// Stands in the old field `controller` where there are several.
const SEVERAL_CONTROLLERS: &[u8] =
    b"\x00\x00\x19\x45\xcd\x0f\x59\x04\xe6\xce\x2e\x5a\xc9\x19\x00\xfb\x01";
/// The same where there is none, in text form.
const NO_CONTROLLER: &str = "zrl4w-cqaaa-nocon-troll-eraaa-d5qc";

/// The reply: all of `types::CanisterStatusResult`, and the old fields.
#[derive(CandidType)]
struct StatusReply {
    status: types::CanisterStatusType,
    ready_for_migration: bool,
    version: u64,
    settings: SettingsReply,
    module_hash: Option<ByteBuf>,
    controller: Principal,
    freezing_threshold: Nat,
    memory_size: Nat,
    memory_metrics: types::MemoryMetrics,
    cycles: Nat,
    balance: Vec<(ByteBuf, Nat)>,
    reserved_cycles: Nat,
    idle_cycles_burned_per_day: Nat,
    query_stats: types::QueryStats,
}

/// All of `types::DefiniteCanisterSettings`, and the old field.
#[derive(CandidType)]
struct SettingsReply {
    controller: Principal,
    controllers: Vec<Principal>,
    compute_allocation: Nat,
    memory_allocation: Nat,
    freezing_threshold: Nat,
    reserved_cycles_limit: Nat,
    minimum_incoming_canister_call_cycles: Nat,
    log_visibility: types::LogVisibility,
    log_memory_limit: Nat,
    snapshot_visibility: types::SnapshotVisibility,
    status_visibility: types::StatusVisibility,
    wasm_memory_limit: Nat,
    wasm_memory_threshold: Nat,
    environment_variables: Vec<types::EnvironmentVariable>,
}

/// canister_status
pub(super) fn canister_status(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    status_for(state, call.caller(), &call.payload).map(Reply::Now)
}

/// canister_status as a query
pub(super) fn query_canister_status(
    state: &SubnetState,
    caller: Principal,
    payload: &[u8],
) -> Result<Vec<u8>, UserError> {
    status_for(state, caller, payload)
}

fn status_for(
    state: &SubnetState,
    caller: Principal,
    payload: &[u8],
) -> Result<Vec<u8>, UserError> {
    let arguments: types::CanisterStatusArgs = wire::decode(payload)?;
    let id = CanisterId::new(arguments.canister_id);
    let canister = existing(state, id)?;
    let allowed = caller == id.principal()
        || may_read(canister, &canister.settings.status_visibility, caller);
    if allowed {
        Ok(wire::encode(&status_of(canister, &state.fees)))
    } else {
        Err(not_controller(canister, caller))
    }
}

fn status_of(canister: &Canister, fees: &FeeSchedule) -> StatusReply {
    let stopped = canister.status == Status::Stopped;
    StatusReply {
        status: match canister.status {
            Status::Running => types::CanisterStatusType::Running,
            Status::Stopping(_) => types::CanisterStatusType::Stopping,
            Status::Stopped => types::CanisterStatusType::Stopped,
        },
        ready_for_migration: stopped && canister.queues.is_empty(),
        version: canister.version,
        settings: settings_of(&canister.settings),
        module_hash: canister
            .module()
            .map(|module| ByteBuf::from(module.hash.to_vec())),
        controller: single_controller(&canister.settings),
        freezing_threshold: Nat::from(canister.settings.freezing_threshold),
        memory_size: Nat::from(canister.memory_usage()),
        memory_metrics: memory_of(canister),
        cycles: nat(canister.balance),
        balance: vec![(ByteBuf::from(vec![0]), nat(canister.balance))],
        reserved_cycles: nat(canister.reserved_balance),
        idle_cycles_burned_per_day: nat(canister.idle_cycles_per_day(fees)),
        query_stats: types::QueryStats {
            num_calls_total: Nat::default(),
            num_instructions_total: Nat::default(),
            request_payload_bytes_total: Nat::default(),
            response_payload_bytes_total: Nat::default(),
        },
    }
}

fn nat(cycles: Cycles) -> Nat {
    Nat::from(cycles.0)
}

fn memory_of(canister: &Canister) -> types::MemoryMetrics {
    types::MemoryMetrics {
        wasm_memory_size: Nat::from(canister.heap_bytes()),
        stable_memory_size: Nat::from(canister.stable_bytes()),
        global_memory_size: Nat::from(canister.global_bytes()),
        wasm_binary_size: Nat::from(canister.wasm_bytes()),
        custom_sections_size: Nat::from(canister.custom_section_bytes()),
        canister_history_size: Nat::from(canister.history_bytes()),
        wasm_chunk_store_size: Nat::from(canister.chunk_store_bytes()),
        snapshots_size: Nat::from(canister.snapshot_bytes()),
        log_memory_store_size: Nat::from(canister.log.bytes()),
    }
}

fn settings_of(settings: &Settings) -> SettingsReply {
    SettingsReply {
        controller: single_controller(settings),
        controllers: settings.controllers.iter().copied().collect(),
        compute_allocation: Nat::from(settings.compute_allocation),
        memory_allocation: Nat::from(settings.memory_allocation),
        freezing_threshold: Nat::from(settings.freezing_threshold),
        reserved_cycles_limit: nat(settings.reserved_cycles_limit.unwrap_or_default()),
        minimum_incoming_canister_call_cycles: nat(settings.minimum_incoming_call_cycles),
        log_visibility: log_visibility(&settings.log_visibility),
        log_memory_limit: Nat::from(settings.log_memory_limit),
        snapshot_visibility: snapshot_visibility(&settings.snapshot_visibility),
        status_visibility: status_visibility(&settings.status_visibility),
        wasm_memory_limit: Nat::from(settings.wasm_memory_limit),
        wasm_memory_threshold: Nat::from(settings.wasm_memory_threshold),
        environment_variables: settings
            .environment_variables
            .iter()
            .map(|(name, value)| types::EnvironmentVariable {
                name: name.clone(),
                value: value.clone(),
            })
            .collect(),
    }
}

fn single_controller(settings: &Settings) -> Principal {
    let mut controllers = settings.controllers.iter();
    match (controllers.next(), controllers.next()) {
        (Some(only), None) => *only,
        (None, _) => Principal::from_text(NO_CONTROLLER).unwrap_or(Principal::anonymous()),
        _ => Principal::from_slice(SEVERAL_CONTROLLERS),
    }
}

fn log_visibility(visibility: &Visibility) -> types::LogVisibility {
    match visibility {
        Visibility::Controllers => types::LogVisibility::Controllers,
        Visibility::Public => types::LogVisibility::Public,
        Visibility::Viewers(viewers) => types::LogVisibility::AllowedViewers(viewers.clone()),
    }
}

fn snapshot_visibility(visibility: &Visibility) -> types::SnapshotVisibility {
    match visibility {
        Visibility::Controllers => types::SnapshotVisibility::Controllers,
        Visibility::Public => types::SnapshotVisibility::Public,
        Visibility::Viewers(viewers) => types::SnapshotVisibility::AllowedViewers(viewers.clone()),
    }
}

fn status_visibility(visibility: &Visibility) -> types::StatusVisibility {
    match visibility {
        Visibility::Controllers => types::StatusVisibility::Controllers,
        Visibility::Public => types::StatusVisibility::Public,
        Visibility::Viewers(viewers) => types::StatusVisibility::AllowedViewers(viewers.clone()),
    }
}
