//! The lanes of all keys: one for each key that was used, whatever its scheme.
//!
//! In: keys by their ids. Out: each lane's part in a step. A key's lane is opened at its first use.

use crate::agenda::Agenda;
use crate::broadcast::Step;
use crate::ceremony::{Blame, Dealer};
use crate::curves::{Curves, NodeCurves, OnBoard};
use crate::key_source::KeySource;
use crate::message::{CeremonyId, Payload, RequestId};
use crate::signing::{Answer, Ecdsa, NodeLane, PublicLane, Schnorr, SigningScheme, StockTarget};
use crate::tape::Height;
use crate::vetkd_lane::{NodeVetKd, PublicVetKd};
use crate::waiting::{Asked, Asker};
use chainkey_algebra::{NodeIndex, Secp256k1, Secp256r1};
use chainkey_idkg::Params;
use chainkey_threshold_schnorr::{Bip340, Ed25519};
use subnet_view::{KeyId, KeyScheme};

/// What all nodes know of one key.
pub enum Lane {
    /// ECDSA on secp256k1.
    EcdsaSecp256k1(PublicLane<Ecdsa<Secp256k1>>),
    /// ECDSA on secp256r1.
    EcdsaSecp256r1(PublicLane<Ecdsa<Secp256r1>>),
    /// BIP-340.
    Bip340(PublicLane<Schnorr<Bip340>>),
    /// Ed25519.
    Ed25519(PublicLane<Schnorr<Ed25519>>),
    /// vetKD.
    VetKd(PublicVetKd),
}

/// What one node keeps of one key.
pub enum OwnLane {
    /// ECDSA on secp256k1.
    EcdsaSecp256k1(NodeLane<Ecdsa<Secp256k1>>),
    /// ECDSA on secp256r1.
    EcdsaSecp256r1(NodeLane<Ecdsa<Secp256r1>>),
    /// BIP-340.
    Bip340(NodeLane<Schnorr<Bip340>>),
    /// Ed25519.
    Ed25519(NodeLane<Schnorr<Ed25519>>),
    /// vetKD.
    VetKd(NodeVetKd),
}

/// Does the same with a lane of whatever scheme that signs with presignatures, and something else with vetKD's.
macro_rules! with {
    ($lanes:expr, $lane:ident => $body:expr, $vetkd:ident => $other:expr) => {
        match $lanes {
            Lane::VetKd($vetkd) => $other,
            Lane::EcdsaSecp256k1($lane) => $body,
            Lane::EcdsaSecp256r1($lane) => $body,
            Lane::Bip340($lane) => $body,
            Lane::Ed25519($lane) => $body,
        }
    };
}

fn public_key<S: SigningScheme>(lane: &PublicLane<S>, curves: &Curves) -> Option<Vec<u8>>
where
    S::Curve: OnBoard,
{
    lane.public_key(S::Curve::board(curves))
}

fn settle<S: SigningScheme>(
    lane: &mut PublicLane<S>,
    agenda: &mut Agenda,
    curves: &mut Curves,
) -> Vec<Blame>
where
    S::Curve: OnBoard,
{
    lane.settle(agenda, S::Curve::board_mut(curves))
}

fn act<S: SigningScheme>(
    own: &mut NodeLane<S>,
    node: &Dealer<'_>,
    lane: &PublicLane<S>,
    curves: &mut NodeCurves,
) -> Vec<Payload>
where
    S::Curve: OnBoard,
{
    own.act(node, lane, S::Curve::own_mut(curves))
}

fn reshare<S: SigningScheme>(
    lane: &PublicLane<S>,
    curves: &Curves,
    agenda: &mut Agenda,
    next: &mut Curves,
) -> Option<CeremonyId>
where
    S::Curve: OnBoard,
{
    let old = lane.key_transcript(S::Curve::board(curves))?;
    let unmasked = &mut S::Curve::board_mut(next).unmasked;
    agenda.begin(unmasked, |id, members| {
        Params::reshare_of_unmasked(id, old, members)
    })
}

fn has_received<S: SigningScheme>(_: &PublicLane<S>, curves: &Curves, id: CeremonyId) -> bool
where
    S::Curve: OnBoard,
{
    S::Curve::board(curves).unmasked_transcript(id).is_some()
}

fn lane<S: SigningScheme>(key: &KeyId, target: StockTarget, source: KeySource) -> PublicLane<S> {
    PublicLane::new(target, source.signing_key::<S::Curve>(key))
}

impl Lane {
    /// Begins the ceremony that carries the key over to the members of the next epoch, on their board; none if the key is not made yet.
    pub fn reshare(
        &self,
        curves: &Curves,
        agenda: &mut Agenda,
        next: &mut Curves,
    ) -> Option<CeremonyId> {
        with!(
            self,
            lane => reshare(lane, curves, agenda, next),
            lane => lane.reshare(curves, agenda, next)
        )
    }

    /// Whether that ceremony has come to its end.
    pub fn has_received(&self, curves: &Curves, id: CeremonyId) -> bool {
        with!(self, lane => has_received(lane, curves, id), _lane => curves.high_key(id).is_some())
    }

    /// What the next epoch goes on from.
    pub fn into_next(self, ceremony: Option<CeremonyId>) -> Self {
        match self {
            Lane::EcdsaSecp256k1(lane) => Lane::EcdsaSecp256k1(lane.into_next(ceremony)),
            Lane::EcdsaSecp256r1(lane) => Lane::EcdsaSecp256r1(lane.into_next(ceremony)),
            Lane::Bip340(lane) => Lane::Bip340(lane.into_next(ceremony)),
            Lane::Ed25519(lane) => Lane::Ed25519(lane.into_next(ceremony)),
            Lane::VetKd(lane) => Lane::VetKd(lane.into_next(ceremony)),
        }
    }

    /// The lane of a key that is not made yet.
    pub fn open(key: &KeyId, target: StockTarget, source: KeySource) -> Self {
        match key.scheme {
            KeyScheme::EcdsaSecp256k1 => Lane::EcdsaSecp256k1(lane(key, target, source)),
            KeyScheme::EcdsaSecp256r1 => Lane::EcdsaSecp256r1(lane(key, target, source)),
            KeyScheme::Bip340Secp256k1 => Lane::Bip340(lane(key, target, source)),
            KeyScheme::Ed25519 => Lane::Ed25519(lane(key, target, source)),
            KeyScheme::VetKd => Lane::VetKd(PublicVetKd::new(source.vetkd_key(key))),
        }
    }

    /// The master public key.
    pub fn public_key(&self, curves: &Curves) -> Option<Vec<u8>> {
        with!(self, lane => public_key(lane, curves), lane => lane.public_key())
    }

    /// Presignatures that are ready; vetKD needs none, and counts its key as one.
    pub fn stock(&self) -> usize {
        with!(self, lane => lane.stock(), lane => usize::from(lane.is_stocked()))
    }

    /// Whether the key is made, and as many presignatures are ready as are wanted.
    pub fn is_stocked(&self) -> bool {
        with!(self, lane => lane.is_stocked(), lane => lane.is_stocked())
    }

    /// Whether others wait for a request that could still go on in this round.
    pub fn is_signing(&self, now: Step) -> bool {
        with!(self, lane => lane.is_signing(now), lane => lane.is_signing(now))
    }

    /// Takes a request.
    pub fn submit(&mut self, asked: Asked) {
        with!(self, lane => lane.submit(asked), lane => lane.submit(asked));
    }

    /// What came of a request, once.
    pub fn take_result(&mut self, id: RequestId) -> Option<Answer> {
        with!(self, lane => lane.take_result(id), lane => lane.take_result(id))
    }

    /// A round of this asker is over.
    pub fn end_round(&mut self, asker: &Asker, now: Step) {
        with!(self, lane => lane.end_round(asker, now), lane => lane.end_round(asker, now));
    }

    /// Binds requests that are due; `at` is the last height that was wanted.
    pub fn bind(&mut self, at: Height, now: Step) {
        with!(self, lane => lane.bind(at), lane => lane.bind(at, now));
    }

    /// Whether something was bound since the latest height was wanted.
    pub fn needs_tape_after(&self, latest: Height) -> bool {
        with!(self, lane => lane.needs_tape_after(latest), _lane => false)
    }

    /// Draws the nonces of requests bound before a height was wanted.
    pub fn draw(
        &mut self,
        height: Height,
        now: Step,
        randomness: impl Fn(RequestId) -> Option<[u8; 32]>,
    ) {
        with!(self, lane => lane.draw(height, now, randomness), _lane => {});
    }

    /// Takes a share out of a block; `None` if it is about no request of this lane.
    pub fn take_share(
        &mut self,
        sender: NodeIndex,
        of: RequestId,
        bytes: &[u8],
    ) -> Option<Result<(), Blame>> {
        with!(
            self,
            lane => lane.take_share(sender, of, bytes),
            lane => lane.take_share(sender, of, bytes)
        )
    }

    /// Ends a block.
    pub fn settle(&mut self, agenda: &mut Agenda, curves: &mut Curves) -> Vec<Blame> {
        with!(self, lane => settle(lane, agenda, curves), lane => lane.settle(agenda, curves))
    }
}

impl OwnLane {
    /// A node's side of a lane.
    pub fn of(lane: &Lane) -> Self {
        match lane {
            Lane::EcdsaSecp256k1(_) => OwnLane::EcdsaSecp256k1(NodeLane::default()),
            Lane::EcdsaSecp256r1(_) => OwnLane::EcdsaSecp256r1(NodeLane::default()),
            Lane::Bip340(_) => OwnLane::Bip340(NodeLane::default()),
            Lane::Ed25519(_) => OwnLane::Ed25519(NodeLane::default()),
            Lane::VetKd(_) => OwnLane::VetKd(NodeVetKd::default()),
        }
    }

    /// Forgets what a node does not write to disk.
    pub fn restart(&mut self) {
        match self {
            OwnLane::EcdsaSecp256k1(own) => own.restart(),
            OwnLane::EcdsaSecp256r1(own) => own.restart(),
            OwnLane::Bip340(own) => own.restart(),
            OwnLane::Ed25519(own) => own.restart(),
            OwnLane::VetKd(own) => own.restart(),
        }
    }

    /// Does what there is to do after a block.
    pub fn act(
        &mut self,
        node: &mut Dealer<'_>,
        lane: &Lane,
        curves: &mut NodeCurves,
    ) -> Vec<Payload> {
        match (self, lane) {
            (OwnLane::EcdsaSecp256k1(own), Lane::EcdsaSecp256k1(lane)) => {
                act(own, node, lane, curves)
            }
            (OwnLane::EcdsaSecp256r1(own), Lane::EcdsaSecp256r1(lane)) => {
                act(own, node, lane, curves)
            }
            (OwnLane::Bip340(own), Lane::Bip340(lane)) => act(own, node, lane, curves),
            (OwnLane::Ed25519(own), Lane::Ed25519(lane)) => act(own, node, lane, curves),
            (OwnLane::VetKd(own), Lane::VetKd(lane)) => own.act(node, lane, curves),
            // A node's lane is made of the lane of the same key.
            _ => Vec::new(),
        }
    }
}

/// The order in which keys come: by scheme, then by name.
pub type ByKey<L> = std::collections::BTreeMap<KeyId, L>;
