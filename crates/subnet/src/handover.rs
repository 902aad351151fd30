//! From one epoch to the next: the old members deal their shares of every key to the new ones.
//!
//! Source: protocols.md of the design, section 1 (resharing); docs/protocols/subnet.md, section 4. Public keys stay bit for bit: every ceremony is a
//! ReshareOfUnmasked. The new members are on a board of their own from the beginning; only dealings and reveals come from the old ones. In: the
//! old epoch, untouched until the end, and the next one. Out: the next epoch, in which the nodes that stay have other secrets. The caller
//! must drop the old epoch afterwards, which erases its secrets, or the handover, which aborts it.

use crate::board::Board;
use crate::broadcast::Broadcast;
use crate::epoch::Epoch;
use crate::message::{CeremonyId, Envelope, Place};
use crate::node::Node;
use std::collections::BTreeMap;
use subnet_view::{Faults, KeyId};

/// The new places of keys: the ceremonies that carry them over.
pub struct Moved {
    /// Keys that sign.
    pub lanes: BTreeMap<KeyId, CeremonyId>,
    /// The certification key.
    pub certification: Option<CeremonyId>,
}

impl Moved {
    /// How many keys are carried over.
    pub fn keys(&self) -> usize {
        self.lanes.len() + usize::from(self.certification.is_some())
    }
}

/// A handover on its way.
pub struct Handover {
    next: Epoch,
    moved: Moved,
    /// By which the old members reach the new ones.
    dealers: Broadcast,
    /// What envelopes of old members to the new ones are bound to: neither the old epoch's nor the next one's.
    subnet: Vec<u8>,
}

impl Handover {
    /// A handover of all keys of the old epoch that are made. `seed` orders what the dealers say.
    pub fn begin(old: &mut Epoch, mut next: Epoch, seed: [u8; 32]) -> Self {
        old.nodes.iter_mut().for_each(Node::begin_handover);
        let moved = next.board.receive_keys(&old.board);
        let subnet = [old.board.agenda.subnet.as_slice(), b" handover"].concat();
        Handover {
            next,
            moved,
            dealers: Broadcast::new(old.committee, seed),
            subnet,
        }
    }

    /// How many keys have arrived, of how many.
    pub fn progress(&self, old: &Board) -> (usize, usize) {
        (self.next.board.arrived(old, &self.moved), self.moved.keys())
    }

    /// One step of both committees, after a step of the old epoch, in which nodes may still get shares that they lack. False if too few of
    /// either take part.
    pub fn step(&mut self, old: &mut Epoch, faults: &Faults, next_faults: &Faults) -> bool {
        old.step(faults);
        let dealers = self.dealers.participants(faults);
        let receivers = self.next.broadcast.participants(next_faults);
        if dealers.is_empty() || receivers.is_empty() {
            return false;
        }
        let now = self.next.broadcast.step();
        let place = Place {
            subnet: &self.subnet,
            epoch: self.next.board.agenda.epoch,
        };
        for index in dealers {
            let lies = self.dealers.lies_of(index, faults);
            let node = &mut old.nodes[usize::from(index.0)];
            let said = node.hand_over(&self.next.board.curves, now, lies);
            let payloads = old.told(&mut self.dealers, index, said, faults);
            for (delay, payloads) in self.dealers.carry(index, payloads, faults) {
                let node = &old.nodes[usize::from(index.0)];
                self.dealers.send(node.seal_at(payloads, place), delay);
            }
        }
        for bytes in self.dealers.block() {
            if let Ok(envelope) = Envelope::open(&bytes, place, old.board.keys()) {
                let blames = self.next.board.take_from_dealer(&envelope);
                old.board.record(blames);
            }
        }
        self.next.step(next_faults);
        old.board.record(self.next.board.take_blames_of_dealers());
        true
    }

    /// Puts the next epoch, with what the old one leaves to it, in its place; the old nodes are gone, and their secrets with them.
    pub fn finish(self, epoch: &mut Epoch) {
        let old = std::mem::replace(epoch, self.next);
        epoch.board.inherit(old.board, &self.moved);
    }
}
