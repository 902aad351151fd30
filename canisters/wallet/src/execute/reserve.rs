//! What an [`Approved`] permits: the only places where something begins to happen.
//!
//! - What it does: takes the [`Approved`] that the policy gave in this message, and records what it permits.
//! - Everything later (signing, sending) works on what was recorded here.

use crate::event::WalletEvent;
use crate::policy::Approved;
use crate::proposal::{Plan, Receipt};
use crate::state::WalletKit;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::{Caller, Stamp};

/// Reserves what a proposal takes.
pub fn reserve<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Runtime,
    caller: Caller,
    approved: Approved,
    plan: Plan,
) {
    let stamp = Stamp::new(world, caller.identity());
    let id = approved.proposal();
    kit.record(stamp, WalletEvent::Reserved { id, plan });
}

/// Records what happens in this message.
pub fn done<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Runtime,
    caller: Caller,
    approved: Approved,
    receipt: Receipt,
) {
    let stamp = Stamp::new(world, caller.identity());
    let id = approved.proposal();
    kit.record(stamp, WalletEvent::Done { id, receipt });
}
