//! The dead-man's switch as owners and heirs use it; [`crate::heirs`] says what it means.
//!
//! - In: caller, space. Out: the switch, or a [`VaultError`]. Whoever is neither member nor heir learns nothing.
//! - Time is that of the message: each step asks whether it is its time, and no timer runs.

#[cfg(test)]
mod tests;

use crate::error::VaultError;
use crate::event::VaultEvent;
use crate::heirs::{Plan, RawPlan, Switch, SwitchView};
use crate::share::enter;
use crate::space::{Role, SpaceId};
use crate::state::VaultKit;
use candid::Principal;
use canister_kit::encoding::{Identity, Timestamp};
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::{Caller, Stamp};

/// Names heirs, or none any more.
///
/// # Errors
/// [`VaultError::NoSuchSpace`], [`VaultError::NeedsRole`], [`VaultError::Plan`], and those of the quota.
pub fn set_heirs<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: SpaceId,
    plan: Option<&RawPlan>,
) -> Result<(), VaultError> {
    let (space, member) = enter(kit, world, caller, id, Role::Owner)?;
    let plan = plan.map(|plan| Plan::parse(plan, |who| space.is_owner(who)));
    let plan = plan.transpose()?;
    kit.take_quota(world, caller, 1)?;
    let (space, from) = (id, member.from);
    let event = VaultEvent::HeirsSet { space, plan, from };
    kit.record(Stamp::new(world, caller.identity()), event);
    Ok(())
}

/// An owner shows that it lives: every claim is void.
///
/// # Errors
/// [`VaultError::NoSuchSpace`], [`VaultError::NeedsRole`], [`VaultError::NoHeirs`], and those of the quota.
pub fn alive<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: SpaceId,
) -> Result<SwitchView, VaultError> {
    let (space, _) = enter(kit, world, caller, id, Role::Owner)?;
    space.switch.ok_or(VaultError::NoHeirs)?;
    kit.take_quota(world, caller, 1)?;
    let stamp = Stamp::new(world, caller.identity());
    kit.record(stamp, VaultEvent::Alive { space: id });
    heirs(kit, world, caller.principal(), id)
}

/// The switch of a space, for whom it names.
fn switch_for<M: Memory>(
    kit: &VaultKit<M>,
    caller: Caller,
    id: SpaceId,
) -> Result<Switch, VaultError> {
    let switch = kit.product().get(id).and_then(|space| space.switch);
    let own = switch.filter(|switch| switch.has_heir(caller.identity()));
    own.ok_or(VaultError::NoSuchSpace)
}

fn not_before(at: Timestamp, now: Timestamp) -> Result<(), VaultError> {
    match now >= at {
        true => Ok(()),
        false => Err(VaultError::TooEarly { at: at.0 }),
    }
}

/// An heir claims. Claiming twice changes nothing.
///
/// # Errors
/// [`VaultError::NoSuchSpace`] for whoever is no heir, [`VaultError::TooEarly`], and those of the quota.
pub fn claim<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: SpaceId,
) -> Result<SwitchView, VaultError> {
    let switch = switch_for(kit, caller, id)?;
    not_before(switch.claimable_from(), world.now())?;
    if !switch.has_claimed(caller.identity()) {
        kit.take_quota(world, caller, 1)?;
        let stamp = Stamp::new(world, caller.identity());
        kit.record(stamp, VaultEvent::Claimed { space: id });
    }
    heirs(kit, world, caller.principal(), id)
}

/// Opens the switch: every heir becomes an owner.
///
/// # Errors
/// [`VaultError::NoSuchSpace`] for whoever is no heir, [`VaultError::TooFewClaims`], [`VaultError::TooEarly`], and those of the quota.
pub fn inherit<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: SpaceId,
) -> Result<(), VaultError> {
    let switch = switch_for(kit, caller, id)?;
    let opens_at = switch.opens_at().ok_or(VaultError::TooFewClaims)?;
    not_before(opens_at, world.now())?;
    kit.take_quota(world, caller, 1)?;
    let stamp = Stamp::new(world, caller.identity());
    kit.record(stamp, VaultEvent::Inherited { space: id });
    Ok(())
}

/// The switch, for members and heirs.
///
/// # Errors
/// [`VaultError::NoSuchSpace`] or [`VaultError::NoHeirs`].
pub fn heirs<M: Memory>(
    kit: &VaultKit<M>,
    world: &impl Runtime,
    who: Principal,
    id: SpaceId,
) -> Result<SwitchView, VaultError> {
    let space = kit.product().get(id).ok_or(VaultError::NoSuchSpace)?;
    let member = space.member(who, world.now()).is_some();
    match &space.switch {
        Some(switch) if member || switch.has_heir(Identity(who)) => Ok(switch.into()),
        None if member => Err(VaultError::NoHeirs),
        _ => Err(VaultError::NoSuchSpace),
    }
}
