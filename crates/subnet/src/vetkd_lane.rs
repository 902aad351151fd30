//! A vetKD key with its requests: what all nodes know of it, and what one node says.
//!
//! Source: protocols.md of the design, section 5; docs/protocols/vetkd.md. The key has the high threshold. There is nothing to prepare and no common
//! randomness: each node encrypts its share with its own. In: requests, shares out of blocks. Out: encrypted keys, checked.

use crate::agenda::Agenda;
use crate::broadcast::Step;
use crate::ceremony::{Blame, Dealer};
use crate::curves::{Curves, NodeCurves};
use crate::message::{CeremonyId, Payload, RequestId, ShareOf};
use crate::overview;
use crate::repeated::Repeated;
use crate::request::{Request, RequestError, Work};
use crate::shares::Shares;
use crate::signing::Answer;
use crate::tape::Height;
use crate::waiting::{Asked, Asker, Effort, Waiting};
use chainkey_algebra::{BlsG2, Curve, NodeIndex};
use chainkey_vetkd::{EncryptedKeyShare, MasterKey, TransportPublicKey};
use std::collections::BTreeMap;
use subnet_view::Trace;

/// A request of which the nodes make shares.
struct Session {
    asked: Asked,
    request: chainkey_vetkd::Request,
    shares: Shares<EncryptedKeyShare>,
    effort: Effort,
    trace: Trace,
}

/// What all nodes know of a vetKD key and its requests.
#[derive(Default)]
pub struct PublicVetKd {
    /// The secret of a published test key.
    published: Option<<BlsG2 as Curve>::Scalar>,
    ceremony: Option<CeremonyId>,
    master: Option<MasterKey>,
    waiting: Waiting,
    sessions: BTreeMap<RequestId, Session>,
    results: BTreeMap<RequestId, Answer>,
}

impl PublicVetKd {
    /// A lane whose key is not made yet; `published` is the secret of a test key that everybody knows.
    pub fn new(published: Option<<BlsG2 as Curve>::Scalar>) -> Self {
        PublicVetKd {
            published,
            ..PublicVetKd::default()
        }
    }

    /// The master public key: 96 bytes, compressed.
    pub fn public_key(&self) -> Option<Vec<u8>> {
        self.master
            .as_ref()
            .map(|master| master.public_key().to_vec())
    }

    /// Whether the key is made.
    pub fn is_stocked(&self) -> bool {
        self.master.is_some()
    }

    /// Begins the ceremony that carries the key over to the members of the next epoch, on their board; none if the key is not made yet.
    pub fn reshare(
        &self,
        curves: &Curves,
        agenda: &mut Agenda,
        next: &mut Curves,
    ) -> Option<CeremonyId> {
        curves.reshare_high(self.ceremony?, agenda, next)
    }

    /// What the next epoch goes on from: requests that were being worked on wait again, before those that waited.
    pub fn into_next(self, ceremony: Option<CeremonyId>) -> Self {
        let begun = self.sessions.into_values();
        let waiting = self.waiting.after(begun.map(|session| session.asked));
        PublicVetKd {
            published: self.published,
            ceremony,
            master: None,
            waiting,
            sessions: BTreeMap::new(),
            results: self.results,
        }
    }

    /// Whether others wait for shares that are being made.
    pub fn is_signing(&self, now: Step) -> bool {
        let mut sessions = self.sessions.values();
        sessions.any(|session| session.effort.holds_up(now))
    }

    /// Takes a request.
    pub fn submit(&mut self, asked: Asked) {
        self.waiting.submit(asked);
    }

    /// What came of a request, once.
    pub fn take_result(&mut self, id: RequestId) -> Option<Answer> {
        self.results.remove(&id)
    }

    /// A round of this asker is over: what was asked for in it is due.
    pub fn end_round(&mut self, asker: &Asker, now: Step) {
        self.waiting.end_round(asker);
        let sessions = self.sessions.values_mut();
        for session in sessions.filter(|session| session.asked.asker == *asker) {
            // Nothing is used up by waiting, so nothing is given up.
            session.effort.renew(now);
        }
    }

    /// Lets the nodes make shares for what is due. `at` is the last height whose tape was wanted; none is needed.
    pub fn bind(&mut self, at: Height, now: Step) {
        let Some(master) = &self.master else {
            return;
        };
        while let Some(asked) = self.waiting.pop_due() {
            let id = asked.request.id;
            match request_of(master, &asked.request) {
                Ok(request) => {
                    let session = Session {
                        request,
                        shares: Shares::default(),
                        effort: Effort::begin(now),
                        trace: Trace::new(at.0, at.0),
                        asked,
                    };
                    self.sessions.insert(id, session);
                }
                Err(error) => {
                    self.results.insert(id, Err(error));
                }
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
        let shares = &mut self.sessions.get_mut(&of)?.shares;
        Some(shares.take(sender, || EncryptedKeyShare::from_bytes(bytes).map(Some)))
    }

    /// Ends a block: the key and the requests go on as far as they can.
    pub fn settle(&mut self, agenda: &mut Agenda, curves: &mut Curves) -> Vec<Blame> {
        if self.ceremony.is_none() {
            self.ceremony = match self.published {
                Some(value) => curves.begin_published_high(agenda, value),
                None => curves.begin_high(agenda),
            };
        }
        if self.master.is_none() {
            let key = self.ceremony.and_then(|id| curves.high_key(id));
            let committee = agenda.members.committee();
            self.master = key.and_then(|key| MasterKey::new(committee, key).ok());
        }
        match &self.master {
            Some(master) => combine(master, &mut self.sessions, &mut self.results),
            None => Vec::new(),
        }
    }
}

fn request_of(
    master: &MasterKey,
    request: &Request,
) -> Result<chainkey_vetkd::Request, RequestError> {
    let Work::DeriveKey {
        input,
        transport_key,
    } = &request.work
    else {
        return Err(RequestError::Work);
    };
    let transport = TransportPublicKey::from_bytes(transport_key);
    let transport = transport.map_err(|_| RequestError::TransportKey)?;
    let derivation = &request.derivation;
    let derived = master.derive(&derivation.canister, derivation.context());
    Ok(derived.request(input, transport))
}

fn combine(
    master: &MasterKey,
    sessions: &mut BTreeMap<RequestId, Session>,
    results: &mut BTreeMap<RequestId, Answer>,
) -> Vec<Blame> {
    let mut blames = Vec::new();
    for (id, session) in sessions.iter_mut() {
        let shares = &mut session.shares;
        if shares.kept().len() < master.threshold() {
            continue;
        }
        let (key, culprits) = match master.combine(&session.request, shares.kept()) {
            Ok(combined) => (Some(combined.encrypted_key), combined.culprits),
            Err(error) => (None, error.culprits().to_vec()),
        };
        blames.extend(shares.refuse(culprits, "sent a wrong share of an encrypted key"));
        if let Some(key) = key {
            let trace = overview::signed_with(session.trace.clone(), shares);
            results.insert(*id, Ok((key.to_bytes().to_vec(), trace)));
        }
    }
    sessions.retain(|id, _| !results.contains_key(id));
    blames
}

/// What one node said about the requests of a vetKD key.
#[derive(Default)]
pub struct NodeVetKd {
    said: BTreeMap<RequestId, Repeated>,
}

impl NodeVetKd {
    /// Forgets what a node does not write to disk; shares are made anew, with other randomness.
    pub fn restart(&mut self) {
        self.said.clear();
    }

    /// Makes shares of what is asked for and has not arrived.
    pub fn act(
        &mut self,
        node: &mut Dealer<'_>,
        lane: &PublicVetKd,
        own: &NodeCurves,
    ) -> Vec<Payload> {
        self.said.retain(|id, _| lane.sessions.contains_key(id));
        let Some(key_share) = lane.ceremony.and_then(|id| own.high_share(id)) else {
            return Vec::new();
        };
        let mut payloads = Vec::new();
        for (id, session) in &lane.sessions {
            if session.shares.has_heard(node.index) {
                continue;
            }
            let said = self.said.entry(*id).or_insert_with(|| {
                let share = EncryptedKeyShare::create(key_share, &session.request, node.rng);
                Repeated::new(share.to_bytes().to_vec())
            });
            let of = ShareOf::Request(*id);
            let bytes = said.say(node.now);
            payloads.extend(bytes.map(|bytes| Payload::Share { of, bytes }));
        }
        payloads
    }
}
