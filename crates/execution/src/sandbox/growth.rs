//! Growth of heap and stable memory: limits, freezing threshold, reservation.
//!
//! Source: interface specification, "Memory usage" and recorded behaviour. In: bytes wanted. Out: yes, no (`memory.grow` answers
//! -1), or a trap. The freezing threshold is checked in updates and system tasks only: installation checks it at its end, callbacks
//! are never stopped by it, and queries change nothing.

use super::host::Host;
use super::{Context, Trap, trap};
use crate::cycles::Cycles;
use crate::cycles::fees::for_seconds;
use crate::error::ErrorCode;
use crate::memory::WASM_PAGE_BYTES;
use wasmtime::ResourceLimiter;

impl Host {
    /// Bytes in use now, heap and stable memory included.
    pub fn memory_usage(&self) -> u64 {
        self.environment.memory_usage + self.grown_bytes
    }

    /// Cycles that must stay in the balance at the present memory usage.
    pub fn freezing_threshold(&self) -> Cycles {
        self.freezing_threshold_at(self.memory_usage(), 0)
    }

    /// The freezing threshold with this memory in use, and this much more in messages.
    pub fn freezing_threshold_at(
        &self,
        memory_usage: u64,
        additional_message_bytes: u64,
    ) -> Cycles {
        let environment = &self.environment;
        let of_storage = |bytes: u64| {
            let per_day = environment.fees.storage_per_day(bytes);
            for_seconds(per_day, environment.freezing_seconds)
        };
        let allocated = |usage: u64| usage.max(environment.memory_allocation);
        let before = of_storage(allocated(environment.memory_usage));
        let after = of_storage(allocated(memory_usage)) + of_storage(additional_message_bytes);
        // The threshold given holds for the memory before; it includes compute, messages and the reserved balance.
        environment.freezing_threshold + (after - before)
    }

    /// Accounts for growth by so many bytes.
    pub fn allocate(&mut self, bytes: u64) -> Result<(), Trap> {
        let usage = self.memory_usage();
        let new_usage = usage.checked_add(bytes).ok_or(Trap::OutOfMemory)?;
        let allocated = |usage: u64| usage.max(self.environment.memory_allocation);
        let additional = allocated(new_usage) - allocated(usage);
        if matches!(self.context, Context::Update(_) | Context::Task(_)) && additional > 0 {
            let required = self.freezing_threshold_at(new_usage, 0);
            if self.balance < required {
                return Err(self.insufficient_cycles(additional, required));
            }
        }
        let initially = allocated(self.environment.memory_usage);
        if allocated(new_usage) - initially > self.limits.memory_growth_bytes {
            return Err(Trap::OutOfMemory);
        }
        self.reserve_for(additional, allocated(usage) - initially)?;
        self.grown_bytes += bytes;
        Ok(())
    }

    /// On a crowded subnet growth moves cycles to the reserved balance; `before` bytes were added by this execution already.
    fn reserve_for(&mut self, bytes: u64, before: u64) -> Result<(), Trap> {
        let reserves = matches!(
            self.context,
            Context::Update(_)
                | Context::Task(_)
                | Context::Callback {
                    composite: false,
                    ..
                }
                | Context::Cleanup {
                    composite: false,
                    ..
                }
        );
        if !reserves || bytes == 0 {
            return Ok(());
        }
        let environment = &self.environment;
        let storage = environment.storage.with(before);
        let amount = storage.reservation(&environment.fees, bytes);
        let requested = environment.reserved_balance + self.newly_reserved + amount;
        if let Some(limit) = environment.reserved_cycles_limit
            && !amount.is_zero()
            && requested > limit
        {
            return Err(Trap::ReservedCyclesLimitExceededInMemoryGrow {
                bytes,
                requested,
                limit,
            });
        }
        if self.balance < amount {
            return Err(self.insufficient_cycles(bytes, amount));
        }
        self.balance -= amount;
        self.newly_reserved += amount;
        Ok(())
    }

    /// Only a controller is told how much is missing.
    fn insufficient_cycles(&self, bytes: u64, required: Cycles) -> Trap {
        let is_controller = self
            .caller()
            .is_some_and(|caller| self.environment.controllers.contains(&caller));
        if is_controller {
            return Trap::InsufficientCyclesInMemoryGrow {
                bytes,
                available: self.balance,
                required,
            };
        }
        let text = format!(
            "Canister cannot grow memory by {bytes} bytes due to insufficient cycles..\nTry topping up the canister. See \
             documentation: https://internetcomputer.org/docs/current/references/execution-errors\
             #insufficient-cycles-in-memory-grow"
        );
        trap::other(ErrorCode::InsufficientCyclesInMemoryGrow, &text)
    }

    /// Whether the heap leaves less than the threshold below its limit (4 GiB where there is none).
    pub fn is_low_on_memory(&self) -> bool {
        let limit = self.limits.wasm_memory_limit.unwrap_or(4 << 30);
        limit
            < self
                .heap_bytes
                .saturating_add(self.limits.wasm_memory_threshold)
    }

    fn grow_heap(&mut self, new_bytes: u64) -> Result<bool, Trap> {
        if new_bytes > self.limits.heap_bytes {
            return Ok(false);
        }
        let is_limited = matches!(
            self.context,
            Context::Update(_) | Context::Init { .. } | Context::Start
        );
        if let Some(limit) = self
            .limits
            .wasm_memory_limit
            .filter(|limit| is_limited && new_bytes > *limit)
        {
            return Err(Trap::WasmMemoryLimit {
                bytes: new_bytes,
                limit,
            });
        }
        self.allocate(new_bytes - self.heap_bytes)?;
        self.heap_bytes = new_bytes;
        Ok(true)
    }

    /// Grows stable memory by pages of 64 KiB: the size before, or `None`.
    pub fn grow_stable(&mut self, pages: u64) -> Result<Option<u64>, Trap> {
        let before = self.stable.pages();
        let Some(bytes) = pages.checked_mul(WASM_PAGE_BYTES) else {
            return Ok(None);
        };
        if before.saturating_add(pages).saturating_mul(WASM_PAGE_BYTES) > self.limits.stable_bytes {
            return Ok(None);
        }
        match self.allocate(bytes) {
            Ok(()) => Ok(self.stable.grow(pages)),
            Err(Trap::OutOfMemory) => Ok(None),
            Err(trap) => Err(trap),
        }
    }
}

/// The engine asks here before it grows anything. Instantiation is no growth: the heap then has its size already.
impl ResourceLimiter for Host {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if self.memory.is_none() {
            return Ok(true);
        }
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        self.grow_heap(desired as u64).map_err(|trap| {
            self.stopped = Some((trap, "memory.grow"));
            wasmtime::Error::msg("memory growth ends the execution")
        })
    }

    fn table_growing(
        &mut self,
        _: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let limit = crate::wasm::MAX_TABLE_ELEMENTS as usize;
        Ok(desired <= maximum.unwrap_or(limit).min(limit))
    }
}
