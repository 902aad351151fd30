//! Ceremonies for keys with the high threshold: dealings are acknowledged, or the missing shares revealed.
//!
//! Source: docs/protocols/idkg.md, section 10. In: payloads, steps. Out: a transcript with threshold 2f + 1, and each node's shares. A dealer waits for
//! all acknowledgements, but no longer than its patience; then it reveals the shares of those that did not acknowledge, once and for all.

use super::{Blame, Ceremony, Dealer};
use crate::broadcast::Step;
use crate::message::{CeremonyId, Payload};
use crate::overview::{CeremonyView, operation};
use crate::repeated::{PATIENCE, Repeated, is_due};
use chainkey_algebra::{Curve, NodeIndex};
use chainkey_idkg::acknowledged::{
    AcknowledgedDealing, HighParams, KeptShares, Reveal, VerifiedAcknowledgement,
};
use chainkey_idkg::faulty::deal_high_wrong_for;
use chainkey_idkg::{
    DealerInput, Dealing, Opened, OpenedDealing, Params, PublicDealing, Transcript,
    TranscriptShare, Unmasked, Vouched, verify_all,
};
use std::collections::{BTreeMap, BTreeSet};

/// A verified dealing with what was said about it.
struct Dealt<C: Curve> {
    dealing: PublicDealing<C, Unmasked>,
    since: Step,
    acknowledged_by: BTreeSet<NodeIndex>,
    complete: Option<AcknowledgedDealing<C, Unmasked>>,
}

/// The public side of a ceremony with the high threshold.
pub struct PublicHigh<C: Curve> {
    params: HighParams<C, Unmasked>,
    began: Step,
    received: BTreeMap<NodeIndex, Dealing<C, Unmasked>>,
    dealt: BTreeMap<NodeIndex, Dealt<C>>,
    acknowledgements: Vec<VerifiedAcknowledgement>,
    transcript: Option<Transcript<C, Unmasked>>,
}

impl<C: Curve> Ceremony for PublicHigh<C> {
    type Params = HighParams<C, Unmasked>;

    fn new(params: Self::Params, began: Step) -> Self {
        PublicHigh {
            params,
            began,
            received: BTreeMap::new(),
            dealt: BTreeMap::new(),
            acknowledgements: Vec::new(),
            transcript: None,
        }
    }
}

impl<C: Curve> PublicHigh<C> {
    /// What is made.
    pub fn params(&self) -> &Params<C, Unmasked> {
        self.params.params()
    }

    /// The ceremony as people see it.
    pub fn view(&self, id: CeremonyId) -> CeremonyView {
        let params = self.params();
        CeremonyView {
            number: id.0,
            curve: format!("{:?}", C::ID),
            operation: operation(params.operation()),
            masked: false,
            threshold: params.threshold().shares(),
            needed: params.needed_dealings(),
            dealers: self.dealt.keys().map(|dealer| dealer.0).collect(),
            accused: BTreeSet::new(),
            made: self.transcript.is_some(),
        }
    }

    /// What was made.
    pub fn transcript(&self) -> Option<&Transcript<C, Unmasked>> {
        self.transcript.as_ref()
    }

    fn is_on_duty(&self, node: NodeIndex, now: Step) -> bool {
        let params = self.params.params();
        let size = params.dealers().committee().size() as u64;
        let place = (u64::from(node.0) + params.id().number) % size;
        place < params.needed_dealings() as u64 || now.0 >= self.began.0 + 2 * PATIENCE
    }

    fn has_dealt(&self, node: NodeIndex) -> bool {
        self.dealt.contains_key(&node) || self.received.contains_key(&node)
    }

    /// Takes a dealing; it is verified with the others of its block.
    pub fn take_dealing(&mut self, sender: NodeIndex, bytes: &[u8]) -> Result<(), Blame> {
        let before = self.received.get(&sender);
        if before.is_some_and(|before| before.encode() != bytes) {
            return Err(Blame::new(sender, "dealt twice"));
        }
        if self.transcript.is_some() || self.has_dealt(sender) {
            return Ok(());
        }
        let dealing = Dealing::decode(bytes).map_err(|error| Blame::new(sender, error))?;
        if dealing.dealer() != sender {
            return Err(Blame::new(sender, "sent the dealing of another node"));
        }
        self.received.insert(sender, dealing);
        Ok(())
    }

    /// Takes an acknowledgement of which the signature was verified.
    pub fn take_acknowledgement(&mut self, acknowledgement: &VerifiedAcknowledgement) {
        let mut concerned = false;
        for dealt in self.dealt.values_mut() {
            if acknowledgement.digests().contains(&dealt.dealing.digest()) {
                concerned |= dealt.acknowledged_by.insert(acknowledgement.signer());
            }
        }
        if concerned {
            self.acknowledgements.push(acknowledgement.clone());
        }
    }

    /// Takes a reveal.
    pub fn take_reveal(&mut self, sender: NodeIndex, bytes: &[u8]) -> Result<(), Blame> {
        let Some(dealt) = self.dealt.get_mut(&sender) else {
            return Err(Blame::new(
                sender,
                "reveals shares of a dealing that is not there",
            ));
        };
        if dealt.complete.is_some() {
            return Ok(());
        }
        let blame = |error| Blame::new(sender, error);
        let reveal = Reveal::decode(bytes).map_err(blame)?;
        let dealing = dealt.dealing.clone();
        let complete = AcknowledgedDealing::new(dealing, &self.acknowledgements, reveal);
        dealt.complete = Some(complete.map_err(blame)?);
        Ok(())
    }

    /// Ends a block.
    pub fn settle(&mut self, now: Step) -> Vec<Blame> {
        let received: Vec<_> = std::mem::take(&mut self.received).into_values().collect();
        let dealers: Vec<NodeIndex> = received.iter().map(Dealing::dealer).collect();
        let verdicts = verify_all(self.params.params(), received);
        let mut blames = Vec::new();
        for (dealer, verdict) in dealers.into_iter().zip(verdicts) {
            match verdict {
                Ok(dealing) => {
                    let dealt = Dealt {
                        dealing,
                        since: now,
                        acknowledged_by: BTreeSet::new(),
                        complete: None,
                    };
                    self.dealt.insert(dealer, dealt);
                }
                Err(error) => blames.push(Blame::of_dealer(self.params.params(), dealer, error)),
            }
        }
        if self.transcript.is_none() {
            let complete = self
                .dealt
                .values()
                .filter_map(|dealt| dealt.complete.clone());
            let complete: Vec<_> = complete.collect();
            if complete.len() >= self.params.params().needed_dealings() {
                self.transcript = self.params.transcript(&complete).ok();
            }
        }
        blames
    }
}

/// One node's side of a ceremony with the high threshold.
pub struct PrivateHigh<C: Curve> {
    id: CeremonyId,
    dealing: Option<Repeated>,
    kept: Option<KeptShares<C, Unmasked>>,
    reveal: Option<Repeated>,
    opened: BTreeMap<NodeIndex, OpenedDealing<C, Unmasked>>,
    bad: BTreeSet<NodeIndex>,
    said: BTreeMap<NodeIndex, Step>,
    share: Option<TranscriptShare<C, Unmasked>>,
}

impl<C: Curve> PrivateHigh<C> {
    /// A node's side of a ceremony that begins.
    pub fn new(id: CeremonyId) -> Self {
        PrivateHigh {
            id,
            dealing: None,
            kept: None,
            reveal: None,
            opened: BTreeMap::new(),
            bad: BTreeSet::new(),
            said: BTreeMap::new(),
            share: None,
        }
    }

    /// Forgets what a node does not write to disk. The dealing and what must be revealed of it are kept: nobody may deal or reveal twice.
    pub fn restart(&mut self) {
        self.opened.clear();
        self.bad.clear();
        let once_made = self.dealing.iter_mut().chain(&mut self.reveal);
        once_made.for_each(Repeated::forget);
        self.said.clear();
    }

    /// The node's shares of the transcript, once it has them.
    pub fn share(&self) -> Option<&TranscriptShare<C, Unmasked>> {
        self.share.as_ref()
    }

    /// Does what there is to do after a block.
    pub fn act(
        &mut self,
        node: &mut Dealer<'_>,
        public: &PublicHigh<C>,
        input: Option<DealerInput<'_, C>>,
    ) -> (Vec<Payload>, Vec<Vouched>) {
        let mut payloads = Vec::new();
        if self.share.is_some() {
            return (payloads, Vec::new());
        }
        if public.transcript.is_none() {
            payloads.extend(input.and_then(|input| self.deal(node, public, input)));
            if node.lies.second_dealing {
                self.dealing = None;
                payloads.extend(input.and_then(|input| self.deal(node, public, input)));
            }
            payloads.extend(self.reveal(node, public));
        }
        let vouched = self.open(node, public);
        self.finish(node, public);
        (payloads, vouched)
    }

    fn deal(
        &mut self,
        node: &mut Dealer<'_>,
        public: &PublicHigh<C>,
        input: DealerInput<'_, C>,
    ) -> Option<Payload> {
        if public.has_dealt(node.index) || !public.is_on_duty(node.index, node.now) {
            return None;
        }
        if self.dealing.is_none() {
            let params = &public.params;
            let receivers = params.params().receivers().committee();
            let wrong = node.lies.wrong_for(node.index, receivers);
            let made = if wrong.is_empty() {
                params.deal(node.index, input, node.rng)
            } else {
                deal_high_wrong_for(params, node.index, input, &wrong, node.rng)
            };
            let made = made.ok()?;
            self.dealing = Some(Repeated::new(made.dealing.encode().to_vec()));
            self.kept = Some(made.kept);
        }
        let ceremony = self.id;
        let bytes = self.dealing.as_mut()?.say(node.now)?;
        Some(Payload::Dealing { ceremony, bytes })
    }

    /// Reveals the shares of those that did not acknowledge, when all have had their time.
    fn reveal(&mut self, node: &Dealer<'_>, public: &PublicHigh<C>) -> Option<Payload> {
        let dealt = public.dealt.get(&node.index)?;
        if dealt.complete.is_some() {
            return None;
        }
        let everyone = dealt.dealing.params().receivers().committee().size();
        let all = dealt.acknowledged_by.len() == everyone;
        if !all && node.now.0 < dealt.since.0 + PATIENCE {
            return None;
        }
        if let Some(kept) = self.kept.take() {
            match kept.reveal(&dealt.dealing, &public.acknowledgements) {
                Ok(reveal) => self.reveal = Some(Repeated::new(reveal.encode())),
                Err((kept, _)) => self.kept = Some(kept),
            }
        }
        let bytes = self.reveal.as_mut()?.say(node.now)?;
        let ceremony = self.id;
        Some(Payload::Reveal { ceremony, bytes })
    }

    fn open(&mut self, node: &mut Dealer<'_>, public: &PublicHigh<C>) -> Vec<Vouched> {
        let mut vouched = Vec::new();
        for (dealer, dealt) in &public.dealt {
            let known = self.opened.contains_key(dealer) || self.bad.contains(dealer);
            if !known {
                match dealt.dealing.open(node.index, node.secret, node.rng) {
                    Ok(Opened::Good(opened)) => {
                        self.opened.insert(*dealer, opened);
                    }
                    // Not acknowledged: the dealer has to reveal this node's share, or its dealing is not used.
                    _ => {
                        self.bad.insert(*dealer);
                    }
                }
            }
            let open = dealt.complete.is_none() && !dealt.acknowledged_by.contains(&node.index);
            if let Some(opened) = self.opened.get(dealer)
                && open
                && is_due(self.said.get(dealer), node.now)
            {
                vouched.push(opened.vouch());
                self.said.insert(*dealer, node.now);
            }
        }
        vouched
    }

    fn finish(&mut self, node: &Dealer<'_>, public: &PublicHigh<C>) {
        let Some(transcript) = &public.transcript else {
            return;
        };
        if self.share.is_some() {
            return;
        }
        for (dealer, dealt) in &public.dealt {
            let revealed = dealt.complete.as_ref();
            let revealed = revealed.and_then(|complete| complete.revealed(node.index));
            if let Some(revealed) = revealed
                && !self.opened.contains_key(dealer)
            {
                self.opened.insert(*dealer, revealed.clone());
            }
        }
        let opened: Vec<_> = self.opened.values().cloned().collect();
        self.share = transcript.share(node.index, &opened).ok();
        if self.share.is_some() {
            self.opened.clear();
        }
    }
}
