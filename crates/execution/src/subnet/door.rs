//! The ways into a subnet.
//!
//! In: ingress, queries, rounds. Out: answers. Everything here is what a node offers to users and to the network of subnets.

use super::{IngressStatus, RoutingTable, SubnetConfig, SubnetState};
use crate::canister::Canister;
use crate::chain_keys::{ChainKeyError, ChainKeys};
use crate::cycles::fees::FeeSchedule;
use crate::entry;
use crate::error::UserError;
use crate::ids::{CanisterId, MessageId, NodeId, Round, SubnetId, Time};
use crate::management;
use crate::message::{CanisterMessage, Ingress};
use crate::round::{self, not_found, payer, running};
use crate::state_tree::{self, CertifiedTree};
use crate::wasm::{WasmEngine, WasmMethod};
use candid::Principal;
use std::sync::Arc;

/// What such a subnet charges.
fn fees(config: &SubnetConfig) -> FeeSchedule {
    FeeSchedule::new(config.cost_schedule, config.node_count())
        .with_message_instructions(config.instructions.message)
}

/// One subnet.
pub struct Subnet {
    /// Its state.
    pub state: SubnetState,
    /// The state tree that was signed last, and when.
    certified: Option<((Round, Time), CertifiedTree)>,
}

impl Subnet {
    /// A subnet without canisters.
    pub fn new(
        config: SubnetConfig,
        routing: Arc<RoutingTable>,
        engine: Arc<WasmEngine>,
        keys: Arc<dyn ChainKeys>,
    ) -> Subnet {
        let fees = Arc::new(fees(&config));
        Subnet {
            state: SubnetState::new(config, fees, routing, engine, keys),
            certified: None,
        }
    }

    /// Replaces the topology.
    pub fn set_routing(&mut self, routing: Arc<RoutingTable>) {
        self.state.signing_keys = Arc::new(routing.key_nodes());
        self.state.routing = routing;
    }

    /// Replaces the nodes; fees follow their number.
    pub fn set_nodes(&mut self, nodes: Vec<NodeId>) {
        self.state.config.nodes = nodes;
        self.state.fees = Arc::new(fees(&self.state.config));
    }

    /// Takes an ingress message for the next round. An error means that it is not taken; it is not certified.
    pub fn submit(&mut self, ingress: Ingress) -> Result<(), UserError> {
        let state = &self.state;
        if let Some(payer) = payer(&ingress)? {
            let canister = state
                .canisters
                .get(&payer)
                .ok_or_else(|| not_found(payer))?;
            canister.can_pay(
                &state.fees,
                state.fees.ingress(ingress.envelope_bytes),
                &ingress.sender,
            )?;
        }
        if ingress.receiver == CanisterId::MANAGEMENT {
            management::admit_ingress(state, &ingress)?;
        } else {
            admit_call(state, &ingress)?;
        }
        self.state.ingress_pool.insert(ingress.id, ingress);
        Ok(())
    }

    /// One round at this time with these messages of other subnets. Returns messages for other subnets, in order; those for
    /// this subnet itself come back as `inbound` of its next round.
    pub fn execute_round(
        &mut self,
        time: Time,
        inbound: Vec<CanisterMessage>,
    ) -> Vec<(SubnetId, CanisterMessage)> {
        round::execute(&mut self.state, time, inbound)
    }

    /// The status of an ingress message and its sender.
    pub fn ingress_status(&self, id: &MessageId) -> Option<(&IngressStatus, Principal)> {
        self.state.ingress.get(id)
    }

    /// Answers a query of a user, also one to the management canister.
    pub fn query(&mut self, query: entry::Query) -> Result<Vec<u8>, UserError> {
        if query.receiver == CanisterId::MANAGEMENT {
            return management::query(&self.state, query.sender, &query.method, &query.payload);
        }
        let certificate = self.certificate_for(query.receiver);
        entry::query(&self.state, query, certificate)
    }

    /// The certificate that a query of this canister sees: of its certified data and the time. None while there is no key, and
    /// none is made for modules that don't import what reads it.
    fn certificate_for(&mut self, canister: CanisterId) -> Option<Arc<[u8]>> {
        let module = self.state.canisters.get(&canister)?.module()?;
        if !module.key_reads.certificate {
            return None;
        }
        let id = canister.as_slice().to_vec();
        let data = vec![b"canister".to_vec(), id, b"certified_data".to_vec()];
        let paths = [data, vec![b"time".to_vec()]];
        Some(self.certified_tree().ok()?.certificate(&paths))
    }

    /// The state tree as the nodes signed it; signed at the first use after a round.
    pub fn certified_tree(&mut self) -> Result<&CertifiedTree, ChainKeyError> {
        let now = (self.state.round, self.state.time);
        if self.certified.as_ref().is_none_or(|(when, _)| *when != now) {
            let tree = state_tree::of(&self.state);
            let keys = self.state.keys.as_ref();
            let certified = CertifiedTree::new(keys, self.state.id(), tree)?;
            self.certified = Some((now, certified));
        }
        let certified = self.certified.as_ref().map(|(_, certified)| certified);
        certified.ok_or(ChainKeyError::NoKeyYet {
            what: "a certificate",
        })
    }

    /// A canister.
    pub fn canister(&self, id: CanisterId) -> Option<&Canister> {
        self.state.canisters.get(&id)
    }

    /// A canister, to change from outside (development only: cycles, stable memory).
    pub fn canister_mut(&mut self, id: CanisterId) -> Option<&mut Canister> {
        self.state.canisters.get_mut(&id)
    }

    /// A digest of the whole replicated state.
    pub fn state_root(&self) -> [u8; 32] {
        self.state.root()
    }
}

fn admit_call(state: &SubnetState, ingress: &Ingress) -> Result<(), UserError> {
    let canister = state
        .canisters
        .get(&ingress.receiver)
        .ok_or_else(|| not_found(ingress.receiver))?;
    running(canister.id, &canister.status)?;
    let Some(module) = canister.module() else {
        return Err(UserError::new(
            crate::error::ErrorCode::CanisterWasmModuleNotFound,
            "Requested canister has no wasm module",
        ));
    };
    if module
        .exports
        .contains(&WasmMethod::CompositeQuery(ingress.method.clone()))
    {
        return Err(entry::composite_in_replicated_mode());
    }
    entry::inspect(state, canister, ingress)
}
