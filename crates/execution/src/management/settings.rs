//! Settings: what a change asks for, whether it is valid, and applying it. Method: update_settings.
//!
//! Source: interface specification, `canister_settings`; error texts as recorded. In: decoded settings. Out: a checked change
//! that can be applied as a whole; one bad setting and nothing is applied. Allocations are checked in `allocation`.

use super::access::{controlled, controlled_mut};
use super::allocation::{Demand, check_demand};
use super::ingress::is_charged_later;
use super::refusal::{advised, bad_argument, contract_violation};
use super::{Invocation, Reply, wire};
use crate::canister::{
    Canister, ChangeOrigin, CyclesUse, HistoryChange, HistoryEntry, ManagementOrigin, Settings,
    Visibility,
};
use crate::cycles::Cycles;
use crate::error::{ErrorCode, UserError};
use crate::ids::{CanisterId, Time};
use crate::subnet::SubnetState;
use candid::{Nat, Principal};
use ic_management_canister_types as types;
use num_traits::ToPrimitive;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

const MAX_MEMORY: u64 = 1 << 48;
/// Bytes of log that a canister may keep.
const MAX_LOG_BYTES: u64 = 2 << 20;
const MAX_ENVIRONMENT_VARIABLES: usize = 20;
const MAX_ENVIRONMENT_VARIABLE_BYTES: usize = 128;

/// A change of settings whose values are each in range.
#[derive(Clone, Debug, Default)]
pub(super) struct SettingsChange {
    controllers: Option<BTreeSet<Principal>>,
    compute_allocation: Option<u64>,
    memory_allocation: Option<u64>,
    freezing_threshold: Option<u64>,
    reserved_cycles_limit: Option<Cycles>,
    minimum_incoming_call_cycles: Option<Cycles>,
    log_visibility: Option<Visibility>,
    log_memory_limit: Option<u64>,
    snapshot_visibility: Option<Visibility>,
    status_visibility: Option<Visibility>,
    wasm_memory_limit: Option<u64>,
    wasm_memory_threshold: Option<u64>,
    environment_variables: Option<BTreeMap<String, String>>,
}

impl SettingsChange {
    /// Checks each value by itself.
    pub fn parse(settings: types::CanisterSettings) -> Result<Self, UserError> {
        let change = SettingsChange {
            compute_allocation: bounded(settings.compute_allocation, 100, |given| {
                format!("ComputeAllocation expected to be in the range [0..100], got {given}")
            })?,
            memory_allocation: bounded(settings.memory_allocation, MAX_MEMORY, |given| {
                let max = Nat::from(MAX_MEMORY);
                format!("MemoryAllocation expected to be in the range [0..{max}], got {given}")
            })?,
            freezing_threshold: bounded(settings.freezing_threshold, u64::MAX, |given| {
                format!(
                    "Freezing threshold expected to be in the range of [0..2^64-1], got {given}"
                )
            })?,
            reserved_cycles_limit: cycles(settings.reserved_cycles_limit, "Reserved cycles limit")?,
            wasm_memory_limit: bounded(settings.wasm_memory_limit, MAX_MEMORY, |given| {
                format!("Wasm memory limit expected to be in the range of [0..2^64-1], got {given}")
            })?,
            wasm_memory_threshold: bounded(settings.wasm_memory_threshold, u64::MAX, |given| {
                format!(
                    "Wasm memory threshold expected to be in the range of [0..2^64-1], got {given}"
                )
            })?,
            log_memory_limit: bounded(settings.log_memory_limit, MAX_LOG_BYTES, |given| {
                let max = Nat::from(MAX_LOG_BYTES);
                format!("Log memory limit expected to be in the range of [0..{max}], got {given}")
            })?,
            minimum_incoming_call_cycles: cycles(
                settings.minimum_incoming_canister_call_cycles,
                "Minimum incoming canister call cycles",
            )?,
            controllers: settings.controllers.map(BTreeSet::from_iter),
            log_visibility: settings.log_visibility.map(Visibility::from),
            snapshot_visibility: settings.snapshot_visibility.map(Visibility::from),
            status_visibility: settings.status_visibility.map(Visibility::from),
            environment_variables: settings
                .environment_variables
                .map(environment)
                .transpose()?,
        };
        Ok(change)
    }

    /// Checks the change against the canister (or what is to become one) and the subnet.
    /// Out: the cycles to reserve for it.
    pub fn check(&self, state: &SubnetState, now: Demand<'_>) -> Result<Cycles, UserError> {
        check_environment(self.environment_variables.as_ref())?;
        if let Some(limit) = self.reserved_cycles_limit
            && limit < now.reserved_balance
        {
            return Err(UserError::new(
                ErrorCode::ReservedCyclesLimitIsTooLow,
                format!(
                    "Cannot set the reserved cycles limit {limit} below the reserved cycles balance of the canister {}.\nSet the reserved cycles limit in the canister settings to a value that is at least the current reserved cycles balance. See documentation: reserved-cycles-limit-is-too-low",
                    now.reserved_balance
                ),
            ));
        }
        check_demand(state, now, &self.applied_to(now.settings))
    }

    /// The settings after the change.
    pub fn applied_to(&self, settings: &Settings) -> Settings {
        let change = self.clone();
        let old = settings.clone();
        Settings {
            controllers: change.controllers.map_or(old.controllers, Arc::new),
            compute_allocation: change.compute_allocation.unwrap_or(old.compute_allocation),
            memory_allocation: change.memory_allocation.unwrap_or(old.memory_allocation),
            freezing_threshold: change.freezing_threshold.unwrap_or(old.freezing_threshold),
            reserved_cycles_limit: change.reserved_cycles_limit.or(old.reserved_cycles_limit),
            minimum_incoming_call_cycles: change
                .minimum_incoming_call_cycles
                .unwrap_or(old.minimum_incoming_call_cycles),
            log_visibility: change.log_visibility.unwrap_or(old.log_visibility),
            log_memory_limit: change.log_memory_limit.unwrap_or(old.log_memory_limit),
            snapshot_visibility: change
                .snapshot_visibility
                .unwrap_or(old.snapshot_visibility),
            status_visibility: change.status_visibility.unwrap_or(old.status_visibility),
            wasm_memory_limit: change.wasm_memory_limit.unwrap_or(old.wasm_memory_limit),
            wasm_memory_threshold: change
                .wasm_memory_threshold
                .unwrap_or(old.wasm_memory_threshold),
            environment_variables: change
                .environment_variables
                .map_or(old.environment_variables, Arc::new),
        }
    }

    /// The hash that the history keeps of the environment variables, if any were given.
    pub fn environment_hash(&self) -> Option<[u8; 32]> {
        self.environment_variables
            .as_ref()
            .filter(|variables| !variables.is_empty())
            .map(environment_hash)
    }
}

/// A number of at most `max`.
fn bounded(
    value: Option<Nat>,
    max: u64,
    text: impl FnOnce(Nat) -> String,
) -> Result<Option<u64>, UserError> {
    match value {
        None => Ok(None),
        Some(value) => match value.0.to_u64().filter(|number| *number <= max) {
            Some(number) => Ok(Some(number)),
            None => Err(contract_violation(text(value))),
        },
    }
}

fn cycles(value: Option<Nat>, name: &str) -> Result<Option<Cycles>, UserError> {
    match value {
        None => Ok(None),
        Some(value) => match value.0.to_u128() {
            Some(amount) => Ok(Some(Cycles(amount))),
            None => Err(contract_violation(format!(
                "{name} expected to be in the range of [0..2^128-1], got {value}"
            ))),
        },
    }
}

fn environment(
    variables: Vec<types::EnvironmentVariable>,
) -> Result<BTreeMap<String, String>, UserError> {
    let count = variables.len();
    let map: BTreeMap<String, String> = variables
        .into_iter()
        .map(|variable| (variable.name, variable.value))
        .collect();
    if map.len() == count {
        Ok(map)
    } else {
        Err(bad_argument(
            "Duplicate environment variables are not allowed",
        ))
    }
}

fn check_environment(variables: Option<&BTreeMap<String, String>>) -> Result<(), UserError> {
    let Some(variables) = variables else {
        return Ok(());
    };
    let count = variables.len();
    if count > MAX_ENVIRONMENT_VARIABLES {
        return Err(bad_argument(format!(
            "Too many environment variables: {count} (max: {MAX_ENVIRONMENT_VARIABLES})"
        )));
    }
    for (name, value) in variables {
        for (what, text) in [("name", name), ("value", value)] {
            if text.len() > MAX_ENVIRONMENT_VARIABLE_BYTES {
                return Err(bad_argument(format!(
                    "Environment variable {what} \"{text}\" exceeds the maximum allowed length of {MAX_ENVIRONMENT_VARIABLE_BYTES}."
                )));
            }
        }
    }
    Ok(())
}

/// SHA-256 over the sorted pairs of hashes of name and value (interface specification, `environment_variables_hash`).
fn environment_hash(variables: &BTreeMap<String, String>) -> [u8; 32] {
    let mut pairs: Vec<Vec<u8>> = variables
        .iter()
        .map(|(name, value)| [Sha256::digest(name), Sha256::digest(value)].concat())
        .collect();
    pairs.sort();
    Sha256::digest(pairs.concat()).into()
}

impl From<types::LogVisibility> for Visibility {
    fn from(visibility: types::LogVisibility) -> Self {
        match visibility {
            types::LogVisibility::Controllers => Visibility::Controllers,
            types::LogVisibility::Public => Visibility::Public,
            types::LogVisibility::AllowedViewers(viewers) => Visibility::Viewers(viewers),
        }
    }
}

impl From<types::SnapshotVisibility> for Visibility {
    fn from(visibility: types::SnapshotVisibility) -> Self {
        match visibility {
            types::SnapshotVisibility::Controllers => Visibility::Controllers,
            types::SnapshotVisibility::Public => Visibility::Public,
            types::SnapshotVisibility::AllowedViewers(viewers) => Visibility::Viewers(viewers),
        }
    }
}

impl From<types::StatusVisibility> for Visibility {
    fn from(visibility: types::StatusVisibility) -> Self {
        match visibility {
            types::StatusVisibility::Controllers => Visibility::Controllers,
            types::StatusVisibility::Public => Visibility::Public,
            types::StatusVisibility::AllowedViewers(viewers) => Visibility::Viewers(viewers),
        }
    }
}

/// update_settings
pub(super) fn update_settings(
    state: &mut SubnetState,
    call: &mut Invocation,
) -> Result<Reply, UserError> {
    let arguments: types::UpdateSettingsArgs = call.decode()?;
    let id = CanisterId::new(arguments.canister_id);
    controlled(state, id, call.caller())?;
    let origin = call.change_origin(arguments.sender_canister_version);
    let result = change_settings(state, id, call.caller(), arguments.settings, origin);
    charge_ingress(state, id, call);
    result.map(|()| Reply::Now(wire::nothing()))
}

fn change_settings(
    state: &mut SubnetState,
    id: CanisterId,
    caller: Principal,
    settings: types::CanisterSettings,
    origin: ChangeOrigin,
) -> Result<(), UserError> {
    let change = SettingsChange::parse(settings)?;
    let reserved = change.check(state, Demand::of(controlled(state, id, caller)?))?;
    let now = state.time;
    let canister = controlled_mut(state, id, caller)?;
    canister.balance -= reserved;
    canister.reserved_balance += reserved;
    apply(canister, &change, origin, now);
    Ok(())
}

fn apply(canister: &mut Canister, change: &SettingsChange, origin: ChangeOrigin, now: Time) {
    canister.settings = change.applied_to(&canister.settings);
    canister.version += 1;
    if let Some(controllers) = &change.controllers {
        canister.history.push(HistoryEntry {
            time: now,
            version: canister.version,
            origin,
            change: HistoryChange::ControllersChange {
                controllers: controllers.clone(),
                environment_variables_hash: None,
            },
        });
    }
    let capacity = canister.settings.log_memory_limit as usize;
    canister.log.append(Vec::new(), capacity);
    let low = is_low_on_memory(canister);
    canister.update_low_memory_hook(low);
}

/// Whether less than `wasm_memory_threshold` is left below `wasm_memory_limit`.
fn is_low_on_memory(canister: &Canister) -> bool {
    /// What counts as the limit where none is set.
    const LARGEST_HEAP: u64 = 4 << 30;
    let settings = &canister.settings;
    let limit = match settings.wasm_memory_limit {
        0 => LARGEST_HEAP,
        limit => limit.min(LARGEST_HEAP),
    };
    canister.installed.is_some()
        && limit.saturating_sub(canister.heap_bytes()) < settings.wasm_memory_threshold
}

/// Takes the fee for receiving the message, where that was put off until the settings were changed. A canister that can't
/// pay it even then goes free.
fn charge_ingress(state: &mut SubnetState, id: CanisterId, call: &Invocation) {
    const METHOD: &str = "update_settings";
    let ManagementOrigin::Ingress { sender, .. } = &call.origin else {
        return;
    };
    if !is_charged_later(METHOD, &call.payload) {
        return;
    }
    let fees = state.fees.clone();
    let fee = fees.ingress((METHOD.len() + call.payload.len()) as u64);
    if let Some(canister) = state.canisters.get_mut(&id)
        && canister.can_pay(&fees, fee, sender).is_ok()
    {
        canister.charge(fee, CyclesUse::IngressInduction);
    }
}

/// Refusal because an allocation can't be paid.
pub(super) fn too_poor(code: ErrorCode, what: &str, missing: Cycles, anchor: &str) -> UserError {
    advised(
        code,
        format!(
            "Cannot increase {what} due to insufficient cycles. At least {missing} additional cycles are required."
        ),
        "Top up the canister with more cycles.",
        anchor,
    )
}
