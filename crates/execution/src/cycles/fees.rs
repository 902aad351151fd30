//! The fees of a subnet.
//!
//! Source: the public fee table ("Cycles cost reference", 13-node application subnet); checked against recorded behaviour.
//! Every fee of a subnet with n nodes is the 13-node fee times n / 13, rounded down for each fee by itself. System subnets
//! charge nothing but signatures. In: sizes and counts. Out: cycles. Leaves out: who pays (see `canister::account`).

use super::Cycles;

/// The largest response that is prepaid at a call (2 MiB).
pub const MAX_RESPONSE_BYTES: u64 = 2 << 20;
/// Instructions that are prepaid for the execution of a response.
pub const MAX_RESPONSE_INSTRUCTIONS: u64 = 40_000_000_000;
/// Nodes of the subnet that the published fees are for.
pub const REFERENCE_NODES: u32 = 13;
/// Bytes of a GiB.
const GIB: u128 = 1 << 30;

/// Whether a subnet charges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CostSchedule {
    /// The public fees.
    Normal,
    /// Nothing (system subnets).
    Free,
}

/// The fees of one subnet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeeSchedule {
    schedule: CostSchedule,
    nodes: u32,
}

impl FeeSchedule {
    /// The fees of a subnet with so many nodes.
    pub fn new(schedule: CostSchedule, nodes: u32) -> Self {
        FeeSchedule { schedule, nodes }
    }

    /// Whether nothing is charged.
    pub fn is_free(&self) -> bool {
        self.schedule == CostSchedule::Free
    }

    /// Nodes of the subnet.
    pub fn nodes(&self) -> u32 {
        self.nodes
    }

    fn scaled(&self, fee: u128) -> Cycles {
        match self.schedule {
            CostSchedule::Free => Cycles::ZERO,
            CostSchedule::Normal => scale(fee, self.nodes),
        }
    }

    /// Creating a canister.
    pub fn canister_creation(&self) -> Cycles {
        self.scaled(500_000_000_000)
    }

    /// Executing one message that uses this many instructions: 5 M and 1 an instruction.
    pub fn execution(&self, instructions: u64) -> Cycles {
        self.scaled(5_000_000) + self.instructions(instructions)
    }

    /// This many instructions without the fee of a message.
    pub fn instructions(&self, instructions: u64) -> Cycles {
        self.scaled(instructions as u128)
    }

    /// Receiving an ingress message of this many bytes.
    pub fn ingress(&self, bytes: u64) -> Cycles {
        self.scaled(1_200_000) + self.scaled(2_000) * bytes
    }

    /// Sending a request with this many bytes of method name and payload.
    pub fn request_transmission(&self, bytes: u64) -> Cycles {
        self.scaled(260_000) + self.transmission_bytes(bytes)
    }

    /// Transmitting this many bytes.
    pub fn transmission_bytes(&self, bytes: u64) -> Cycles {
        self.scaled(1_000) * bytes
    }

    /// What is set aside at a call for transmitting the largest response.
    pub fn response_transmission_reserve(&self) -> Cycles {
        self.transmission_bytes(MAX_RESPONSE_BYTES)
    }

    /// What is set aside at a call for executing the response.
    pub fn response_execution_reserve(&self) -> Cycles {
        self.execution(MAX_RESPONSE_INSTRUCTIONS)
    }

    /// All that a call with this many bytes of method name and payload takes from the balance, attached cycles excluded.
    pub fn call(&self, bytes: u64) -> Cycles {
        self.request_transmission(bytes)
            + self.response_transmission_reserve()
            + self.response_execution_reserve()
    }

    /// Storing this many bytes for this many nanoseconds: 127 k per GiB and second.
    pub fn storage(&self, bytes: u64, nanoseconds: u64) -> Cycles {
        per_second(self.scaled(127_000).0 * bytes as u128 / GIB, nanoseconds)
    }

    /// Holding this percentage of compute for this many nanoseconds: 10 M per percent and second.
    pub fn compute(&self, percent: u64, nanoseconds: u64) -> Cycles {
        per_second(self.scaled(10_000_000).0 * percent as u128, nanoseconds)
    }

    /// A threshold signature or derived key of a key on a subnet with `key_nodes` nodes: 10 B at 13 nodes.
    /// Charged on every subnet but the root's.
    pub fn threshold_signature(key_nodes: u32) -> Cycles {
        scale(10_000_000_000, key_nodes)
    }
}

fn scale(fee: u128, nodes: u32) -> Cycles {
    Cycles(fee * nodes as u128 / REFERENCE_NODES as u128)
}

fn per_second(fee: u128, nanoseconds: u64) -> Cycles {
    Cycles(fee.saturating_mul(nanoseconds as u128) / 1_000_000_000)
}
