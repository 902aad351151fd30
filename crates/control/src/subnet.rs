//! The nodes of one subnet.
//!
//! In: what to do to which nodes, by their indices from 0. Out: the subnet's report after it. An index that is not there is refused, and nothing changes.

use crate::{ControlError, NetworkNodes};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use subnet_view::{BeaconView, Effect, FaultChange, Misbehaviour, Resharing, Rule, SubnetReport};

/// The nodes of a subnet.
#[derive(Clone, Debug)]
pub struct SubnetNodes {
    network: NetworkNodes,
    id: String,
}

impl SubnetNodes {
    pub(crate) fn new(network: NetworkNodes, id: String) -> Self {
        SubnetNodes { network, id }
    }

    /// The subnet's id, as text.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the nodes show.
    pub fn report(&self) -> Result<SubnetReport, ControlError> {
        self.network.ask(&format!("/{}", self.id), None::<&()>)
    }

    /// Nodes go off and lose what they had not written to disk.
    pub fn crash(&self, nodes: impl Into<Vec<u16>>) -> Result<SubnetReport, ControlError> {
        self.change(&FaultChange::Crash(set(nodes)))
    }

    /// Nodes hear but say nothing.
    pub fn silence(&self, nodes: impl Into<Vec<u16>>) -> Result<SubnetReport, ControlError> {
        self.change(&FaultChange::Silence(set(nodes)))
    }

    /// Nodes that were off or silent run again.
    pub fn restart(&self, nodes: impl Into<Vec<u16>>) -> Result<SubnetReport, ControlError> {
        self.change(&FaultChange::Restart(set(nodes)))
    }

    /// Nodes lie in everything that they say.
    pub fn lie(
        &self,
        nodes: impl Into<Vec<u16>>,
        how: Misbehaviour,
    ) -> Result<SubnetReport, ControlError> {
        self.rule(Rule::always(nodes.into(), Effect::Corrupt(how)))
    }

    /// What these nodes say arrives this many steps of the broadcast later.
    pub fn delay(
        &self,
        nodes: impl Into<Vec<u16>>,
        steps: u32,
    ) -> Result<SubnetReport, ControlError> {
        self.rule(Rule::always(nodes.into(), Effect::Delay(steps)))
    }

    /// One rule more: loss, delay, duplicates or lies, of one kind of payload or so often in a hundred.
    pub fn rule(&self, rule: Rule) -> Result<SubnetReport, ControlError> {
        self.change(&FaultChange::Rule(rule))
    }

    /// Groups of nodes that can't reach each other; the others are one more group.
    pub fn partition<G: Into<Vec<u16>>>(
        &self,
        groups: impl IntoIterator<Item = G>,
    ) -> Result<SubnetReport, ControlError> {
        let groups = groups.into_iter().map(set).collect();
        self.change(&FaultChange::Partition(groups))
    }

    /// Nothing is wrong any more.
    pub fn heal(&self) -> Result<SubnetReport, ControlError> {
        self.change(&FaultChange::Heal)
    }

    /// Any change.
    pub fn change(&self, change: &FaultChange) -> Result<SubnetReport, ControlError> {
        self.post("faults", change)
    }

    /// Fills the stocks of presignatures of all keys in use.
    pub fn refill(&self) -> Result<SubnetReport, ControlError> {
        self.post("refill", &())
    }

    /// Hands all keys over to the next committee.
    pub fn reshare(&self, plan: &Resharing) -> Result<SubnetReport, ControlError> {
        self.post("reshare", plan)
    }

    /// The next value of the random beacon, which nobody could predict or choose.
    pub fn next_beacon(&self) -> Result<BeaconView, ControlError> {
        self.post("beacon", &())
    }

    fn post<B: Serialize, T: DeserializeOwned>(
        &self,
        what: &str,
        body: &B,
    ) -> Result<T, ControlError> {
        self.network
            .ask(&format!("/{}/{what}", self.id), Some(body))
    }
}

fn set(nodes: impl Into<Vec<u16>>) -> BTreeSet<u16> {
    nodes.into().into_iter().collect()
}
