//! Cycles: the balance, what came with the call, accepting, burning, minting.
//!
//! Source: interface specification, "Cycles". In: amounts. Out: amounts; the host's account changed. Leaves out: attaching cycles to
//! calls (see `calls`).

use super::system_call::{SystemCall, low_64};
use crate::cycles::Cycles;
use crate::ids::CanisterId;
use crate::sandbox::{Context, Trap, trap};
use candid::Principal;

/// The only canister that may mint.
const CYCLES_MINTING_CANISTER: CanisterId =
    CanisterId::new(Principal::from_slice(&[0, 0, 0, 0, 0, 0, 0, 4, 1, 1]));

pub(super) fn available(call: &mut SystemCall) -> Result<u64, Trap> {
    low_64(call.host.available())
}

pub(super) fn available128(call: &mut SystemCall) -> Result<u64, Trap> {
    let amount = call.host.available();
    call.write_cycles(0, amount, "ic0_msg_cycles_available128")?;
    Ok(0)
}

fn refunded_amount(context: &Context) -> Cycles {
    match context {
        Context::Callback { input, .. } => input.refunded,
        _ => Cycles::ZERO,
    }
}

pub(super) fn refunded(call: &mut SystemCall) -> Result<u64, Trap> {
    low_64(refunded_amount(&call.host.context))
}

pub(super) fn refunded128(call: &mut SystemCall) -> Result<u64, Trap> {
    let amount = refunded_amount(&call.host.context);
    call.write_cycles(0, amount, "ic0_msg_cycles_refunded128")?;
    Ok(0)
}

fn take_from_call(call: &mut SystemCall, at_most: Cycles) -> Cycles {
    let amount = at_most.min(call.host.available());
    call.host.accepted += amount;
    call.host.balance += amount;
    amount
}

pub(super) fn accept(call: &mut SystemCall) -> Result<u64, Trap> {
    let at_most = Cycles(call.argument(0) as u128);
    low_64(take_from_call(call, at_most))
}

pub(super) fn accept128(call: &mut SystemCall) -> Result<u64, Trap> {
    let at_most = call.cycles(0);
    let amount = take_from_call(call, at_most);
    call.write_cycles(2, amount, "ic0_msg_cycles_accept128")?;
    Ok(0)
}

pub(super) fn burn128(call: &mut SystemCall) -> Result<u64, Trap> {
    let amount = call.cycles(0).min(call.host.liquid_balance());
    call.host.balance -= amount;
    call.host.burned += amount;
    call.write_cycles(2, amount, "ic0_cycles_burn128")?;
    Ok(0)
}

pub(super) fn balance(call: &mut SystemCall) -> Result<u64, Trap> {
    low_64(call.host.balance)
}

pub(super) fn balance128(call: &mut SystemCall) -> Result<u64, Trap> {
    let amount = call.host.balance;
    call.write_cycles(0, amount, "ic0_canister_cycle_balance128")?;
    Ok(0)
}

pub(super) fn liquid_balance128(call: &mut SystemCall) -> Result<u64, Trap> {
    let amount = call.host.liquid_balance();
    call.write_cycles(0, amount, "ic0_canister_liquid_cycle_balance128")?;
    Ok(0)
}

pub(super) fn mint128(call: &mut SystemCall) -> Result<u64, Trap> {
    let canister = call.host.environment.canister;
    if canister != CYCLES_MINTING_CANISTER {
        return Err(trap::toolchain(format!(
            "ic0.mint_cycles128 cannot be executed on non Cycles Minting Canister: {canister} != {CYCLES_MINTING_CANISTER}"
        )));
    }
    let before = call.host.balance;
    call.host.balance += call.cycles(0);
    let minted = call.host.balance - before;
    call.write_cycles(2, minted, "ic0_mint_cycles_128")?;
    Ok(0)
}

impl crate::sandbox::Host {
    /// What may be spent without freezing.
    pub(super) fn liquid_balance(&self) -> Cycles {
        self.balance - self.freezing_threshold()
    }
}
