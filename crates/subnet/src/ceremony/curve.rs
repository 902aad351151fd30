//! All ceremonies on one curve: the public side of all nodes, and the private side of one.
//!
//! In: payloads that name a ceremony. Out: transcripts and shares by the ceremony's number. Leaves out: which ceremonies there are.

use super::{Blame, Dealer, PrivateCeremony, PublicCeremony};
use crate::agenda::Agenda;
use crate::message::{CeremonyId, Payload};
use chainkey_algebra::{Curve, NodeIndex};
use chainkey_idkg::published::Published;
use chainkey_idkg::{
    DealerInput, Kind, Level, Masked, Operation, Params, Transcript, TranscriptShare, Unmasked,
    VerifiedSupport, Vouched,
};
use std::collections::{BTreeMap, BTreeSet};
use subnet_view::CeremonyView;

/// The public side of every ceremony on a curve.
pub struct CurveBoard<C: Curve> {
    /// Those that make masked values.
    pub masked: BTreeMap<CeremonyId, PublicCeremony<C, Masked>>,
    /// Those that make unmasked values.
    pub unmasked: BTreeMap<CeremonyId, PublicCeremony<C, Unmasked>>,
    /// Test keys whose secrets are published, as they are before the nodes reshare them.
    pub published: BTreeMap<CeremonyId, Published<C>>,
}

impl<C: Curve> Default for CurveBoard<C> {
    fn default() -> Self {
        CurveBoard {
            masked: BTreeMap::new(),
            unmasked: BTreeMap::new(),
            published: BTreeMap::new(),
        }
    }
}

/// Hands a payload to its ceremony; `None` if it isn't one of these.
fn take<C: Curve, K: Kind>(
    ceremonies: &mut BTreeMap<CeremonyId, PublicCeremony<C, K>>,
    sender: NodeIndex,
    payload: &Payload,
) -> Option<Result<(), Blame>> {
    Some(match payload {
        Payload::Dealing { ceremony, bytes } => {
            ceremonies.get_mut(ceremony)?.take_dealing(sender, bytes)
        }
        Payload::Complaint {
            ceremony,
            dealer,
            bytes,
        } => ceremonies
            .get_mut(ceremony)?
            .take_complaint(sender, *dealer, bytes),
        Payload::Opening {
            ceremony,
            dealer,
            accuser,
            bytes,
        } => {
            let ceremony = ceremonies.get_mut(ceremony)?;
            ceremony.take_opening(sender, *dealer, *accuser, bytes)
        }
        _ => return None,
    })
}

impl<C: Curve> CurveBoard<C> {
    /// Begins the resharing of a test key whose secret is published.
    pub fn begin_published(&mut self, agenda: &mut Agenda, value: C::Scalar) -> Option<CeremonyId> {
        let (number, published) = agenda.publish(Level::Low, value)?;
        let begun = agenda.begin(&mut self.unmasked, |id, members| {
            Params::reshare_of_unmasked(id, &published.transcript, members)
        })?;
        self.published.insert(number, published);
        Some(begun)
    }

    /// Takes a payload out of a block; `None` if it is about no ceremony on this curve.
    pub fn take(&mut self, sender: NodeIndex, payload: &Payload) -> Option<Result<(), Blame>> {
        take(&mut self.masked, sender, payload)
            .or_else(|| take(&mut self.unmasked, sender, payload))
    }

    /// Takes a verified support.
    pub fn take_support(&mut self, support: &VerifiedSupport) {
        for ceremony in self.masked.values_mut() {
            ceremony.take_support(support);
        }
        for ceremony in self.unmasked.values_mut() {
            ceremony.take_support(support);
        }
    }

    /// Ends a block.
    pub fn settle(&mut self) -> Vec<Blame> {
        let masked = self.masked.values_mut().flat_map(PublicCeremony::settle);
        let mut blames: Vec<Blame> = masked.collect();
        blames.extend(self.unmasked.values_mut().flat_map(PublicCeremony::settle));
        blames
    }

    /// The ceremonies as people see them.
    pub fn views(&self) -> Vec<CeremonyView> {
        let masked = self.masked.iter();
        let masked = masked.map(|(id, ceremony)| ceremony.view(*id));
        let unmasked = self.unmasked.iter();
        let unmasked = unmasked.map(|(id, ceremony)| ceremony.view(*id));
        masked.chain(unmasked).collect()
    }

    /// What a ceremony for masked values made.
    pub fn masked_transcript(&self, id: CeremonyId) -> Option<&Transcript<C, Masked>> {
        self.masked.get(&id)?.transcript()
    }

    /// What a ceremony for unmasked values made.
    pub fn unmasked_transcript(&self, id: CeremonyId) -> Option<&Transcript<C, Unmasked>> {
        self.unmasked.get(&id)?.transcript()
    }
}

/// The share of a published key from which its resharing starts; everybody knows it.
pub fn published_input<'a, C: Curve, K: Kind>(
    published: &'a BTreeMap<CeremonyId, Published<C>>,
    params: &Params<C, K>,
    node: NodeIndex,
) -> Option<DealerInput<'a, C>> {
    let Operation::ReshareOfUnmasked(old) = params.operation() else {
        return None;
    };
    let published = published.get(&CeremonyId(old.id().number))?;
    let own = published.shares.get(usize::from(node.0))?;
    Some(DealerInput::Unmasked(own)).filter(|_| published.transcript == *old)
}

/// One node's side of every ceremony on a curve.
pub struct CurveNode<C: Curve> {
    masked: BTreeMap<CeremonyId, PrivateCeremony<C, Masked>>,
    unmasked: BTreeMap<CeremonyId, PrivateCeremony<C, Unmasked>>,
    /// Ceremonies whose shares this node has used up and erased.
    finished: BTreeSet<CeremonyId>,
}

impl<C: Curve> Default for CurveNode<C> {
    fn default() -> Self {
        CurveNode {
            masked: BTreeMap::new(),
            unmasked: BTreeMap::new(),
            finished: BTreeSet::new(),
        }
    }
}

impl<C: Curve> CurveNode<C> {
    /// Does what there is to do in every ceremony. The shares that operations start from are the node's own here, if no other source is named.
    pub fn act(
        &mut self,
        node: &mut Dealer<'_>,
        board: &CurveBoard<C>,
        source: Option<&Self>,
    ) -> (Vec<Payload>, Vec<Vouched>) {
        let mut all = self.act_in(node, board, source, &board.masked, |own| &mut own.masked);
        let unmasked = self.act_in(node, board, source, &board.unmasked, |own| {
            &mut own.unmasked
        });
        all.0.extend(unmasked.0);
        all.1.extend(unmasked.1);
        // What all nodes have put away, this node need not keep.
        self.masked.retain(|id, _| board.masked.contains_key(id));
        self.unmasked
            .retain(|id, _| board.unmasked.contains_key(id));
        self.finished
            .retain(|id| board.masked.contains_key(id) || board.unmasked.contains_key(id));
        all
    }

    /// The same in the ceremonies of one kind, of which the node's side stands in one of its maps.
    fn act_in<K: Kind>(
        &mut self,
        node: &mut Dealer<'_>,
        board: &CurveBoard<C>,
        source: Option<&Self>,
        ceremonies: &BTreeMap<CeremonyId, PublicCeremony<C, K>>,
        side: fn(&mut Self) -> &mut BTreeMap<CeremonyId, PrivateCeremony<C, K>>,
    ) -> (Vec<Payload>, Vec<Vouched>) {
        let (mut payloads, mut vouched) = (Vec::new(), Vec::new());
        for (id, public) in ceremonies {
            if self.finished.contains(id) {
                continue;
            }
            let own = side(self).remove(id);
            let mut own = own.unwrap_or_else(|| PrivateCeremony::new(*id));
            let input = source.unwrap_or(self).input(public.params());
            let published = &board.published;
            let input = input.or_else(|| published_input(published, public.params(), node.index));
            let (said, good) = own.act(node, public, input);
            side(self).insert(*id, own);
            payloads.extend(said);
            vouched.extend(good);
        }
        (payloads, vouched)
    }

    /// The node's shares that an operation starts from.
    fn input<K: Kind>(&self, params: &Params<C, K>) -> Option<DealerInput<'_, C>> {
        let masked = |transcript: &Transcript<C, Masked>| {
            self.masked_share(CeremonyId(transcript.id().number))
        };
        let unmasked = |transcript: &Transcript<C, Unmasked>| {
            self.unmasked_share(CeremonyId(transcript.id().number))
        };
        Some(match params.operation() {
            Operation::Random(_) => DealerInput::Nothing,
            Operation::ReshareOfMasked(old) => DealerInput::Masked(masked(old)?),
            Operation::ReshareOfUnmasked(old) => DealerInput::Unmasked(unmasked(old)?),
            Operation::UnmaskedTimesMasked(left, right) => {
                DealerInput::Factors(unmasked(left)?, masked(right)?)
            }
        })
    }

    /// Forgets what a node does not write to disk.
    pub fn restart(&mut self) {
        let masked = self.masked.values_mut();
        masked.for_each(PrivateCeremony::restart);
        let unmasked = self.unmasked.values_mut();
        unmasked.for_each(PrivateCeremony::restart);
    }

    /// Erases the node's shares of a ceremony for good.
    pub fn erase(&mut self, id: CeremonyId) {
        self.masked.remove(&id);
        self.unmasked.remove(&id);
        self.finished.insert(id);
    }

    /// The node's shares of masked values.
    pub fn masked_share(&self, id: CeremonyId) -> Option<&TranscriptShare<C, Masked>> {
        self.masked.get(&id)?.share()
    }

    /// The node's shares of unmasked values.
    pub fn unmasked_share(&self, id: CeremonyId) -> Option<&TranscriptShare<C, Unmasked>> {
        self.unmasked.get(&id)?.share()
    }
}
