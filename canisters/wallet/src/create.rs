//! Making a wallet.
//!
//! - What it does: checks name, members and policy, begins a paid call of a small fixed cost, records the wallet, and ends the call with
//!   the wallet's id. All of it happens in one message, so no outcome is ever unknown.
//! - Idempotent: a repeated request gets the wallet that the first one made, as it is now. Members in another order are the same request.
//! - In: caller, request. Out: the wallet, or a [`WalletError`].

#[cfg(test)]
mod tests;

use crate::account::bitcoin::BitcoinNetwork;
use crate::error::WalletError;
use crate::event::WalletEvent;
use crate::members::{Members, MembersError};
use crate::name::Name;
use crate::policy::{Policy, RawPolicy};
use crate::state::WalletKit;
use crate::wallet::{WalletId, WalletView};
use candid::Principal;
use canister_kit::encoding::{Cycles, to_cbor};
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::{Begun, Caller, PaidCall, Refusal, Stamp};

/// What a wallet costs: more than the network takes for ten years of storing the largest wallet and its event (20 KiB, at 127 000 cycles per
/// GiB and second on a subnet of 13 nodes).
pub const COST: Cycles = Cycles(1_000_000_000);

/// A wish for a wallet, as it came.
pub struct NewWallet {
    request_id: Vec<u8>,
    name: String,
    members: Vec<Principal>,
    policy: RawPolicy,
}

impl NewWallet {
    /// The caller's name for the request; then what the wallet is to be.
    pub fn of(
        request_id: Vec<u8>,
        name: String,
        members: Vec<Principal>,
        policy: RawPolicy,
    ) -> Self {
        Self {
            request_id,
            name,
            members,
            policy,
        }
    }
}

/// Makes a wallet, or finds the one that the same request made.
///
/// # Errors
/// [`WalletError::Name`], [`WalletError::Members`], [`WalletError::Policy`], and as [`WalletError::Refused`] every refusal of a call that
/// pays. Nothing has changed then.
pub fn create<M: Memory>(
    kit: &mut WalletKit<M>,
    world: &impl Runtime,
    caller: Caller,
    wish: NewWallet,
) -> Result<WalletView, WalletError> {
    let name = Name::parse(wish.name)?;
    let members = Members::parse(&wish.members)?;
    if !members.contains(caller.principal()) {
        return Err(MembersError::WithoutCaller.into());
    }
    let network = BitcoinNetwork::of(kit.config().environment);
    let policy = Policy::parse(&wish.policy, members.count(), network)?;
    let call = PaidCall {
        caller,
        method: "create_wallet",
        arguments: &canonical(&name, &members, &policy),
        request_id: wish.request_id,
        most: COST,
        tokens: 1,
    };
    let paid = match kit.begin(world, call)? {
        Begun::New(paid) => paid,
        Begun::Done(result) => return Ok(view(kit, read_id(&result))),
        Begun::Running => return Err(Refusal::RequestRunning.into()),
        Begun::Unknown => return Err(Refusal::OutcomeUnknown.into()),
    };
    let id = kit.product().next_id();
    let event = WalletEvent::WalletCreated {
        id,
        name,
        members,
        policy,
    };
    kit.record(Stamp::new(world, caller.identity()), event);
    kit.finish(world, paid, id.number().to_be_bytes().to_vec(), COST);
    Ok(view(kit, id))
}

/// The checked arguments in the one form that they are stored in.
fn canonical(name: &Name, members: &Members, policy: &Policy) -> Vec<u8> {
    to_cbor(&(name, members, policy))
}

fn read_id(result: &[u8]) -> WalletId {
    match result.try_into() {
        Ok(bytes) => WalletId::new(u64::from_be_bytes(bytes)),
        Err(_) => panic!("the result of create_wallet is an id of 8 bytes"),
    }
}

fn view<M: Memory>(kit: &WalletKit<M>, id: WalletId) -> WalletView {
    match kit.product().get(id) {
        Some(wallet) => WalletView::of(id, &wallet),
        None => panic!("no wallet is ever removed"),
    }
}
