//! The subnets of an instance and what the others and the clients know of them.
//!
//! In: hosted subnets. Out: the routing table that every subnet holds, and summaries for clients. Leaves out: creation.

use crate::clock::Clock;
use crate::config::SubnetSpec;
use candid::Principal;
use chainkey_execution::ids::{CanisterId, CanisterRange, NodeId, SubnetId};
use chainkey_execution::sandbox::{KeyName, KeyScheme};
use chainkey_execution::subnet::{RoutingTable, Subnet, SubnetKind, SubnetRecord};
use std::collections::BTreeMap;

/// A subnet with what the network keeps about it.
pub struct HostedSubnet {
    /// Its id.
    pub id: SubnetId,
    /// How many subnets were created before it.
    pub number: u64,
    /// What it was made with.
    pub spec: SubnetSpec,
    /// Its nodes.
    pub nodes: Vec<NodeId>,
    /// How many nodes it has had, those that left included.
    pub nodes_ever: u64,
    /// Its ids of the mainnet, then the range from which it allocates.
    pub ranges: Vec<CanisterRange>,
    /// Its seed.
    pub seed: [u8; 32],
    /// Its clock.
    pub clock: Clock,
    /// Calls built for it so far; the number is the nonce of the next.
    pub next_nonce: u64,
    /// The next log record of each canister that was not shown yet.
    pub shown_logs: BTreeMap<CanisterId, u64>,
    /// Itself.
    pub subnet: Subnet,
}

impl HostedSubnet {
    /// Whether the id lies in its ranges.
    pub fn hosts(&self, canister: CanisterId) -> bool {
        self.ranges.iter().any(|range| range.contains(&canister))
    }

    /// The first id that it allocates.
    pub fn first_allocated(&self) -> Option<CanisterId> {
        self.ranges.last().map(|range| range.start)
    }
}

/// A subnet as a client sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubnetSummary {
    /// Its id.
    pub id: SubnetId,
    /// What it was made with.
    pub spec: SubnetSpec,
    /// Its nodes.
    pub nodes: u32,
    /// Its seed.
    pub seed: [u8; 32],
    /// Its ids.
    pub ranges: Vec<CanisterRange>,
}

/// The topology as a client sees it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TopologySummary {
    /// The subnets in the order of creation; the first is the root.
    pub subnets: Vec<SubnetSummary>,
    /// An id of the subnet where canisters are created if nothing is said.
    pub default_canister: CanisterId,
}

/// The subnet where canisters are created if nothing is said: the first application, else verified, else system subnet,
/// else the first.
pub fn default_subnet(subnets: &[HostedSubnet]) -> Option<&HostedSubnet> {
    const PREFERRED: [SubnetKind; 3] = [
        SubnetKind::Application,
        SubnetKind::VerifiedApplication,
        SubnetKind::System,
    ];
    PREFERRED
        .into_iter()
        .find_map(|kind| subnets.iter().find(|hosted| hosted.spec.kind == kind))
        .or_else(|| subnets.first())
}

/// What clients see.
pub fn summary(subnets: &[HostedSubnet]) -> TopologySummary {
    let default_canister = default_subnet(subnets)
        .and_then(HostedSubnet::first_allocated)
        .unwrap_or(CanisterId::MANAGEMENT);
    let summarise = |hosted: &HostedSubnet| SubnetSummary {
        id: hosted.id,
        spec: hosted.spec.clone(),
        nodes: hosted.nodes.len() as u32,
        seed: hosted.seed,
        ranges: hosted.ranges.clone(),
    };
    TopologySummary {
        subnets: subnets.iter().map(summarise).collect(),
        default_canister,
    }
}

/// One line of the routing table.
pub fn record(kind: SubnetKind, nodes: u32, ranges: &[CanisterRange]) -> SubnetRecord {
    SubnetRecord {
        kind,
        node_count: nodes,
        ranges: ranges.to_vec(),
    }
}

/// The table that every subnet holds. `None` without subnets.
pub fn routing_table(records: Vec<(SubnetId, SubnetRecord)>) -> Option<RoutingTable> {
    let root = records.first()?.0;
    let mut keys: BTreeMap<KeyName, Vec<SubnetId>> = BTreeMap::new();
    for (id, record) in &records {
        for key in held_keys(record.kind) {
            keys.entry(key).or_default().push(*id);
        }
    }
    Some(RoutingTable {
        root,
        subnets: records.into_iter().collect(),
        keys,
    })
}

/// The threshold keys that subnets of this kind hold.
fn held_keys(kind: SubnetKind) -> Vec<KeyName> {
    const ALGORITHMS: [(KeyScheme, u32); 4] = [
        (KeyScheme::Ecdsa, 0),
        (KeyScheme::Schnorr, 0),
        (KeyScheme::Schnorr, 1),
        (KeyScheme::VetKd, 0),
    ];
    let names: &[&str] = match kind {
        SubnetKind::Ii | SubnetKind::Fiduciary => &["key_1"],
        SubnetKind::TestThresholdKeys => &["test_key_1", "dfx_test_key"],
        _ => &[],
    };
    names
        .iter()
        .flat_map(|name| {
            ALGORITHMS.map(|(scheme, kind)| KeyName {
                scheme,
                kind,
                name: (*name).into(),
            })
        })
        .collect()
}

/// A principal as the id of a subnet of this instance, if it is one.
pub fn position(subnets: &[HostedSubnet], id: Principal) -> Option<usize> {
    subnets.iter().position(|hosted| hosted.id.0 == id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::identity::subnet_id;

    fn table(kinds: &[SubnetKind]) -> RoutingTable {
        let records = kinds
            .iter()
            .enumerate()
            .map(|(index, kind)| (subnet_id(0, index as u64), record(*kind, 13, &[])))
            .collect();
        routing_table(records).unwrap()
    }

    #[test]
    fn the_first_subnet_is_the_root() {
        let table = table(&[SubnetKind::Application, SubnetKind::VerifiedApplication]);
        assert_eq!(table.root, subnet_id(0, 0));
    }

    #[test]
    fn a_plain_instance_holds_no_threshold_keys() {
        assert!(table(&[SubnetKind::Application]).keys.is_empty());
    }

    #[test]
    fn key_1_lives_on_ii_and_fiduciary_and_the_test_keys_on_their_own_subnet() {
        let table = table(&[
            SubnetKind::Ii,
            SubnetKind::Fiduciary,
            SubnetKind::TestThresholdKeys,
        ]);
        assert_eq!(table.keys.len(), 12);
        for (key, holders) in &table.keys {
            let expected = match key.name.as_str() {
                "key_1" => vec![subnet_id(0, 0), subnet_id(0, 1)],
                _ => vec![subnet_id(0, 2)],
            };
            assert_eq!(*holders, expected, "{key:?}");
        }
    }
}
