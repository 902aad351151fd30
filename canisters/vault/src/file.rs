//! Files: versions that come in several chunks.
//!
//! - What it does: `begin` pays for what is declared and reserves it; chunks come in any order; `commit` compares the root that the writer has computed and
//!   makes the version, if epoch and version are still those that were begun with. What is not committed within a day is removed.
//! - A chunk that comes twice is taken once. An upload belongs to whoever began it.
//! - Abandoned uploads: each begin removes a few of those whose time is over, of all spaces, and those of its own space, so that nobody can keep others from
//!   uploading for longer than a day, and only within its own space.
//! - In: caller, wish. Out: numbers, or a [`VaultError`].

#[cfg(test)]
mod tests;

use crate::error::{Limit, VaultError};
use crate::event::VaultEvent;
use crate::item::{ItemId, hash_of, root_of};
use crate::limits::{
    MAX_CHUNK_BYTES, MAX_CHUNKS, MAX_UPLOADS, MAX_UPLOADS_OF_ONE, most_blocks, price,
};
use crate::put::{Place, check_chunk, check_place, check_room};
use crate::share::{ended, enter, paid};
use crate::space::{Role, Space};
use crate::state::VaultKit;
use crate::upload::Upload;
use canister_kit::encoding::to_cbor;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::{Caller, PaidCall, Stamp};
use serde_bytes::ByteBuf;

/// How many uploads of any space, whose time is over, one begin removes.
const SWEEP: usize = 2;

/// How a file comes.
pub struct Cut {
    /// How many chunks.
    pub chunks: u32,
    /// How many bytes of ciphertext in all.
    pub bytes: u64,
}

impl Cut {
    fn check(&self) -> Result<(), VaultError> {
        if self.chunks == 0 || self.bytes < u64::from(self.chunks) {
            return Err(VaultError::EmptyFile);
        }
        if self.chunks > MAX_CHUNKS {
            return Err(VaultError::too_much(Limit::Chunks, MAX_CHUNKS.into()));
        }
        match self.bytes > u64::from(self.chunks) * MAX_CHUNK_BYTES {
            true => Err(VaultError::too_much(Limit::ChunkBytes, MAX_CHUNK_BYTES)),
            false => Ok(()),
        }
    }
}

/// Begins a file; tells the number of its upload.
///
/// # Errors
/// Those of [`crate::put::put`], [`VaultError::EmptyFile`], and [`VaultError::TooMuch`] for chunks and uploads.
pub fn begin<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    request_id: Vec<u8>,
    place: Place,
    cut: Cut,
) -> Result<u64, VaultError> {
    let item = ItemId::parse(place.item.clone())?;
    cut.check()?;
    let arguments = (place.space, &item, place.expected, place.epoch);
    let blocks = most_blocks(cut.chunks, cut.bytes);
    let call = PaidCall {
        caller,
        method: "begin_file",
        arguments: &to_cbor(&(arguments, cut.chunks, cut.bytes)),
        request_id,
        most: price(blocks),
        tokens: 1,
    };
    enter(kit, world, caller, place.space, Role::Writer)?;
    if let Some(begun) = kit.look_up(&call)? {
        return ended(begun);
    }
    sweep(kit, world, caller, &place);
    let (space, _) = enter(kit, world, caller, place.space, Role::Writer)?;
    let version = check_place(kit, &space, &place, &item)?;
    check_uploads(kit, &space, caller)?;
    check_room(kit, &space, blocks)?;
    let paid = match paid(kit, world, call) {
        Ok(paid) => paid,
        Err(before) => return before,
    };
    let upload = kit.product().next_body();
    let event = VaultEvent::UploadBegun {
        upload,
        space: place.space,
        item,
        version,
        epoch: place.epoch,
        chunks: cut.chunks,
        bytes: cut.bytes,
    };
    kit.record(Stamp::new(world, caller.identity()), event);
    kit.finish(world, paid, upload.to_be_bytes().to_vec(), price(blocks));
    Ok(upload)
}

/// Removes uploads whose time is over: some of all spaces, and those of this one.
fn sweep<M: Memory>(kit: &mut VaultKit<M>, world: &impl Runtime, caller: Caller, place: &Place) {
    let now = world.now();
    let state = kit.product();
    let mut over = state.overdue(now, SWEEP);
    let own = state
        .get(place.space)
        .map_or(Vec::new(), |space| space.uploads);
    let ended = |upload: &u64| {
        state
            .upload(*upload)
            .is_some_and(|known| known.ends_at <= now)
    };
    over.extend(own.into_iter().filter(ended));
    over.sort_unstable();
    over.dedup();
    for upload in over {
        let stamp = Stamp::new(world, caller.identity());
        kit.record(stamp, VaultEvent::UploadDropped { upload });
    }
}

fn check_uploads<M: Memory>(
    kit: &VaultKit<M>,
    space: &Space,
    caller: Caller,
) -> Result<(), VaultError> {
    if space.uploads.len() >= MAX_UPLOADS {
        return Err(VaultError::too_much(Limit::Uploads, MAX_UPLOADS as u64));
    }
    let uploads = space.uploads.iter();
    let known = uploads.filter_map(|upload| kit.product().upload(*upload));
    match known.filter(|known| known.by == caller.identity()).count() >= MAX_UPLOADS_OF_ONE {
        true => Err(VaultError::too_much(
            Limit::UploadsOfOne,
            MAX_UPLOADS_OF_ONE as u64,
        )),
        false => Ok(()),
    }
}

/// The caller's own upload, whose time is not over, in a space that it may still write in.
fn own<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    upload: u64,
) -> Result<(Upload, Space), VaultError> {
    let known = kit.product().upload(upload);
    let own = known.filter(|known| known.by == caller.identity() && known.ends_at > world.now());
    let known = own.ok_or(VaultError::NoSuchUpload)?;
    let (space, _) = enter(kit, world, caller, known.space, Role::Writer)?;
    Ok((known, space))
}

/// Takes a chunk.
///
/// # Errors
/// [`VaultError::NoSuchUpload`], [`VaultError::NoSuchSpace`], [`VaultError::NeedsRole`], [`VaultError::NoSuchChunk`], [`VaultError::ChunkDiffers`],
/// [`VaultError::OtherSize`], [`VaultError::EmptyFile`], [`VaultError::TooMuch`], and those of the quota.
pub fn put_chunk<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    upload: u64,
    index: u32,
    ciphertext: &[u8],
) -> Result<(), VaultError> {
    let (known, _) = own(kit, world, caller, upload)?;
    let bytes = check_chunk(ciphertext)?;
    if index >= known.chunks {
        return Err(VaultError::NoSuchChunk {
            chunks: known.chunks,
        });
    }
    if bytes == 0 {
        return Err(VaultError::EmptyFile);
    }
    kit.take_quota(world, caller, 1)?;
    let hash = hash_of(ciphertext);
    match kit.product().chunk(upload, index) {
        Some(before) if before.hash == hash => return Ok(()),
        Some(_) => return Err(VaultError::ChunkDiffers),
        None => {}
    }
    if known.received + bytes > known.bytes {
        return Err(VaultError::OtherSize {
            received: known.received + bytes,
            declared: known.bytes,
        });
    }
    kit.product().blobs().store(upload, index, ciphertext);
    let event = VaultEvent::ChunkStored {
        upload,
        index,
        bytes,
        hash,
    };
    kit.record(Stamp::new(world, caller.identity()), event);
    Ok(())
}

/// Makes a version of an upload; tells its number.
///
/// # Errors
/// [`VaultError::NoSuchUpload`], [`VaultError::NoSuchSpace`], [`VaultError::NeedsRole`], [`VaultError::ChunkMissing`], [`VaultError::OtherSize`],
/// [`VaultError::OtherRoot`], [`VaultError::StaleEpoch`], [`VaultError::VersionConflict`], and those of the quota.
pub fn commit<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    upload: u64,
    root: &[u8],
) -> Result<u64, VaultError> {
    let (known, space) = own(kit, world, caller, upload)?;
    let hashes = kit.product().hashes(upload, known.chunks);
    if (hashes.len() as u64) < u64::from(known.chunks) {
        return Err(VaultError::ChunkMissing {
            missing: hashes.len() as u32,
        });
    }
    if known.received != known.bytes {
        return Err(VaultError::OtherSize {
            received: known.received,
            declared: known.bytes,
        });
    }
    let computed = root_of(&hashes);
    if computed != root {
        return Err(VaultError::OtherRoot {
            root: ByteBuf::from(computed.to_vec()),
        });
    }
    let place = Place {
        space: known.space,
        item: known.item.as_bytes().to_vec(),
        expected: known.version - 1,
        epoch: known.epoch,
    };
    let version = check_place(kit, &space, &place, &known.item)?;
    kit.take_quota(world, caller, 1)?;
    let event = VaultEvent::FileCommitted {
        upload,
        root: computed,
    };
    kit.record(Stamp::new(world, caller.identity()), event);
    Ok(version)
}

/// Gives an upload up.
///
/// # Errors
/// [`VaultError::NoSuchUpload`], [`VaultError::NoSuchSpace`], [`VaultError::NeedsRole`].
pub fn cancel<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    upload: u64,
) -> Result<(), VaultError> {
    own(kit, world, caller, upload)?;
    let stamp = Stamp::new(world, caller.identity());
    kit.record(stamp, VaultEvent::UploadDropped { upload });
    Ok(())
}
