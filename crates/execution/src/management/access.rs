//! Who may do what to a canister.
//!
//! Source: interface specification, "controllers" and the visibility settings. In: the state, a canister's id, the caller.
//! Out: the canister, or the refusal that the caller sees.

use super::refusal::{not_controller, not_found};
use crate::canister::{Canister, Visibility};
use crate::error::UserError;
use crate::ids::CanisterId;
use crate::subnet::SubnetState;
use candid::Principal;

/// A canister that must exist.
pub(super) fn existing(state: &SubnetState, id: CanisterId) -> Result<&Canister, UserError> {
    state.canisters.get(&id).ok_or_else(|| not_found(id))
}

/// A canister that must exist and that `sender` controls.
pub(super) fn controlled(
    state: &SubnetState,
    id: CanisterId,
    sender: Principal,
) -> Result<&Canister, UserError> {
    let canister = existing(state, id)?;
    if canister.settings.controllers.contains(&sender) {
        Ok(canister)
    } else {
        Err(not_controller(canister, sender))
    }
}

/// The same, where the canister itself may call as well.
pub(super) fn controlled_or_self(
    state: &SubnetState,
    id: CanisterId,
    sender: Principal,
) -> Result<&Canister, UserError> {
    if sender == id.principal() {
        return existing(state, id);
    }
    controlled(state, id, sender)
}

/// The same canister, to change.
pub(super) fn controlled_mut(
    state: &mut SubnetState,
    id: CanisterId,
    sender: Principal,
) -> Result<&mut Canister, UserError> {
    controlled(state, id, sender)?;
    state.canisters.get_mut(&id).ok_or_else(|| not_found(id))
}

/// Whether `reader` may read what `visibility` guards.
pub(super) fn may_read(canister: &Canister, visibility: &Visibility, reader: Principal) -> bool {
    if canister.settings.controllers.contains(&reader) {
        return true;
    }
    match visibility {
        Visibility::Controllers => false,
        Visibility::Public => true,
        Visibility::Viewers(viewers) => viewers.contains(&reader),
    }
}
