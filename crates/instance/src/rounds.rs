//! Rounds: one on every subnet (a tick), or on one subnet.
//!
//! In a tick the subnets run one after the other in the order of creation, so that a message can arrive in the same tick
//! where the receiver runs later than the sender. In: nothing but the streams and the clocks. Out: changed subnets.

use crate::error::InstanceError;
use crate::instance::{Instance, LogSink};
use crate::topology::HostedSubnet;
use candid::Principal;
use chainkey_execution::ids::NodeId;

/// Which node makes the next block of a subnet, and which failed to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blockmakers {
    /// The subnet.
    pub subnet: Principal,
    /// The node that makes the block.
    pub blockmaker: NodeId,
    /// Nodes that should have made it before.
    pub failed: Vec<NodeId>,
}

impl Instance {
    /// One round on every subnet.
    pub fn tick(&mut self) {
        for index in 0..self.subnets.len() {
            self.round_on(index);
        }
    }

    /// One round on every subnet with these makers of blocks.
    pub fn tick_with(&mut self, blockmakers: &[Blockmakers]) -> Result<(), InstanceError> {
        for makers in blockmakers {
            self.check_blockmakers(makers)?;
        }
        self.tick();
        for makers in blockmakers {
            let index = self.position(makers.subnet)?;
            let state = &mut self.subnets[index].subnet.state;
            let time = state.time;
            state.blocks.count(time, makers.blockmaker, &makers.failed);
        }
        Ok(())
    }

    /// One round on one subnet, unless it stands still: then its clock stands too, and messages wait for it.
    pub(crate) fn round_on(&mut self, index: usize) {
        let hosted = &mut self.subnets[index];
        if self.keys.stands_still(hosted.id) {
            return;
        }
        let inbound = self.streams.receive(hosted.id);
        let time = hosted.clock.next_round();
        let outbound = hosted.subnet.execute_round(time, inbound);
        self.streams.send(hosted.id, outbound);
        if let Some(sink) = &self.environment.logs {
            show_logs(hosted, sink);
        }
    }

    fn check_blockmakers(&self, makers: &Blockmakers) -> Result<(), InstanceError> {
        let nodes = &self.subnets[self.position(makers.subnet)?].nodes;
        for node in makers.failed.iter().chain([&makers.blockmaker]) {
            if !nodes.contains(node) {
                return Err(InstanceError::BlockmakerNotFound(*node));
            }
        }
        if makers.failed.contains(&makers.blockmaker) {
            return Err(InstanceError::BlockmakerContainedInFailed(
                makers.blockmaker,
            ));
        }
        Ok(())
    }
}

/// Hands what canisters logged since the last time to the sink.
fn show_logs(hosted: &mut HostedSubnet, sink: &LogSink) {
    for (id, canister) in &hosted.subnet.state.canisters {
        let next = canister.log.next_index();
        let shown = hosted.shown_logs.get(id).copied().unwrap_or_default();
        if next <= shown {
            continue;
        }
        for record in canister
            .log
            .records()
            .filter(|record| record.index >= shown)
        {
            sink(*id, record.time, &record.content);
        }
        hosted.shown_logs.insert(*id, next);
    }
}
