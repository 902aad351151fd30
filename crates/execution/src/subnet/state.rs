//! The state itself.
//!
//! In and out: values; `round`, `entry` and `management` change it.

use super::{IngressHistory, IngressStatus, RoutingTable, SubnetConfig};
use crate::canister::{Canister, ManagementOrigin};
use crate::chain_keys::ChainKeys;
use crate::cycles::{Cycles, fees::FeeSchedule};
use crate::error::UserError;
use crate::ids::{CanisterId, Round, SubnetId, Time};
use crate::management::{ManagementCall, Outcalls};
use crate::message::{CanisterMessage, Payload, Response};
use crate::wasm::WasmEngine;
use std::collections::{BTreeMap, VecDeque};
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
    /// The topology.
    pub routing: Arc<RoutingTable>,
    /// Time of the current round.
    pub time: Time,
    /// The current round.
    pub round: Round,
    /// The canisters that it hosts.
    pub canisters: BTreeMap<CanisterId, Canister>,
    /// Statuses of ingress messages.
    pub ingress: IngressHistory,
    /// Management calls that wait for the next round.
    pub management_calls: VecDeque<ManagementCall>,
    /// HTTP outcalls that wait for answers.
    pub outcalls: Outcalls,
    /// Calls of raw_rand that wait for the next round's randomness.
    pub randomness_calls: VecDeque<ManagementCall>,
    /// Messages for other subnets, in order.
    pub outbound: Vec<(SubnetId, CanisterMessage)>,
    /// Canisters created so far, for the allocation of ids.
    pub created: u64,
    /// Modules whose compilation was charged on this subnet already.
    pub compiled: std::collections::BTreeSet<[u8; 32]>,
}

impl SubnetState {
    /// The subnet's id.
    pub fn id(&self) -> SubnetId {
        self.config.id
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
                let payload = result.map_or_else(Payload::from, Payload::Reply);
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
