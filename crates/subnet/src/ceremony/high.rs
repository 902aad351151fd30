//! Ceremonies for keys with the high threshold: dealings are acknowledged, or the missing shares revealed.
//!
//! Source: docs/protocols/idkg.md, section 10. In: payloads, steps. Out: a transcript with threshold 2f + 1, and each node's shares. A dealer waits for
//! all acknowledgements, but no longer than its patience; then it reveals the shares of those that did not acknowledge, once and for all.

use super::dealings::Dealings;
use super::{Blame, Ceremony, Dealer};
use crate::broadcast::Step;
use crate::message::{CeremonyId, Payload};
use crate::overview;
use crate::repeated::{PATIENCE, Repeated, is_due};
use chainkey_algebra::{Curve, NodeIndex};
use chainkey_idkg::acknowledged::{
    AcknowledgedDealing, HighParams, KeptShares, Reveal, VerifiedAcknowledgement,
};
use chainkey_idkg::faulty::deal_high_wrong_for;
use chainkey_idkg::{
    DealerInput, Opened, OpenedDealing, Params, Transcript, TranscriptShare, Unmasked, Vouched,
};
use std::collections::{BTreeMap, BTreeSet};
use subnet_view::CeremonyView;

/// What became of a verified dealing.
struct Standing<C: Curve> {
    since: Step,
    /// The dealer was heard; it is not a second time.
    has_revealed: bool,
    complete: Option<AcknowledgedDealing<C, Unmasked>>,
}

/// The public side of a ceremony with the high threshold.
pub struct PublicHigh<C: Curve> {
    params: HighParams<C, Unmasked>,
    dealings: Dealings<C, Unmasked, Standing<C>>,
    acknowledgements: Vec<VerifiedAcknowledgement>,
    transcript: Option<Transcript<C, Unmasked>>,
}

impl<C: Curve> Ceremony for PublicHigh<C> {
    type Params = HighParams<C, Unmasked>;

    fn new(params: Self::Params, began: Step) -> Self {
        PublicHigh {
            dealings: Dealings::new(params.params().clone(), began, 2 * PATIENCE),
            params,
            acknowledgements: Vec::new(),
            transcript: None,
        }
    }
}

impl<C: Curve> PublicHigh<C> {
    /// What is made.
    pub fn params(&self) -> &Params<C, Unmasked> {
        &self.dealings.params
    }

    /// The ceremony as people see it.
    pub fn view(&self, id: CeremonyId) -> CeremonyView {
        overview::ceremony(id, &self.dealings, self.transcript.is_some())
    }

    /// What was made.
    pub fn transcript(&self) -> Option<&Transcript<C, Unmasked>> {
        self.transcript.as_ref()
    }

    /// Takes a dealing; it is verified with the others of its block.
    pub fn take_dealing(&mut self, sender: NodeIndex, bytes: &[u8]) -> Result<(), Blame> {
        if self.transcript.is_some() {
            return Ok(());
        }
        self.dealings.take(sender, bytes)
    }

    /// Takes an acknowledgement of which the signature was verified.
    pub fn take_acknowledgement(&mut self, acknowledgement: &VerifiedAcknowledgement) {
        let digests = acknowledgement.digests();
        if self.dealings.vouch(acknowledgement.signer(), digests) {
            let known = acknowledgement.only(|digest| self.dealings.know(digest));
            self.acknowledgements.push(known);
        }
    }

    /// Takes a reveal.
    pub fn take_reveal(&mut self, sender: NodeIndex, bytes: &[u8]) -> Result<(), Blame> {
        let Some(dealt) = self.dealings.verified.get_mut(&sender) else {
            return Err(Blame::new(
                sender,
                "reveals shares of a dealing that is not there",
            ));
        };
        if std::mem::replace(&mut dealt.said.has_revealed, true) {
            return Ok(());
        }
        let blame = |error| Blame::new(sender, error);
        let reveal = Reveal::decode(bytes).map_err(blame)?;
        let dealing = dealt.dealing.clone();
        let complete = AcknowledgedDealing::new(dealing, &self.acknowledgements, reveal);
        dealt.said.complete = Some(complete.map_err(blame)?);
        Ok(())
    }

    /// Ends a block.
    pub fn settle(&mut self, now: Step) -> Vec<Blame> {
        let (_, blames) = self.dealings.verify(|| Standing {
            since: now,
            has_revealed: false,
            complete: None,
        });
        if self.transcript.is_none() {
            let dealt = self.dealings.verified.values();
            let complete = dealt.filter_map(|dealt| dealt.said.complete.clone());
            let complete: Vec<_> = complete.collect();
            if complete.len() >= self.params().needed_dealings() {
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
        if !public.dealings.are_due_from(node.index, node.now) {
            return None;
        }
        if self.dealing.is_none() {
            let params = &public.params;
            let receivers = public.params().receivers().committee();
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
        let dealt = public.dealings.verified.get(&node.index)?;
        if dealt.said.complete.is_some() {
            return None;
        }
        let everyone = dealt.dealing.params().receivers().committee().size();
        let all = dealt.vouched_by.len() == everyone;
        if !all && node.now.0 < dealt.said.since.0 + PATIENCE {
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
        for (dealer, dealt) in &public.dealings.verified {
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
            let open = dealt.said.complete.is_none() && !dealt.vouched_by.contains(&node.index);
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
        // Made without this node's dealing, or with it: nothing is to be revealed any more.
        self.kept = None;
        if self.share.is_some() {
            return;
        }
        for (dealer, dealt) in &public.dealings.verified {
            let revealed = dealt.said.complete.as_ref();
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
