//! What anyone may read of the draws: everything.
//!
//! - Reading changes nothing. A transcript comes in parts: its header, its entries 5000 at a time, and its tail.

use crate::create::view;
use crate::draw::{DrawId, Standing, StoredDraw};
use crate::error::DrawsError;
use crate::shape::{DrawView, EntryProof, EntryView, SiblingView, TranscriptPart};
use crate::state::DrawsKit;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use serde_bytes::ByteBuf;

/// Most draws of one answer.
pub const MAX_LISTED: u32 = 50;
/// Most entries of one answer.
pub const MAX_ENTRIES_LISTED: u32 = 1000;
/// Most values of one answer.
pub const MAX_VALUES_LISTED: u32 = 10_000;
/// Entries of a part of a transcript: at most 575 kB.
const PART: u32 = 5000;

/// A draw.
///
/// # Errors
/// [`DrawsError::NoSuchDraw`].
pub fn get<M: Memory>(kit: &DrawsKit<M>, id: DrawId) -> Result<DrawView, DrawsError> {
    view(kit, id)
}

/// Draws from a number on, at most [`MAX_LISTED`].
pub fn list<M: Memory>(kit: &DrawsKit<M>, from: DrawId, limit: u32) -> Vec<DrawView> {
    let draws = kit.product().list(from, limit.min(MAX_LISTED) as usize);
    draws
        .iter()
        .map(|(id, draw)| DrawView::of(*id, draw))
        .collect()
}

/// Entries from an index on, at most [`MAX_ENTRIES_LISTED`].
///
/// # Errors
/// [`DrawsError::NoSuchDraw`].
pub fn entries<M: Memory>(
    kit: &DrawsKit<M>,
    id: DrawId,
    from: u32,
    limit: u32,
) -> Result<Vec<EntryView>, DrawsError> {
    kit.product().get(id)?;
    let at_most = limit.min(MAX_ENTRIES_LISTED) as usize;
    let entries = kit.product().entries(id, from, at_most);
    Ok(entries.into_iter().map(EntryView::from).collect())
}

/// Values of the outcome from an index on, as far as there are any, at most [`MAX_VALUES_LISTED`].
///
/// # Errors
/// [`DrawsError::NoSuchDraw`].
pub fn outcome<M: Memory>(
    kit: &DrawsKit<M>,
    id: DrawId,
    from: u32,
    limit: u32,
) -> Result<Vec<u32>, DrawsError> {
    kit.product().get(id)?;
    let values = kit.product().outcome(id).into_iter();
    let at_most = limit.min(MAX_VALUES_LISTED) as usize;
    Ok(values.skip(from as usize).take(at_most).collect())
}

/// A part of the transcript, from 0.
///
/// # Errors
/// [`DrawsError::NoSuchDraw`], [`DrawsError::NotFinal`] or [`DrawsError::OutOfRange`].
pub fn result<M: Memory>(
    kit: &DrawsKit<M>,
    world: &impl Runtime,
    id: DrawId,
    part: u32,
) -> Result<TranscriptPart, DrawsError> {
    let draw = kit.product().get(id)?;
    if draw.standing() != Standing::Ended {
        return Err(DrawsError::NotFinal);
    }
    let parts = 2 + draw.entries().div_ceil(PART);
    let bytes = part_of(kit, world, id, &draw, part, parts)?;
    let bytes = ByteBuf::from(bytes);
    Ok(TranscriptPart { bytes, parts })
}

fn part_of<M: Memory>(
    kit: &DrawsKit<M>,
    world: &impl Runtime,
    id: DrawId,
    draw: &StoredDraw,
    part: u32,
    parts: u32,
) -> Result<Vec<u8>, DrawsError> {
    let name = kit.config().key_name.to_string();
    let header = draw.header(id, world.canister().as_slice(), &name);
    let header = header.ok_or(DrawsError::NotFinal)?.encode();
    if part == 0 {
        return Ok(header);
    }
    if part >= parts {
        return Err(DrawsError::OutOfRange);
    }
    if part == parts - 1 {
        let tail = draw.tail(kit.product().outcome(id));
        return Ok(tail.ok_or(DrawsError::NotFinal)?.encode(&header));
    }
    let entries = kit.product().entries(id, (part - 1) * PART, PART as usize);
    Ok(entries.iter().flat_map(|entry| entry.encode()).collect())
}

/// That an entry is under the root of the entries that there are.
///
/// # Errors
/// [`DrawsError::NoSuchDraw`] or [`DrawsError::OutOfRange`].
pub fn entry_proof<M: Memory>(
    kit: &DrawsKit<M>,
    id: DrawId,
    index: u32,
) -> Result<EntryProof, DrawsError> {
    let draw = kit.product().get(id)?;
    let siblings = kit.product().prove(id, &draw, index);
    let entry = kit.product().entry(id, index);
    let (entry, siblings) = entry.zip(siblings).ok_or(DrawsError::OutOfRange)?;
    let sibling = |sibling: draw_proof::merkle::Sibling| SiblingView {
        on_the_left: sibling.on_the_left,
        top: ByteBuf::from(sibling.top),
    };
    Ok(EntryProof {
        entry: entry.into(),
        entries: draw.entries(),
        root: ByteBuf::from(draw.peaks.root()),
        siblings: siblings.into_iter().map(sibling).collect(),
    })
}
