//! What all nodes know: the replicated state of the protocols, made of the ordered blocks alone.
//!
//! In: blocks. Out: ceremonies, keys, stocks, requests, tapes, and who was blamed. Every node would come to the same board; in one
//! process they share it, so that what is public is verified once instead of once for each node.

use crate::agenda::Agenda;
use crate::broadcast::Step;
use crate::ceremony::Blame;
use crate::certification::PublicCertification;
use crate::curves::Curves;
use crate::key_source::KeySource;
use crate::lanes::{ByKey, Lane};
use crate::message::{Envelope, Payload, Place, RequestId, ShareOf};
use crate::overview::TraceView;
use crate::request::{KeyId, Request};
use crate::signing::StockTarget;
use crate::tape::PublicTape;
use crate::trace::Trace;
use chainkey_algebra::NodeIndex;
use chainkey_idkg::acknowledged::Acknowledgement;
use chainkey_idkg::{Members, Support};
use ed25519_dalek::VerifyingKey;
use std::collections::VecDeque;
use std::sync::Arc;

/// Blames that are kept for traces.
const KEPT_BLAMES: usize = 1000;
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
    /// The random tape.
    pub tape: PublicTape,
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
            tape: PublicTape::default(),
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
            self.blames.push(blame);
        }
        let excess = self.blames.len().saturating_sub(KEPT_BLAMES);
        self.blames.drain(..excess);
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
    pub fn submit(&mut self, request: Request) {
        self.use_key(&request.key);
        if let Some(lane) = self.lanes.get_mut(&request.key) {
            lane.submit(request);
        }
    }

    /// A result, once.
    pub fn take_result(&mut self, key: &KeyId, id: RequestId) -> Option<(Vec<u8>, Trace)> {
        let (result, trace) = self.lanes.get_mut(key)?.take_result(id)?;
        if self.traces.len() == KEPT_TRACES {
            self.traces.pop_front();
        }
        self.traces.push_back(TraceView {
            request: id.0,
            key: key.clone(),
            trace: trace.clone(),
        });
        Some((result, trace))
    }

    /// A round begins: requests bound in earlier rounds ask for its randomness.
    pub fn begin_round(&mut self, round: u64) {
        if self.lanes.values().any(|lane| lane.needs_randomness(round)) {
            self.tape.want(round);
        }
    }

    /// A round ends: what waits is bound to presignatures.
    pub fn end_round(&mut self, round: u64) {
        for lane in self.lanes.values_mut() {
            lane.bind(round);
        }
    }

    /// Takes a block: envelopes of members, in order. What is not from a member is passed over.
    pub fn take_block(&mut self, block: &[Vec<u8>], now: Step, round: u64) {
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
        self.settle(round);
    }

    fn take_envelope(&mut self, envelope: &Envelope) {
        let sender = envelope.sender;
        for payload in &envelope.payloads {
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
            Payload::Share { of, bytes } => match of {
                ShareOf::Tape(round) => self.tape.take_share(sender, *round, bytes),
                ShareOf::Certification(number) => {
                    self.certification.take_share(sender, *number, bytes)
                }
                ShareOf::Request(id) => {
                    let mut lanes = self.lanes.values_mut();
                    let taken = lanes.find_map(|lane| lane.take_share(sender, *id, bytes));
                    // A share of what has its signature already comes too late and harms nobody.
                    taken.unwrap_or(Ok(()))
                }
            },
            // A dealing for a ceremony that is over likewise.
            ceremony => self.curves.take(sender, ceremony).unwrap_or(Ok(())),
        }
    }

    /// Ends a block: all goes on as far as it can.
    pub fn settle(&mut self, round: u64) {
        let mut blames = self.curves.settle(self.agenda.now);
        blames.extend(self.tape.settle(&mut self.agenda, self.curves.bls_mut()));
        let certification = &mut self.certification;
        blames.extend(certification.settle(&mut self.agenda, &mut self.curves));
        for lane in self.lanes.values_mut() {
            let tape = &self.tape;
            lane.draw(round, |id| tape.draw(round, &id.0.to_be_bytes()));
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
