//! The beacon in stable memory: the state that [`BeaconEvent`]s change.
//!
//! - What it does: rounds by number, those that wait, the tree over those that were drawn, and the canister's public key. Everything costs the same however many rounds there are.
//! - Not state: which rounds are being drawn. Those locks are on the heap, and an upgrade opens them.
//! - The caller changes it only through the kit's log.

use crate::error::BeaconError;
use crate::event::BeaconEvent;
use crate::memory::Region;
use crate::round::{Drawn, StoredRound};
use crate::tree;
use canister_kit::certified::Samples;
use canister_kit::domain::Hash;
use canister_kit::memory::{RegionMemory, Regions};
use canister_kit::own_key::OwnKey;
use canister_kit::stable::Memory;
use canister_kit::{Guards, Kit, Product, Stamp};
use draw_proof::beacon::Round;
use draw_proof::merkle::{Peaks, prove};
use draw_proof::vrf::{BEACON_CONTEXT, VrfKey};
use ic_certification::{HashTree, pruned};
use ic_stable_structures::{StableBTreeMap, StableCell};
use minicbor::{Decode, Encode};

/// The kit with the beacon in it.
pub type BeaconKit<M> = Kit<Beacon<M>, M>;

/// The tree's peaks, the latest round, and the canister's own public key.
#[derive(Encode, Decode, Clone, Debug, Default, PartialEq, Eq)]
#[cbor(map)]
struct Tip {
    #[n(0)]
    peaks: Peaks,
    #[n(1)]
    latest: Option<u64>,
    #[n(2)]
    key: Option<OwnKey>,
}

canister_kit::stored!(Tip, "the tip of the beacon");

/// All rounds of the beacon.
pub struct Beacon<M: Memory> {
    rounds: StableBTreeMap<u64, StoredRound, RegionMemory<M>>,
    waiting: StableBTreeMap<u64, (), RegionMemory<M>>,
    trees: StableBTreeMap<(u32, u64), [u8; 32], RegionMemory<M>>,
    tip: StableCell<Tip, RegionMemory<M>>,
    drawing: Guards<u64>,
}

impl<M: Memory> Beacon<M> {
    /// Opens the beacon that the regions hold.
    pub fn open(regions: &Regions<M>) -> Self {
        Self {
            rounds: StableBTreeMap::init(Region::Rounds.open(regions)),
            waiting: StableBTreeMap::init(Region::Waiting.open(regions)),
            trees: StableBTreeMap::init(Region::Trees.open(regions)),
            tip: StableCell::init(Region::Tip.open(regions), Tip::default()),
            drawing: Kit::<Self, M>::guards(),
        }
    }

    /// A round that was asked for.
    ///
    /// # Errors
    /// [`BeaconError::NoSuchRound`].
    pub fn round(&self, round: Round) -> Result<StoredRound, BeaconError> {
        self.rounds.get(&round.0).ok_or(BeaconError::NoSuchRound)
    }

    /// The latest round that was drawn.
    pub fn latest(&self) -> Option<Round> {
        self.tip.get().latest.map(Round)
    }

    /// Rounds that wait to be drawn, from one on, in order, at most so many.
    pub fn waiting(&self, from: Round, at_most: usize) -> Vec<Round> {
        let numbers = self.waiting.keys_range(from.0..).take(at_most);
        numbers.map(Round).collect()
    }

    /// The canister's own public key.
    pub fn own_key(&self) -> Option<OwnKey> {
        self.tip.get().key
    }

    /// The public key for rounds.
    ///
    /// # Errors
    /// [`BeaconError::KeyNotPrepared`].
    pub fn key(&self) -> Result<VrfKey, BeaconError> {
        let own = self.own_key().ok_or(BeaconError::KeyNotPrepared)?;
        let key = VrfKey::parse(&own.of_context(BEACON_CONTEXT));
        key.map_err(|_| BeaconError::KeyMalformed)
    }

    /// The locks of rounds that are being drawn, whoever asked for it.
    pub fn drawing(&self) -> &Guards<u64> {
        &self.drawing
    }

    /// The tree that is certified, with the leaf of a drawn round shown.
    pub fn show(&self, round: Round, drawn: &Drawn) -> Option<HashTree> {
        let tip = self.tip.get();
        let mut complete = |level: u32, index: u64| match self.trees.get(&(level, index)) {
            Some(top) => top,
            None => panic!("the tree {index} of height {level} is complete"),
        };
        let count = tip.peaks.count();
        let siblings = prove(count, drawn.sequence, tree::join, &mut complete)?;
        let shown = tree::path(tree::round_leaf(round, drawn), &siblings);
        Some(tree::whole(tip.latest, Some(shown)))
    }

    fn revise(&mut self, round: u64, change: impl FnOnce(&mut StoredRound)) {
        let Some(mut stored) = self.rounds.get(&round) else {
            panic!("an event names round {round}, which is not there")
        };
        change(&mut stored);
        self.rounds.insert(round, stored);
    }

    fn add(&mut self, round: u64, drawn: Drawn) {
        let mut tip = self.tip.get().clone();
        let leaf = tree::round_leaf(Round(round), &drawn).digest();
        for tree in tip.peaks.push(leaf, tree::join) {
            self.trees.insert((tree.level, tree.index), tree.top);
        }
        tip.latest = tip.latest.max(Some(round));
        self.tip.set(tip);
        self.waiting.remove(&round);
        self.revise(round, |stored| stored.drawn = Some(drawn));
    }
}

impl<M: Memory> Product for Beacon<M> {
    type Event = BeaconEvent;

    fn apply(&mut self, stamp: Stamp, event: &BeaconEvent) {
        match event {
            BeaconEvent::KeyKept { key } => {
                let mut tip = self.tip.get().clone();
                tip.key = Some(*key);
                self.tip.set(tip);
            }
            BeaconEvent::Requested { round, .. } => {
                if self.rounds.get(round).is_none() {
                    let asked = StoredRound {
                        asked_at: stamp.at,
                        requests: 0,
                        failed_at: None,
                        failures: 0,
                        drawn: None,
                    };
                    self.rounds.insert(*round, asked);
                    self.waiting.insert(*round, ());
                }
                self.revise(*round, |stored| {
                    stored.requests = stored.requests.saturating_add(1);
                });
            }
            BeaconEvent::Drawn {
                round,
                signature,
                randomness,
            } => {
                let drawn = Drawn {
                    at: stamp.at,
                    sequence: self.tip.get().peaks.count(),
                    signature: *signature,
                    randomness: *randomness,
                };
                self.add(*round, drawn);
            }
            BeaconEvent::Failed { round, .. } => self.revise(*round, |stored| {
                stored.failed_at = Some(stamp.at);
                stored.failures = stored.failures.saturating_add(1);
            }),
        }
    }

    fn measure(&self, out: &mut Samples) {
        let drawn = self.tip.get().peaks.count() as f64;
        out.gauge("beacon_drawn", "Rounds that were drawn.", drawn);
        let waiting = self.waiting.len() as f64;
        let help = "Rounds that were asked for and are not drawn.";
        out.gauge("beacon_waiting", help, waiting);
    }

    fn certified_root(&self) -> Option<Hash> {
        let tip = self.tip.get();
        let rounds = tip.peaks.top(tree::join).map(pruned);
        Some(tree::whole(tip.latest, rounds).digest())
    }
}
