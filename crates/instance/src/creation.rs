//! Creating and deleting subnets.
//!
//! In: specifications and ranges. Out: subnets that every other one knows. A new subnet takes its first round together with
//! all others, one nanosecond after the latest time of any. Leaves out: loading a subnet's state from a directory.

use crate::clock::Clock;
use crate::config::SubnetSpec;
use crate::entropy::NodeSeed;
use crate::error::InstanceError;
use crate::identity;
use crate::instance::Instance;
use crate::topology::{self, HostedSubnet};
use candid::Principal;
use chainkey_execution::cycles::fees::CostSchedule;
use chainkey_execution::error::RejectCode;
use chainkey_execution::ids::{CanisterRange, SubnetId, Time};
use chainkey_execution::message::{CanisterMessage, Payload};
use chainkey_execution::subnet::{
    InstructionLimits, RoutingTable, Subnet, SubnetConfig, SubnetKind, SubnetRecord,
};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Instance {
    /// Adds a subnet that hosts these mainnet ranges and an allocation range; returns its place.
    pub(crate) fn create_subnet(
        &mut self,
        spec: SubnetSpec,
        mainnet: Vec<CanisterRange>,
        not_before: Time,
    ) -> Result<usize, InstanceError> {
        let index = self.created;
        let id = match spec.kind {
            SubnetKind::Nns if self.mainnet_nns_id => identity::mainnet_nns_id(),
            _ => identity::subnet_id(self.seed, index),
        };
        let count = spec.nodes.unwrap_or_else(|| self.nodes.of(spec.kind));
        let nodes = identity::node_ids(self.seed, index, count);
        let mut ranges = mainnet;
        ranges.push(self.allocations.next_range());
        let now = self.time().max(not_before).plus(1);

        let mut records = self.records();
        records.push((id, topology::record(spec.kind, count, &ranges)));
        let routing = table(records)?;
        let seed = identity::subnet_seed(self.seed, index);
        let config = SubnetConfig {
            id,
            kind: spec.kind,
            nodes: nodes.clone(),
            start: now,
            seed,
            cost_schedule: match spec.free {
                true => CostSchedule::Free,
                false => spec.kind.cost_schedule(),
            },
            instructions: match spec.benchmarking {
                true => InstructionLimits::benchmarking(spec.kind),
                false => InstructionLimits::production(spec.kind),
            },
        };
        let secrets = NodeSeed::draw(self.entropy, self.seed, index, id);
        self.keys.add(id, count, &secrets)?;
        let subnet = Subnet::new(
            config,
            routing.clone(),
            self.environment.engine.clone(),
            self.keys.clone(),
        );
        self.created += 1;
        self.subnets.push(HostedSubnet {
            id,
            number: index,
            spec,
            nodes,
            nodes_ever: u64::from(count),
            ranges,
            seed,
            clock: Clock::new(now),
            next_nonce: 0,
            shown_logs: BTreeMap::new(),
            subnet,
        });
        self.publish(&routing, now);
        for hosted in &mut self.subnets {
            hosted.clock.set(now);
        }
        self.tick();
        Ok(self.subnets.len() - 1)
    }

    /// Removes a subnet with all its canisters. Calls that were on their way to it are rejected.
    pub fn delete_subnet(&mut self, subnet: Principal) -> Result<(), InstanceError> {
        let index = self.position(subnet)?;
        let kind = self.subnets[index].spec.kind;
        if !matches!(
            kind,
            SubnetKind::System
                | SubnetKind::Application
                | SubnetKind::CloudEngine
                | SubnetKind::VerifiedApplication
        ) {
            return Err(InstanceError::SubnetCannotBeDeleted(format!(
                "Subnet {subnet} is a named subnet."
            )));
        }
        if self.subnets.len() == 1 {
            return Err(InstanceError::SubnetCannotBeDeleted(format!(
                "Subnet {subnet} is the only subnet."
            )));
        }
        let removed = self.subnets.remove(index);
        let routing = self.publish_topology()?;
        self.keys.remove(removed.id);
        let lost = self.streams.remove(removed.id);
        let rejects = lost
            .into_iter()
            .filter_map(|message| reject_of(&routing, message))
            .collect();
        self.streams.send(removed.id, rejects);
        Ok(())
    }

    fn records(&self) -> Vec<(SubnetId, SubnetRecord)> {
        self.subnets
            .iter()
            .map(|hosted| {
                let nodes = hosted.nodes.len() as u32;
                let record = topology::record(hosted.spec.kind, nodes, &hosted.ranges);
                (hosted.id, record)
            })
            .collect()
    }

    /// Makes known what the subnets are now.
    pub(crate) fn publish_topology(&mut self) -> Result<Arc<RoutingTable>, InstanceError> {
        let routing = table(self.records())?;
        self.publish(&routing, self.time());
        Ok(routing)
    }

    fn publish(&mut self, routing: &Arc<RoutingTable>, time: Time) {
        self.keys.publish(routing.clone(), time);
        for hosted in &mut self.subnets {
            hosted.subnet.set_routing(routing.clone());
        }
    }
}

fn table(records: Vec<(SubnetId, SubnetRecord)>) -> Result<Arc<RoutingTable>, InstanceError> {
    topology::routing_table(records)
        .map(Arc::new)
        .ok_or_else(|| InstanceError::Configuration("there is no subnet".into()))
}

/// The answer to a request that was lost with its destination; a lost response needs none.
fn reject_of(
    routing: &RoutingTable,
    message: CanisterMessage,
) -> Option<(SubnetId, CanisterMessage)> {
    let CanisterMessage::Request(request) = message else {
        return None;
    };
    let caller = routing.host(request.sender)?;
    let message = format!("No route to canister {}", request.receiver);
    let response = request.refused(Payload::reject(RejectCode::DestinationInvalid, message));
    Some((caller, CanisterMessage::Response(response)))
}
