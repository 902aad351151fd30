//! One epoch of a subnet: a committee, its nodes, what they know, and how they reach each other.
//!
//! In: faults. Out: steps. A step is: every node that takes part says what it has to say, the broadcast orders it, the board takes the block.
//! Dropping an epoch erases the secrets of its nodes.

use crate::board::Board;
use crate::broadcast::Broadcast;
use crate::liar::{Liar, Lies};
use crate::message::Payload;
use crate::node::Node;
use chainkey_algebra::{Committee, NodeIndex};
use std::collections::BTreeSet;
use subnet_view::{Condition, Faults};

/// All that belongs to one epoch.
pub struct Epoch {
    /// Its committee.
    pub committee: Committee,
    /// Its nodes.
    pub nodes: Vec<Node>,
    /// What all of them know.
    pub board: Board,
    /// How they reach each other.
    pub broadcast: Broadcast,
    liar: Liar,
    /// Nodes that are down.
    down: BTreeSet<NodeIndex>,
}

impl Epoch {
    /// An epoch that begins.
    pub fn new(committee: Committee, nodes: Vec<Node>, board: Board, broadcast: Broadcast) -> Self {
        Epoch {
            committee,
            nodes,
            board,
            broadcast,
            liar: Liar::default(),
            down: BTreeSet::new(),
        }
    }

    /// One step of all nodes. False if too few take part.
    pub fn step(&mut self, faults: &Faults) -> bool {
        self.crash_nodes(faults);
        let participants = self.broadcast.participants(faults);
        if participants.is_empty() {
            self.broadcast.pause();
            return false;
        }
        let now = self.broadcast.step();
        for index in participants {
            let lies = self.broadcast.lies_of(index, faults);
            let node = &mut self.nodes[usize::from(index.0)];
            let said = node.act(&self.board, now, lies);
            let payloads = tell(&mut self.liar, &mut self.broadcast, index, said, faults);
            let node = &self.nodes[usize::from(index.0)];
            for (delay, payloads) in self.broadcast.carry(index, payloads, faults) {
                let envelope = node.seal(payloads, &self.board.agenda);
                self.broadcast.send(envelope, delay);
            }
        }
        let block = self.broadcast.block();
        self.board.take_block(&block, self.broadcast.step());
        true
    }

    /// What nodes really send where they should send this, on whatever broadcast.
    pub fn told(
        &mut self,
        broadcast: &mut Broadcast,
        index: NodeIndex,
        said: Vec<Payload>,
        faults: &Faults,
    ) -> Vec<Payload> {
        tell(&mut self.liar, broadcast, index, said, faults)
    }

    /// Nodes that go down lose what they had not written to disk.
    fn crash_nodes(&mut self, faults: &Faults) {
        for index in self.committee.members() {
            if faults.condition(index) != Condition::Crashed {
                self.down.remove(&index);
            } else if self.down.insert(index) {
                self.nodes[usize::from(index.0)].crash();
            }
        }
    }
}

fn tell(
    liar: &mut Liar,
    broadcast: &mut Broadcast,
    index: NodeIndex,
    said: Vec<Payload>,
    faults: &Faults,
) -> Vec<Payload> {
    let tell = |payload| {
        let happens = |percent| broadcast.happens(percent);
        liar.tell(index, payload, faults, happens)
    };
    said.into_iter().map(tell).collect()
}

impl Broadcast {
    /// How a node lies in this step.
    pub fn lies_of(&mut self, index: NodeIndex, faults: &Faults) -> Lies {
        Lies::of(index, faults, |percent| self.happens(percent))
    }
}
