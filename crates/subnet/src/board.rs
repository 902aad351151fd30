//! What all nodes know: the replicated state of the protocols, made of the ordered blocks alone.
//!
//! In: blocks. Out: ceremonies, keys, stocks, requests, tapes, and who was blamed. Every node would come to the same board; in one
//! process they share it, so that what is public is verified once instead of once for each node.

use crate::agenda::Agenda;
use crate::beacon::PublicBeacon;
use crate::broadcast::Step;
use crate::ceremony::Blame;
use crate::certification::PublicCertification;
use crate::curves::Curves;
use crate::key_source::KeySource;
use crate::lanes::{ByKey, Lane};
use crate::low_key::LowKey;
use crate::message::{Envelope, Payload, Place, RequestId, ShareOf};
use crate::signing::{Answer, StockTarget};
use crate::tape::{Height, PublicTape, Purpose};
use crate::waiting::{Asked, Asker};
use chainkey_algebra::NodeIndex;
use chainkey_idkg::acknowledged::Acknowledgement;
use chainkey_idkg::{Members, Support};
use ed25519_dalek::VerifyingKey;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use subnet_view::{KeyId, PayloadKind, TraceView};

/// Blames of a node that are kept, of each epoch: a flood of one node's does not push out what is known of others.
const KEPT_BLAMES: usize = 25;
/// Epochs of which blames are kept.
const KEPT_EPOCHS: u64 = 10;
/// Traces that are kept.
const KEPT_TRACES: usize = 100;

/// The replicated state of the protocols.
pub struct Board {
    /// Members, epoch, step, numbers.
    pub agenda: Agenda,
    /// Ceremonies.
    pub curves: Curves,
    /// Keys with their stocks and requests.
    pub lanes: ByKey<Lane>,
    /// The key of tape and beacon.
    pub low_key: LowKey,
    /// The random tape.
    pub tape: PublicTape,
    /// The random beacon.
    pub beacon: PublicBeacon,
    /// The certification of states.
    pub certification: PublicCertification,
    /// Who did what must not be done, the latest last.
    pub blames: Vec<Blame>,
    /// The ways of the latest results, the latest last.
    pub traces: VecDeque<TraceView>,
    former: Vec<Blame>,
    keys: Vec<VerifyingKey>,
    target: StockTarget,
    source: KeySource,
}

impl Board {
    /// The board of an epoch that begins.
    pub fn new(
        subnet: Vec<u8>,
        epoch: u64,
        members: Arc<Members>,
        target: StockTarget,
        source: KeySource,
    ) -> Self {
        let committee = members.committee().members();
        let keys = committee.filter_map(|node| members.signing_key(node).copied());
        Board {
            keys: keys.collect(),
            agenda: Agenda::new(subnet, epoch, members),
            curves: Curves::default(),
            lanes: ByKey::new(),
            low_key: LowKey::default(),
            tape: PublicTape::default(),
            beacon: PublicBeacon::default(),
            certification: PublicCertification::default(),
            blames: Vec::new(),
            traces: VecDeque::new(),
            former: Vec::new(),
            target,
            source,
        }
    }

    /// The members' keys, in the order of their indices.
    pub fn keys(&self) -> &[VerifyingKey] {
        &self.keys
    }

    /// Keeps blames of members of this epoch for those who want to see them.
    pub fn record(&mut self, blames: impl IntoIterator<Item = Blame>) {
        for mut blame in blames {
            blame.epoch = self.agenda.epoch;
            keep(&mut self.blames, blame);
        }
    }

    /// Opens the lane of a key, if it isn't.
    pub fn use_key(&mut self, key: &KeyId) {
        let lane = self.lanes.entry(key.clone());
        lane.or_insert_with(|| Lane::open(key, self.target, self.source));
    }

    /// A key's master public key, once it is made.
    pub fn public_key(&self, key: &KeyId) -> Option<Vec<u8>> {
        self.lanes.get(key)?.public_key(&self.curves)
    }

    /// Takes a request.
    pub fn submit(&mut self, asked: Asked) {
        self.use_key(&asked.request.key);
        if let Some(lane) = self.lanes.get_mut(&asked.request.key) {
            lane.submit(asked);
        }
    }

    /// What came of a request, once.
    pub fn take_result(&mut self, key: &KeyId, id: RequestId) -> Option<Answer> {
        let (result, trace) = match self.lanes.get_mut(key)?.take_result(id)? {
            Ok(made) => made,
            Err(error) => return Some(Err(error)),
        };
        if self.traces.len() == KEPT_TRACES {
            self.traces.pop_front();
        }
        self.traces.push_back(TraceView {
            request: id.0,
            key: key.clone(),
            trace: trace.clone(),
        });
        Some(Ok((result, trace)))
    }

    /// A round of somebody who asks is over: what is due is bound, and the next tape wanted for it.
    pub fn end_round(&mut self, asker: &Asker) {
        for lane in self.lanes.values_mut() {
            lane.end_round(asker, self.agenda.now);
        }
        let latest = self.bind();
        if self
            .lanes
            .values()
            .any(|lane| lane.needs_tape_after(latest))
        {
            self.tape.want_next();
        }
    }

    /// The tape of a caller's round. A new one is wanted only when all that is due is bound, so that it can serve that too.
    pub fn tape_of(&mut self, round: u64) -> Height {
        if let Some(height) = self.tape.of_round(round) {
            return height;
        }
        self.bind();
        self.tape.want_for_round(round)
    }

    /// Binds what is due, at the last height that was wanted.
    fn bind(&mut self) -> Height {
        let latest = self.tape.latest();
        for lane in self.lanes.values_mut() {
            lane.bind(latest, self.agenda.now);
        }
        latest
    }

    /// Whether others wait for a request that could still go on.
    pub fn is_signing(&self) -> bool {
        let mut lanes = self.lanes.values();
        lanes.any(|lane| lane.is_signing(self.agenda.now))
    }

    /// Takes a block: envelopes of members, in order. What is not from a member is passed over.
    pub fn take_block(&mut self, block: &[Vec<u8>], now: Step) {
        self.agenda.now = now;
        for bytes in block {
            let place = Place {
                subnet: &self.agenda.subnet,
                epoch: self.agenda.epoch,
            };
            if let Ok(envelope) = Envelope::open(bytes, place, &self.keys) {
                self.take_envelope(&envelope);
            }
        }
        self.settle();
    }

    fn take_envelope(&mut self, envelope: &Envelope) {
        let sender = envelope.sender;
        let mut signed = BTreeSet::new();
        for payload in &envelope.payloads {
            let kind = payload.kind();
            let for_all = matches!(kind, PayloadKind::Support | PayloadKind::Acknowledgement);
            // One signature serves all dealings of a step; more would only cost everybody time.
            if for_all && !signed.insert(kind) {
                continue;
            }
            if let Err(blame) = self.take(sender, payload) {
                self.note(blame);
            }
        }
    }

    fn take(&mut self, sender: NodeIndex, payload: &Payload) -> Result<(), Blame> {
        match payload {
            Payload::Support { bytes } => {
                let blame = |error| Blame::new(sender, error);
                let support = Support::decode(bytes).map_err(blame)?;
                let verified = support.verify(&self.agenda.members).map_err(blame)?;
                if verified.signer() != sender {
                    return Err(Blame::new(sender, "sent the support of another node"));
                }
                self.curves.take_support(&verified);
                Ok(())
            }
            Payload::Acknowledgement { bytes } => {
                let blame = |error| Blame::new(sender, error);
                let signed = Acknowledgement::decode(bytes).map_err(blame)?;
                let verified = signed.verify(&self.agenda.members).map_err(blame)?;
                if verified.signer() != sender {
                    return Err(Blame::new(
                        sender,
                        "sent the acknowledgement of another node",
                    ));
                }
                self.curves.take_acknowledgement(&verified);
                Ok(())
            }
            Payload::Share { of, bytes } => self.take_share(sender, *of, bytes),
            // A dealing for a ceremony that is over comes too late and harms nobody.
            ceremony => self.curves.take(sender, ceremony).unwrap_or(Ok(())),
        }
    }

    /// Takes a share; one of what has its signature already, or has no key yet, is passed over.
    fn take_share(&mut self, sender: NodeIndex, of: ShareOf, bytes: &[u8]) -> Result<(), Blame> {
        let (signatures, number) = match of {
            ShareOf::Tape(height) => (self.tape.signing_mut(), height),
            ShareOf::Beacon(height) => (self.beacon.signing_mut(), height),
            ShareOf::Certification(number) => (self.certification.signing_mut(), number),
            ShareOf::Request(id) => {
                let mut lanes = self.lanes.values_mut();
                let taken = lanes.find_map(|lane| lane.take_share(sender, id, bytes));
                return taken.unwrap_or(Ok(()));
            }
        };
        signatures.map_or(Ok(()), |all| all.take_share(sender, number, bytes))
    }

    /// Ends a block: all goes on as far as it can.
    pub fn settle(&mut self) {
        let mut blames = self.curves.settle(self.agenda.now);
        let (key, agenda, bls) = (&mut self.low_key, &mut self.agenda, self.curves.bls_mut());
        blames.extend(self.tape.settle(key, agenda, bls));
        blames.extend(self.beacon.settle(key, agenda, bls));
        let certification = &mut self.certification;
        blames.extend(certification.settle(&mut self.agenda, &mut self.curves));
        for lane in self.lanes.values_mut() {
            let (tape, height) = (&self.tape, self.tape.latest());
            let nonce = |id| tape.draw(height, Purpose::Nonce(id));
            lane.draw(height, self.agenda.now, nonce);
            blames.extend(lane.settle(&mut self.agenda, &mut self.curves));
        }
        for blame in blames {
            self.note(blame);
        }
    }

    fn note(&mut self, blame: Blame) {
        if blame.former {
            self.former.push(blame);
        } else {
            self.record([blame]);
        }
    }

    /// Blames of dealers of the epoch before.
    pub fn take_blames_of_dealers(&mut self) -> Vec<Blame> {
        std::mem::take(&mut self.former)
    }
}

/// Keeps a blame, in place of the node's oldest one if there are many.
fn keep(blames: &mut Vec<Blame>, blame: Blame) {
    let first = (blame.epoch + 1).saturating_sub(KEPT_EPOCHS);
    blames.retain(|kept| kept.epoch >= first);
    let same = |kept: &Blame| (kept.node, kept.epoch) == (blame.node, blame.epoch);
    if blames.iter().filter(|kept| same(kept)).count() >= KEPT_BLAMES
        && let Some(oldest) = blames.iter().position(same)
    {
        blames.remove(oldest);
    }
    blames.push(blame);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_of_blames_of_one_node_leaves_the_others() {
        let mut blames = Vec::new();
        keep(&mut blames, Blame::new(NodeIndex(1), "once"));
        for number in 0..10_000 {
            keep(&mut blames, Blame::new(NodeIndex(2), number));
        }
        assert_eq!(blames.len(), 1 + KEPT_BLAMES);
        assert_eq!(blames[0].what, "once");
        assert_eq!(blames[KEPT_BLAMES].what, "9999");
        let later = Blame {
            epoch: KEPT_EPOCHS,
            ..Blame::new(NodeIndex(3), "later")
        };
        keep(&mut blames, later);
        assert_eq!(blames.len(), 1);
    }
}
