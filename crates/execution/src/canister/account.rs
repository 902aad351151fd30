//! The account of a canister: what it must keep, what it may spend, what it is charged as time goes by.
//!
//! Source: interface specification, "Cycles"; recorded behaviour (whole seconds, each item rounded down by itself, at
//! most every 10 s). In: a canister and the fees of its subnet. Out: amounts, or the error that its callers see.

use super::{Canister, CyclesUse};
use crate::cycles::Cycles;
use crate::cycles::fees::{FeeSchedule, Width, for_seconds};
use crate::error::{ErrorCode, UserError};
use crate::ids::Time;
use candid::Principal;

/// Storage and compute are charged at most this often, in nanoseconds.
pub const CHARGE_INTERVAL: u64 = 10 * SECOND;
const SECOND: u64 = 1_000_000_000;

impl Canister {
    /// The width of its code.
    pub fn width(&self) -> Width {
        match self.module().and_then(|module| module.memory.as_ref()) {
            Some(memory) if memory.is_64 => Width::Wasm64,
            _ => Width::Wasm32,
        }
    }

    /// Cycles burned a day by a canister with this memory while it does nothing.
    fn idle_cycles(&self, fees: &FeeSchedule, memory: u64) -> Cycles {
        fees.storage_per_day(memory.max(self.settings.memory_allocation))
            + fees.compute_per_day(self.settings.compute_allocation)
    }

    /// Cycles burned a day while it does nothing.
    pub fn idle_cycles_per_day(&self, fees: &FeeSchedule) -> Cycles {
        self.idle_cycles(fees, self.memory_usage())
    }

    /// What the balance may not fall below at its present memory usage.
    pub fn freezing_threshold(&self, fees: &FeeSchedule) -> Cycles {
        self.freezing_threshold_at(fees, self.memory_usage())
    }

    /// What the balance may not fall below at this memory usage.
    pub fn freezing_threshold_at(&self, fees: &FeeSchedule, memory: u64) -> Cycles {
        for_seconds(
            self.idle_cycles(fees, memory),
            self.settings.freezing_threshold,
        ) - self.reserved_balance
    }

    /// Refuses if taking `fee` would bring the balance below the freezing threshold. Controllers learn how much is missing.
    pub fn can_pay(
        &self,
        fees: &FeeSchedule,
        fee: Cycles,
        caller: &Principal,
    ) -> Result<(), UserError> {
        let needed = self.freezing_threshold(fees) + fee;
        if self.balance >= needed {
            return Ok(());
        }
        let advice = if self.settings.controllers.contains(caller) {
            format!(
                ": please top up the canister with at least {} additional cycles",
                needed - self.balance
            )
        } else {
            String::new()
        };
        let message = format!("Canister {} is out of cycles{advice}", self.id);
        Err(UserError::new(ErrorCode::CanisterOutOfCycles, message))
    }

    /// Whether the balance is below the freezing threshold.
    pub fn is_frozen(&self, fees: &FeeSchedule) -> bool {
        self.freezing_threshold(fees) > self.balance
    }

    /// Charges storage and compute up to `now` if it is time. `false` if it could not pay: then it has to be uninstalled.
    #[must_use]
    pub fn charge_for_time(&mut self, fees: &FeeSchedule, now: Time) -> bool {
        let elapsed = now.since(self.charged_until);
        if elapsed < CHARGE_INTERVAL {
            return true;
        }
        let seconds = elapsed / SECOND;
        self.charged_until = now;
        let memory = self.memory_usage().max(self.settings.memory_allocation);
        let storage = for_seconds(fees.storage_per_day(memory), seconds);
        let compute = for_seconds(
            fees.compute_per_day(self.settings.compute_allocation),
            seconds,
        );
        self.pay_for_time(storage, CyclesUse::Memory)
            && self.pay_for_time(compute, CyclesUse::ComputeAllocation)
    }

    fn pay_for_time(&mut self, fee: Cycles, purpose: CyclesUse) -> bool {
        if self.reserved_balance + self.balance < fee {
            return false;
        }
        let reserved = self.reserved_balance.take(fee);
        self.balance -= fee - reserved;
        *self.consumed.entry(purpose).or_default() += fee;
        true
    }
}
