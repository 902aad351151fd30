//! Writing and deleting items.
//!
//! - What it does: a version is written only under the epoch in force and only after the version that its writer has seen. Ciphertext goes beside the state,
//!   its size and hash into the event.
//! - Idempotent: a repeated request gets the number of the version that the first one wrote.
//! - In: caller, wish. Out: the version's number, or a [`VaultError`]. All of it happens in one message, so no outcome is ever unknown.

#[cfg(test)]
mod tests;

use crate::error::{Limit, VaultError};
use crate::event::VaultEvent;
use crate::item::{ItemId, hash_of};
use crate::limits::{MAX_BLOCKS, MAX_CHUNK_BYTES, MAX_ITEMS, MAX_SPACE_BLOCKS, price};
use crate::share::{ended, enter, paid};
use crate::space::{Epoch, Role, Space, SpaceId};
use crate::state::VaultKit;
use canister_kit::blobs::{BLOCK, blocks_of};
use canister_kit::encoding::to_cbor;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::{Caller, PaidCall, Stamp};
use serde_bytes::ByteBuf;

/// Where something is to be written, as it came.
pub struct Place {
    /// The space.
    pub space: SpaceId,
    /// The item, unchecked.
    pub item: Vec<u8>,
    /// The number of the item's last version, as the writer has seen it; 0 for a new item.
    pub expected: u64,
    /// The epoch under whose key it is encrypted.
    pub epoch: Epoch,
}

impl Place {
    /// Joins what came.
    pub fn of(space: u64, item: ByteBuf, expected: u64, epoch: u64) -> Self {
        Self {
            space: SpaceId::new(space),
            item: item.into_vec(),
            expected,
            epoch: Epoch::new(epoch),
        }
    }
}

/// Writes a version of one chunk.
///
/// # Errors
/// [`VaultError::NoSuchSpace`], [`VaultError::NeedsRole`], [`VaultError::ItemId`], [`VaultError::TooMuch`], [`VaultError::StaleEpoch`],
/// [`VaultError::VersionConflict`], and as [`VaultError::Refused`] every refusal of a call that pays.
pub fn put<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    request_id: Vec<u8>,
    place: Place,
    ciphertext: &[u8],
) -> Result<u64, VaultError> {
    let item = ItemId::parse(place.item.clone())?;
    let bytes = check_chunk(ciphertext)?;
    let hash = hash_of(ciphertext);
    let arguments = (place.space, &item, place.expected, place.epoch);
    let cost = price(blocks_of(bytes));
    let call = PaidCall {
        caller,
        method: "put",
        arguments: &[to_cbor(&arguments), hash.to_vec()].concat(),
        request_id,
        most: cost,
        tokens: 1,
    };
    let (space, _) = enter(kit, world, caller, place.space, Role::Writer)?;
    if let Some(begun) = kit.look_up(&call)? {
        return ended(begun);
    }
    let version = check_place(kit, &space, &place, &item)?;
    check_room(kit, &space, blocks_of(bytes))?;
    let paid = match paid(kit, world, call) {
        Ok(paid) => paid,
        Err(before) => return before,
    };
    let body = kit.product().next_body();
    kit.product().blobs().store(body, 0, ciphertext);
    let event = VaultEvent::Put {
        space: place.space,
        item,
        version,
        epoch: place.epoch,
        body,
        bytes,
        hash,
    };
    kit.record(Stamp::new(world, caller.identity()), event);
    kit.finish(world, paid, version.to_be_bytes().to_vec(), cost);
    Ok(version)
}

/// The length of a chunk that is not too long.
///
/// # Errors
/// [`VaultError::TooMuch`].
pub fn check_chunk(ciphertext: &[u8]) -> Result<u64, VaultError> {
    match ciphertext.len() as u64 {
        bytes @ ..=MAX_CHUNK_BYTES => Ok(bytes),
        _ => Err(VaultError::too_much(Limit::ChunkBytes, MAX_CHUNK_BYTES)),
    }
}

/// The number of the version that may be written at a place: the epoch is the one in force, and the writer has seen the last version.
///
/// # Errors
/// [`VaultError::StaleEpoch`], [`VaultError::VersionConflict`], or [`VaultError::TooMuch`] for one item more.
pub fn check_place<M: Memory>(
    kit: &VaultKit<M>,
    space: &Space,
    place: &Place,
    item: &ItemId,
) -> Result<u64, VaultError> {
    if place.epoch != space.epoch {
        return Err(VaultError::StaleEpoch {
            current: space.epoch.number(),
        });
    }
    let known = kit.product().item(place.space, item);
    let current = known.as_ref().map_or(0, |known| known.last);
    if current != place.expected {
        return Err(VaultError::VersionConflict { current });
    }
    match known.is_none() && space.items >= MAX_ITEMS {
        true => Err(VaultError::too_much(Limit::Items, MAX_ITEMS)),
        false => Ok(current + 1),
    }
}

/// Whether there is room for so many blocks more.
///
/// # Errors
/// [`VaultError::TooMuch`].
pub fn check_room<M: Memory>(
    kit: &VaultKit<M>,
    space: &Space,
    blocks: u64,
) -> Result<(), VaultError> {
    let bytes = |blocks: u64| blocks * BLOCK as u64;
    if space.blocks + blocks > MAX_SPACE_BLOCKS {
        let at_most = bytes(MAX_SPACE_BLOCKS);
        return Err(VaultError::too_much(Limit::SpaceBytes, at_most));
    }
    match kit.product().totals().blocks + blocks > MAX_BLOCKS {
        true => Err(VaultError::too_much(Limit::Bytes, bytes(MAX_BLOCKS))),
        false => Ok(()),
    }
}

/// Deletes an item with all its versions; tells the number under which the deletion counts.
///
/// # Errors
/// [`VaultError::NoSuchSpace`], [`VaultError::NeedsRole`], [`VaultError::ItemId`], [`VaultError::NoSuchItem`], [`VaultError::VersionConflict`],
/// and those of the quota.
pub fn delete<M: Memory>(
    kit: &mut VaultKit<M>,
    world: &impl Runtime,
    caller: Caller,
    space: SpaceId,
    item: Vec<u8>,
    expected: u64,
) -> Result<u64, VaultError> {
    let item = ItemId::parse(item)?;
    enter(kit, world, caller, space, Role::Writer)?;
    let known = kit.product().item(space, &item);
    let known = known.filter(|known| known.latest().is_some());
    let current = known.ok_or(VaultError::NoSuchItem)?.last;
    if current != expected {
        return Err(VaultError::VersionConflict { current });
    }
    kit.take_quota(world, caller, 1)?;
    let stamp = Stamp::new(world, caller.identity());
    kit.record(stamp, VaultEvent::Deleted { space, item });
    Ok(current + 1)
}
