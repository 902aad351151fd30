//! Draws for tests, signed with PocketIC's published secret, which anybody may use.

// Each test uses a part of it.
#![allow(dead_code)]

pub mod signer;

pub use signer::{KEY_NAME, key, master, sign};

use draw_proof::beacon::Round;
use draw_proof::entry::Entry;
use draw_proof::evaluation::Evaluation;
use draw_proof::evidence::Evidence;
use draw_proof::history::{Facts, History, Moment};
use draw_proof::merkle::{Peaks, node};
use draw_proof::seed::Commitment;
use draw_proof::spec::{Entrants, Kind, RawSpec, Source, Spec};
use draw_proof::transcript::{Header, Tail, Transcript};
use draw_proof::vrf::{BEACON_CONTEXT, DRAWS_CONTEXT};

pub const CANISTER: [u8; 10] = [0, 0, 0, 0, 0, 0, 0, 5, 1, 1];
pub const BEACON: [u8; 10] = [0, 0, 0, 0, 0, 0, 0, 6, 1, 1];
/// In the year 2026.
pub const CLOSES_AT: u64 = 1_770_000_000_000_000_000;

/// All that a draw is before its seed.
#[derive(Clone)]
pub struct Scene {
    pub spec: RawSpec,
    pub entries: Vec<Entry>,
    pub history: History,
    pub attempts: u32,
}

impl Scene {
    /// A draw of a kind from a source, with so many entries of different weights.
    pub fn new(kind: Kind, source: Source, count: u32) -> Self {
        let entry = |index: u32| Entry {
            who: [&index.to_be_bytes()[..], &[0x50; 25]].concat(),
            label: index.to_string().into_bytes(),
            weight: 1 + u64::from(index) * 7 % 10,
        };
        let facts = Facts {
            total_changes: 2,
            last_install: Some(CLOSES_AT - 100_000_000_000),
            module_hash: Some([0x77; 32]),
        };
        let moment = |at| Moment { at, facts };
        Self {
            spec: RawSpec {
                title: "A draw of the tests".to_owned(),
                creator: vec![9; 29],
                kind,
                entrants: Entrants::Creator { most_weight: 10 },
                most_entries: count,
                closes_at: CLOSES_AT,
                source,
            },
            entries: (0..count).map(entry).collect(),
            history: History {
                created: moment(CLOSES_AT - 50_000_000_000),
                closed: moment(CLOSES_AT + 1_000_000_000),
                drawn: moment(CLOSES_AT + 60_000_000_000),
            },
            attempts: 1,
        }
    }

    /// The transcript that an honest canister would make, whatever the entries are.
    pub fn transcript(&self) -> Transcript {
        let spec = Spec::parse(self.spec.clone()).unwrap();
        let mut peaks = Peaks::default();
        for (index, entry) in (0..).zip(&self.entries) {
            peaks.push(entry.leaf(index), node);
        }
        let commitment = Commitment {
            canister: &CANISTER,
            draw: 7,
            spec: spec.hash(),
            root: peaks.root(),
            history: self.history.hash(KEY_NAME),
        };
        let source = &self.spec.source;
        let fresh: &[u8] = match source.takes_fresh() {
            true => &[0xab; 32],
            false => &[],
        };
        let (key, signature) = match source {
            Source::RawRand => (None, Vec::new()),
            Source::Beacon { canister, round } => {
                let input = Round(*round).input(canister);
                let signature = sign(canister, BEACON_CONTEXT, &input);
                (Some(key(canister, BEACON_CONTEXT)), signature.to_vec())
            }
            Source::Vrf | Source::VrfAndRawRand => {
                let signature = sign(&CANISTER, DRAWS_CONTEXT, &commitment.vrf_input(fresh));
                (Some(key(&CANISTER, DRAWS_CONTEXT)), signature.to_vec())
            }
        };
        let evidence = Evidence::of(source, fresh, &signature).unwrap();
        let seed = commitment.seed(source, &evidence, key.as_ref()).unwrap();
        let count = self.entries.len() as u32;
        let evaluation = Evaluation::new(self.spec.kind, count, seed);
        let header = Header {
            key_name: KEY_NAME.to_owned(),
            canister: CANISTER.to_vec(),
            draw: 7,
            spec,
            created: self.history.created,
            closed: self.history.closed,
            entries: count,
        };
        let tail = Tail {
            root: peaks.root(),
            drawn: self.history.drawn,
            attempts: self.attempts,
            evidence,
            outcome: evaluation.all(|index| self.entries[index as usize].weight),
        };
        let digest = tail.digest(&header.encode());
        Transcript {
            header,
            entries: self.entries.clone(),
            tail,
            digest,
        }
    }
}

/// The sources, each once.
pub fn sources() -> Vec<Source> {
    vec![
        Source::Vrf,
        Source::RawRand,
        Source::VrfAndRawRand,
        Source::Beacon {
            canister: BEACON.to_vec(),
            round: Round::after(CLOSES_AT).0,
        },
    ]
}

/// The kinds, each once.
pub fn kinds() -> [Kind; 4] {
    [
        Kind::Raffle { winners: 3 },
        Kind::Shuffle,
        Kind::Dice { count: 5, sides: 6 },
        Kind::Lottery {
            count: 6,
            highest: 49,
        },
    ]
}
