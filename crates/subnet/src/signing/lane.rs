//! One key with its stock and its requests: what all nodes know of it, and what one node keeps.
//!
//! Source: protocols.md of the design, sections 1, 2 and 9. The key is made by Random and ReshareOfMasked, so that no dealer can bias it. A
//! presignature leaves the stock when a request is bound to it, and never comes back: if it burns, the request takes another one.
//! In: requests, randomness, shares out of blocks. Out: results. The caller must draw the randomness in a later round than the
//! one in which the request was bound.

use super::scheme::{Outcome, SigningScheme};
use super::stock::StockTarget;
use crate::agenda::Agenda;
use crate::ceremony::{Blame, CurveBoard, CurveNode, Dealer};
use crate::message::{CeremonyId, Payload, RequestId, ShareOf};
use crate::repeated::Repeated;
use crate::request::Request;
use crate::shares::Shares;
use crate::trace::Trace;
use chainkey_algebra::{Curve, NodeIndex};
use chainkey_idkg::{Extraction, Params, Transcript, Unmasked};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A presignature's place: the batch, and the slot in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Slot {
    batch: u64,
    slot: usize,
}

/// How far the key is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum KeyProgress {
    Nothing,
    Masked(CeremonyId),
    Unmasked(CeremonyId),
}

/// A batch of presignatures, and those that came of it.
struct BatchState<S: SigningScheme> {
    ceremonies: S::Batch,
    made: Option<Vec<S::Public>>,
}

/// A request that is bound to a presignature.
struct Bound<S: SigningScheme> {
    request: Request,
    slot: Slot,
    bound: S::Bound,
    round: u64,
}

/// A request of which the nodes make shares.
struct Session<S: SigningScheme> {
    request: Request,
    slot: Slot,
    session: S::Session,
    shares: Shares<S::Share>,
    trace: Trace,
}

/// What all nodes know of a key, its stock and its requests.
pub struct PublicLane<S: SigningScheme> {
    progress: KeyProgress,
    /// The secret of a published test key.
    published: Option<<S::Curve as Curve>::Scalar>,
    key: Option<S::Key>,
    target: StockTarget,
    batches: BTreeMap<u64, BatchState<S>>,
    next_batch: u64,
    ready: VecDeque<(Slot, S::Public)>,
    waiting: VecDeque<Request>,
    bound: BTreeMap<RequestId, Bound<S>>,
    sessions: BTreeMap<RequestId, Session<S>>,
    results: BTreeMap<RequestId, (Vec<u8>, Trace)>,
}

impl<S: SigningScheme> PublicLane<S> {
    /// A lane whose key is not made yet.
    pub fn new(target: StockTarget, published: Option<<S::Curve as Curve>::Scalar>) -> Self {
        PublicLane {
            progress: KeyProgress::Nothing,
            published,
            key: None,
            target,
            batches: BTreeMap::new(),
            next_batch: 0,
            ready: VecDeque::new(),
            waiting: VecDeque::new(),
            bound: BTreeMap::new(),
            sessions: BTreeMap::new(),
            results: BTreeMap::new(),
        }
    }

    /// What the next epoch goes on from, with the ceremony that carried the key over. Presignatures are purged, for they are bound to the old
    /// transcript of the key; requests that were bound to them wait again, before all others.
    pub fn into_next(self, ceremony: Option<CeremonyId>) -> Self {
        let bound = self.bound.into_iter().map(|(id, one)| (id, one.request));
        let sessions = self.sessions.into_iter();
        let signing = sessions.map(|(id, session)| (id, session.request));
        let in_flight: BTreeMap<RequestId, Request> = bound.chain(signing).collect();
        let waiting = in_flight.into_values().chain(self.waiting).collect();
        PublicLane {
            progress: ceremony.map_or(KeyProgress::Nothing, KeyProgress::Unmasked),
            next_batch: self.next_batch,
            waiting,
            results: self.results,
            ..PublicLane::new(self.target, self.published)
        }
    }

    /// The transcript that shares the key.
    pub fn key_transcript<'a>(
        &self,
        board: &'a CurveBoard<S::Curve>,
    ) -> Option<&'a Transcript<S::Curve, Unmasked>> {
        match self.progress {
            KeyProgress::Unmasked(id) => board.unmasked_transcript(id),
            _ => None,
        }
    }

    /// The master public key, in its curve's encoding.
    pub fn public_key(&self, board: &CurveBoard<S::Curve>) -> Option<Vec<u8>> {
        let commitment = self.key_transcript(board)?.commitments().first()?;
        Some(S::Curve::point_to_bytes(&commitment.constant()))
    }

    /// Presignatures that are ready.
    pub fn stock(&self) -> usize {
        self.ready.len()
    }

    /// Whether the key is made, and as many presignatures are ready as are wanted.
    pub fn is_stocked(&self) -> bool {
        let made = self.batches.values().all(|batch| batch.made.is_some());
        made && self.key.is_some() && self.ready.len() >= self.wanted_stock()
    }

    fn wanted_stock(&self) -> usize {
        self.target.low.max(self.waiting.len())
    }

    /// Whether a request could still go on in this round.
    pub fn is_signing(&self, round: u64) -> bool {
        !self.sessions.is_empty() || self.needs_randomness(round)
    }

    /// Takes a request.
    pub fn submit(&mut self, request: Request) {
        self.waiting.push_back(request);
    }

    /// A result, once.
    pub fn take_result(&mut self, id: RequestId) -> Option<(Vec<u8>, Trace)> {
        self.results.remove(&id)
    }

    /// Binds waiting requests to presignatures, as long as there are some.
    pub fn bind(&mut self, round: u64) {
        let Some(key) = self.key.clone() else {
            return;
        };
        while !self.waiting.is_empty() {
            let Some((slot, public)) = self.ready.pop_front() else {
                return;
            };
            let Some(request) = self.waiting.pop_front() else {
                return;
            };
            if let Some(bound) = S::bind(&request, &key, public) {
                let id = request.id;
                let bound = Bound {
                    request,
                    slot,
                    bound,
                    round,
                };
                self.bound.insert(id, bound);
            }
        }
    }

    /// Requests bound in an earlier round get their nonces; `randomness` gives each request its own 32 bytes of this round, once they are there.
    pub fn draw(&mut self, round: u64, randomness: impl Fn(RequestId) -> Option<[u8; 32]>) {
        let due: Vec<_> = self
            .bound
            .iter()
            .filter(|(_, bound)| bound.round < round)
            .filter_map(|(id, _)| Some((*id, randomness(*id)?)))
            .collect();
        for (id, bytes) in due {
            let Some(bound) = self.bound.remove(&id) else {
                continue;
            };
            match S::rerandomize(bound.bound, &bytes) {
                Some(session) => {
                    let session = Session {
                        request: bound.request,
                        slot: bound.slot,
                        session,
                        shares: Shares::default(),
                        trace: Trace::new(bound.round, round)
                            .with(bound.slot.batch, bound.slot.slot),
                    };
                    self.sessions.insert(id, session);
                }
                None => self.waiting.push_front(bound.request),
            }
        }
    }

    /// Whether randomness is needed in this round.
    pub fn needs_randomness(&self, round: u64) -> bool {
        self.bound.values().any(|bound| bound.round < round)
    }

    /// Takes a share out of a block; `None` if it is about no request of this lane.
    pub fn take_share(
        &mut self,
        sender: NodeIndex,
        of: RequestId,
        bytes: &[u8],
    ) -> Option<Result<(), Blame>> {
        let shares = &mut self.sessions.get_mut(&of)?.shares;
        Some(shares.take(sender, || S::read_share(bytes, sender)))
    }

    /// Ends a block: the key, the stock and the signatures go on as far as they can.
    pub fn settle(&mut self, agenda: &mut Agenda, board: &mut CurveBoard<S::Curve>) -> Vec<Blame> {
        self.make_key(agenda, board);
        self.make_stock(agenda, board);
        self.combine(agenda)
    }

    fn make_key(&mut self, agenda: &mut Agenda, board: &mut CurveBoard<S::Curve>) {
        match self.progress {
            KeyProgress::Nothing => {
                let begun = match self.published {
                    Some(value) => board
                        .begin_published(agenda, value)
                        .map(KeyProgress::Unmasked),
                    None => agenda
                        .begin(&mut board.masked, |id, members| {
                            Params::random(id, members, members, 1, Extraction::Sum)
                        })
                        .map(KeyProgress::Masked),
                };
                self.progress = begun.unwrap_or(KeyProgress::Nothing);
            }
            KeyProgress::Masked(masked) => {
                let Some(transcript) = board.masked_transcript(masked).cloned() else {
                    return;
                };
                let begun = agenda.begin(&mut board.unmasked, |id, members| {
                    Params::reshare_of_masked(id, &transcript, members)
                });
                self.progress = begun.map_or(self.progress, KeyProgress::Unmasked);
            }
            KeyProgress::Unmasked(_) => {
                if self.key.is_none() {
                    self.key = self.key_transcript(board).and_then(S::key);
                }
            }
        }
    }

    fn make_stock(&mut self, agenda: &mut Agenda, board: &mut CurveBoard<S::Curve>) {
        let (Some(key), Some(transcript)) = (&self.key, self.key_transcript(board).cloned()) else {
            return;
        };
        for (number, batch) in &mut self.batches {
            if batch.made.is_some() {
                continue;
            }
            let made = S::proceed(&mut batch.ceremonies, (key, &transcript), agenda, board);
            for (slot, public) in made.iter().flatten().enumerate() {
                let slot = Slot {
                    batch: *number,
                    slot,
                };
                self.ready.push_back((slot, public.clone()));
            }
            batch.made = made;
        }
        self.forget_spent_batches(board);
        let coming = self
            .batches
            .values()
            .filter(|batch| batch.made.is_none())
            .count();
        let gain = agenda.members.committee().low().shares();
        let expected = self.ready.len() + coming * self.target.slots * gain;
        if expected < self.wanted_stock()
            && let Some(ceremonies) = S::begin(agenda, board, self.target.slots)
        {
            let batch = BatchState {
                ceremonies,
                made: None,
            };
            self.batches.insert(self.next_batch, batch);
            self.next_batch += 1;
        }
    }

    /// The presignatures that are ready or in use.
    fn open_slots(&self) -> impl Iterator<Item = Slot> {
        let ready = self.ready.iter().map(|(slot, _)| *slot);
        let bound = self.bound.values().map(|bound| bound.slot);
        let signing = self.sessions.values().map(|session| session.slot);
        ready.chain(bound).chain(signing)
    }

    fn forget_spent_batches(&mut self, board: &mut CurveBoard<S::Curve>) {
        let open: BTreeSet<u64> = self.open_slots().map(|slot| slot.batch).collect();
        let spent = self.batches.extract_if(.., |number, batch| {
            batch.made.is_some() && !open.contains(number)
        });
        for (_, batch) in spent {
            for id in S::ceremonies(&batch.ceremonies) {
                board.masked.remove(&id);
                board.unmasked.remove(&id);
            }
        }
    }

    fn combine(&mut self, agenda: &Agenda) -> Vec<Blame> {
        let needed = agenda.members.committee().low().shares();
        let mut blames = Vec::new();
        let mut ended = Vec::new();
        for (id, session) in &mut self.sessions {
            let shares = &mut session.shares;
            if shares.kept().len() < needed {
                continue;
            }
            let (outcome, culprits) = S::combine(&session.session, shares.kept());
            blames.extend(shares.refuse(culprits, "sent a wrong share of a signature"));
            match outcome {
                Outcome::Done(signature) => ended.push((*id, Some(signature))),
                Outcome::Burned => ended.push((*id, None)),
                Outcome::Waiting => {}
            }
        }
        for (id, signature) in ended {
            let Some(session) = self.sessions.remove(&id) else {
                continue;
            };
            match signature {
                Some(signature) => {
                    let trace = session.trace.signed_with(&session.shares);
                    self.results.insert(id, (signature, trace));
                }
                None => self.waiting.push_front(session.request),
            }
        }
        blames
    }
}

/// What one node keeps of a key's stock and says about requests.
pub struct NodeLane<S: SigningScheme> {
    secrets: BTreeMap<Slot, S::Secret>,
    loaded: BTreeSet<u64>,
    said: BTreeMap<RequestId, Repeated>,
}

impl<S: SigningScheme> Default for NodeLane<S> {
    fn default() -> Self {
        NodeLane {
            secrets: BTreeMap::new(),
            loaded: BTreeSet::new(),
            said: BTreeMap::new(),
        }
    }
}

impl<S: SigningScheme> NodeLane<S> {
    /// Forgets what a node does not write to disk. That a presignature is spent, and the share that it was spent for, are written
    /// before the share is said: after a restart the same share is said again, and never another one.
    pub fn restart(&mut self) {
        self.said.values_mut().for_each(Repeated::forget);
    }

    /// Does what there is to do after a block.
    pub fn act(
        &mut self,
        node: &Dealer<'_>,
        lane: &PublicLane<S>,
        own: &mut CurveNode<S::Curve>,
    ) -> Vec<Payload> {
        self.load(node.index, lane, own);
        let KeyProgress::Unmasked(key) = lane.progress else {
            return Vec::new();
        };
        let Some(key_share) = own
            .unmasked_share(key)
            .and_then(|share| share.shares().first())
        else {
            return Vec::new();
        };
        let mut payloads = Vec::new();
        for (id, session) in &lane.sessions {
            // The secret is gone before anything is said.
            if let Some(secret) = self.secrets.remove(&session.slot)
                && let Some(bytes) = S::sign(secret, node.index, key_share, &session.session)
            {
                self.said.insert(*id, Repeated::new(bytes));
            } else if session.shares.has_heard(node.index) {
                continue;
            }
            let of = ShareOf::Request(*id);
            let said = self.said.get_mut(id);
            let bytes = said.and_then(|said| said.say(node.now));
            payloads.extend(bytes.map(|bytes| Payload::Share { of, bytes }));
        }
        self.said.retain(|id, _| lane.sessions.contains_key(id));
        payloads
    }

    /// Takes the secrets of batches that are made out of the ceremonies, which forget them.
    fn load(&mut self, index: NodeIndex, lane: &PublicLane<S>, own: &mut CurveNode<S::Curve>) {
        for (number, batch) in &lane.batches {
            let Some(made) = &batch.made else {
                continue;
            };
            if self.loaded.contains(number) {
                continue;
            }
            let Some(secrets) = S::secrets(&batch.ceremonies, made, index, own) else {
                continue;
            };
            for (slot, secret) in secrets.into_iter().enumerate() {
                let slot = Slot {
                    batch: *number,
                    slot,
                };
                self.secrets.insert(slot, secret);
            }
            self.loaded.insert(*number);
            for id in S::ceremonies(&batch.ceremonies) {
                own.erase(id);
            }
        }
        self.loaded
            .retain(|number| lane.batches.contains_key(number));
        // Spent without this node: the secret must not be kept.
        let open: BTreeSet<Slot> = lane.open_slots().collect();
        self.secrets.retain(|slot, _| open.contains(slot));
    }
}
