//! What a subnet is made with.

use super::InstructionLimits;
use crate::cycles::fees::CostSchedule;
use crate::ids::{NodeId, SubnetId, Time};

/// The kinds of subnets, as the PocketIC API names them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[allow(missing_docs, reason = "the names are those of the PocketIC API")]
pub enum SubnetKind {
    Nns,
    Sns,
    Ii,
    Fiduciary,
    Bitcoin,
    TestThresholdKeys,
    System,
    Application,
    CloudEngine,
    VerifiedApplication,
}

impl SubnetKind {
    /// All kinds, in the order in which subnets are created, each with its name (small letters without separators).
    pub const NAMED: [(SubnetKind, &'static str); 10] = [
        (SubnetKind::Nns, "nns"),
        (SubnetKind::Sns, "sns"),
        (SubnetKind::Ii, "ii"),
        (SubnetKind::Fiduciary, "fiduciary"),
        (SubnetKind::Bitcoin, "bitcoin"),
        (SubnetKind::TestThresholdKeys, "testthresholdkeys"),
        (SubnetKind::System, "system"),
        (SubnetKind::Application, "application"),
        (SubnetKind::CloudEngine, "cloudengine"),
        (SubnetKind::VerifiedApplication, "verifiedapplication"),
    ];

    /// Its name in lower case without separators.
    pub fn name(self) -> &'static str {
        let named = SubnetKind::NAMED.iter();
        named
            .filter(|(kind, _)| *kind == self)
            .map(|(_, name)| *name)
            .next()
            .unwrap_or_default()
    }

    /// Nodes of such a subnet where nothing else is configured.
    pub fn default_nodes(self) -> u32 {
        match self {
            SubnetKind::Nns => 40,
            SubnetKind::Sns | SubnetKind::Ii | SubnetKind::Fiduciary => 34,
            _ => 13,
        }
    }

    /// Whether its canisters pay.
    pub fn cost_schedule(self) -> CostSchedule {
        match self {
            SubnetKind::Nns | SubnetKind::Ii | SubnetKind::System => CostSchedule::Free,
            _ => CostSchedule::Normal,
        }
    }

    /// Whether it is a system subnet (larger limits, no fees).
    pub fn is_system(self) -> bool {
        self.cost_schedule() == CostSchedule::Free
    }
}

/// What a subnet is made with.
#[derive(Clone, Debug)]
pub struct SubnetConfig {
    /// Its id.
    pub id: SubnetId,
    /// Its kind.
    pub kind: SubnetKind,
    /// Its nodes.
    pub nodes: Vec<NodeId>,
    /// Time of its first state.
    pub start: Time,
    /// Seed of everything that looks random and need not be secret.
    pub seed: [u8; 32],
    /// Whether its canisters pay.
    pub cost_schedule: CostSchedule,
    /// What executions may take.
    pub instructions: InstructionLimits,
}

impl SubnetConfig {
    /// Number of nodes.
    pub fn node_count(&self) -> u32 {
        self.nodes.len() as u32
    }
}
