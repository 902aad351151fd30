//! What each event changes.
//!
//! - It looks at nothing but the state and the event, and does not fail: whoever records an event has checked everything before. An event about
//!   something that is not there would be a bug, and traps.
//! - Ciphertext that no version needs any more is removed with the event that says so.

use super::Spaces;
use crate::event::VaultEvent;
use crate::heirs::Switch;
use crate::item::{Chunk, ItemId, Version, root_of};
use crate::limits::{UPLOAD_TIME, most_blocks};
use crate::space::{Epoch, Member, Role, Space, SpaceId};
use crate::upload::Upload;
use canister_kit::Stamp;
use canister_kit::blobs::blocks_of;
use canister_kit::encoding::{Identity, Timestamp};
use canister_kit::stable::Memory;
use std::collections::BTreeMap;

impl<M: Memory> Spaces<M> {
    pub(super) fn change(&mut self, stamp: Stamp, event: &VaultEvent) {
        match event {
            VaultEvent::KeyKept { key } => {
                let mut totals = *self.totals.get();
                totals.key = Some(*key);
                self.totals.set(totals);
            }
            VaultEvent::SpaceCreated { space } => self.create(stamp, *space),
            VaultEvent::Shared {
                space,
                who,
                role,
                from,
                expires_at,
            } => {
                let member = Member {
                    role: *role,
                    from: *from,
                    expires_at: *expires_at,
                    since: stamp.at,
                };
                self.enlist(*space, *who, member);
                self.seen(*space, stamp);
            }
            VaultEvent::Revoked { space, who } => {
                // Whoever leaves is an owner until then.
                self.seen(*space, stamp);
                self.leave(*space, &[*who]);
            }
            VaultEvent::Expired { space, who } => {
                self.leave(*space, who);
                self.seen(*space, stamp);
            }
            VaultEvent::Rotated { space } => {
                self.revise(*space, |space| space.epoch = space.epoch.next());
                self.seen(*space, stamp);
            }
            VaultEvent::Alive { space } | VaultEvent::KeyDerived { space, .. } => {
                self.seen(*space, stamp);
            }
            of_items => self.change_items(stamp, of_items),
        }
    }

    fn change_items(&mut self, stamp: Stamp, event: &VaultEvent) {
        match event {
            VaultEvent::Put {
                space,
                item,
                version,
                epoch,
                body,
                bytes,
                hash,
            } => {
                self.count_body(*body);
                let chunk = Chunk {
                    bytes: *bytes,
                    hash: *hash,
                };
                self.chunks.insert((*body, 0), chunk);
                let version = Version {
                    number: *version,
                    epoch: *epoch,
                    body: *body,
                    chunks: 1,
                    bytes: *bytes,
                    blocks: blocks_of(*bytes),
                    root: root_of(&[*hash]),
                    by: stamp.by,
                    at: stamp.at,
                };
                self.add_version(*space, item, version);
                self.seen(*space, stamp);
            }
            VaultEvent::Deleted { space, item } => {
                self.delete(*space, item);
                self.seen(*space, stamp);
            }
            VaultEvent::UploadBegun { .. }
            | VaultEvent::ChunkStored { .. }
            | VaultEvent::FileCommitted { .. }
            | VaultEvent::UploadDropped { .. } => self.change_uploads(stamp, event),
            of_heirs => self.change_heirs(stamp, of_heirs),
        }
    }

    fn change_uploads(&mut self, stamp: Stamp, event: &VaultEvent) {
        match event {
            VaultEvent::UploadBegun {
                upload,
                space,
                item,
                version,
                epoch,
                chunks,
                bytes,
            } => {
                let begun = Upload {
                    space: *space,
                    item: item.clone(),
                    version: *version,
                    epoch: *epoch,
                    chunks: *chunks,
                    bytes: *bytes,
                    by: stamp.by,
                    ends_at: stamp.at.after(UPLOAD_TIME),
                    received: 0,
                    blocks: 0,
                };
                self.begin_upload(*upload, begun);
                self.seen(*space, stamp);
            }
            VaultEvent::ChunkStored {
                upload,
                index,
                bytes,
                hash,
            } => {
                let chunk = Chunk {
                    bytes: *bytes,
                    hash: *hash,
                };
                self.chunks.insert((*upload, *index), chunk);
                let mut known = self.existing_upload(*upload);
                known.received += bytes;
                known.blocks += blocks_of(*bytes);
                let space = known.space;
                self.uploads.insert(*upload, known);
                self.seen(space, stamp);
            }
            VaultEvent::FileCommitted { upload, root } => {
                let known = self.end_upload(*upload);
                let version = Version {
                    number: known.version,
                    epoch: known.epoch,
                    body: *upload,
                    chunks: known.chunks,
                    bytes: known.bytes,
                    blocks: known.blocks,
                    root: *root,
                    by: stamp.by,
                    at: stamp.at,
                };
                self.add_version(known.space, &known.item, version);
                self.seen(known.space, stamp);
            }
            VaultEvent::UploadDropped { upload } => {
                let known = self.end_upload(*upload);
                self.drop_body(*upload, known.chunks);
                self.seen(known.space, stamp);
            }
            // `change` and `change_items` have taken the others.
            _ => {}
        }
    }

    fn change_heirs(&mut self, stamp: Stamp, event: &VaultEvent) {
        match event {
            VaultEvent::HeirsSet { space, plan, from } => self.revise(*space, |space| {
                let switch = |plan| Switch::new(plan, *from, stamp.at);
                space.switch = plan.clone().map(switch);
            }),
            VaultEvent::Claimed { space } => self.revise(*space, |space| {
                if let Some(switch) = &mut space.switch {
                    switch.claim(stamp.by, stamp.at);
                }
            }),
            VaultEvent::Inherited { space } => self.inherit(*space, stamp.at),
            // `change` and `change_items` have taken the others.
            _ => {}
        }
    }

    fn create(&mut self, stamp: Stamp, id: SpaceId) {
        let space = Space {
            created_at: stamp.at,
            epoch: Epoch::FIRST,
            members: BTreeMap::new(),
            items: 0,
            blocks: 0,
            uploads: Vec::new(),
            switch: None,
        };
        self.spaces.insert(id.number(), space);
        self.enlist(id, stamp.by, owner(Epoch::FIRST, stamp.at));
    }

    fn existing(&self, id: SpaceId) -> Space {
        match self.get(id) {
            Some(space) => space,
            None => panic!("an event names space {}, which is not there", id.number()),
        }
    }

    fn revise(&mut self, id: SpaceId, change: impl FnOnce(&mut Space)) {
        let mut space = self.existing(id);
        change(&mut space);
        self.spaces.insert(id.number(), space);
    }

    /// Somebody has acted: for owners it is a sign of life.
    fn seen(&mut self, id: SpaceId, stamp: Stamp) {
        let space = self.existing(id);
        if space.switch.is_some() && space.is_owner(stamp.by) {
            self.revise(id, |space| {
                if let Some(switch) = &mut space.switch {
                    switch.alive(stamp.at);
                }
            });
        }
    }

    fn enlist(&mut self, id: SpaceId, who: Identity, member: Member) {
        self.memberships.insert((who.0, id.number()), ());
        self.revise(id, |space| {
            let since = space
                .members
                .get(&who)
                .map_or(member.since, |was| was.since);
            space.members.insert(who, Member { since, ..member });
        });
    }

    fn leave(&mut self, id: SpaceId, who: &[Identity]) {
        for member in who {
            self.memberships.remove(&(member.0, id.number()));
        }
        self.revise(id, |space| {
            space.members.retain(|member, _| !who.contains(member));
            space.epoch = space.epoch.next();
        });
    }

    fn inherit(&mut self, id: SpaceId, now: Timestamp) {
        let Some(switch) = self.existing(id).switch else {
            return;
        };
        for heir in switch.heirs() {
            let known = self.existing(id).members.get(&heir).copied();
            let from = known.map_or(switch.from(), |member| member.from.min(switch.from()));
            self.enlist(id, heir, owner(from, now));
        }
        self.revise(id, |space| space.switch = None);
    }

    fn count_body(&mut self, body: u64) {
        let mut totals = *self.totals.get();
        totals.last_body = totals.last_body.max(body);
        self.totals.set(totals);
    }

    /// Counts blocks of a space that are used from now on, and others that are not any more.
    fn count_blocks(&mut self, id: SpaceId, more: u64, less: u64) {
        let mut totals = *self.totals.get();
        totals.blocks = (totals.blocks + more).saturating_sub(less);
        self.totals.set(totals);
        self.revise(id, |space| {
            space.blocks = (space.blocks + more).saturating_sub(less);
        });
    }

    fn add_version(&mut self, id: SpaceId, item: &ItemId, version: Version) {
        let key = (id.number(), item.clone());
        let known = self.items.get(&key);
        if known.is_none() {
            self.revise(id, |space| space.items += 1);
        }
        let mut known = known.unwrap_or_default();
        if let Some(latest) = known.latest() {
            let old = (id.number(), latest.epoch.number(), item.clone());
            self.item_epochs.remove(&old);
        }
        let new = (id.number(), version.epoch.number(), item.clone());
        self.item_epochs.insert(new, ());
        let more = version.blocks;
        let gone = known.add(version);
        self.items.insert(key, known);
        let less = gone.as_ref().map_or(0, |gone| gone.blocks);
        self.count_blocks(id, more, less);
        if let Some(gone) = gone {
            self.drop_body(gone.body, gone.chunks);
        }
    }

    fn delete(&mut self, id: SpaceId, item: &ItemId) {
        let key = (id.number(), item.clone());
        let mut known = self.items.get(&key).unwrap_or_default();
        if let Some(latest) = known.latest() {
            let old = (id.number(), latest.epoch.number(), item.clone());
            self.item_epochs.remove(&old);
        }
        let gone = std::mem::take(&mut known.versions);
        known.last += 1;
        self.items.insert(key, known);
        let less = gone.iter().map(|version| version.blocks).sum();
        self.count_blocks(id, 0, less);
        for version in gone {
            self.drop_body(version.body, version.chunks);
        }
    }

    fn drop_body(&mut self, body: u64, chunks: u32) {
        for index in 0..chunks {
            self.chunks.remove(&(body, index));
        }
        self.blobs.remove(body);
    }

    fn existing_upload(&self, upload: u64) -> Upload {
        match self.upload(upload) {
            Some(known) => known,
            None => panic!("an event names upload {upload}, which is not there"),
        }
    }

    fn begin_upload(&mut self, upload: u64, begun: Upload) {
        self.count_body(upload);
        self.count_blocks(begun.space, most_blocks(begun.chunks, begun.bytes), 0);
        self.upload_ends.insert((begun.ends_at.0, upload), ());
        self.revise(begun.space, |space| space.uploads.push(upload));
        self.uploads.insert(upload, begun);
    }

    /// Takes an upload away, and what it has reserved; its chunks stay.
    fn end_upload(&mut self, upload: u64) -> Upload {
        let known = self.existing_upload(upload);
        self.uploads.remove(&upload);
        self.upload_ends.remove(&(known.ends_at.0, upload));
        self.count_blocks(known.space, 0, most_blocks(known.chunks, known.bytes));
        self.revise(known.space, |space| {
            space.uploads.retain(|open| *open != upload);
        });
        known
    }
}

fn owner(from: Epoch, now: Timestamp) -> Member {
    Member {
        role: Role::Owner,
        from,
        expires_at: None,
        since: now,
    }
}
