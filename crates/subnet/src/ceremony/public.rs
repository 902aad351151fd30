//! What all nodes see of a ceremony.
//!
//! In: payloads out of blocks. Out: dealings that are verified, complaints that are justified, and a transcript as soon as enough
//! dealings have enough supports. Who sent something bad is blamed. The caller must hand over the same payloads in the
//! same order on every node, and end every block with [`PublicCeremony::settle`].

use super::Ceremony;
use super::dealings::Dealings;
use crate::broadcast::Step;
use crate::message::CeremonyId;
use crate::overview;
use crate::repeated::PATIENCE;
use chainkey_algebra::{Curve, NodeIndex};
use chainkey_idkg::{
    Complaint, Extraction, IdkgError, Kind, Opening, Operation, Params, PublicDealing,
    PublicDealings, SupportedDealing, Transcript, VerifiedComplaint, VerifiedOpening,
    VerifiedSupport,
};
use std::collections::{BTreeMap, BTreeSet};
use subnet_view::CeremonyView;

/// A node did what it must not, as everybody can see.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blame {
    /// Who.
    pub node: NodeIndex,
    /// What.
    pub what: String,
    /// The epoch of the committee in which it has this index.
    pub epoch: u64,
    /// Whether it is a dealer of the epoch before, and not a member of this one.
    pub former: bool,
}

impl Blame {
    /// Blames the sender of something.
    pub fn new(node: NodeIndex, what: impl ToString) -> Self {
        Blame {
            node,
            what: what.to_string(),
            epoch: 0,
            former: false,
        }
    }

    /// Blames a dealer, who may be a member of another committee than the receivers.
    pub fn of_dealer<C: Curve, K: Kind>(
        params: &Params<C, K>,
        dealer: NodeIndex,
        what: impl ToString,
    ) -> Self {
        Blame {
            former: params.dealers() != params.receivers(),
            ..Blame::new(dealer, what)
        }
    }
}

/// What was said against a verified dealing.
struct Accused<C: Curve, K: Kind> {
    complaints: BTreeMap<NodeIndex, VerifiedComplaint>,
    /// Nodes whose complaints were unfounded: they are not heard again.
    slanderers: BTreeSet<NodeIndex>,
    openings: BTreeMap<NodeIndex, Openings<C, K>>,
}

impl<C: Curve, K: Kind> Default for Accused<C, K> {
    fn default() -> Self {
        Accused {
            complaints: BTreeMap::new(),
            slanderers: BTreeSet::new(),
            openings: BTreeMap::new(),
        }
    }
}

/// Verified openings of one dealing for one complainer, and who was heard.
struct Openings<C: Curve, K: Kind> {
    /// Nodes that were heard, whether or not what they opened was good.
    openers: BTreeSet<NodeIndex>,
    verified: Vec<VerifiedOpening<C, K>>,
}

impl<C: Curve, K: Kind> Default for Openings<C, K> {
    fn default() -> Self {
        Openings {
            openers: BTreeSet::new(),
            verified: Vec::new(),
        }
    }
}

/// The public side of a ceremony.
pub struct PublicCeremony<C: Curve, K: Kind> {
    dealings: Dealings<C, K, Accused<C, K>>,
    /// The dealings of each block together, as nodes open them.
    groups: Vec<PublicDealings<C, K>>,
    supports: Vec<VerifiedSupport>,
    transcript: Option<Transcript<C, K>>,
}

impl<C: Curve, K: Kind> Ceremony for PublicCeremony<C, K> {
    type Params = Params<C, K>;

    fn new(params: Self::Params, began: Step) -> Self {
        PublicCeremony {
            dealings: Dealings::new(params, began, PATIENCE),
            groups: Vec::new(),
            supports: Vec::new(),
            transcript: None,
        }
    }
}

impl<C: Curve, K: Kind> PublicCeremony<C, K> {
    /// What is made.
    pub fn params(&self) -> &Params<C, K> {
        &self.dealings.params
    }

    /// The ceremony as people see it.
    pub fn view(&self, id: CeremonyId) -> CeremonyView {
        CeremonyView {
            accused: self.complaints().map(|one| one.dealer().0).collect(),
            ..overview::ceremony(id, &self.dealings, self.transcript.is_some())
        }
    }

    /// What was made.
    pub fn transcript(&self) -> Option<&Transcript<C, K>> {
        self.transcript.as_ref()
    }

    /// Whether this node should deal now.
    pub fn is_due_from(&self, node: NodeIndex, now: Step) -> bool {
        self.dealings.are_due_from(node, now)
    }

    /// Verified dealings, in groups that came together.
    pub fn groups(&self) -> &[PublicDealings<C, K>] {
        &self.groups
    }

    /// The verified dealing of a node.
    pub fn dealing(&self, dealer: NodeIndex) -> Option<&PublicDealing<C, K>> {
        let dealt = self.dealings.verified.get(&dealer);
        dealt.map(|dealt| &dealt.dealing)
    }

    /// Whether a node's support of a dealing arrived.
    pub fn is_supported_by(&self, dealer: NodeIndex, node: NodeIndex) -> bool {
        let dealt = self.dealings.verified.get(&dealer);
        dealt.is_some_and(|dealt| dealt.vouched_by.contains(&node))
    }

    /// Justified complaints.
    pub fn complaints(&self) -> impl Iterator<Item = &VerifiedComplaint> {
        let dealt = self.dealings.verified.values();
        dealt.flat_map(|dealt| dealt.said.complaints.values())
    }

    /// A justified complaint of a node with the openings made for it.
    pub fn complaint_of(
        &self,
        dealer: NodeIndex,
        complainer: NodeIndex,
    ) -> Option<(&VerifiedComplaint, &[VerifiedOpening<C, K>])> {
        let dealt = self.dealings.verified.get(&dealer)?;
        let openings = dealt.said.openings.get(&complainer);
        let openings = openings.map(|openings| openings.verified.as_slice());
        let complaint = dealt.said.complaints.get(&complainer)?;
        Some((complaint, openings.unwrap_or_default()))
    }

    /// Whether a node was heard that opened a dealing for a complainer.
    pub fn has_opened(&self, dealer: NodeIndex, complainer: NodeIndex, opener: NodeIndex) -> bool {
        let dealt = self.dealings.verified.get(&dealer);
        let openings = dealt.and_then(|dealt| dealt.said.openings.get(&complainer));
        openings.is_some_and(|openings| openings.openers.contains(&opener))
    }

    /// Takes a dealing; it is verified with the others of its block.
    pub fn take_dealing(&mut self, sender: NodeIndex, bytes: &[u8]) -> Result<(), Blame> {
        if self.transcript.is_some() {
            return Ok(());
        }
        self.dealings.take(sender, bytes)
    }

    /// Takes a support of which the signature was verified.
    pub fn take_support(&mut self, support: &VerifiedSupport) {
        if self.dealings.vouch(support.signer(), support.digests()) {
            let known = support.only(|digest| self.dealings.know(digest));
            self.supports.push(known);
        }
    }

    /// Takes a complaint. If it is justified, the dealer is blamed. Each is checked once, however often it is sent.
    pub fn take_complaint(
        &mut self,
        sender: NodeIndex,
        dealer: NodeIndex,
        bytes: &[u8],
    ) -> Result<(), Blame> {
        let Some(dealt) = self.dealings.verified.get_mut(&dealer) else {
            return Err(Blame::new(
                sender,
                "complains about a dealing that is not there",
            ));
        };
        let said = &mut dealt.said;
        if said.complaints.contains_key(&sender) || said.slanderers.contains(&sender) {
            return Ok(());
        }
        match verified_complaint(&dealt.dealing, sender, bytes) {
            Ok(verified) => {
                said.complaints.insert(sender, verified);
                let what = format!("dealt {sender} a bad share");
                Err(Blame::of_dealer(&self.dealings.params, dealer, what))
            }
            Err(blame) => {
                said.slanderers.insert(sender);
                Err(blame)
            }
        }
    }

    /// Takes an opening; a node is heard once.
    pub fn take_opening(
        &mut self,
        sender: NodeIndex,
        dealer: NodeIndex,
        complainer: NodeIndex,
        bytes: &[u8],
    ) -> Result<(), Blame> {
        if self.has_opened(dealer, complainer, sender) {
            return Ok(());
        }
        let blame = |error: IdkgError| Blame::new(sender, error);
        let dealt = self.dealings.verified.get_mut(&dealer);
        let accused =
            dealt.and_then(|dealt| Some((*dealt.said.complaints.get(&complainer)?, dealt)));
        let Some((complaint, dealt)) = accused else {
            return Err(Blame::new(
                sender,
                "opens a dealing that nobody complained about",
            ));
        };
        let openings = dealt.said.openings.entry(complainer).or_default();
        openings.openers.insert(sender);
        let opening = Opening::<C, K>::decode(bytes).map_err(blame)?;
        if opening.opener() != sender {
            return Err(Blame::new(sender, "sent the opening of another node"));
        }
        let verified = opening.verify(&dealt.dealing, &complaint).map_err(blame)?;
        openings.verified.push(verified);
        Ok(())
    }

    /// Ends a block: verifies its dealings, and makes the transcript once enough dealings are supported.
    pub fn settle(&mut self) -> Vec<Blame> {
        let (together, blames) = self.dealings.verify(Accused::default);
        if !together.is_empty() {
            self.groups.extend(PublicDealings::new(together).ok());
        }
        if self.transcript.is_none() {
            self.transcript = self.combined();
        }
        blames
    }

    fn combined(&self) -> Option<Transcript<C, K>> {
        let params = self.params();
        let needed = params.receivers().committee().high().shares();
        let dealt = self.dealings.verified.values();
        let mut supported: Vec<_> = dealt
            .filter(|dealt| dealt.vouched_by.len() >= needed)
            .filter_map(|dealt| SupportedDealing::new(dealt.dealing.clone(), &self.supports).ok())
            .collect();
        if supported.len() < params.needed_dealings() {
            return None;
        }
        if let Operation::Random(Extraction::Matrix) = params.operation() {
            // More dealings would yield more sharings, and transcripts of different lengths can't be multiplied.
            supported.truncate(params.needed_dealings());
        }
        Transcript::new(params, &supported).ok()
    }
}

fn verified_complaint<C: Curve, K: Kind>(
    dealing: &PublicDealing<C, K>,
    sender: NodeIndex,
    bytes: &[u8],
) -> Result<VerifiedComplaint, Blame> {
    let blame = |error: IdkgError| Blame::new(sender, error);
    let complaint = Complaint::decode(bytes).map_err(blame)?;
    if complaint.complainer() != sender {
        return Err(Blame::new(sender, "sent the complaint of another node"));
    }
    complaint.verify(dealing).map_err(blame)
}
