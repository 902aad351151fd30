//! Proposing, and what decides about a proposal: approvals, rejections, the end of its time.
//!
//! - What it does: [`propose`] is a paid call of a small fixed cost in one message; [`approve`], [`reject`] and [`cancel`] take from the quota, and
//!   are not stopped by a pause, because they begin nothing that pays.
//! - Whoever proposes approves. Approving, rejecting and cancelling what is so already succeeds and changes nothing.
//! - A wallet has at most [`MAX_UNENDED`] proposals that have not ended. When there is no room, those whose time is over are closed.
//! - In: caller, arguments. Out: the proposal as it is then, or a [`WalletError`].

#[cfg(test)]
mod growth;
#[cfg(test)]
pub mod tests;

use crate::effect::Effects;
use crate::error::WalletError;
use crate::event::WalletEvent;
use crate::intent::{Intent, RawIntent};
use crate::policy::{Asked, Verdict, check, requirement};
use crate::proposal::{Note, Outcome, Proposal, ProposalId, ProposalView, Standing};
use crate::state::WalletKit;
use crate::wallet::{Wallet, WalletId};
use canister_kit::encoding::{Cycles, Timestamp, to_cbor};
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::{Begun, Caller, PaidCall, Refusal, Stamp};

/// What a proposal costs: more than the network takes for ten years of storing the largest one, its event and its approvals (100 KiB).
pub const COST: Cycles = Cycles(4_000_000_000);

/// Most proposals of a wallet that have not ended.
pub const MAX_UNENDED: usize = 100;

/// The longest time that a proposal is open, beside the delay that its policy asks for: 90 days.
pub const LONGEST_OPEN: u64 = 90 * Timestamp::DAY;

/// A wish for something to happen, as it came.
pub struct Wish {
    /// For which wallet.
    pub wallet: WalletId,
    /// The caller's name for the request.
    pub request_id: Vec<u8>,
    /// What.
    pub intent: RawIntent,
    /// Until when it is open.
    pub expires_at: Timestamp,
    /// What members are told.
    pub note: String,
}

impl Wish {
    /// As it came.
    pub fn of(
        wallet: WalletId,
        request_id: Vec<u8>,
        intent: RawIntent,
        expires_at: u64,
        note: String,
    ) -> Self {
        Self {
            wallet,
            request_id,
            intent,
            expires_at: Timestamp(expires_at),
            note,
        }
    }
}

/// Proposes something, or finds what the same request proposed.
///
/// # Errors
/// [`WalletError::NoSuchWallet`], [`WalletError::Intent`], [`WalletError::Note`], [`WalletError::Expiry`],
/// [`WalletError::TooManyProposals`], and as [`WalletError::Refused`] every refusal of a call that pays. Nothing has changed then.
pub fn propose<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Runtime,
    caller: Caller,
    wish: Wish,
) -> Result<ProposalView, WalletError> {
    let wallet = kit.product().get_for(wish.wallet, caller.principal())?;
    let environment = kit.config().environment;
    let intent = Intent::parse(wish.intent, &wallet, environment)?;
    let note = Note::parse(wish.note)?;
    let call = PaidCall {
        caller,
        method: "propose",
        arguments: &to_cbor(&(wish.wallet, &intent, wish.expires_at, &note)),
        request_id: wish.request_id,
        most: COST,
        tokens: 1,
    };
    if let Some(result) = kit.look_up(&call)? {
        return found(kit, world, result);
    }
    check_expiry(&wallet, &intent, wish.expires_at, world.now())?;
    let over = make_room(kit, world, wish.wallet)?;
    let paid = match kit.begin(world, call)? {
        Begun::New(paid) => paid,
        other => return found(kit, world, other),
    };
    for id in over {
        close(kit, world, caller, id, Outcome::Expired);
    }
    let id = kit.product().next_proposal();
    let event = WalletEvent::Proposed {
        id,
        wallet: wish.wallet,
        intent,
        expires_at: wish.expires_at,
        note,
    };
    kit.record(Stamp::new(world, caller.identity()), event);
    kit.finish(world, paid, id.number().to_be_bytes().to_vec(), COST);
    Ok(view(kit, world, id))
}

/// What an earlier call with the same request id has come to.
///
/// # Errors
/// It has not ended.
pub fn found<M: Memory>(
    kit: &WalletKit<M>,
    world: &impl Runtime,
    begun: Begun,
) -> Result<ProposalView, WalletError> {
    match begun {
        Begun::Done(result) => Ok(view(kit, world, read_id(&result))),
        Begun::Running => Err(Refusal::RequestRunning.into()),
        // Nothing new was begun, and nothing is: the caller looks at the proposal.
        Begun::Unknown | Begun::New(_) => Err(Refusal::OutcomeUnknown.into()),
    }
}

fn read_id(result: &[u8]) -> ProposalId {
    match result.try_into() {
        Ok(bytes) => ProposalId::new(u64::from_be_bytes(bytes)),
        Err(_) => panic!("the result of this call is an id of 8 bytes"),
    }
}

fn check_expiry(
    wallet: &Wallet,
    intent: &Intent,
    expires_at: Timestamp,
    now: Timestamp,
) -> Result<(), WalletError> {
    let effects = Effects::of(intent, wallet);
    let earliest = requirement(wallet, &effects).delay.after(now);
    let latest = earliest.after(LONGEST_OPEN);
    match earliest < expires_at && expires_at <= latest {
        true => Ok(()),
        false => Err(WalletError::Expiry {
            after: earliest.0,
            at_latest: latest.0,
        }),
    }
}

/// The proposals to close for a new one: none, or where there is no room for it, those whose time is over.
fn make_room<M: Memory>(
    kit: &WalletKit<M>,
    world: &impl Runtime,
    wallet: WalletId,
) -> Result<Vec<ProposalId>, WalletError> {
    let state = kit.product();
    let unended = state.unended_of(wallet, ProposalId::new(0), MAX_UNENDED);
    if unended.len() < MAX_UNENDED {
        return Ok(Vec::new());
    }
    let is_over = |id: &ProposalId| {
        let proposal = state.proposal(*id);
        proposal.is_some_and(|proposal| proposal.has_expired(world.now()))
    };
    let over: Vec<ProposalId> = unended.into_iter().filter(is_over).collect();
    match over.is_empty() {
        false => Ok(over),
        true => Err(WalletError::TooManyProposals {
            at_most: MAX_UNENDED as u64,
        }),
    }
}

/// Approves a proposal whose digest the caller knows.
///
/// # Errors
/// [`WalletError::NoSuchProposal`], [`WalletError::NotOpen`], [`WalletError::OtherDigest`], and those of the quota.
pub fn approve<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: ProposalId,
    digest: &[u8],
) -> Result<ProposalView, WalletError> {
    let (proposal, wallet) = open(kit, world, caller, id)?;
    let policy_version = wallet.policy_version;
    if digest != proposal.intent.digest(id, proposal.wallet, policy_version) {
        return Err(WalletError::OtherDigest);
    }
    let given = proposal.approvals.get(&caller.identity());
    let counts = given.is_some_and(|given| {
        given.policy_version == policy_version && wallet.had_as_member(caller.identity(), given.at)
    });
    if !counts {
        let event = WalletEvent::Approved { id, policy_version };
        kit.record(Stamp::new(world, caller.identity()), event);
    }
    Ok(view(kit, world, id))
}

/// Rejects a proposal. It ends if the policy makes that a veto, or if the others are too few.
///
/// # Errors
/// [`WalletError::NoSuchProposal`], [`WalletError::NotOpen`], and those of the quota.
pub fn reject<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: ProposalId,
) -> Result<ProposalView, WalletError> {
    let (proposal, _) = open(kit, world, caller, id)?;
    if !proposal.rejections.contains(&caller.identity()) {
        let event = WalletEvent::Rejected { id };
        kit.record(Stamp::new(world, caller.identity()), event);
    }
    if let Some(Verdict::Rejected) = verdict(kit, world, id) {
        close(kit, world, caller, id, Outcome::Rejected);
    }
    Ok(view(kit, world, id))
}

/// Cancels a proposal of the caller's own.
///
/// # Errors
/// [`WalletError::NoSuchProposal`], [`WalletError::NotOpen`], [`WalletError::NotProposer`], and those of the quota.
pub fn cancel<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: ProposalId,
) -> Result<ProposalView, WalletError> {
    let (proposal, _) = open(kit, world, caller, id)?;
    if proposal.proposed_by != caller.identity() {
        return Err(WalletError::NotProposer);
    }
    close(kit, world, caller, id, Outcome::Cancelled);
    Ok(view(kit, world, id))
}

/// An open proposal that nobody is carrying out.
fn open<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: ProposalId,
) -> Result<(Proposal, Wallet), WalletError> {
    // Strangers use up nobody's quota.
    let (proposal, wallet) = kit.product().proposal_for(id, caller.principal())?;
    kit.take_quota(world, caller, 1)?;
    match proposal.is_open(world.now()) {
        true => Ok((proposal, wallet)),
        false => Err(WalletError::NotOpen),
    }
}

fn close<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: ProposalId,
    outcome: Outcome,
) {
    let stamp = Stamp::new(world, caller.identity());
    kit.record(stamp, WalletEvent::Closed { id, outcome });
}

/// What the policy says about a proposal now, if there is such a proposal.
pub fn verdict<M: Memory>(
    kit: &WalletKit<M>,
    world: &impl Runtime,
    id: ProposalId,
) -> Option<Verdict> {
    let proposal = kit.product().proposal(id)?;
    let wallet = kit.product().get(proposal.wallet)?;
    Some(judge(kit, world, id, &proposal, &wallet))
}

fn judge<M: Memory>(
    kit: &WalletKit<M>,
    world: &impl Runtime,
    id: ProposalId,
    proposal: &Proposal,
    wallet: &Wallet,
) -> Verdict {
    let effects = Effects::of(&proposal.intent, wallet);
    let asked = Asked {
        id,
        proposal,
        wallet,
        now: world.now(),
    };
    let spent = |asset: &_| kit.product().spent(proposal.wallet, asset);
    check(&asked, &effects, spent)
}

/// A proposal as members see it.
///
/// # Panics
/// If there is no such proposal.
pub fn view<M: Memory>(kit: &WalletKit<M>, world: &impl Runtime, id: ProposalId) -> ProposalView {
    let found = kit.product().proposal(id);
    let found = found.and_then(|proposal| {
        let wallet = kit.product().get(proposal.wallet)?;
        let standing = || Standing::from(&judge(kit, world, id, &proposal, &wallet));
        let now = world.now();
        Some(ProposalView::of(id, &proposal, &wallet, standing, now))
    });
    match found {
        Some(view) => view,
        None => panic!("proposal {} is not there", id.number()),
    }
}
