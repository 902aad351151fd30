//! HTTP outcalls of canisters that wait for the world's answers.
//!
//! Source: interface specification, `http_request`. In: answers of the nodes, from a test or from real requests. Out: outcalls
//! that wait. The canister gets its answer in the next round. Leaves out: making requests; flexible outcalls.

use crate::error::InstanceError;
use crate::instance::Instance;
use candid::Principal;
use chainkey_execution::ids::SubnetId;
use chainkey_execution::management::{
    Outcall, OutcallAnswer, OutcallError, OutcallId, Replication, answer_outcall,
};
use ic_management_canister_types::HttpRequestArgs;

/// The pricing version of outcalls that are paid by use.
const BY_USE: u32 = 2;

/// An outcall that waits for an answer.
#[derive(Clone, Debug)]
pub struct PendingOutcall {
    /// The subnet of the canister that makes it.
    pub subnet: SubnetId,
    /// Its number there.
    pub number: u64,
    /// What is requested.
    pub request: HttpRequestArgs,
    /// Whether all nodes request it and have to agree.
    pub replicated: bool,
    /// Whether it is paid by use, and not in advance.
    pub paid_by_use: bool,
}

/// Answers to an outcall.
#[derive(Clone, Debug)]
pub struct OutcallAnswers {
    /// The subnet.
    pub subnet: Principal,
    /// The number of the outcall there.
    pub number: u64,
    /// What one node got, or all of them.
    pub first: OutcallAnswer,
    /// What the other nodes got; empty if all got the same.
    pub others: Vec<OutcallAnswer>,
}

impl Instance {
    /// The outcalls of all subnets that nobody has answered.
    pub fn pending_outcalls(&self) -> Vec<PendingOutcall> {
        let summarise = |subnet: SubnetId, outcall: &Outcall| PendingOutcall {
            subnet,
            number: outcall.id.0,
            request: outcall.request.clone(),
            replicated: outcall.replication == Replication::All,
            paid_by_use: outcall.request.pricing_version == Some(BY_USE),
        };
        self.subnets
            .iter()
            .flat_map(|hosted| {
                let pending = hosted.subnet.state.outcalls.pending();
                pending.map(|outcall| summarise(hosted.id, outcall))
            })
            .collect()
    }

    /// Answers an outcall in the place of the nodes.
    pub fn answer_outcall(&mut self, answers: OutcallAnswers) -> Result<(), InstanceError> {
        let index = self.position(answers.subnet)?;
        let hosted = &mut self.subnets[index];
        let unknown = InstanceError::InvalidOutcall {
            subnet: hosted.id,
            request: answers.number,
        };
        let id = OutcallId(answers.number);
        let outcall = hosted.subnet.state.outcalls.get(id);
        let replication = outcall.ok_or_else(|| unknown.clone())?.replication;
        let nodes = hosted.nodes.len();
        let given = answers.others.len() + 1;
        if given != 1 && given != nodes {
            return Err(InstanceError::InvalidMockedAnswers { given, nodes });
        }
        let mut all = vec![answers.first];
        all.extend(answers.others);
        if let Replication::One(node) = replication {
            let place = hosted.nodes.iter().position(|other| *other == node);
            let place = place.filter(|place| *place < all.len()).unwrap_or_default();
            all = vec![all.swap_remove(place)];
        }
        answer_outcall(&mut hosted.subnet.state, id, all).map_err(|error| match error {
            OutcallError::Unknown(_) => unknown,
            OutcallError::WrongNumber { given, nodes } => {
                InstanceError::InvalidMockedAnswers { given, nodes }
            }
        })
    }
}
