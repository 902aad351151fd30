//! What all nodes see of a ceremony.
//!
//! In: payloads out of blocks. Out: dealings that are verified, complaints that are justified, and a transcript as soon as enough
//! dealings have enough supports. Who sent something bad is blamed. The caller must hand over the same payloads in the
//! same order on every node, and end every block with [`PublicCeremony::settle`].

use super::Ceremony;
use crate::broadcast::Step;
use crate::repeated::PATIENCE;
use chainkey_algebra::{Curve, NodeIndex};
use chainkey_idkg::{
    Complaint, Dealing, Extraction, IdkgError, Kind, Opening, Operation, Params, PublicDealing,
    PublicDealings, SupportedDealing, Transcript, VerifiedComplaint, VerifiedOpening,
    VerifiedSupport, verify_all,
};
use std::collections::{BTreeMap, BTreeSet};

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

/// A verified dealing with what was said about it.
struct Dealt<C: Curve, K: Kind> {
    dealing: PublicDealing<C, K>,
    supporters: BTreeSet<NodeIndex>,
    complaints: BTreeMap<NodeIndex, VerifiedComplaint>,
    /// Nodes whose complaints were unfounded: they are not heard again.
    slanderers: BTreeSet<NodeIndex>,
    openings: BTreeMap<NodeIndex, Openings<C, K>>,
}

/// Verified openings of one dealing for one complainer, and who made them.
struct Openings<C: Curve, K: Kind> {
    openers: BTreeSet<NodeIndex>,
    verified: Vec<VerifiedOpening<C, K>>,
}

/// The public side of a ceremony.
pub struct PublicCeremony<C: Curve, K: Kind> {
    params: Params<C, K>,
    began: Step,
    received: BTreeMap<NodeIndex, Dealing<C, K>>,
    dealt: BTreeMap<NodeIndex, Dealt<C, K>>,
    /// The dealings of each block together, as nodes open them.
    groups: Vec<PublicDealings<C, K>>,
    supports: Vec<VerifiedSupport>,
    transcript: Option<Transcript<C, K>>,
}

impl<C: Curve, K: Kind> Ceremony for PublicCeremony<C, K> {
    type Params = Params<C, K>;

    fn new(params: Self::Params, began: Step) -> Self {
        PublicCeremony {
            params,
            began,
            received: BTreeMap::new(),
            dealt: BTreeMap::new(),
            groups: Vec::new(),
            supports: Vec::new(),
            transcript: None,
        }
    }
}

impl<C: Curve, K: Kind> PublicCeremony<C, K> {
    /// What is made.
    pub fn params(&self) -> &Params<C, K> {
        &self.params
    }

    /// What was made.
    pub fn transcript(&self) -> Option<&Transcript<C, K>> {
        self.transcript.as_ref()
    }

    /// Whether this node should deal: those on duty at once, just as many as are needed, and the others if these don't suffice. Duty goes
    /// around with the number of the transcript.
    pub fn is_on_duty(&self, node: NodeIndex, now: Step) -> bool {
        let size = self.params.dealers().committee().size() as u64;
        let place = (u64::from(node.0) + self.params.id().number) % size;
        let needed = self.params.needed_dealings() as u64;
        place < needed || now.0 >= self.began.0 + PATIENCE
    }

    /// Whether a dealing of this node arrived.
    pub fn has_dealt(&self, node: NodeIndex) -> bool {
        self.dealt.contains_key(&node) || self.received.contains_key(&node)
    }

    /// Verified dealings, in groups that came together.
    pub fn groups(&self) -> &[PublicDealings<C, K>] {
        &self.groups
    }

    /// The verified dealing of a node.
    pub fn dealing(&self, dealer: NodeIndex) -> Option<&PublicDealing<C, K>> {
        self.dealt.get(&dealer).map(|dealt| &dealt.dealing)
    }

    /// Whether a node's support of a dealing arrived.
    pub fn is_supported_by(&self, dealer: NodeIndex, node: NodeIndex) -> bool {
        let dealt = self.dealt.get(&dealer);
        dealt.is_some_and(|dealt| dealt.supporters.contains(&node))
    }

    /// Justified complaints.
    pub fn complaints(&self) -> impl Iterator<Item = &VerifiedComplaint> {
        let dealt = self.dealt.values();
        dealt.flat_map(|dealt| dealt.complaints.values())
    }

    /// A justified complaint of a node with the openings made for it.
    pub fn complaint_of(
        &self,
        dealer: NodeIndex,
        complainer: NodeIndex,
    ) -> Option<(&VerifiedComplaint, &[VerifiedOpening<C, K>])> {
        let dealt = self.dealt.get(&dealer)?;
        let openings = dealt.openings.get(&complainer);
        let openings = openings.map(|openings| openings.verified.as_slice());
        let complaint = dealt.complaints.get(&complainer)?;
        Some((complaint, openings.unwrap_or_default()))
    }

    /// Whether a node opened a dealing for a complainer.
    pub fn has_opened(&self, dealer: NodeIndex, complainer: NodeIndex, opener: NodeIndex) -> bool {
        let dealt = self.dealt.get(&dealer);
        let openings = dealt.and_then(|dealt| dealt.openings.get(&complainer));
        openings.is_some_and(|openings| openings.openers.contains(&opener))
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

    /// Takes a support of which the signature was verified.
    pub fn take_support(&mut self, support: &VerifiedSupport) {
        let mut concerned = false;
        for dealt in self.dealt.values_mut() {
            if support.digests().contains(&dealt.dealing.digest()) {
                concerned |= dealt.supporters.insert(support.signer());
            }
        }
        if concerned {
            self.supports.push(support.clone());
        }
    }

    /// Takes a complaint. If it is justified, the dealer is blamed. Each is checked once, however often it is sent.
    pub fn take_complaint(
        &mut self,
        sender: NodeIndex,
        dealer: NodeIndex,
        bytes: &[u8],
    ) -> Result<(), Blame> {
        let Some(dealt) = self.dealt.get_mut(&dealer) else {
            return Err(Blame::new(
                sender,
                "complains about a dealing that is not there",
            ));
        };
        if dealt.complaints.contains_key(&sender) || dealt.slanderers.contains(&sender) {
            return Ok(());
        }
        match verified_complaint(&dealt.dealing, sender, bytes) {
            Ok(verified) => {
                dealt.complaints.insert(sender, verified);
                let what = format!("dealt {sender} a bad share");
                Err(Blame::of_dealer(&self.params, dealer, what))
            }
            Err(blame) => {
                dealt.slanderers.insert(sender);
                Err(blame)
            }
        }
    }

    /// Takes an opening.
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
        let dealt = self.dealt.get_mut(&dealer);
        let accused = dealt.and_then(|dealt| Some((*dealt.complaints.get(&complainer)?, dealt)));
        let Some((complaint, dealt)) = accused else {
            return Err(Blame::new(
                sender,
                "opens a dealing that nobody complained about",
            ));
        };
        let opening = Opening::<C, K>::decode(bytes).map_err(blame)?;
        if opening.opener() != sender {
            return Err(Blame::new(sender, "sent the opening of another node"));
        }
        let verified = opening.verify(&dealt.dealing, &complaint).map_err(blame)?;
        let openings = dealt.openings.entry(complainer);
        let openings = openings.or_insert_with(|| Openings {
            openers: BTreeSet::new(),
            verified: Vec::new(),
        });
        openings.openers.insert(sender);
        openings.verified.push(verified);
        Ok(())
    }

    /// Ends a block: verifies its dealings, and makes the transcript once enough dealings are supported.
    pub fn settle(&mut self) -> Vec<Blame> {
        let received: Vec<_> = std::mem::take(&mut self.received).into_values().collect();
        let dealers: Vec<NodeIndex> = received.iter().map(Dealing::dealer).collect();
        let mut blames = Vec::new();
        let mut together = Vec::new();
        for (dealer, verdict) in dealers.into_iter().zip(verify_all(&self.params, received)) {
            match verdict {
                Ok(dealing) => {
                    together.push(dealing.clone());
                    self.dealt.insert(dealer, Dealt::new(dealing));
                }
                Err(error) => blames.push(Blame::of_dealer(&self.params, dealer, error)),
            }
        }
        if !together.is_empty() {
            self.groups.extend(PublicDealings::new(together).ok());
        }
        if self.transcript.is_none() {
            self.transcript = self.combined();
        }
        blames
    }

    fn combined(&self) -> Option<Transcript<C, K>> {
        let needed = self.params.receivers().committee().high().shares();
        let mut supported: Vec<_> = self
            .dealt
            .values()
            .filter(|dealt| dealt.supporters.len() >= needed)
            .filter_map(|dealt| SupportedDealing::new(dealt.dealing.clone(), &self.supports).ok())
            .collect();
        if supported.len() < self.params.needed_dealings() {
            return None;
        }
        if let Operation::Random(Extraction::Matrix) = self.params.operation() {
            // More dealings would yield more sharings, and transcripts of different lengths can't be multiplied.
            supported.truncate(self.params.needed_dealings());
        }
        Transcript::new(&self.params, &supported).ok()
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

impl<C: Curve, K: Kind> Dealt<C, K> {
    fn new(dealing: PublicDealing<C, K>) -> Self {
        Dealt {
            dealing,
            supporters: BTreeSet::new(),
            complaints: BTreeMap::new(),
            slanderers: BTreeSet::new(),
            openings: BTreeMap::new(),
        }
    }
}
