//! How many instructions a subnet lets each kind of execution take.
//!
//! Source: the public network's limits by subnet type; the limits for benchmarks are those of the PocketIC server. In: a kind of
//! subnet. Out: numbers. Leaves out: what of it is taken in which round (see `entry::long` and `round`).

use super::SubnetKind;

const BILLION: u64 = 1_000_000_000;
/// Practically no limit.
const BENCHMARK: u64 = 99_999_999_999_999;

/// Limits of single executions, in instructions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InstructionLimits {
    /// One update, task or callback (with its cleanup).
    pub message: u64,
    /// One query called as an update.
    pub replicated_query: u64,
    /// One query with all queries that it calls.
    pub query: u64,
    /// One installation, all its steps together.
    pub install: u64,
    /// What of a message runs in one round.
    pub slice: u64,
    /// What of an installation runs in one round.
    pub install_slice: u64,
}

impl InstructionLimits {
    /// The limits of the public network.
    pub fn production(kind: SubnetKind) -> Self {
        let application = InstructionLimits {
            message: 40 * BILLION,
            replicated_query: 5 * BILLION,
            query: 5 * BILLION,
            install: 300 * BILLION,
            slice: 2 * BILLION,
            install_slice: 2 * BILLION,
        };
        if !kind.is_system() {
            return application;
        }
        InstructionLimits {
            message: 50 * BILLION,
            replicated_query: 50 * BILLION,
            install: 1_000 * BILLION,
            install_slice: 5 * BILLION,
            ..application
        }
    }

    /// Limits under which a message may run as long as it takes.
    pub fn benchmarking(kind: SubnetKind) -> Self {
        InstructionLimits {
            message: BENCHMARK,
            replicated_query: BENCHMARK,
            query: BENCHMARK,
            slice: BENCHMARK,
            ..InstructionLimits::production(kind)
        }
    }

    /// What of a message's limit a callback leaves to its cleanup.
    pub fn cleanup(&self) -> u64 {
        self.message / 20
    }
}
