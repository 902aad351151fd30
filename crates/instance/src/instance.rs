//! An instance: the subnets of one network, their streams and their clocks.
//!
//! In: a configuration and an environment. Out: the instance, whose operations are in the modules beside this one. The
//! caller guarantees that one operation at a time runs. Leaves out: how operations reach it.

use crate::chain_keys::NodeKeys;
use crate::config::{InstanceConfig, NodeCounts};
use crate::entropy::Entropy;
use crate::error::InstanceError;
use crate::ranges::Allocations;
use crate::streams::Streams;
use crate::topology::{self, HostedSubnet, TopologySummary};
use candid::Principal;
use chainkey_execution::chain_keys::ChainKeys;
use chainkey_execution::ids::{CanisterId, SubnetId, Time};
use chainkey_execution::wasm::WasmEngine;
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Takes what canisters log in rounds: who, when, what.
pub type LogSink = Arc<dyn Fn(CanisterId, Time, &[u8]) + Send + Sync>;

/// What instances share or get from outside.
#[derive(Clone)]
pub struct Environment {
    /// Compiles and caches modules.
    pub engine: Arc<WasmEngine>,
    /// Where the logs of canisters are shown, if anywhere.
    pub logs: Option<LogSink>,
}

/// A network of subnets.
pub struct Instance {
    pub(crate) seed: u64,
    pub(crate) entropy: Entropy,
    pub(crate) nodes: NodeCounts,
    pub(crate) mainnet_nns_id: bool,
    pub(crate) environment: Environment,
    pub(crate) allocations: Allocations,
    /// Subnets created so far, also those deleted since.
    pub(crate) created: u64,
    /// In the order of creation, which is the order of rounds.
    pub(crate) subnets: Vec<HostedSubnet>,
    pub(crate) streams: Streams,
    /// The nodes of all subnets.
    pub(crate) keys: Arc<NodeKeys>,
}

impl Instance {
    /// Builds the network: every subnet has run at least one round afterwards.
    pub fn new(config: InstanceConfig, environment: Environment) -> Result<Self, InstanceError> {
        if config.subnets.is_empty() {
            return Err(InstanceError::Configuration(
                "an instance must contain at least one subnet".into(),
            ));
        }
        let start = crate::time::initial_time(config.initial_time)?;
        let mut instance = Instance {
            seed: config.seed,
            entropy: config.entropy,
            nodes: config.nodes,
            mainnet_nns_id: config.mainnet_nns_id,
            environment,
            allocations: Allocations::default(),
            created: 0,
            subnets: Vec::new(),
            streams: Streams::default(),
            keys: Arc::new(NodeKeys::new(config.keys)),
        };
        for spec in crate::config::SubnetSpec::in_order(config.subnets) {
            let ranges = crate::ranges::mainnet_ranges(spec.kind);
            instance.create_subnet(spec, ranges, start)?;
        }
        Ok(instance)
    }

    /// The topology as clients see it.
    pub fn topology(&self) -> TopologySummary {
        topology::summary(&self.subnets)
    }

    /// The subnet that hosts the canister's id, whether the canister exists or not.
    pub(crate) fn host_of(&self, canister: CanisterId) -> Option<usize> {
        self.subnets
            .iter()
            .position(|hosted| hosted.hosts(canister))
    }

    /// The subnet with this id.
    pub(crate) fn position(&self, subnet: Principal) -> Result<usize, InstanceError> {
        topology::position(&self.subnets, subnet).ok_or(InstanceError::SubnetNotFound(subnet))
    }

    /// A hash over the states of all subnets: equal for equal configurations and operations.
    pub fn state_root(&self) -> [u8; 32] {
        let mut hasher = Sha256::new();
        for hosted in &self.subnets {
            hasher.update(hosted.id.0.as_slice());
            hasher.update(hosted.clock.now().0.to_be_bytes());
            hasher.update(hosted.subnet.state_root());
        }
        hasher.finalize().into()
    }

    /// A subnet's public key in DER.
    pub fn public_key(&self, subnet: Principal) -> Result<Vec<u8>, InstanceError> {
        let index = self.position(subnet)?;
        let id: SubnetId = self.subnets[index].id;
        Ok(self.keys.subnet_public_key(id)?)
    }

    /// What the clocks show; a time that was set shows before the next round runs at it.
    pub fn time(&self) -> Time {
        self.subnets
            .iter()
            .map(|hosted| hosted.clock.now())
            .max()
            .unwrap_or_default()
    }
}
