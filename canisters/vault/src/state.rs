//! The spaces in stable memory: the state that [`VaultEvent`]s change.
//!
//! - What it does: spaces by id, the index from a member to its spaces, items and the index of their epochs, what is known of chunks, uploads, and what
//!   there is once. Looking something up and listing cost the same however many spaces there are.
//! - Beside the state: the ciphertext itself ([`Blobs`]), which no event holds; and the lock of whoever fetches the key, on the heap.
//! - The caller changes it only through the kit's log. `apply` is in the module of the same name.

mod apply;

use crate::error::VaultError;
use crate::event::VaultEvent;
use crate::item::{Chunk, Item, ItemId};
use crate::limits::{JOURNAL, QUOTA};
use crate::memory::Region;
use crate::space::{Epoch, Member, Role, Space, SpaceId};
use crate::upload::Upload;
use candid::Principal;
use canister_kit::blobs::{BLOCK, Blobs};
use canister_kit::certified::Samples;
use canister_kit::domain::Hash;
use canister_kit::encoding::Timestamp;
use canister_kit::journal::JournalLimits;
use canister_kit::memory::{RegionMemory, Regions};
use canister_kit::own_key::OwnKey;
use canister_kit::quota::QuotaLimits;
use canister_kit::stable::Memory;
use canister_kit::{Guards, Kit, Product, Stamp};
use ic_stable_structures::{StableBTreeMap, StableCell};
use minicbor::{Decode, Encode};

/// The kit with the spaces in it.
pub type VaultKit<M> = Kit<Spaces<M>, M>;

/// What there is once.
#[derive(Encode, Decode, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cbor(map)]
pub struct Totals {
    /// The canister's own public key.
    #[n(0)]
    pub key: Option<OwnKey>,
    /// The number of the last body.
    #[n(1)]
    pub last_body: u64,
    /// Blocks in use by all spaces, those that uploads have reserved included.
    #[n(2)]
    pub blocks: u64,
}

canister_kit::stored!(Totals, "what there is once");

/// All spaces of the canister.
pub struct Spaces<M: Memory> {
    spaces: StableBTreeMap<u64, Space, RegionMemory<M>>,
    memberships: StableBTreeMap<(Principal, u64), (), RegionMemory<M>>,
    totals: StableCell<Totals, RegionMemory<M>>,
    items: StableBTreeMap<(u64, ItemId), Item, RegionMemory<M>>,
    item_epochs: StableBTreeMap<(u64, u64, ItemId), (), RegionMemory<M>>,
    chunks: StableBTreeMap<(u64, u32), Chunk, RegionMemory<M>>,
    uploads: StableBTreeMap<u64, Upload, RegionMemory<M>>,
    upload_ends: StableBTreeMap<(u64, u64), (), RegionMemory<M>>,
    blobs: Blobs<RegionMemory<M>>,
    fetching: Guards<()>,
}

impl<M: Memory> Spaces<M> {
    /// Opens the spaces that the regions hold.
    pub fn open(regions: &Regions<M>) -> Self {
        let region = |region: Region| region.open(regions);
        Self {
            spaces: StableBTreeMap::init(region(Region::Spaces)),
            memberships: StableBTreeMap::init(region(Region::Memberships)),
            totals: StableCell::init(region(Region::Totals), Totals::default()),
            items: StableBTreeMap::init(region(Region::Items)),
            item_epochs: StableBTreeMap::init(region(Region::ItemEpochs)),
            chunks: StableBTreeMap::init(region(Region::Chunks)),
            uploads: StableBTreeMap::init(region(Region::Uploads)),
            upload_ends: StableBTreeMap::init(region(Region::UploadEnds)),
            blobs: Blobs::open(
                region(Region::BlobPlaces),
                region(Region::BlobBlocks),
                region(Region::BlobFree),
            ),
            fetching: Guards::new(1),
        }
    }

    /// How many spaces there are; none is ever removed.
    pub fn count(&self) -> u64 {
        self.spaces.len()
    }

    /// The id of the next space.
    pub fn next_space(&self) -> SpaceId {
        SpaceId::new(self.count() + 1)
    }

    /// A space.
    pub fn get(&self, id: SpaceId) -> Option<Space> {
        self.spaces.get(&id.number())
    }

    /// A space and what somebody may do in it now, if it has at least a role.
    ///
    /// # Errors
    /// [`VaultError::NoSuchSpace`], also for whoever has no rights in it; [`VaultError::NeedsRole`].
    pub fn get_for(
        &self,
        id: SpaceId,
        who: Principal,
        needed: Role,
        now: Timestamp,
    ) -> Result<(Space, Member), VaultError> {
        let space = self.get(id).ok_or(VaultError::NoSuchSpace)?;
        let member = *space.member(who, now).ok_or(VaultError::NoSuchSpace)?;
        match member.role >= needed {
            true => Ok((space, member)),
            false => Err(VaultError::NeedsRole { needed }),
        }
    }

    /// The spaces that somebody is a member of, from an id on, in order, at most so many.
    pub fn list(&self, member: Principal, from: SpaceId, at_most: usize) -> Vec<SpaceId> {
        let range = (member, from.number())..=(member, u64::MAX);
        let keys = self.memberships.keys_range(range).take(at_most);
        keys.map(|(_, id)| SpaceId::new(id)).collect()
    }

    /// What there is once.
    pub fn totals(&self) -> &Totals {
        self.totals.get()
    }

    /// The number of the next body.
    pub fn next_body(&self) -> u64 {
        self.totals().last_body + 1
    }

    /// An item.
    pub fn item(&self, space: SpaceId, item: &ItemId) -> Option<Item> {
        self.items.get(&(space.number(), item.clone()))
    }

    /// Items of a space after an id, in order of their ids, at most so many.
    pub fn items_after(
        &self,
        space: SpaceId,
        after: Option<ItemId>,
        at_most: usize,
    ) -> Vec<(ItemId, Item)> {
        let from = (space.number(), after.clone().unwrap_or_else(ItemId::lowest));
        let entries = self.items.range(from..).map(|entry| entry.into_pair());
        entries
            .take_while(|((whose, _), _)| *whose == space.number())
            .filter(|((_, id), _)| Some(id) != after.as_ref())
            .take(at_most)
            .map(|((_, id), item)| (id, item))
            .collect()
    }

    /// Items of a space whose last version is of an earlier epoch than this one, oldest epochs first, at most so many.
    pub fn stale(&self, space: SpaceId, before: Epoch, at_most: usize) -> Vec<ItemId> {
        let number = space.number();
        let range = (number, 0, ItemId::lowest())..(number, before.number(), ItemId::lowest());
        let keys = self.item_epochs.keys_range(range).take(at_most);
        keys.map(|(_, _, id)| id).collect()
    }

    /// What is known of a chunk.
    pub fn chunk(&self, body: u64, index: u32) -> Option<Chunk> {
        self.chunks.get(&(body, index))
    }

    /// The hashes of the first chunks of a body, as far as they are there without a gap.
    pub fn hashes(&self, body: u64, count: u32) -> Vec<Hash> {
        let chunk = |index| self.chunk(body, index).map(|chunk| chunk.hash);
        (0..count).map_while(chunk).collect()
    }

    /// An upload.
    pub fn upload(&self, upload: u64) -> Option<Upload> {
        self.uploads.get(&upload)
    }

    /// Uploads whose time is over, those that ended first, at most so many.
    pub fn overdue(&self, now: Timestamp, at_most: usize) -> Vec<u64> {
        let keys = self.upload_ends.keys_range(..=(now.0, u64::MAX));
        keys.take(at_most).map(|(_, upload)| upload).collect()
    }

    /// The ciphertext.
    pub fn blobs(&self) -> &Blobs<RegionMemory<M>> {
        &self.blobs
    }

    /// The lock of whoever fetches the key.
    pub fn fetching(&self) -> &Guards<()> {
        &self.fetching
    }
}

impl<M: Memory> Product for Spaces<M> {
    type Event = VaultEvent;

    const QUOTA: QuotaLimits = QUOTA;
    const JOURNAL: JournalLimits = JOURNAL;

    fn apply(&mut self, stamp: Stamp, event: &VaultEvent) {
        self.change(stamp, event);
    }

    fn measure(&self, out: &mut Samples) {
        let spaces = self.spaces.len() as f64;
        out.gauge("vault_spaces", "Spaces of the canister.", spaces);
        let items = self.items.len() as f64;
        let help = "Items of all spaces, deleted ones included.";
        out.gauge("vault_items", help, items);
        let bytes = self.totals().blocks as f64 * BLOCK as f64;
        let help = "Bytes of ciphertext, in whole blocks, and what uploads have reserved.";
        out.gauge("vault_bytes", help, bytes);
        let uploads = self.uploads.len() as f64;
        out.gauge("vault_uploads", "Uploads that are open.", uploads);
    }
}
