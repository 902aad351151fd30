//! The ceremonies of a subnet, curve by curve.

use crate::agenda::Agenda;
use crate::broadcast::Step;
use crate::ceremony::{
    Blame, CurveBoard, CurveNode, Dealer, PrivateHigh, PublicHigh, published_input,
};
use crate::message::{CeremonyId, Payload};
use chainkey_algebra::commitment::{SimpleCommitment, SimpleShare};
use chainkey_algebra::{BlsG2, Curve, Ed25519, NodeIndex, Secp256k1, Secp256r1};
use chainkey_idkg::acknowledged::{HighParams, VerifiedAcknowledgement};
use chainkey_idkg::published::Published;
use chainkey_idkg::{DealerInput, Level, Operation, VerifiedSupport, Vouched};
use std::collections::BTreeMap;
use subnet_view::CeremonyView;

/// The public side of the ceremonies on every curve.
#[derive(Default)]
pub struct Curves {
    secp256k1: CurveBoard<Secp256k1>,
    secp256r1: CurveBoard<Secp256r1>,
    ed25519: CurveBoard<Ed25519>,
    bls: CurveBoard<BlsG2>,
    high: BTreeMap<CeremonyId, PublicHigh<BlsG2>>,
    published_high: BTreeMap<CeremonyId, Published<BlsG2>>,
}

/// One node's side of the ceremonies on every curve.
#[derive(Default)]
pub struct NodeCurves {
    secp256k1: CurveNode<Secp256k1>,
    secp256r1: CurveNode<Secp256r1>,
    ed25519: CurveNode<Ed25519>,
    bls: CurveNode<BlsG2>,
    high: BTreeMap<CeremonyId, PrivateHigh<BlsG2>>,
}

/// A curve on which there are ceremonies.
pub trait OnBoard: Curve {
    /// The ceremonies on this curve.
    fn board(curves: &Curves) -> &CurveBoard<Self>;
    /// The same, to change.
    fn board_mut(curves: &mut Curves) -> &mut CurveBoard<Self>;
    /// A node's side of them, to change.
    fn own_mut(curves: &mut NodeCurves) -> &mut CurveNode<Self>;
}

macro_rules! on_board {
    ($curve:ident, $field:ident) => {
        impl OnBoard for $curve {
            fn board(curves: &Curves) -> &CurveBoard<Self> {
                &curves.$field
            }
            fn board_mut(curves: &mut Curves) -> &mut CurveBoard<Self> {
                &mut curves.$field
            }
            fn own_mut(curves: &mut NodeCurves) -> &mut CurveNode<Self> {
                &mut curves.$field
            }
        }
    };
}

on_board!(Secp256k1, secp256k1);
on_board!(Secp256r1, secp256r1);
on_board!(Ed25519, ed25519);
on_board!(BlsG2, bls);

impl Curves {
    /// Takes a payload out of a block; `None` if it is about no ceremony.
    pub fn take(&mut self, sender: NodeIndex, payload: &Payload) -> Option<Result<(), Blame>> {
        self.secp256k1
            .take(sender, payload)
            .or_else(|| self.secp256r1.take(sender, payload))
            .or_else(|| self.ed25519.take(sender, payload))
            .or_else(|| self.bls.take(sender, payload))
            .or_else(|| self.take_high(sender, payload))
    }

    fn take_high(&mut self, sender: NodeIndex, payload: &Payload) -> Option<Result<(), Blame>> {
        match payload {
            Payload::Dealing { ceremony, bytes } => {
                Some(self.high.get_mut(ceremony)?.take_dealing(sender, bytes))
            }
            Payload::Reveal { ceremony, bytes } => {
                Some(self.high.get_mut(ceremony)?.take_reveal(sender, bytes))
            }
            _ => None,
        }
    }

    /// Takes a verified acknowledgement.
    pub fn take_acknowledgement(&mut self, acknowledgement: &VerifiedAcknowledgement) {
        for ceremony in self.high.values_mut() {
            ceremony.take_acknowledgement(acknowledgement);
        }
    }

    /// The ceremonies as people see them, in the order of their numbers.
    pub fn views(&self) -> Vec<CeremonyView> {
        let high = self.high.iter();
        let mut views: Vec<_> = high.map(|(id, ceremony)| ceremony.view(*id)).collect();
        views.extend(self.secp256k1.views());
        views.extend(self.secp256r1.views());
        views.extend(self.ed25519.views());
        views.extend(self.bls.views());
        views.sort_by_key(|view| view.number);
        views
    }

    /// Begins the ceremony of a key with the high threshold in G2.
    pub fn begin_high(&mut self, agenda: &mut Agenda) -> Option<CeremonyId> {
        agenda.begin(&mut self.high, |id, members| {
            HighParams::random_unmasked(id, members, members, 1)
        })
    }

    /// Begins the ceremony that carries such a key over to the members of the next epoch, on their board.
    pub fn reshare_high(
        &self,
        id: CeremonyId,
        agenda: &mut Agenda,
        next: &mut Curves,
    ) -> Option<CeremonyId> {
        let old = self.high.get(&id)?.transcript()?;
        agenda.begin(&mut next.high, |id, members| {
            HighParams::reshare_of_unmasked(id, old, members)
        })
    }

    /// Begins the resharing of a test key whose secret is published, as a key with the high threshold in G2.
    pub fn begin_published_high(
        &mut self,
        agenda: &mut Agenda,
        value: <BlsG2 as Curve>::Scalar,
    ) -> Option<CeremonyId> {
        let (number, published) = agenda.publish(Level::High, value)?;
        let begun = agenda.begin(&mut self.high, |id, members| {
            HighParams::reshare_of_unmasked(id, &published.transcript, members)
        })?;
        self.published_high.insert(number, published);
        Some(begun)
    }

    /// The commitment to a key with the high threshold, once it is made.
    pub fn high_key(&self, id: CeremonyId) -> Option<&SimpleCommitment<BlsG2>> {
        self.high.get(&id)?.transcript()?.commitments().first()
    }

    /// Takes a verified support.
    pub fn take_support(&mut self, support: &VerifiedSupport) {
        self.secp256k1.take_support(support);
        self.secp256r1.take_support(support);
        self.ed25519.take_support(support);
        self.bls.take_support(support);
    }

    /// The ceremonies in G2 of BLS12-381.
    pub fn bls_mut(&mut self) -> &mut CurveBoard<BlsG2> {
        &mut self.bls
    }

    /// Ends a block.
    pub fn settle(&mut self, now: Step) -> Vec<Blame> {
        let high = self.high.values_mut();
        [
            high.flat_map(|ceremony| ceremony.settle(now)).collect(),
            self.secp256k1.settle(),
            self.secp256r1.settle(),
            self.ed25519.settle(),
            self.bls.settle(),
        ]
        .concat()
    }
}

impl NodeCurves {
    /// The node's side in G2 of BLS12-381.
    pub fn bls(&self) -> &CurveNode<BlsG2> {
        &self.bls
    }

    /// The node's shares that a ceremony with the high threshold starts from.
    fn high_input(&self, public: &PublicHigh<BlsG2>) -> Option<DealerInput<'_, BlsG2>> {
        match public.params().operation() {
            Operation::ReshareOfUnmasked(old) => {
                let own = self.high.get(&CeremonyId(old.id().number))?;
                own.share().map(DealerInput::Unmasked)
            }
            _ => Some(DealerInput::Nothing),
        }
    }

    /// The node's share of a key with the high threshold.
    pub fn high_share(&self, id: CeremonyId) -> Option<&SimpleShare<BlsG2>> {
        self.high.get(&id)?.share()?.shares().first()
    }

    /// Forgets what a node does not write to disk.
    pub fn restart(&mut self) {
        self.secp256k1.restart();
        self.secp256r1.restart();
        self.ed25519.restart();
        self.bls.restart();
        self.high.values_mut().for_each(PrivateHigh::restart);
    }

    /// Does what there is to do in every ceremony.
    pub fn act(&mut self, node: &mut Dealer<'_>, curves: &Curves) -> Said {
        self.act_from(node, curves, None)
    }

    /// The same, where the shares that operations start from are kept elsewhere.
    pub fn act_from(
        &mut self,
        node: &mut Dealer<'_>,
        curves: &Curves,
        source: Option<&NodeCurves>,
    ) -> Said {
        let mut all = Said::default();
        let (k1, r1) = (&curves.secp256k1, &curves.secp256r1);
        for (payloads, good) in [
            self.secp256k1
                .act(node, k1, source.map(|from| &from.secp256k1)),
            self.secp256r1
                .act(node, r1, source.map(|from| &from.secp256r1)),
            self.ed25519
                .act(node, &curves.ed25519, source.map(|from| &from.ed25519)),
            self.bls
                .act(node, &curves.bls, source.map(|from| &from.bls)),
        ] {
            all.payloads.extend(payloads);
            all.supported.extend(good);
        }
        for (id, public) in &curves.high {
            let own = self.high.remove(id);
            let mut own = own.unwrap_or_else(|| PrivateHigh::new(*id));
            let input = source.unwrap_or(self).high_input(public);
            let published = &curves.published_high;
            let input = input.or_else(|| published_input(published, public.params(), node.index));
            let (payloads, good) = own.act(node, public, input);
            self.high.insert(*id, own);
            all.payloads.extend(payloads);
            all.acknowledged.extend(good);
        }
        all
    }
}

/// What a node has to say about ceremonies, and the dealings that it vouches for.
#[derive(Default)]
pub struct Said {
    /// Dealings, complaints, openings, reveals.
    pub payloads: Vec<Payload>,
    /// Good dealings with the low threshold.
    pub supported: Vec<Vouched>,
    /// Good dealings with the high threshold.
    pub acknowledged: Vec<Vouched>,
}
