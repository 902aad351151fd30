//! A draw as it is stored.
//!
//! - Specification: docs/protocols/draws.md; the moments are those of step 9, and nothing that was recorded once is ever replaced.

use canister_kit::encoding::Timestamp;
use draw_proof::Hash;
use draw_proof::entry::Entry;
use draw_proof::evidence::Evidence;
use draw_proof::history::{History, Moment};
use draw_proof::merkle::Peaks;
use draw_proof::seed::Commitment;
use draw_proof::spec::Spec;
use draw_proof::transcript::{Header, Tail};
use minicbor::{Decode, Encode};

/// The number of a draw.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[cbor(transparent)]
pub struct DrawId(#[n(0)] pub u64);

/// What is stored of a draw.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct StoredDraw {
    /// What is drawn.
    #[n(0)]
    pub spec: Spec,
    /// When it was made.
    #[n(1)]
    pub created: Moment,
    /// The tree over its entries.
    #[n(2)]
    pub peaks: Peaks,
    /// When its entries were fixed.
    #[n(3)]
    pub closed: Option<Moment>,
    /// Attempts to draw it.
    #[n(4)]
    pub attempts: u32,
    /// When the last of them began.
    #[n(5)]
    pub tried_at: Option<Timestamp>,
    /// What goes into the seed.
    #[n(6)]
    pub fixed: Option<Fixed>,
    /// The seed.
    #[n(7)]
    pub seed: Option<Seed>,
    /// How many values of the outcome there are.
    #[n(8)]
    pub given: u32,
    /// What ends it.
    #[n(9)]
    pub ended: Option<Ended>,
}

canister_kit::stored!(StoredDraw, "a draw");

/// What goes into the seed beside the entries: recorded once, before the seed can exist (step 11).
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Fixed {
    /// The moment.
    #[n(0)]
    pub drawn: Moment,
    /// 32 bytes of the nodes' randomness, or none.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub fresh: Vec<u8>,
    /// The public key under which the signature is made: 96 bytes, checked; or none.
    #[n(2)]
    #[cbor(with = "minicbor::bytes")]
    pub key: Vec<u8>,
}

/// The seed of a draw.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Seed {
    /// The signature: 48 bytes, verified; or none.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub signature: Vec<u8>,
    /// The seed.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub seed: Hash,
}

/// What ends a draw.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Ended {
    /// When.
    #[n(0)]
    pub at: Timestamp,
    /// The hash that its transcript ends with.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub digest: Hash,
}

/// An entry in stable memory.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(transparent)]
pub struct StoredEntry(#[n(0)] pub Entry);

canister_kit::stored!(StoredEntry, "an entry");

/// Where a draw stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Entries come.
    Open,
    /// Entries are fixed.
    Closed,
    /// The seed is there.
    Drawn,
    /// The outcome is complete.
    Ended,
}

impl StoredDraw {
    /// Where it stands.
    pub fn standing(&self) -> Standing {
        match (&self.closed, &self.seed, &self.ended) {
            (_, _, Some(_)) => Standing::Ended,
            (_, Some(_), None) => Standing::Drawn,
            (Some(_), None, None) => Standing::Closed,
            (None, None, None) => Standing::Open,
        }
    }

    /// How many entries there are.
    pub fn entries(&self) -> u32 {
        // The specification allows no more than 200 000.
        self.peaks.count() as u32
    }

    /// Everything that is fixed before the seed; nothing before it is.
    pub fn commitment<'a>(
        &self,
        id: DrawId,
        canister: &'a [u8],
        key_name: &str,
    ) -> Option<Commitment<'a>> {
        let history = History {
            created: self.created,
            closed: self.closed?,
            drawn: self.fixed.as_ref()?.drawn,
        };
        Some(Commitment {
            canister,
            draw: id.0,
            spec: self.spec.hash(),
            root: self.peaks.root(),
            history: history.hash(key_name),
        })
    }

    /// Fresh bytes and signature; nothing before the seed.
    pub fn evidence(&self) -> Option<Evidence> {
        let (fixed, seed) = (self.fixed.as_ref()?, self.seed.as_ref()?);
        let source = &self.spec.get().source;
        Evidence::of(source, &fixed.fresh, &seed.signature).ok()
    }

    /// The beginning of the transcript; nothing before the close.
    pub fn header(&self, id: DrawId, canister: &[u8], key_name: &str) -> Option<Header> {
        Some(Header {
            key_name: key_name.to_owned(),
            canister: canister.to_vec(),
            draw: id.0,
            spec: self.spec.clone(),
            created: self.created,
            closed: self.closed?,
            entries: self.entries(),
        })
    }

    /// The end of the transcript; nothing before the seed.
    pub fn tail(&self, outcome: Vec<u32>) -> Option<Tail> {
        Some(Tail {
            root: self.peaks.root(),
            drawn: self.fixed.as_ref()?.drawn,
            attempts: self.attempts,
            evidence: self.evidence()?,
            outcome,
        })
    }
}
