//! One key with its stock and its requests: what all nodes know of it, and what one node keeps.
//!
//! Source: protocols.md of the design, sections 1, 2 and 9. The key is made by Random and ReshareOfMasked, so that no dealer can bias it. A
//! presignature leaves the stock when a request is bound to it, and never comes back: if it burns, the request takes another one.
//! In: requests, tapes, shares out of blocks. Out: results. A request is bound to a presignature that is in the stock, at the last height whose tape was
//! wanted, and gets its nonce from the tape of a greater one: when it is bound, key, message and presignature are fixed and nobody knows the tape.
//! What the nodes can't sign within some rounds of its asker is given up together with its presignature, and bound anew.

use super::scheme::{Outcome, SigningScheme};
use super::stock::StockTarget;
use crate::agenda::Agenda;
use crate::broadcast::Step;
use crate::ceremony::{Blame, CurveBoard, CurveNode, Dealer};
use crate::message::{CeremonyId, Payload, RequestId, ShareOf};
use crate::overview;
use crate::repeated::Repeated;
use crate::request::RequestError;
use crate::shares::Shares;
use crate::tape::Height;
use crate::waiting::{Asked, Asker, Effort, Waiting};
use chainkey_algebra::{Curve, NodeIndex};
use chainkey_idkg::{Extraction, Params, Transcript, Unmasked};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use subnet_view::Trace;

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
    asked: Asked,
    slot: Slot,
    bound: S::Bound,
    /// The last height that was wanted then.
    at: Height,
}

/// A request of which the nodes make shares.
struct Session<S: SigningScheme> {
    asked: Asked,
    slot: Slot,
    session: S::Session,
    shares: Shares<S::Share>,
    effort: Effort,
    trace: Trace,
}

/// What came of a request.
pub type Answer = Result<(Vec<u8>, Trace), RequestError>;

/// What all nodes know of a key, its stock and its requests.
pub struct PublicLane<S: SigningScheme> {
    progress: KeyProgress,
    /// The ceremony that made the key's masked value, as long as somebody may need shares of it.
    masked: Option<CeremonyId>,
    /// The secret of a published test key.
    published: Option<<S::Curve as Curve>::Scalar>,
    key: Option<S::Key>,
    target: StockTarget,
    batches: BTreeMap<u64, BatchState<S>>,
    next_batch: u64,
    ready: VecDeque<(Slot, S::Public)>,
    waiting: Waiting,
    bound: BTreeMap<RequestId, Bound<S>>,
    sessions: BTreeMap<RequestId, Session<S>>,
    results: BTreeMap<RequestId, Answer>,
}

impl<S: SigningScheme> PublicLane<S> {
    /// A lane whose key is not made yet.
    pub fn new(target: StockTarget, published: Option<<S::Curve as Curve>::Scalar>) -> Self {
        PublicLane {
            progress: KeyProgress::Nothing,
            masked: None,
            published,
            key: None,
            target,
            batches: BTreeMap::new(),
            next_batch: 0,
            ready: VecDeque::new(),
            waiting: Waiting::default(),
            bound: BTreeMap::new(),
            sessions: BTreeMap::new(),
            results: BTreeMap::new(),
        }
    }

    /// What the next epoch goes on from, with the ceremony that carried the key over. Presignatures are purged, for they are bound to the old
    /// transcript of the key; requests that were bound to them wait again, before all others.
    pub fn into_next(self, ceremony: Option<CeremonyId>) -> Self {
        let bound = self.bound.into_iter().map(|(id, one)| (id, one.asked));
        let sessions = self.sessions.into_iter();
        let signing = sessions.map(|(id, session)| (id, session.asked));
        let in_flight: BTreeMap<RequestId, Asked> = bound.chain(signing).collect();
        let waiting = self.waiting.after(in_flight.into_values());
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
    pub fn is_signing(&self, now: Step) -> bool {
        let mut sessions = self.sessions.values();
        !self.bound.is_empty() || sessions.any(|session| session.effort.holds_up(now))
    }

    /// Takes a request.
    pub fn submit(&mut self, asked: Asked) {
        self.waiting.submit(asked);
    }

    /// What came of a request, once.
    pub fn take_result(&mut self, id: RequestId) -> Option<Answer> {
        self.results.remove(&id)
    }

    /// A round of this asker is over: what was asked for in it is due, and what the nodes could not sign in many of them is given up.
    pub fn end_round(&mut self, asker: &Asker, now: Step) {
        self.waiting.end_round(asker);
        let vain = self.sessions.extract_if(.., |_, session| {
            session.asked.asker == *asker && !session.effort.renew(now)
        });
        for (_, session) in vain {
            self.waiting.again(session.asked);
        }
    }

    /// Binds requests that are due to presignatures, as long as there are some; `at` is the last height that was wanted.
    pub fn bind(&mut self, at: Height) {
        let Some(key) = self.key.clone() else {
            return;
        };
        while let Some((slot, public)) = self.ready.front() {
            let (slot, public) = (*slot, public.clone());
            let Some(asked) = self.waiting.pop_due() else {
                return;
            };
            let id = asked.request.id;
            match S::bind(&asked.request, &key, public) {
                Ok(bound) => {
                    self.ready.pop_front();
                    let bound = Bound {
                        asked,
                        slot,
                        bound,
                        at,
                    };
                    self.bound.insert(id, bound);
                }
                Err(error) => {
                    self.results.insert(id, Err(error));
                }
            }
        }
    }

    /// Whether something was bound since the latest height was wanted: only the tape of another one will do.
    pub fn needs_tape_after(&self, latest: Height) -> bool {
        self.bound.values().any(|bound| bound.at >= latest)
    }

    /// Requests bound before this height was wanted get their nonces; `randomness` gives each request its own 32 bytes of the height's tape, once they
    /// are there.
    pub fn draw(
        &mut self,
        height: Height,
        now: Step,
        randomness: impl Fn(RequestId) -> Option<[u8; 32]>,
    ) {
        let due: Vec<_> = self
            .bound
            .iter()
            .filter(|(_, bound)| bound.at < height)
            .filter_map(|(id, _)| Some((*id, randomness(*id)?)))
            .collect();
        for (id, bytes) in due {
            let Some(bound) = self.bound.remove(&id) else {
                continue;
            };
            match S::rerandomize(bound.bound, &bytes) {
                Some(session) => {
                    let session = Session {
                        asked: bound.asked,
                        slot: bound.slot,
                        session,
                        shares: Shares::default(),
                        effort: Effort::begin(now),
                        trace: Trace::new(bound.at.0, height.0)
                            .with(bound.slot.batch, bound.slot.slot),
                    };
                    self.sessions.insert(id, session);
                }
                None => self.waiting.again(bound.asked),
            }
        }
    }

    /// Takes a share out of a block; `None` if it is about no request of this lane.
    pub fn take_share(
        &mut self,
        sender: NodeIndex,
        of: RequestId,
        bytes: &[u8],
    ) -> Option<Result<(), Blame>> {
        let Session {
            session, shares, ..
        } = self.sessions.get_mut(&of)?;
        Some(shares.take(sender, || S::read_share(session, bytes, sender)))
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
                self.masked = Some(masked);
                self.progress = begun.map_or(self.progress, KeyProgress::Unmasked);
            }
            KeyProgress::Unmasked(_) => {
                if self.key.is_none() {
                    self.key = self.key_transcript(board).and_then(S::key);
                }
                // Another sharing of the same key: nobody needs it when there is the one for use, and the nodes erase theirs.
                if self.key.is_some()
                    && let Some(masked) = self.masked.take()
                {
                    board.masked.remove(&masked);
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
                    let trace = overview::signed_with(session.trace, &session.shares);
                    self.results.insert(id, Ok((signature, trace)));
                }
                None => self.waiting.again(session.asked),
            }
        }
        blames
    }
}

/// What one node keeps of a key's stock and says about requests.
pub struct NodeLane<S: SigningScheme> {
    secrets: BTreeMap<Slot, S::Secret>,
    loaded: BTreeSet<u64>,
    said: BTreeMap<Slot, Repeated>,
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
                self.said.insert(session.slot, Repeated::new(bytes));
            } else if session.shares.has_heard(node.index) {
                continue;
            }
            let of = ShareOf::Request(*id);
            let said = self.said.get_mut(&session.slot);
            let bytes = said.and_then(|said| said.say(node.now));
            payloads.extend(bytes.map(|bytes| Payload::Share { of, bytes }));
        }
        let signing: BTreeSet<Slot> = lane.sessions.values().map(|one| one.slot).collect();
        self.said.retain(|slot, _| signing.contains(slot));
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
