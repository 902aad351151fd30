//! Making a space, and who is in it.
//!
//! - What it does: spaces are made by a paid call; members come, change and go; whoever goes takes the epoch with it, so that what is written afterwards is
//!   encrypted under a key that it never had.
//! - Managers decide about readers and writers, owners about everyone; a space always has an owner; everyone but the last owner may leave.
//! - Nobody hands out more than it has: a member with history gets the epochs that whoever invites it may read, from that one's first on.
//! - In: caller, wish. Out: the space, or a [`VaultError`].

#[cfg(test)]
mod tests;

use crate::error::{Limit, VaultError};
use crate::event::VaultEvent;
use crate::limits::{MAX_MEMBERS, MAX_SPACES, SPACE};
use crate::space::{Epoch, Member, Role, Space, SpaceId, SpaceView};
use crate::state::VaultKit;
use candid::Principal;
use canister_kit::encoding::{Identity, Timestamp};
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::{Begun, Caller, Paid, PaidCall, Refusal, Stamp};

/// Begins a paid call, or tells the result that the same request had.
///
/// # Errors
/// Every refusal of a call that pays.
pub fn paid<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    call: PaidCall<'_>,
) -> Result<Paid, Result<u64, VaultError>> {
    match kit
        .begin(world, call)
        .map_err(|refusal| Err(refusal.into()))?
    {
        Begun::New(paid) => Ok(paid),
        other => Err(ended(other)),
    }
}

/// What became of a request that was begun before: its result is a number of 8 bytes.
///
/// # Errors
/// It has not ended.
pub fn ended(begun: Begun) -> Result<u64, VaultError> {
    match begun {
        Begun::Done(result) => match result.try_into() {
            Ok(bytes) => Ok(u64::from_be_bytes(bytes)),
            Err(_) => panic!("the result of this call is a number of 8 bytes"),
        },
        Begun::Running => Err(Refusal::RequestRunning.into()),
        Begun::Unknown | Begun::New(_) => Err(Refusal::OutcomeUnknown.into()),
    }
}

/// Makes a space, or finds the one that the same request made.
///
/// # Errors
/// [`VaultError::TooMuch`], and as [`VaultError::Refused`] every refusal of a call that pays. Nothing has changed then.
pub fn create<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    request_id: Vec<u8>,
) -> Result<SpaceView, VaultError> {
    let call = PaidCall {
        caller,
        method: "create_space",
        arguments: &[],
        request_id,
        most: SPACE,
        tokens: 1,
    };
    if let Some(begun) = kit.look_up(&call)? {
        return view(kit, world, caller, SpaceId::new(ended(begun)?));
    }
    if kit.product().count() >= MAX_SPACES {
        return Err(VaultError::too_much(Limit::Spaces, MAX_SPACES));
    }
    let paid = match paid(kit, world, call) {
        Ok(paid) => paid,
        Err(before) => return view(kit, world, caller, SpaceId::new(before?)),
    };
    let space = kit.product().next_space();
    let stamp = Stamp::new(world, caller.identity());
    kit.record(stamp, VaultEvent::SpaceCreated { space });
    kit.finish(world, paid, space.number().to_be_bytes().to_vec(), SPACE);
    view(kit, world, caller, space)
}

fn view<M: Memory>(
    kit: &VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: SpaceId,
) -> Result<SpaceView, VaultError> {
    let now = world.now();
    let found = kit
        .product()
        .get_for(id, caller.principal(), Role::Reader, now);
    found.map(|(space, member)| SpaceView::of(id, &space, &member))
}

/// The first step of every update of a space: checks the caller's role, and removes members whose time is over.
///
/// # Errors
/// [`VaultError::NoSuchSpace`] or [`VaultError::NeedsRole`].
pub fn enter<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: SpaceId,
    needed: Role,
) -> Result<(Space, Member), VaultError> {
    let (who, now) = (caller.principal(), world.now());
    let (space, member) = kit.product().get_for(id, who, needed, now)?;
    let over = space.expired(now);
    if over.is_empty() {
        return Ok((space, member));
    }
    let (stamp, space) = (Stamp::new(world, caller.identity()), id);
    kit.record(stamp, VaultEvent::Expired { space, who: over });
    kit.product().get_for(id, who, needed, now)
}

/// A wish to share a space with somebody, as it came.
pub struct Invitation {
    /// With whom.
    pub who: Principal,
    /// What it may do.
    pub role: Role,
    /// From when on it has no rights any more.
    pub expires_at: Option<u64>,
    /// Whether it may read what was written before.
    pub with_history: bool,
}

impl Invitation {
    /// Joins what came.
    pub fn of(who: Principal, role: Role, expires_at: Option<u64>, with_history: bool) -> Self {
        Self {
            who,
            role,
            expires_at,
            with_history,
        }
    }
}

/// Makes somebody a member, or gives a member other rights.
///
/// # Errors
/// [`VaultError::NoSuchSpace`], [`VaultError::NeedsRole`], [`VaultError::NoMember`], [`VaultError::LastOwner`], [`VaultError::Expiry`],
/// [`VaultError::TooMuch`], and those of the quota.
pub fn share<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: SpaceId,
    wish: Invitation,
) -> Result<SpaceView, VaultError> {
    let (space, inviter) = enter(kit, world, caller, id, Role::Manager)?;
    let who = Identity(wish.who);
    if [Principal::anonymous(), Principal::management_canister()].contains(&wish.who) {
        return Err(VaultError::NoMember(wish.who));
    }
    let known = space.members.get(&who);
    may_decide(&inviter, wish.role)?;
    if let Some(known) = known {
        may_decide(&inviter, known.role)?;
    }
    if wish.role != Role::Owner && space.is_owner(who) && !space.has_owner_beside(who) {
        return Err(VaultError::LastOwner);
    }
    if known.is_none() && space.members.len() >= MAX_MEMBERS {
        return Err(VaultError::too_much(Limit::Members, MAX_MEMBERS as u64));
    }
    let event = VaultEvent::Shared {
        space: id,
        who,
        role: wish.role,
        from: first_epoch(&space, &inviter, known, wish.with_history),
        expires_at: expiry(&wish, world.now())?,
    };
    kit.take_quota(world, caller, 1)?;
    kit.record(Stamp::new(world, caller.identity()), event);
    view(kit, world, caller, id)
}

/// Managers decide about readers and writers, owners about everyone.
fn may_decide(by: &Member, about: Role) -> Result<(), VaultError> {
    match by.role == Role::Owner || about < Role::Manager {
        true => Ok(()),
        false => Err(VaultError::NeedsRole {
            needed: Role::Owner,
        }),
    }
}

fn first_epoch(space: &Space, by: &Member, known: Option<&Member>, with_history: bool) -> Epoch {
    let kept = known.map_or(space.epoch, |member| member.from);
    match with_history {
        true => kept.min(by.from),
        false => kept,
    }
}

fn expiry(wish: &Invitation, now: Timestamp) -> Result<Option<Timestamp>, VaultError> {
    let expires_at = wish.expires_at.map(Timestamp);
    let fits = expires_at.is_none_or(|end| end > now && wish.role != Role::Owner);
    fits.then_some(expires_at).ok_or(VaultError::Expiry)
}

/// Takes a member's rights away; everyone may leave. Tells the new epoch.
///
/// # Errors
/// [`VaultError::NoSuchSpace`], [`VaultError::NeedsRole`], [`VaultError::NotAMember`], [`VaultError::LastOwner`], and those of the quota.
pub fn revoke<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: SpaceId,
    who: Principal,
) -> Result<u64, VaultError> {
    let leaves = who == caller.principal();
    let needed = match leaves {
        true => Role::Reader,
        false => Role::Manager,
    };
    let (space, by) = enter(kit, world, caller, id, needed)?;
    let known = space.members.get(&Identity(who));
    let known = known.ok_or(VaultError::NotAMember(who))?;
    if !leaves {
        may_decide(&by, known.role)?;
    }
    if known.role == Role::Owner && !space.has_owner_beside(Identity(who)) {
        return Err(VaultError::LastOwner);
    }
    kit.take_quota(world, caller, 1)?;
    let event = VaultEvent::Revoked {
        space: id,
        who: Identity(who),
    };
    kit.record(Stamp::new(world, caller.identity()), event);
    Ok(epoch_of(kit, id))
}

/// Begins a new epoch, and tells it.
///
/// # Errors
/// [`VaultError::NoSuchSpace`], [`VaultError::NeedsRole`], and those of the quota.
pub fn rotate<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: SpaceId,
) -> Result<u64, VaultError> {
    enter(kit, world, caller, id, Role::Manager)?;
    kit.take_quota(world, caller, 1)?;
    let stamp = Stamp::new(world, caller.identity());
    kit.record(stamp, VaultEvent::Rotated { space: id });
    Ok(epoch_of(kit, id))
}

fn epoch_of<M: Memory>(kit: &VaultKit<M>, id: SpaceId) -> u64 {
    match kit.product().get(id) {
        Some(space) => space.epoch.number(),
        None => panic!("no space is ever removed"),
    }
}
