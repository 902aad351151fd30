//! Sealed messages and buckets in stable memory: the state that [`TimelockEvent`]s change.
//!
//! - Looking something up and listing cost the same however many messages there are. Ciphertext lies beside the state ([`Blobs`]).
//! - Not state: which buckets are being released, and whether the key is being fetched. Those locks are on the heap.

use crate::bucket::{Bucket, Known};
use crate::event::TimelockEvent;
use crate::memory::Region;
use crate::message::Message;
use canister_kit::blobs::{Blobs, blocks_of};
use canister_kit::certified::Samples;
use canister_kit::encoding::Timestamp;
use canister_kit::memory::{RegionMemory, Regions};
use canister_kit::own_key::OwnKey;
use canister_kit::stable::Memory;
use canister_kit::{Guards, Kit, Product, Stamp};
use ic_stable_structures::{StableBTreeMap, StableCell};
use minicbor::{Decode, Encode};

/// The kit with the messages in it.
pub type TimelockKit<M> = Kit<Messages<M>, M>;

/// What there is once.
#[derive(Encode, Decode, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cbor(map)]
pub struct Totals {
    /// The canister's own public key.
    #[n(0)]
    pub key: Option<OwnKey>,
    /// Blocks of ciphertext.
    #[n(1)]
    pub blocks: u64,
    /// Buckets whose keys are public.
    #[n(2)]
    pub released: u64,
}

canister_kit::stored!(Totals, "what there is once");

/// All messages of the canister.
pub struct Messages<M: Memory> {
    buckets: StableBTreeMap<u64, Known, RegionMemory<M>>,
    messages: StableBTreeMap<u64, Message, RegionMemory<M>>,
    bucket_messages: StableBTreeMap<(u64, u64), (), RegionMemory<M>>,
    totals: StableCell<Totals, RegionMemory<M>>,
    blobs: Blobs<RegionMemory<M>>,
    fetching: Guards<()>,
    releasing: Guards<Bucket>,
}

impl<M: Memory> Messages<M> {
    /// Opens what the regions hold.
    pub fn open(regions: &Regions<M>) -> Self {
        let region = |region: Region| region.open(regions);
        Self {
            buckets: StableBTreeMap::init(region(Region::Buckets)),
            messages: StableBTreeMap::init(region(Region::Messages)),
            bucket_messages: StableBTreeMap::init(region(Region::BucketMessages)),
            totals: StableCell::init(region(Region::Totals), Totals::default()),
            blobs: Blobs::open(
                region(Region::BlobPlaces),
                region(Region::BlobBlocks),
                region(Region::BlobFree),
            ),
            fetching: Guards::new(1),
            releasing: Kit::<Self, M>::guards(),
        }
    }

    /// What there is once.
    pub fn totals(&self) -> &Totals {
        self.totals.get()
    }

    /// The number of the next message; none is ever removed.
    pub fn next_message(&self) -> u64 {
        self.messages.len() + 1
    }

    /// A message.
    pub fn message(&self, id: u64) -> Option<Message> {
        self.messages.get(&id)
    }

    /// A bucket that somebody has sealed to.
    pub fn bucket(&self, bucket: Bucket) -> Option<Known> {
        self.buckets.get(&bucket.number())
    }

    /// Messages of a bucket from a number on, at most so many.
    pub fn sealed_in(&self, bucket: Bucket, from: u64, at_most: usize) -> Vec<u64> {
        let number = bucket.number();
        let keys = self
            .bucket_messages
            .keys_range((number, from)..=(number, u64::MAX));
        keys.take(at_most).map(|(_, id)| id).collect()
    }

    /// The ciphertext.
    pub fn blobs(&self) -> &Blobs<RegionMemory<M>> {
        &self.blobs
    }

    /// The lock of whoever fetches the key.
    pub fn fetching(&self) -> &Guards<()> {
        &self.fetching
    }

    /// The locks of buckets that are being released, whoever asked for it.
    pub fn releasing(&self) -> &Guards<Bucket> {
        &self.releasing
    }

    fn count(&mut self, change: impl FnOnce(&mut Totals)) {
        let mut totals = *self.totals.get();
        change(&mut totals);
        self.totals.set(totals);
    }

    fn revise(&mut self, bucket: Bucket, change: impl FnOnce(&mut Known)) {
        let mut known = self.bucket(bucket).unwrap_or_default();
        change(&mut known);
        self.buckets.insert(bucket.number(), known);
    }

    fn released(&mut self, bucket: Bucket, key: crate::bucket::VetKey, at: Timestamp) {
        self.revise(bucket, |known| {
            known.key = Some(key);
            known.released_at = Some(at);
        });
        self.count(|totals| totals.released += 1);
    }
}

impl<M: Memory> Product for Messages<M> {
    type Event = TimelockEvent;

    fn apply(&mut self, stamp: Stamp, event: &TimelockEvent) {
        match event {
            TimelockEvent::KeyKept { key } => self.count(|totals| totals.key = Some(*key)),
            TimelockEvent::Sealed {
                id,
                bucket,
                bytes,
                hash,
            } => {
                let message = Message {
                    bucket: *bucket,
                    by: stamp.by,
                    at: stamp.at,
                    bytes: *bytes,
                    hash: *hash,
                };
                self.messages.insert(*id, message);
                self.bucket_messages.insert((bucket.number(), *id), ());
                self.revise(*bucket, |known| known.messages += 1);
                self.count(|totals| totals.blocks += blocks_of(*bytes));
            }
            TimelockEvent::KeyAsked { bucket } => {
                self.revise(*bucket, |known| known.asked_at = Some(stamp.at));
            }
            TimelockEvent::Released { bucket, key } => self.released(*bucket, *key, stamp.at),
        }
    }

    fn measure(&self, out: &mut Samples) {
        let messages = self.messages.len() as f64;
        out.gauge("timelock_messages", "Messages that were sealed.", messages);
        let buckets = self.buckets.len() as f64;
        let help = "Buckets that somebody has sealed to.";
        out.gauge("timelock_buckets", help, buckets);
        let released = self.totals().released as f64;
        let help = "Buckets whose keys are public.";
        out.gauge("timelock_buckets_released", help, released);
    }
}
