//! Whether a canister may have the compute and memory that its settings ask for.
//!
//! Source: interface specification, `compute_allocation`, `memory_allocation`; recorded texts. In: what the canister has and
//! uses, and the settings that it is to have. Out: the cycles to reserve for storage on a crowded subnet, or the refusal.

use super::refusal::advised;
use super::settings::too_poor;
use crate::canister::{Canister, Settings};
use crate::cycles::fees::for_seconds;
use crate::cycles::{Cycles, StorageUse};
use crate::error::{ErrorCode, UserError};
use crate::subnet::SubnetState;

/// Percent of compute that all canisters of a subnet may reserve together.
const SUBNET_COMPUTE: u64 = 200;

/// What a canister (or what is to become one) has and uses now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Demand<'a> {
    pub settings: &'a Settings,
    pub memory_usage: u64,
    pub balance: Cycles,
    pub reserved_balance: Cycles,
}

impl<'a> Demand<'a> {
    /// That of a canister.
    pub fn of(canister: &'a Canister) -> Self {
        Demand {
            settings: &canister.settings,
            memory_usage: canister.memory_usage(),
            balance: canister.balance,
            reserved_balance: canister.reserved_balance,
        }
    }

    /// That of a canister to be created with this balance, whose settings are the defaults so far.
    pub fn of_new(settings: &'a Settings, balance: Cycles) -> Self {
        Demand {
            settings,
            memory_usage: 0,
            balance,
            reserved_balance: Cycles::ZERO,
        }
    }
}

/// Checks whether the subnet has room for the new settings and whether the canister can pay for them.
pub(super) fn check_demand(
    state: &SubnetState,
    now: Demand<'_>,
    new: &Settings,
) -> Result<Cycles, UserError> {
    check_memory(state, now, new)?;
    check_compute(state, now, new)?;
    let idle = state
        .fees
        .storage_per_day(now.memory_usage.max(new.memory_allocation))
        + state.fees.compute_per_day(new.compute_allocation);
    let threshold = for_seconds(idle, new.freezing_threshold) - now.reserved_balance;
    if now.balance >= threshold {
        return reservation(state, now, new);
    }
    let missing = threshold - now.balance;
    if new.compute_allocation > now.settings.compute_allocation {
        return Err(too_poor(
            ErrorCode::InsufficientCyclesInComputeAllocation,
            &format!("compute allocation to {}%", new.compute_allocation),
            missing,
            "insufficient-cycles-in-compute-allocation",
        ));
    }
    if new.memory_allocation > now.settings.memory_allocation {
        return Err(too_poor(
            ErrorCode::InsufficientCyclesInMemoryAllocation,
            &format!(
                "memory allocation to {}",
                readable_bytes(new.memory_allocation)
            ),
            missing,
            "insufficient-cycles-in-memory-allocation",
        ));
    }
    reservation(state, now, new)
}

/// The cycles to reserve for a larger memory allocation.
fn reservation(state: &SubnetState, now: Demand<'_>, new: &Settings) -> Result<Cycles, UserError> {
    let allocation = readable_bytes(new.memory_allocation);
    let amount = reservation_for(state, added(now, new));
    let requested = now.reserved_balance + amount;
    if let Some(limit) = new.reserved_cycles_limit
        && !amount.is_zero()
        && requested > limit
    {
        return Err(advised(
            ErrorCode::ReservedCyclesLimitExceededInMemoryAllocation,
            format!(
                "Cannot increase memory allocation to {allocation} due to its reserved cycles limit. The current limit ({limit}) would be exceeded by {}.",
                requested - limit
            ),
            "Try increasing this canister's reserved cycles limit or moving it to a subnet with lower memory usage.",
            "reserved-cycles-limit-exceeded-in-memory-allocation",
        ));
    }
    if now.balance >= amount {
        return Ok(amount);
    }
    Err(too_poor(
        ErrorCode::InsufficientCyclesInMemoryAllocation,
        &format!("memory allocation to {allocation}"),
        amount - now.balance,
        "insufficient-cycles-in-memory-allocation",
    ))
}

/// The cycles to reserve when a canister holds so many bytes more.
fn reservation_for(state: &SubnetState, bytes: u64) -> Cycles {
    if bytes == 0 {
        return Cycles::ZERO;
    }
    StorageUse::of_subnet(state.count_held_storage()).reservation(&state.fees, bytes)
}

/// Takes the cycles to reserve for so many bytes that a canister holds more than before.
///
/// # Errors
/// The subnet has no room, the canister's limit does not allow the reservation, or it has not the cycles.
pub(super) fn reserve_for_growth(
    state: &SubnetState,
    canister: &mut Canister,
    bytes: u64,
) -> Result<(), UserError> {
    let amount = reservation_for(state, bytes);
    if amount.is_zero() {
        return Ok(());
    }
    let requested = canister.reserved_balance + amount;
    if let Some(limit) = canister.settings.reserved_cycles_limit
        && requested > limit
    {
        return Err(advised(
            ErrorCode::ReservedCyclesLimitExceededInMemoryGrow,
            format!(
                "Canister cannot grow memory by {bytes} bytes due to its reserved cycles limit. The current limit ({limit}) would be exceeded by {}.",
                requested - limit
            ),
            "Try increasing this canister's reserved cycles limit or moving it to a subnet with lower memory usage.",
            "reserved-cycles-limit-exceeded-in-memory-grow-1",
        ));
    }
    if canister.balance < amount {
        return Err(cannot_grow(bytes, amount - canister.balance));
    }
    canister.balance -= amount;
    canister.reserved_balance += amount;
    Ok(())
}

/// The error for growth that the canister cannot pay.
pub(super) fn cannot_grow(bytes: u64, missing: Cycles) -> UserError {
    advised(
        ErrorCode::InsufficientCyclesInMemoryGrow,
        format!(
            "Canister cannot grow memory by {bytes} bytes due to insufficient cycles. At least {missing} additional cycles are required."
        ),
        "Top up the canister with more cycles.",
        "insufficient-cycles-in-memory-grow-1",
    )
}

/// Bytes that the canister holds more with the new settings.
fn added(now: Demand<'_>, new: &Settings) -> u64 {
    let held = |settings: &Settings| now.memory_usage.max(settings.memory_allocation);
    held(new).saturating_sub(held(now.settings))
}

fn check_memory(state: &SubnetState, now: Demand<'_>, new: &Settings) -> Result<(), UserError> {
    let requested = added(now, new);
    let available = StorageUse::of_subnet(state.count_held_storage()).available();
    if requested <= available {
        return Ok(());
    }
    Err(advised(
        ErrorCode::SubnetOversubscribed,
        format!(
            "Canister requested {} of memory but only {} are available in the subnet.",
            readable_bytes(requested),
            readable_bytes(available)
        ),
        "Try moving to another subnet.",
        "subnet-memory-capacity-oversubscribed",
    ))
}

fn check_compute(state: &SubnetState, now: Demand<'_>, new: &Settings) -> Result<(), UserError> {
    let old = now.settings.compute_allocation;
    let requested = new.compute_allocation;
    let taken: u64 = state
        .canisters
        .values()
        .map(|canister| canister.settings.compute_allocation)
        .sum();
    // One percent always remains for canisters that reserve nothing.
    let available = (SUBNET_COMPUTE - 1).saturating_sub(taken.saturating_sub(old));
    if requested <= old || requested <= available {
        return Ok(());
    }
    Err(advised(
        ErrorCode::SubnetOversubscribed,
        format!(
            "Canister requested a compute allocation of {requested}% which cannot be satisfied because the Subnet's remaining compute capacity is {available}%."
        ),
        "Try moving to another subnet.",
        "subnet-compute-capacity-oversubscribed",
    ))
}

/// Bytes in the largest binary unit that they fill, with two digits after the point.
pub(super) fn readable_bytes(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut amount = bytes as f64 / 1024.0;
    let mut unit = 0;
    while amount >= 1024.0 && unit + 1 < UNITS.len() {
        amount /= 1024.0;
        unit += 1;
    }
    format!("{amount:.2} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_shown_in_the_largest_unit_that_they_fill() {
        assert_eq!(readable_bytes(190), "190 B");
        assert_eq!(readable_bytes(10_000_000_000), "9.31 GiB");
        assert_eq!(readable_bytes(1 << 40), "1.00 TiB");
    }
}
