//! Which management calls users may send.
//!
//! Source: recorded behaviour of the ingress filter. In: a message that is not executed yet. Out: whom it concerns, who pays,
//! or why it is refused; nothing is certified and nothing charged for a refusal.

use super::access::{existing, may_read};
use super::methods::{self, Callers, IngressAccess, Method, Route};
use crate::canister::Canister;
use crate::error::{ErrorCode, UserError};
use crate::ids::CanisterId;
use crate::message::Ingress;
use crate::subnet::SubnetState;
use candid::Principal;
use ic_management_canister_types as types;

/// A call of update_settings with an argument of at most this many bytes is charged only after the settings are changed,
/// so that a frozen canister can be thawed.
const SMALL_SETTINGS_BYTES: usize = 324;

/// The canister that a management call by ingress concerns; `provisional_create_canister_with_cycles` concerns the id that
/// it asks for.
///
/// # Errors
/// The method does not exist or takes no ingress, or its argument can't be decoded.
pub fn ingress_effective_canister(
    method: &str,
    payload: &[u8],
) -> Result<Option<CanisterId>, UserError> {
    let entry = methods::find(method).ok_or_else(|| unknown(method))?;
    if entry.callers == Callers::Canisters {
        return Err(UserError::new(
            ErrorCode::CanisterRejectedMessage,
            format!("ic00 method {method} can not be called via ingress messages"),
        ));
    }
    let target = target(entry, payload).map_err(|error| {
        UserError::new(
            ErrorCode::InvalidManagementPayload,
            format!("Failed to parse payload for ic00 method {method}: {error}"),
        )
    })?;
    if entry.callers == Callers::CanistersAfterDecoding {
        return Err(UserError::new(
            ErrorCode::CanisterRejectedMessage,
            format!("Only canisters can call ic00 method {method}"),
        ));
    }
    Ok(target)
}

fn unknown(method: &str) -> UserError {
    UserError::new(
        ErrorCode::CanisterMethodNotFound,
        format!("ic00 interface does not expose method {method}"),
    )
}

fn target(entry: &Method, payload: &[u8]) -> Result<Option<CanisterId>, UserError> {
    match entry.route {
        Route::Canister(target) => target(payload),
        _ => {
            let argument: types::ProvisionalCreateCanisterWithCyclesArgs =
                super::wire::decode(payload)?;
            Ok(argument.specified_id.map(CanisterId::new))
        }
    }
}

/// The canister that a management call concerns, if it names one.
pub(super) fn target_of(method: &str, payload: &[u8]) -> Option<CanisterId> {
    match methods::find(method)?.route {
        Route::Canister(target) => target(payload).ok()?,
        _ => None,
    }
}

/// The canister that pays for receiving a management call by ingress, if anyone does.
///
/// # Errors
/// As [`ingress_effective_canister`].
pub fn ingress_payer(method: &str, payload: &[u8]) -> Result<Option<CanisterId>, UserError> {
    let target = ingress_effective_canister(method, payload)?;
    let free = is_charged_later(method, payload)
        || methods::find(method)
            .is_none_or(|entry| entry.callers == Callers::All(IngressAccess::Everybody));
    Ok(target.filter(|_| !free))
}

/// Whether the fee for receiving the call is taken when it has been executed.
pub(super) fn is_charged_later(method: &str, payload: &[u8]) -> bool {
    method == "update_settings" && payload.len() <= SMALL_SETTINGS_BYTES
}

/// Refuses management calls by ingress whose sender may not make them. The payer has been checked before.
///
/// # Errors
/// As [`ingress_effective_canister`]; no such canister; not a controller.
pub fn admit_ingress(state: &SubnetState, ingress: &Ingress) -> Result<(), UserError> {
    let method = ingress.method.as_str();
    let target = ingress_effective_canister(method, &ingress.payload)?;
    let Some(Callers::All(access)) = methods::find(method).map(|entry| entry.callers) else {
        return Err(unknown(method));
    };
    let Some(target) = target.filter(|_| access != IngressAccess::Everybody) else {
        return Ok(());
    };
    let canister = existing(state, target)?;
    if may_send(canister, access, ingress.sender) {
        return Ok(());
    }
    Err(UserError::new(
        ErrorCode::CanisterInvalidController,
        format!("Only controllers of canister {target} can call ic00 method {method}"),
    ))
}

fn may_send(canister: &Canister, access: IngressAccess, sender: Principal) -> bool {
    match access {
        IngressAccess::Everybody => true,
        IngressAccess::Controllers => canister.settings.controllers.contains(&sender),
        IngressAccess::StatusReaders => {
            may_read(canister, &canister.settings.status_visibility, sender)
        }
        IngressAccess::SnapshotReaders => {
            may_read(canister, &canister.settings.snapshot_visibility, sender)
        }
    }
}
