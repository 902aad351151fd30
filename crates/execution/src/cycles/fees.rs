//! The fees of a subnet.
//!
//! Source: the public fee table ("Cycles cost reference", 13-node application subnet); checked against recorded behaviour.
//! Every fee of a subnet with n nodes is the 13-node fee times n / 13, rounded down once for each fee as a whole. System
//! subnets charge nothing but signatures. In: sizes and counts. Out: cycles. Leaves out: who pays (see `canister::account`).

use super::Cycles;

/// The largest response that is prepaid at a call (2 MiB).
pub const MAX_RESPONSE_BYTES: u64 = 2 << 20;
/// Instructions of one message, where nothing else is set; as many are prepaid for the execution of a response.
const MESSAGE_INSTRUCTIONS: u64 = 40_000_000_000;
/// Nodes of the subnet that the published fees are for.
pub const REFERENCE_NODES: u32 = 13;
/// Bytes of a GiB.
const GIB: u128 = 1 << 30;
const DAY_SECONDS: u128 = 86_400;

/// Whether a subnet charges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CostSchedule {
    /// The public fees.
    Normal,
    /// Nothing (system subnets).
    Free,
}

/// The width of a module's addresses; 64-bit code pays twice for each instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Width {
    /// wasm32, and canisters without code.
    #[default]
    Wasm32,
    /// wasm64.
    Wasm64,
}

impl Width {
    fn factor(self) -> u128 {
        match self {
            Width::Wasm32 => 1,
            Width::Wasm64 => 2,
        }
    }
}

/// The fees of one subnet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FeeSchedule {
    schedule: CostSchedule,
    nodes: u32,
    message_instructions: u64,
}

impl FeeSchedule {
    /// The fees of a subnet with so many nodes.
    pub fn new(schedule: CostSchedule, nodes: u32) -> Self {
        FeeSchedule {
            schedule,
            nodes,
            message_instructions: MESSAGE_INSTRUCTIONS,
        }
    }

    /// The same, where a message may take this many instructions.
    pub fn with_message_instructions(self, message_instructions: u64) -> Self {
        FeeSchedule {
            message_instructions,
            ..self
        }
    }

    /// Whether nothing is charged.
    pub fn is_free(&self) -> bool {
        self.schedule == CostSchedule::Free
    }

    /// Nodes of the subnet.
    pub fn nodes(&self) -> u32 {
        self.nodes
    }

    /// A 13-node fee at this subnet's size.
    pub fn scaled(&self, fee: u128) -> Cycles {
        match self.schedule {
            CostSchedule::Free => Cycles::ZERO,
            CostSchedule::Normal => scale(fee, self.nodes),
        }
    }

    /// Creating a canister.
    pub fn canister_creation(&self) -> Cycles {
        self.scaled(500_000_000_000)
    }

    /// Executing one message that uses this many instructions: 5 M and 1 an instruction (2 in wasm64).
    pub fn execution(&self, instructions: u64, width: Width) -> Cycles {
        self.scaled(5_000_000 + instructions as u128 * width.factor())
    }

    /// This many instructions without the fee of a message.
    pub fn instructions(&self, instructions: u64, width: Width) -> Cycles {
        self.scaled(instructions as u128 * width.factor())
    }

    /// Receiving an ingress message whose envelope has this many bytes.
    pub fn ingress(&self, bytes: u64) -> Cycles {
        self.scaled(1_200_000 + 2_000 * bytes as u128)
    }

    /// Sending a request with this many bytes of method name and payload.
    pub fn request_transmission(&self, bytes: u64) -> Cycles {
        self.scaled(260_000) + self.transmission_bytes(bytes)
    }

    /// Transmitting this many bytes.
    pub fn transmission_bytes(&self, bytes: u64) -> Cycles {
        self.scaled(1_000 * bytes as u128)
    }

    /// What is set aside at a call for transmitting the largest response.
    pub fn response_transmission_reserve(&self) -> Cycles {
        self.transmission_bytes(MAX_RESPONSE_BYTES)
    }

    /// What is set aside at a call for executing the response.
    pub fn response_execution_reserve(&self, width: Width) -> Cycles {
        self.execution(self.message_instructions, width)
    }

    /// All that a call with this many bytes of method name and payload takes from the balance, attached cycles excluded.
    pub fn call(&self, bytes: u64, width: Width) -> Cycles {
        self.request_transmission(bytes)
            + self.response_transmission_reserve()
            + self.response_execution_reserve(width)
    }

    /// What `cost_call` answers: the price of a call on a 13-node subnet, whatever the size of this one.
    pub fn call_at_reference_size(&self, bytes: u64, width: Width) -> Cycles {
        let reference = FeeSchedule {
            nodes: REFERENCE_NODES,
            ..self.clone()
        };
        reference.call(bytes, width)
    }

    /// Storing this many bytes for a day: 127 k per GiB and second.
    pub fn storage_per_day(&self, bytes: u64) -> Cycles {
        self.scaled(bytes as u128 * 127_000 * DAY_SECONDS / GIB)
    }

    /// Storing this many bytes for so many seconds.
    pub fn storage(&self, bytes: u64, seconds: u64) -> Cycles {
        self.scaled(bytes as u128 * 127_000 * seconds as u128 / GIB)
    }

    /// Holding this percentage of compute for a day: 10 M per percent and second.
    pub fn compute_per_day(&self, percent: u64) -> Cycles {
        self.scaled(10_000_000 * DAY_SECONDS * percent as u128)
    }

    /// A threshold signature or derived key of a key on a subnet with `key_nodes` nodes: 10 B at 13 nodes.
    /// Charged on every subnet but the root's.
    pub fn threshold_signature(key_nodes: u32) -> Cycles {
        scale(10_000_000_000, key_nodes)
    }
}

/// The part of a daily amount that falls on so many whole seconds, rounded down.
pub fn for_seconds(per_day: Cycles, seconds: u64) -> Cycles {
    Cycles(per_day.0.saturating_mul(seconds as u128) / DAY_SECONDS)
}

fn scale(fee: u128, nodes: u32) -> Cycles {
    Cycles(fee * nodes as u128 / REFERENCE_NODES as u128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prepays_a_call_as_recorded() {
        let fees = FeeSchedule::new(CostSchedule::Normal, 13);
        assert_eq!(fees.call(0, Width::Wasm32), Cycles(42_102_412_000));
    }

    #[test]
    fn scales_a_fee_once_as_a_whole() {
        let fees = FeeSchedule::new(CostSchedule::Normal, 34);
        assert_eq!(
            fees.execution(1, Width::Wasm32),
            Cycles(5_000_001 * 34 / 13)
        );
        assert_eq!(FeeSchedule::threshold_signature(34), Cycles(26_153_846_153));
    }

    #[test]
    fn charges_nothing_on_system_subnets() {
        let fees = FeeSchedule::new(CostSchedule::Free, 40);
        assert!(fees.call(1_000, Width::Wasm32).is_zero());
        assert!(fees.storage_per_day(1 << 40).is_zero());
    }
}
