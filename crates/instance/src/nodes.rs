//! The nodes of an instance's subnets, to see and to break.
//!
//! Source: protocols.md of the design, section 10. In: changes of faults, plans of resharing. Out: reports. A subnet of which too few nodes take part
//! stands still: it runs no rounds until enough of them are back. A committee that changes takes its new members' ids, and the
//! subnet's fees follow its size. Leaves out: the protocols (`chainkey-subnet`).

use crate::error::InstanceError;
use crate::identity;
use crate::instance::Instance;
use candid::Principal;
use chainkey_execution::ids::NodeId;
use chainkey_subnet::{Member, Membership};
use subnet_view::{BeaconView, FaultChange, Resharing, SubnetReport};

impl Instance {
    /// All subnets, in the order of creation.
    pub fn node_reports(&self) -> Result<Vec<SubnetReport>, InstanceError> {
        let subnets = self.subnets.iter();
        subnets
            .map(|hosted| self.node_report(hosted.id.0))
            .collect()
    }

    /// One subnet. Waits until its nodes have filled their stocks.
    pub fn node_report(&self, subnet: Principal) -> Result<SubnetReport, InstanceError> {
        let hosted = &self.subnets[self.position(subnet)?];
        let report = self.keys.with(hosted.id, |nodes| SubnetReport {
            subnet: hosted.id.0.to_text(),
            kind: hosted.spec.kind.name().to_owned(),
            stands_still: nodes.stands_still(),
            overview: nodes.overview(),
            faults: nodes.faults().clone(),
            timings: self.keys.timings(hosted.id),
        })?;
        Ok(report)
    }

    /// Changes what is wrong with a subnet's nodes.
    pub fn change_faults(
        &mut self,
        subnet: Principal,
        change: FaultChange,
    ) -> Result<SubnetReport, InstanceError> {
        let id = self.subnets[self.position(subnet)?].id;
        self.keys
            .rearrange(id, |nodes| nodes.change_faults(change))??;
        self.node_report(subnet)
    }

    /// Fills the stocks of presignatures of all keys that are in use.
    pub fn refill(&mut self, subnet: Principal) -> Result<SubnetReport, InstanceError> {
        let id = self.subnets[self.position(subnet)?].id;
        self.keys.with(id, |nodes| nodes.refill())?;
        self.node_report(subnet)
    }

    /// The next value of a subnet's random beacon.
    pub fn next_beacon(&mut self, subnet: Principal) -> Result<BeaconView, InstanceError> {
        let id = self.subnets[self.position(subnet)?].id;
        Ok(self.keys.with(id, |nodes| nodes.next_beacon())??)
    }

    /// Hands all keys of a subnet over to its next committee. If that can't be, the old one goes on and nothing has changed.
    pub fn reshare(
        &mut self,
        subnet: Principal,
        plan: &Resharing,
    ) -> Result<SubnetReport, InstanceError> {
        let index = self.position(subnet)?;
        let id = self.subnets[index].id;
        let members = self.keys.rearrange(id, |nodes| {
            let membership = Membership::planned(nodes.committee(), plan)?;
            nodes.reshare(&membership)?;
            Ok::<_, chainkey_subnet::SubnetError>(membership.members().to_vec())
        })??;
        self.seat(index, &members)?;
        self.node_report(subnet)
    }

    /// Gives the members of a new committee their ids, and makes its size known.
    fn seat(&mut self, index: usize, members: &[Member]) -> Result<(), InstanceError> {
        let hosted = &mut self.subnets[index];
        let (seed, number, known) = (self.seed, hosted.number, &mut hosted.nodes_ever);
        let mut newcomer = || {
            let id = identity::node_id(seed, number, *known);
            *known += 1;
            id
        };
        let nodes: Vec<NodeId> = members
            .iter()
            .map(|member| match member {
                Member::Stays(node) => hosted.nodes[usize::from(node.0)],
                Member::Joins => newcomer(),
            })
            .collect();
        hosted.nodes.clone_from(&nodes);
        hosted.subnet.set_nodes(nodes);
        self.publish_topology().map(|_| ())
    }
}
