//! What an instance is made with.
//!
//! In: plain values, or the text form of node counts (`application=4,nns=7`). Out: plain values. The caller gives the subnets
//! in the order of creation (see [`SubnetSpec::in_order`]).

use crate::entropy::Entropy;
use candid::Principal;
use chainkey_execution::ids::Time;
use chainkey_execution::subnet::SubnetKind;
use chainkey_subnet::KeySource;
use std::collections::BTreeMap;

/// What an instance is made with.
#[derive(Clone, Debug, Default)]
pub struct InstanceConfig {
    /// Decides all ids and everything that looks random and need not be secret.
    pub seed: u64,
    /// Where the nodes draw their secrets from.
    pub entropy: Entropy,
    /// The subnets, in any order; they are created in the documented one.
    pub subnets: Vec<SubnetSpec>,
    /// Nodes of subnets whose specification does not say.
    pub nodes: NodeCounts,
    /// Time of the first state, at least that of the first instance of every network; `None` for that.
    pub initial_time: Option<Time>,
    /// Where master keys come from.
    pub keys: KeySource,
    /// Whether the NNS subnet has the id that it has on the mainnet.
    pub mainnet_nns_id: bool,
}

/// What a subnet is made with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubnetSpec {
    /// Its kind.
    pub kind: SubnetKind,
    /// Its nodes, where it differs from the instance's setting.
    pub nodes: Option<u32>,
    /// Whether the instruction limits are those for benchmarks (practically none).
    pub benchmarking: bool,
    /// Whether its canisters pay nothing although its kind would.
    pub free: bool,
    /// Who may manage all its canisters; `None` if the subnet has no administrators.
    pub admins: Option<Vec<Principal>>,
}

impl SubnetSpec {
    /// A subnet of this kind with all defaults.
    pub fn new(kind: SubnetKind) -> Self {
        SubnetSpec {
            kind,
            nodes: None,
            benchmarking: false,
            free: false,
            admins: None,
        }
    }

    /// The order in which subnets are created: NNS, SNS, II, Fiduciary, Bitcoin, TestThresholdKeys, system, application,
    /// cloud engines, verified; among equals as given.
    pub fn in_order(mut specs: Vec<SubnetSpec>) -> Vec<SubnetSpec> {
        specs.sort_by_key(|spec| spec.kind);
        specs
    }
}

/// Nodes of subnets by kind.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct NodeCounts(BTreeMap<SubnetKind, u32>);

/// Why a text is not a list of node counts.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NodeCountsError {
    /// An entry has not the form `kind=nodes`.
    #[error("`{0}` is not of the form kind=nodes")]
    Form(String),
    /// No such kind.
    #[error("`{0}` is not a kind of subnet")]
    Kind(String),
    /// Not a number between 1 and 1000.
    #[error("`{0}` is not a number of nodes between 1 and 1000")]
    Nodes(String),
}

/// The most nodes that a subnet may be configured with.
const MAX_NODES: u32 = 1000;

impl NodeCounts {
    /// Nodes of a subnet of this kind.
    pub fn of(&self, kind: SubnetKind) -> u32 {
        match self.0.get(&kind) {
            Some(nodes) => *nodes,
            None => kind.default_nodes(),
        }
    }

    /// Sets the nodes of a kind; 0 counts as 1.
    pub fn set(&mut self, kind: SubnetKind, nodes: u32) {
        self.0.insert(kind, nodes.clamp(1, MAX_NODES));
    }

    /// Reads `kind=nodes`, separated by commas; the kinds are named as in the PocketIC API, in any case.
    pub fn parse(text: &str) -> Result<Self, NodeCountsError> {
        let mut counts = NodeCounts::default();
        counts.read(text)?;
        Ok(counts)
    }

    /// Like [`NodeCounts::parse`], on top of what is set.
    pub fn read(&mut self, text: &str) -> Result<(), NodeCountsError> {
        for entry in text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
        {
            let (kind, nodes) = entry
                .split_once('=')
                .ok_or_else(|| NodeCountsError::Form(entry.into()))?;
            let kind =
                kind_of_name(kind.trim()).ok_or_else(|| NodeCountsError::Kind(kind.into()))?;
            let nodes: u32 = nodes
                .trim()
                .parse()
                .ok()
                .filter(|nodes| (1..=MAX_NODES).contains(nodes))
                .ok_or_else(|| NodeCountsError::Nodes(nodes.into()))?;
            self.set(kind, nodes);
        }
        Ok(())
    }
}

fn kind_of_name(name: &str) -> Option<SubnetKind> {
    let plain: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    SubnetKind::NAMED
        .into_iter()
        .find(|(_, name)| *name == plain)
        .map(|(kind, _)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_counts_default_to_those_of_the_kind() {
        let counts = NodeCounts::parse("application=4, Test_Threshold_Keys=7").unwrap();
        assert_eq!(counts.of(SubnetKind::Application), 4);
        assert_eq!(counts.of(SubnetKind::TestThresholdKeys), 7);
        assert_eq!(counts.of(SubnetKind::Nns), 40);
        assert_eq!(counts.of(SubnetKind::Fiduciary), 34);
    }

    #[test]
    fn refuses_what_is_not_a_list_of_node_counts() {
        assert!(matches!(
            NodeCounts::parse("application"),
            Err(NodeCountsError::Form(_))
        ));
        assert!(matches!(
            NodeCounts::parse("moon=3"),
            Err(NodeCountsError::Kind(_))
        ));
        assert!(matches!(
            NodeCounts::parse("nns=0"),
            Err(NodeCountsError::Nodes(_))
        ));
    }

    #[test]
    fn subnets_are_created_in_the_documented_order() {
        let documented = SubnetKind::NAMED.map(|(kind, _)| kind);
        let specs = documented.into_iter().rev().map(SubnetSpec::new).collect();
        let specs = SubnetSpec::in_order(specs);
        let kinds: Vec<SubnetKind> = specs.iter().map(|spec| spec.kind).collect();
        assert_eq!(kinds, documented);
    }
}
