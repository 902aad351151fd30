//! How full a subnet's storage is, and what growth costs there beside its fees.
//!
//! Source: the public network's "resource reservation": below a threshold storage is paid as time goes by; above it, growth also
//! moves cycles from the balance to the reserved balance, as if the new bytes had been paid for a time that grows with the part of the
//! remaining storage that is taken. In: bytes that canisters hold. Out: bytes left, cycles to reserve. Leaves out: whether the canister
//! has these cycles.

use super::{Cycles, fees::FeeSchedule};

const GIB: u64 = 1 << 30;
/// Storage of a subnet.
const CAPACITY: u64 = 2048 * GIB;
/// Storage that is kept free for the system; it counts as taken.
const SYSTEM_RESERVE: u64 = 10 * GIB;
/// Up to here nothing is reserved.
const THRESHOLD: u64 = 750 * GIB;
/// The time that is reserved for the last byte of a full subnet, in seconds.
const LONGEST_RESERVATION: u64 = 300_000_000;
/// The network runs canisters on so many threads, each of which may use its part of the storage.
const THREADS: u64 = 4;

/// How much storage of a subnet is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StorageUse {
    taken: u64,
    threshold: u64,
    capacity: u64,
}

impl StorageUse {
    /// Of a subnet whose canisters hold this many bytes.
    pub fn of_subnet(held: u64) -> Self {
        StorageUse {
            taken: held.saturating_add(SYSTEM_RESERVE).min(CAPACITY),
            threshold: THRESHOLD,
            capacity: CAPACITY,
        }
    }

    /// As the execution of a message sees it, which may use what belongs to its thread.
    pub fn of_thread(self) -> Self {
        StorageUse {
            taken: self.taken / THREADS,
            threshold: self.threshold / THREADS,
            capacity: self.capacity / THREADS,
        }
    }

    /// After so many bytes more were taken.
    pub fn with(self, bytes: u64) -> Self {
        StorageUse {
            taken: self.taken.saturating_add(bytes).min(self.capacity),
            ..self
        }
    }

    /// Bytes left.
    pub fn available(&self) -> u64 {
        self.capacity - self.taken
    }

    /// Cycles to reserve for so many bytes more.
    pub fn reservation(&self, fees: &FeeSchedule, bytes: u64) -> Cycles {
        self.with(bytes).reserved_so_far(fees) - self.reserved_so_far(fees)
    }

    /// What would have been reserved by one canister that holds all that is taken: the area of a triangle.
    fn reserved_so_far(&self, fees: &FeeSchedule) -> Cycles {
        let above = self.taken.saturating_sub(self.threshold);
        let room = self.capacity - self.threshold;
        let seconds = u128::from(LONGEST_RESERVATION) * u128::from(above) / u128::from(room);
        fees.storage(above, seconds as u64 / 2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cycles::fees::CostSchedule;

    #[test]
    fn nothing_is_reserved_below_the_threshold() {
        let fees = FeeSchedule::new(CostSchedule::Normal, 13);
        let subnet = StorageUse::of_subnet(700 * GIB);
        assert_eq!(subnet.reservation(&fees, 40 * GIB), Cycles::ZERO);
        assert!(subnet.reservation(&fees, 41 * GIB) > Cycles::ZERO);
    }

    #[test]
    fn a_reservation_is_the_same_in_one_step_and_in_many() {
        let fees = FeeSchedule::new(CostSchedule::Normal, 13);
        let subnet = StorageUse::of_subnet(1000 * GIB).of_thread();
        let at_once = subnet.reservation(&fees, 8 * GIB);
        let steps: Cycles = (0..8)
            .map(|step| subnet.with(step * GIB).reservation(&fees, GIB))
            .sum();
        assert_eq!(at_once, steps);
    }

    #[test]
    fn the_reservation_of_a_full_subnet_pays_for_half_of_the_longest_time() {
        let fees = FeeSchedule::new(CostSchedule::Normal, 13);
        let room = CAPACITY - THRESHOLD;
        let all = StorageUse::of_subnet(THRESHOLD - SYSTEM_RESERVE).reservation(&fees, room);
        assert_eq!(all, fees.storage(room, LONGEST_RESERVATION / 2));
    }

    #[test]
    fn free_subnets_reserve_nothing() {
        let fees = FeeSchedule::new(CostSchedule::Free, 13);
        let subnet = StorageUse::of_subnet(1500 * GIB);
        assert_eq!(subnet.reservation(&fees, GIB), Cycles::ZERO);
    }
}
