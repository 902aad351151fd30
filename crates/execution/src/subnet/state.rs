//! The state itself.
//!
//! In and out: values; `round`, `entry` and `management` change it.

use super::{BlockRecord, IngressHistory, IngressStatus, RoutingTable, SubnetConfig};
use crate::canister::{Canister, ManagementOrigin};
use crate::chain_keys::ChainKeys;
use crate::cycles::{Cycles, fees::FeeSchedule};
use crate::error::UserError;
use crate::ids::{CanisterId, MessageId, Round, SubnetId, Time};
use crate::management::{KeyRequests, LongInstallation, ManagementCall, Outcalls};
use crate::message::{CanisterMessage, Ingress, Payload, Response};
use crate::sandbox::KeyName;
use crate::wasm::WasmEngine;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

/// The replicated state of a subnet, with the handles that it needs to move on.
pub struct SubnetState {
    /// What it was made with.
    pub config: SubnetConfig,
    /// Its fees.
    pub fees: Arc<FeeSchedule>,
    /// Compiles and caches modules.
    pub engine: Arc<WasmEngine>,
    /// The nodes' joint keys.
    pub keys: Arc<dyn ChainKeys>,
    /// Nodes of the subnets that serve the threshold keys of the network.
    pub signing_keys: Arc<BTreeMap<KeyName, u32>>,
    /// The topology.
    pub routing: Arc<RoutingTable>,
    /// Time of the current round.
    pub time: Time,
    /// Time of the round before.
    pub previous_time: Time,
    /// Instructions that the current round has used.
    pub used_instructions: u64,
    /// Replicated messages executed so far.
    pub executed_messages: u64,
    /// Instructions that they used.
    pub executed_instructions: u64,
    /// The current round.
    pub round: Round,
    /// Bytes of storage that canisters hold: counted at the beginning of a round, and kept up while canisters run in it.
    pub held_storage: u64,
    /// Which nodes made blocks, as far as it is known.
    pub blocks: BlockRecord,
    /// The canisters that it hosts.
    pub canisters: BTreeMap<CanisterId, Canister>,
    /// Ingress messages that wait for the next round, in the order of their ids.
    pub ingress_pool: BTreeMap<MessageId, Ingress>,
    /// Statuses of ingress messages.
    pub ingress: IngressHistory,
    /// Management calls that wait for the next round.
    pub management_calls: VecDeque<ManagementCall>,
    /// HTTP outcalls that wait for answers.
    pub outcalls: Outcalls,
    /// Requests to the threshold protocols that wait for results.
    pub key_requests: KeyRequests,
    /// Installations that take more than one round.
    pub long_installations: Vec<LongInstallation>,
    /// Messages for other subnets, in order.
    pub outbound: Vec<(SubnetId, CanisterMessage)>,
    /// Canisters created so far, for the allocation of ids.
    pub created: u64,
    /// Modules whose compilation was charged on this subnet already.
    pub compiled: BTreeSet<[u8; 32]>,
}

impl SubnetState {
    /// The state of a subnet without canisters.
    pub fn new(
        config: SubnetConfig,
        fees: Arc<FeeSchedule>,
        routing: Arc<RoutingTable>,
        engine: Arc<WasmEngine>,
        keys: Arc<dyn ChainKeys>,
    ) -> SubnetState {
        SubnetState {
            fees,
            engine,
            keys,
            signing_keys: Arc::new(routing.key_nodes()),
            routing,
            time: config.start,
            previous_time: config.start,
            used_instructions: 0,
            round: Round::default(),
            held_storage: 0,
            blocks: BlockRecord::default(),
            canisters: BTreeMap::new(),
            ingress_pool: BTreeMap::new(),
            ingress: IngressHistory::default(),
            management_calls: VecDeque::new(),
            outcalls: Outcalls::default(),
            key_requests: KeyRequests::default(),
            executed_messages: 0,
            executed_instructions: 0,
            long_installations: Vec::new(),
            outbound: Vec::new(),
            created: 0,
            compiled: BTreeSet::new(),
            config,
        }
    }

    /// The subnet's id.
    pub fn id(&self) -> SubnetId {
        self.config.id
    }

    /// The root key in DER, empty while there is none.
    pub fn root_key(&self) -> Arc<[u8]> {
        self.keys
            .subnet_public_key(self.routing.root)
            .unwrap_or_default()
            .into()
    }

    /// Bytes of storage that the canisters hold.
    pub fn count_held_storage(&self) -> u64 {
        self.canisters.values().map(Canister::held_storage).sum()
    }

    /// Whether it is the root subnet.
    pub fn is_root(&self) -> bool {
        self.routing.root == self.config.id
    }

    /// Answers a management call; `refund` are the attached cycles that go back.
    pub fn answer_management(
        &mut self,
        origin: ManagementOrigin,
        result: Result<Vec<u8>, UserError>,
        refund: Cycles,
    ) {
        match origin {
            ManagementOrigin::Ingress { id, .. } => {
                let status = match result {
                    Ok(reply) => IngressStatus::Replied(reply),
                    Err(error) => IngressStatus::Failed(error),
                };
                self.ingress.set(id, status, self.time);
            }
            ManagementOrigin::Canister {
                sender,
                callback,
                receiver,
                deadline,
            } => {
                // Unlike the errors of canisters, these carry no number in their text.
                let refuse =
                    |error: UserError| Payload::reject(error.code.reject_code(), error.message);
                let payload = result.map_or_else(refuse, Payload::Reply);
                let response = Response {
                    originator: sender,
                    respondent: receiver,
                    callback,
                    refund,
                    payload,
                    deadline,
                };
                self.route_response(response);
            }
        }
    }

    /// Sends a response of the management canister on its way: it arrives in the next round.
    pub fn route_response(&mut self, response: Response) {
        let destination = self
            .routing
            .destination(response.originator)
            .unwrap_or(self.config.id);
        self.outbound
            .push((destination, CanisterMessage::Response(response)));
    }
}
