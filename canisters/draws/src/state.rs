//! The draws in stable memory: the state that [`DrawsEvent`]s change.
//!
//! - What it does: draws, their entries, the entries' trees, and outcomes. Adding an entry and fixing the root cost as many hashes as the number of entries has bits.
//! - Not state: which draws are being worked on, and outcomes that are being worked out ([`Workbench`]). They are on the heap; an upgrade forgets them, and they are made again.
//! - The caller changes it only through the kit's log.

use crate::draw::{DrawId, Ended, StoredDraw, StoredEntry};
use crate::error::DrawsError;
use crate::event::DrawsEvent;
use crate::finalize::Workbench;
use crate::memory::Region;
use candid::Principal;
use canister_kit::certified::Samples;
use canister_kit::encoding::Timestamp;
use canister_kit::memory::{RegionMemory, Regions};
use canister_kit::quota::{QuotaLimits, Rate};
use canister_kit::stable::Memory;
use canister_kit::{Guards, Kit, Product, Stamp};
use draw_proof::Hash;
use draw_proof::entry::Entry;
use draw_proof::history::Moment;
use draw_proof::merkle::{Peaks, Sibling, node, prove};
use draw_proof::spec::Entrants;
use ic_stable_structures::StableBTreeMap;
use std::cell::RefCell;

/// The kit with the draws in it.
pub type DrawsKit<M> = Kit<Draws<M>, M>;

/// From this height on the tops of complete trees are stored; those below are made of at most 16 leaves.
const STORED_FROM: u32 = 4;

/// All draws of the canister.
pub struct Draws<M: Memory> {
    draws: StableBTreeMap<u64, StoredDraw, RegionMemory<M>>,
    entries: StableBTreeMap<(u64, u32), StoredEntry, RegionMemory<M>>,
    persons: StableBTreeMap<(u64, Principal), u32, RegionMemory<M>>,
    trees: StableBTreeMap<(u64, u32, u64), Hash, RegionMemory<M>>,
    outcomes: StableBTreeMap<(u64, u32), Vec<u8>, RegionMemory<M>>,
    working: Guards<DrawId>,
    bench: RefCell<Workbench>,
}

impl<M: Memory> Draws<M> {
    /// Opens the draws that the regions hold.
    pub fn open(regions: &Regions<M>) -> Self {
        Self {
            draws: StableBTreeMap::init(Region::Draws.open(regions)),
            entries: StableBTreeMap::init(Region::Entries.open(regions)),
            persons: StableBTreeMap::init(Region::Persons.open(regions)),
            trees: StableBTreeMap::init(Region::Trees.open(regions)),
            outcomes: StableBTreeMap::init(Region::Outcomes.open(regions)),
            working: Kit::<Self, M>::guards(),
            bench: RefCell::default(),
        }
    }

    /// The number of the next draw.
    pub fn next_id(&self) -> DrawId {
        let last = self.draws.last_key_value();
        DrawId(last.map_or(1, |(last, _)| last + 1))
    }

    /// A draw.
    ///
    /// # Errors
    /// [`DrawsError::NoSuchDraw`].
    pub fn get(&self, id: DrawId) -> Result<StoredDraw, DrawsError> {
        self.draws.get(&id.0).ok_or(DrawsError::NoSuchDraw)
    }

    /// Draws from a number on, in order, at most so many.
    pub fn list(&self, from: DrawId, at_most: usize) -> Vec<(DrawId, StoredDraw)> {
        let draws = self.draws.range(from.0..).take(at_most);
        draws
            .map(|draw| (DrawId(*draw.key()), draw.value()))
            .collect()
    }

    /// An entry.
    pub fn entry(&self, id: DrawId, index: u32) -> Option<Entry> {
        self.entries.get(&(id.0, index)).map(|stored| stored.0)
    }

    /// Entries from an index on, in order, at most so many.
    pub fn entries(&self, id: DrawId, from: u32, at_most: usize) -> Vec<Entry> {
        let range = (id.0, from)..=(id.0, u32::MAX);
        let entries = self.entries.range(range).take(at_most);
        entries.map(|entry| entry.value().0).collect()
    }

    /// How many entries somebody has.
    pub fn entries_of(&self, id: DrawId, who: Principal) -> u32 {
        self.persons.get(&(id.0, who)).unwrap_or(0)
    }

    /// The values of an outcome that there are.
    pub fn outcome(&self, id: DrawId) -> Vec<u32> {
        let chunks = self.outcomes.range((id.0, 0)..=(id.0, u32::MAX));
        let values = chunks.flat_map(|chunk| values_of(&chunk.value()));
        values.collect()
    }

    /// The siblings of an entry.
    pub fn prove(&self, id: DrawId, draw: &StoredDraw, index: u32) -> Option<Vec<Sibling>> {
        let mut complete = |level, number| self.top(id, level, number);
        prove(draw.peaks.count(), index.into(), node, &mut complete)
    }

    /// The top of a complete tree.
    fn top(&self, id: DrawId, level: u32, number: u64) -> Hash {
        if level >= STORED_FROM {
            match self.trees.get(&(id.0, level, number)) {
                Some(top) => return top,
                None => panic!("the tree {number} of height {level} is complete"),
            }
        }
        let mut peaks = Peaks::default();
        let first = (number << level) as u32;
        let entries = self.entries(id, first, 1 << level);
        for (index, entry) in (first..).zip(entries) {
            peaks.push(entry.leaf(index), node);
        }
        match peaks.top(node) {
            Some(top) => top,
            None => panic!("a complete tree has leaves"),
        }
    }

    /// The locks of draws that are being worked on, whoever asked for it.
    pub fn working(&self) -> &Guards<DrawId> {
        &self.working
    }

    /// Outcomes that are being worked out.
    pub fn bench(&self) -> &RefCell<Workbench> {
        &self.bench
    }

    fn revise(&mut self, id: DrawId, change: impl FnOnce(&mut StoredDraw)) {
        let Some(mut draw) = self.draws.get(&id.0) else {
            panic!("an event names draw {}, which is not there", id.0)
        };
        change(&mut draw);
        self.draws.insert(id.0, draw);
    }

    fn enter(&mut self, id: DrawId, entries: &[Entry]) {
        let Some(mut draw) = self.draws.get(&id.0) else {
            panic!("an event names draw {}, which is not there", id.0)
        };
        for entry in entries {
            let index = draw.entries();
            for tree in draw.peaks.push(entry.leaf(index), node) {
                if tree.level >= STORED_FROM {
                    let key = (id.0, tree.level, tree.index);
                    self.trees.insert(key, tree.top);
                }
            }
            let counted = matches!(draw.spec.get().entrants, Entrants::Anyone { .. });
            if let Some(who) = Principal::try_from_slice(&entry.who)
                .ok()
                .filter(|_| counted)
            {
                let count = self.entries_of(id, who);
                self.persons.insert((id.0, who), count + 1);
            }
            let stored = StoredEntry(entry.clone());
            self.entries.insert((id.0, index), stored);
        }
        self.draws.insert(id.0, draw);
    }
}

/// The values that bytes stand for.
fn values_of(bytes: &[u8]) -> Vec<u32> {
    let value = |bytes: &[u8]| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    bytes.chunks_exact(4).map(value).collect()
}

impl<M: Memory> Product for Draws<M> {
    type Event = DrawsEvent;

    /// Batches are many small calls: 200 at once and one each 5 seconds for a caller, 2000 and one each second for all together.
    const QUOTA: QuotaLimits = QuotaLimits::new(
        Rate::new(200, 5 * Timestamp::SECOND),
        Rate::new(2000, Timestamp::SECOND),
        10_000,
    );

    fn apply(&mut self, stamp: Stamp, event: &DrawsEvent) {
        let moment = |facts| Moment {
            at: stamp.at.0,
            facts,
        };
        match event {
            DrawsEvent::Created { id, spec, facts } => {
                let draw = StoredDraw {
                    spec: spec.clone(),
                    created: moment(*facts),
                    peaks: Peaks::default(),
                    closed: None,
                    attempts: 0,
                    tried_at: None,
                    fixed: None,
                    seed: None,
                    given: 0,
                    ended: None,
                };
                self.draws.insert(id.0, draw);
            }
            DrawsEvent::Entered { id, entries } => self.enter(*id, entries),
            DrawsEvent::Closed { id, facts, .. } => {
                self.revise(*id, |draw| draw.closed = Some(moment(*facts)));
            }
            DrawsEvent::Tried { id } => self.revise(*id, |draw| {
                draw.attempts = draw.attempts.saturating_add(1);
                draw.tried_at = Some(stamp.at);
            }),
            DrawsEvent::Fixed { id, fixed } => {
                self.revise(*id, |draw| draw.fixed = Some(fixed.clone()));
            }
            DrawsEvent::Failed { .. } => {}
            DrawsEvent::Drawn { id, seed } => {
                self.revise(*id, |draw| draw.seed = Some(seed.clone()));
            }
            DrawsEvent::Given { id, values } => {
                if let Ok(draw) = self.get(*id) {
                    self.outcomes.insert((id.0, draw.given), values.clone());
                }
                self.revise(*id, |draw| draw.given += (values.len() / 4) as u32);
            }
            DrawsEvent::Ended { id, digest } => self.revise(*id, |draw| {
                draw.ended = Some(Ended {
                    at: stamp.at,
                    digest: *digest,
                });
            }),
        }
    }

    fn measure(&self, out: &mut Samples) {
        let draws = self.draws.len() as f64;
        out.gauge("draws_draws", "Draws that were ever made.", draws);
        let entries = self.entries.len() as f64;
        out.gauge("draws_entries", "Entries of all draws.", entries);
    }
}
