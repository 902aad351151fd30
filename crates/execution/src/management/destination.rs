//! To which subnet a canister's call of the management canister goes.
//!
//! Source: recorded behaviour. Decided when the calling message ends; a call that can't be routed is answered at once and
//! gets all its cycles back. In: the caller, the method, the argument. Out: a subnet, or the reject.

use super::keys::display_key;
use super::methods::{self, Method, Route};
use crate::canister::Canister;
use crate::error::{ErrorCode, RejectCode, UserError};
use crate::ids::{CanisterId, SubnetId};
use crate::message::{Payload, Reject};
use crate::sandbox::KeyName;
use crate::subnet::SubnetState;

/// The subnet that a call goes to.
///
/// # Errors
/// The reject for the caller: unknown method, undecodable argument, wrong `sender_canister_version`, no such subnet or key.
pub fn destination(
    state: &SubnetState,
    caller: &Canister,
    method: &str,
    payload: &[u8],
) -> Result<SubnetId, Payload> {
    let entry = methods::find(method).ok_or_else(|| {
        Payload::from(UserError::new(
            ErrorCode::CanisterMethodNotFound,
            format!("Management canister has no method '{method}'"),
        ))
    })?;
    check_version(entry, caller, payload)?;
    let failed = |error: &UserError| {
        unroutable(
            method,
            format!(
                "UserError(UserError {{ code: {:?}, description: {:?} }})",
                error.code, error.message
            ),
        )
    };
    match entry.route {
        Route::OwnSubnet => Ok(state.id()),
        Route::Canister(target) => match target(payload).map_err(|error| failed(&error))? {
            Some(canister) => host(state, method, canister),
            None => Ok(state.id()),
        },
        Route::Subnet(subnet) => {
            let subnet = SubnetId(subnet(payload).map_err(|error| failed(&error))?);
            if state.routing.subnets.contains_key(&subnet) {
                Ok(subnet)
            } else {
                Err(Payload::Reject(Reject {
                    code: RejectCode::DestinationInvalid,
                    message: format!("No route to canister {subnet}"),
                }))
            }
        }
        Route::Key { key, signing } => {
            let key = key(payload).map_err(|error| failed(&error))?;
            key_subnet(state, &key, signing)
                .map_err(|text| unroutable(method, format!("ChainKeyError({text:?})")))
        }
    }
}

fn check_version(entry: &Method, caller: &Canister, payload: &[u8]) -> Result<(), Payload> {
    let Some(version) = entry.version else {
        return Ok(());
    };
    match version(payload)? {
        Some(version) if version != caller.version => Err(Payload::from(UserError::new(
            ErrorCode::CanisterContractViolation,
            format!(
                "Management canister call payload includes sender canister version {version} that does not match the actual sender canister version {}.",
                caller.version
            ),
        ))),
        _ => Ok(()),
    }
}

fn host(state: &SubnetState, method: &str, canister: CanisterId) -> Result<SubnetId, Payload> {
    state.routing.host(canister).ok_or_else(|| {
        unroutable(
            method,
            format!(
                "SubnetNotFound(CanisterId({canister}), {})",
                route_name(method)
            ),
        )
    })
}

/// The name that the real router gives a method: one for all that take nothing but a canister id, else its own.
fn route_name(method: &str) -> String {
    match method {
        "canister_status" | "start_canister" | "stop_canister" | "delete_canister" => {
            "DepositCycles".into()
        }
        method => method.split('_').map(capitalized).collect(),
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

fn unroutable(method: &str, reason: String) -> Payload {
    Payload::Reject(Reject {
        code: RejectCode::DestinationInvalid,
        message: format!("Unable to route management canister request {method}: {reason}"),
    })
}

/// The first subnet that serves the key; every subnet that holds a key has it enabled.
fn key_subnet(state: &SubnetState, key: &KeyName, signing: bool) -> Result<SubnetId, String> {
    let served = state
        .routing
        .keys
        .get(key)
        .and_then(|subnets| subnets.first());
    served.copied().ok_or_else(|| {
        let mut known: Vec<String> = state.routing.keys.keys().map(display_key).collect();
        known.sort();
        let known = known.join(", ");
        let key = display_key(key);
        if signing {
            format!("Requested unknown or disabled threshold key: {key}, existing enabled keys: [{known}]")
        } else {
            format!("Requested unknown threshold key: {key}, existing keys: [{known}]")
        }
    })
}
