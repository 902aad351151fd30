//! What members may read.
//!
//! - In: who asks. Out: spaces, members, items, ciphertext; for members only. Whoever is none learns nothing, not even whether there is such a space.
//! - Ciphertext of an epoch before a member's first one is not handed to it, though it could not decrypt it.
//! - Reading changes nothing and costs the same however many spaces there are.

use crate::derive::check_epoch;
use crate::error::VaultError;
use crate::item::{ItemId, ItemView, Version, VersionView};
use crate::limits::MAX_LISTED;
use crate::space::{Member, MemberView, Role, Space, SpaceId, SpaceView};
use crate::state::VaultKit;
use candid::CandidType;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use serde::Deserialize;
use serde_bytes::ByteBuf;

fn reader<M: Memory>(
    kit: &VaultKit<M>,
    world: &impl Runtime,
    id: SpaceId,
) -> Result<(Space, Member), VaultError> {
    let (who, now) = (world.caller(), world.now());
    kit.product().get_for(id, who, Role::Reader, now)
}

fn bounded(limit: u32) -> usize {
    limit.min(MAX_LISTED) as usize
}

/// The caller's spaces from an id on, at most [`MAX_LISTED`].
pub fn spaces<M: Memory>(
    kit: &VaultKit<M>,
    world: &impl Runtime,
    from: SpaceId,
    limit: u32,
) -> Vec<SpaceView> {
    let ids = kit.product().list(world.caller(), from, bounded(limit));
    let view = |id| {
        let (space, member) = reader(kit, world, id).ok()?;
        Some(SpaceView::of(id, &space, &member))
    };
    ids.into_iter().filter_map(view).collect()
}

/// Who is in a space; those whose time is over are left out.
///
/// # Errors
/// [`VaultError::NoSuchSpace`].
pub fn members<M: Memory>(
    kit: &VaultKit<M>,
    world: &impl Runtime,
    id: SpaceId,
) -> Result<Vec<MemberView>, VaultError> {
    let (space, _) = reader(kit, world, id)?;
    let here = space.members.iter();
    let here = here.filter(|(_, member)| !member.expired(world.now()));
    Ok(here
        .map(|(who, member)| MemberView::of(*who, member))
        .collect())
}

/// Items after an id, in order of their ids, at most [`MAX_LISTED`].
///
/// # Errors
/// [`VaultError::NoSuchSpace`] or [`VaultError::ItemId`].
pub fn list<M: Memory>(
    kit: &VaultKit<M>,
    world: &impl Runtime,
    id: SpaceId,
    after: Option<ByteBuf>,
    limit: u32,
) -> Result<Vec<ItemView>, VaultError> {
    reader(kit, world, id)?;
    let after = after.map(|after| ItemId::parse(after.into_vec()));
    let found = kit
        .product()
        .items_after(id, after.transpose()?, bounded(limit));
    Ok(found
        .iter()
        .map(|(id, item)| ItemView::of(id, item))
        .collect())
}

/// Items that are encrypted under an earlier epoch than the one in force, oldest epochs first, at most [`MAX_LISTED`].
///
/// # Errors
/// [`VaultError::NoSuchSpace`].
pub fn stale<M: Memory>(
    kit: &VaultKit<M>,
    world: &impl Runtime,
    id: SpaceId,
    limit: u32,
) -> Result<Vec<ItemView>, VaultError> {
    let (space, _) = reader(kit, world, id)?;
    let stale = kit.product().stale(id, space.epoch, bounded(limit));
    let view = |item| Some(ItemView::of(&item, &kit.product().item(id, &item)?));
    Ok(stale.into_iter().filter_map(view).collect())
}

/// The versions of an item that are kept, oldest first.
///
/// # Errors
/// [`VaultError::NoSuchSpace`], [`VaultError::ItemId`] or [`VaultError::NoSuchItem`].
pub fn history<M: Memory>(
    kit: &VaultKit<M>,
    world: &impl Runtime,
    id: SpaceId,
    item: Vec<u8>,
) -> Result<Vec<VersionView>, VaultError> {
    reader(kit, world, id)?;
    let item = ItemId::parse(item)?;
    let item = kit
        .product()
        .item(id, &item)
        .ok_or(VaultError::NoSuchItem)?;
    Ok(item.versions.iter().map(VersionView::from).collect())
}

/// What is read of an item.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// Which version.
    pub version: VersionView,
    /// Its first chunk: all of it unless it is a file of several.
    pub ciphertext: ByteBuf,
}

/// A version that the caller may read.
fn readable<M: Memory>(
    kit: &VaultKit<M>,
    world: &impl Runtime,
    id: SpaceId,
    item: Vec<u8>,
    version: Option<u64>,
) -> Result<Version, VaultError> {
    let (space, member) = reader(kit, world, id)?;
    let item = ItemId::parse(item)?;
    let item = kit
        .product()
        .item(id, &item)
        .ok_or(VaultError::NoSuchItem)?;
    let version = item.version(version).ok_or(VaultError::NoSuchItem)?;
    check_epoch(&space, &member, version.epoch)?;
    Ok(version.clone())
}

fn chunk_of<M: Memory>(
    kit: &VaultKit<M>,
    version: &Version,
    index: u32,
) -> Result<ByteBuf, VaultError> {
    let chunks = version.chunks;
    let chunk = kit.product().blobs().load(version.body, index);
    let chunk = chunk.ok_or(VaultError::NoSuchChunk { chunks })?;
    Ok(ByteBuf::from(chunk))
}

/// A version of an item, the last one where none is named.
///
/// # Errors
/// [`VaultError::NoSuchSpace`], [`VaultError::ItemId`], [`VaultError::NoSuchItem`] or [`VaultError::EpochNotYours`].
pub fn get<M: Memory>(
    kit: &VaultKit<M>,
    world: &impl Runtime,
    id: SpaceId,
    item: Vec<u8>,
    version: Option<u64>,
) -> Result<Content, VaultError> {
    let version = readable(kit, world, id, item, version)?;
    Ok(Content {
        ciphertext: chunk_of(kit, &version, 0)?,
        version: (&version).into(),
    })
}

/// A chunk of a version.
///
/// # Errors
/// Those of [`get`], and [`VaultError::NoSuchChunk`].
pub fn get_chunk<M: Memory>(
    kit: &VaultKit<M>,
    world: &impl Runtime,
    id: SpaceId,
    item: Vec<u8>,
    version: u64,
    index: u32,
) -> Result<ByteBuf, VaultError> {
    let version = readable(kit, world, id, item, Some(version))?;
    chunk_of(kit, &version, index)
}

/// The SHA-256 of each chunk of a version, in order.
///
/// # Errors
/// Those of [`get`].
pub fn hashes<M: Memory>(
    kit: &VaultKit<M>,
    world: &impl Runtime,
    id: SpaceId,
    item: Vec<u8>,
    version: u64,
) -> Result<Vec<ByteBuf>, VaultError> {
    let version = readable(kit, world, id, item, Some(version))?;
    let hashes = kit.product().hashes(version.body, version.chunks);
    let bytes = |hash: &[u8; 32]| ByteBuf::from(hash.to_vec());
    Ok(hashes.iter().map(bytes).collect())
}
