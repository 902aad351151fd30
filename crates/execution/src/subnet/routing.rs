//! Which subnet hosts a canister or a key, as every subnet of the network knows it.
//!
//! In: ranges and keys, from the topology. Out: subnet ids. The instance replaces the whole table when the topology changes.

use super::SubnetKind;
use crate::ids::{CanisterId, CanisterRange, SubnetId};
use crate::sandbox::KeyName;
use std::collections::BTreeMap;

/// A subnet as the others know it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubnetRecord {
    /// Its kind.
    pub kind: SubnetKind,
    /// Its nodes.
    pub node_count: u32,
    /// The ids that it hosts.
    pub ranges: Vec<CanisterRange>,
}

/// The topology.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RoutingTable {
    /// The root subnet (it stands in as NNS if there is none).
    pub root: SubnetId,
    /// All subnets.
    pub subnets: BTreeMap<SubnetId, SubnetRecord>,
    /// Which subnets hold which threshold key; the first one serves.
    pub keys: BTreeMap<KeyName, Vec<SubnetId>>,
}

impl RoutingTable {
    /// The subnet that hosts the canister.
    pub fn host(&self, canister: CanisterId) -> Option<SubnetId> {
        let hosts =
            |record: &SubnetRecord| record.ranges.iter().any(|range| range.contains(&canister));
        self.subnets
            .iter()
            .find(|(_, record)| hosts(record))
            .map(|(id, _)| *id)
    }

    /// Where a message to this receiver goes: a canister's host, or the subnet itself if it is called by its id.
    pub fn destination(&self, receiver: CanisterId) -> Option<SubnetId> {
        let as_subnet = SubnetId(receiver.principal());
        if self.subnets.contains_key(&as_subnet) {
            return Some(as_subnet);
        }
        self.host(receiver)
    }

    /// Nodes of the subnet that serves this key.
    pub fn key_nodes(&self) -> BTreeMap<KeyName, u32> {
        let nodes = |ids: &Vec<SubnetId>| {
            ids.first()
                .and_then(|id| self.subnets.get(id))
                .map(|r| r.node_count)
        };
        self.keys
            .iter()
            .filter_map(|(key, ids)| Some((key.clone(), nodes(ids)?)))
            .collect()
    }
}
