//! What callers send and see: the Candid shapes, and what they stand for.
//!
//! - In: a [`NewDraw`] and [`NewEntry`]s, unchecked. Out: views.

use crate::draw::{DrawId, Standing, StoredDraw};
use candid::{CandidType, Principal};
use draw_proof::entry::Entry;
use draw_proof::history::Moment;
use draw_proof::spec;
use serde::Deserialize;
use serde_bytes::ByteBuf;

/// What is drawn.
#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Winners by weight, without putting back.
    Raffle {
        /// How many.
        winners: u32,
    },
    /// All entries in a random order.
    Shuffle,
    /// Throws of dice.
    Dice {
        /// How many.
        count: u32,
        /// From 1 to this.
        sides: u32,
    },
    /// Different numbers from 1 on.
    Lottery {
        /// How many.
        count: u32,
        /// The highest.
        highest: u32,
    },
}

/// Who enters.
#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entrants {
    /// Everyone for themselves.
    Anyone {
        /// Most entries of one person.
        each: u32,
    },
    /// The creator for whomever it wants.
    Creator {
        /// Greatest weight.
        most_weight: u64,
    },
}

/// Where the randomness comes from.
#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The canister's verifiable random function.
    Vrf,
    /// The nodes' randomness, without a proof.
    RawRand,
    /// Both.
    VrfAndRawRand,
    /// A round of a beacon.
    Beacon {
        /// Which beacon.
        canister: Principal,
        /// Which round.
        round: u64,
    },
}

/// A draw that somebody wants, unchecked.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct NewDraw {
    /// What people call it.
    pub title: String,
    /// What is drawn.
    pub kind: Kind,
    /// Who enters.
    pub entrants: Entrants,
    /// Most entries.
    pub most_entries: u32,
    /// From then on there are no more entries.
    pub closes_at: u64,
    /// Where the randomness comes from; [`Source::VrfAndRawRand`] where nothing is said.
    pub source: Option<Source>,
}

impl NewDraw {
    /// The specification that it stands for.
    pub fn spec(self, creator: Principal) -> spec::RawSpec {
        spec::RawSpec {
            title: self.title,
            creator: creator.as_slice().to_vec(),
            kind: match self.kind {
                Kind::Raffle { winners } => spec::Kind::Raffle { winners },
                Kind::Shuffle => spec::Kind::Shuffle,
                Kind::Dice { count, sides } => spec::Kind::Dice { count, sides },
                Kind::Lottery { count, highest } => spec::Kind::Lottery { count, highest },
            },
            entrants: match self.entrants {
                Entrants::Anyone { each } => spec::Entrants::Anyone { each },
                Entrants::Creator { most_weight } => spec::Entrants::Creator { most_weight },
            },
            most_entries: self.most_entries,
            closes_at: self.closes_at,
            source: match self.source.unwrap_or(Source::VrfAndRawRand) {
                Source::Vrf => spec::Source::Vrf,
                Source::RawRand => spec::Source::RawRand,
                Source::VrfAndRawRand => spec::Source::VrfAndRawRand,
                Source::Beacon { canister, round } => spec::Source::Beacon {
                    canister: canister.as_slice().to_vec(),
                    round,
                },
            },
        }
    }
}

/// An entry that the creator wants, unchecked; or one that is there.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct EntryView {
    /// Whose; nothing for nobody.
    pub who: Option<Principal>,
    /// At most 64 bytes.
    pub label: ByteBuf,
    /// At least 1.
    pub weight: u64,
}

impl From<EntryView> for Entry {
    fn from(entry: EntryView) -> Self {
        Self {
            who: entry
                .who
                .map_or_else(Vec::new, |who| who.as_slice().to_vec()),
            label: entry.label.into_vec(),
            weight: entry.weight,
        }
    }
}

impl From<Entry> for EntryView {
    fn from(entry: Entry) -> Self {
        let who = Principal::try_from_slice(&entry.who).ok();
        Self {
            who: who.filter(|_| !entry.who.is_empty()),
            label: ByteBuf::from(entry.label),
            weight: entry.weight,
        }
    }
}

/// Where a draw stands.
#[derive(CandidType, Deserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Entries come, until the closing time.
    Open,
    /// Entries are fixed.
    Closed,
    /// The seed is there.
    Drawn,
    /// The outcome is complete.
    Final,
}

/// What was so about the canister at a moment.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct MomentView {
    /// When.
    pub at: u64,
    /// How many changes of code and controllers there ever were.
    pub total_changes: u64,
    /// When the code was changed last.
    pub last_install: Option<u64>,
    /// The hash of the module.
    pub module_hash: Option<ByteBuf>,
}

impl From<&Moment> for MomentView {
    fn from(moment: &Moment) -> Self {
        Self {
            at: moment.at,
            total_changes: moment.facts.total_changes,
            last_install: moment.facts.last_install,
            module_hash: moment.facts.module_hash.map(ByteBuf::from),
        }
    }
}

/// A draw as it is shown.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct DrawView {
    /// Its number.
    pub id: u64,
    /// What people call it.
    pub title: String,
    /// The whole specification, in its encoding.
    pub spec: ByteBuf,
    /// Its hash.
    pub spec_hash: ByteBuf,
    /// Where it stands.
    pub stage: Stage,
    /// From then on there are no more entries.
    pub closes_at: u64,
    /// How many entries there are.
    pub entries: u32,
    /// Their root.
    pub root: ByteBuf,
    /// The moments that have come: created, closed, drawn.
    pub moments: Vec<MomentView>,
    /// Attempts to draw.
    pub attempts: u32,
    /// The seed.
    pub seed: Option<ByteBuf>,
    /// How many values of the outcome there are.
    pub given: u32,
    /// The hash that the transcript ends with.
    pub digest: Option<ByteBuf>,
}

impl DrawView {
    /// Of a stored draw.
    pub fn of(id: DrawId, draw: &StoredDraw) -> Self {
        let spec = draw.spec.get();
        let drawn = draw.fixed.as_ref().map(|fixed| &fixed.drawn);
        let moments = [Some(&draw.created), draw.closed.as_ref(), drawn];
        Self {
            id: id.0,
            title: spec.title.clone(),
            spec: ByteBuf::from(draw.spec.encode()),
            spec_hash: ByteBuf::from(draw.spec.hash()),
            stage: match draw.standing() {
                Standing::Open => Stage::Open,
                Standing::Closed => Stage::Closed,
                Standing::Drawn => Stage::Drawn,
                Standing::Ended => Stage::Final,
            },
            closes_at: spec.closes_at,
            entries: draw.entries(),
            root: ByteBuf::from(draw.peaks.root()),
            moments: moments
                .into_iter()
                .flatten()
                .map(MomentView::from)
                .collect(),
            attempts: draw.attempts,
            seed: draw.seed.as_ref().map(|seed| ByteBuf::from(seed.seed)),
            given: draw.given,
            digest: draw.ended.as_ref().map(|ended| ByteBuf::from(ended.digest)),
        }
    }
}

/// A part of a transcript.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct TranscriptPart {
    /// Its bytes; the parts in order, joined, are the transcript.
    pub bytes: ByteBuf,
    /// How many parts there are.
    pub parts: u32,
}

/// That an entry is under the root.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct EntryProof {
    /// The entry.
    pub entry: EntryView,
    /// How many entries there are.
    pub entries: u32,
    /// Their root.
    pub root: ByteBuf,
    /// The siblings from the leaf up.
    pub siblings: Vec<SiblingView>,
}

/// A sibling on the way up.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct SiblingView {
    /// Whether it stands on the left.
    pub on_the_left: bool,
    /// The top of its tree.
    pub top: ByteBuf,
}
