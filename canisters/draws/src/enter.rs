//! Entering: everyone for themselves, or the creator for others.
//!
//! - What it does: checks the closing time, the rules of the specification and the room, begins a paid call, records the entries, and ends it. All of it happens in one message.
//! - From the closing time on nobody enters, whether the draw was closed or not.
//! - Idempotent: a repeated request enters once.

use crate::create::view;
use crate::draw::{DrawId, StoredDraw};
use crate::error::DrawsError;
use crate::event::DrawsEvent;
use crate::shape::{DrawView, EntryView};
use crate::state::DrawsKit;
use canister_kit::encoding::{Cycles, to_cbor};
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::{Begun, Caller, PaidCall, Refusal, Stamp};
use draw_proof::entry::Entry;
use draw_proof::spec::Entrants;
use serde_bytes::ByteBuf;

/// What an entry costs: more than the network takes for ten years of storing it, twice.
pub const COST: Cycles = Cycles(50_000_000);

/// Most entries of a batch.
pub const MAX_BATCH: usize = 1000;

/// A wish to enter, as it came.
pub struct Wish {
    request_id: Vec<u8>,
    id: DrawId,
    entries: Vec<Entry>,
    /// Whether the caller enters for itself.
    itself: bool,
}

impl Wish {
    /// The caller for itself.
    pub fn own(caller: Caller, request_id: Vec<u8>, id: DrawId, label: ByteBuf) -> Self {
        let entry = Entry {
            who: caller.principal().as_slice().to_vec(),
            label: label.into_vec(),
            weight: 1,
        };
        Self {
            request_id,
            id,
            entries: vec![entry],
            itself: true,
        }
    }

    /// The creator for others.
    pub fn batch(request_id: Vec<u8>, id: DrawId, entries: Vec<EntryView>) -> Self {
        Self {
            request_id,
            id,
            entries: entries.into_iter().map(Entry::from).collect(),
            itself: false,
        }
    }
}

/// Enters.
///
/// # Errors
/// [`DrawsError::NoSuchDraw`], [`DrawsError::OtherEntrants`], [`DrawsError::BatchLength`], [`DrawsError::ClosedForEntries`], [`DrawsError::Entry`], [`DrawsError::Full`],
/// [`DrawsError::TooManyOfOne`], and as [`DrawsError::Refused`] every refusal of a call that pays. Nothing was entered then.
pub fn enter<M: Memory>(
    kit: &mut DrawsKit<M>,
    world: &impl Runtime,
    caller: Caller,
    wish: Wish,
) -> Result<DrawView, DrawsError> {
    let Wish {
        request_id,
        id,
        entries,
        itself,
    } = wish;
    if !(1..=MAX_BATCH).contains(&entries.len()) {
        return Err(DrawsError::BatchLength);
    }
    let cost = COST.times(entries.len() as u32);
    let arguments = to_cbor(&(id, &entries));
    let call = PaidCall {
        caller,
        method: if itself { "enter" } else { "enter_batch" },
        arguments: &arguments,
        request_id,
        most: cost,
        tokens: 1,
    };
    if kit.look_up(&call)?.is_none() {
        allowed(kit, world, caller, id, &entries, itself)?;
    }
    let paid = match kit.begin(world, call)? {
        Begun::New(paid) => paid,
        Begun::Done(_) => return view(kit, id),
        Begun::Running => return Err(Refusal::RequestRunning.into()),
        Begun::Unknown => return Err(Refusal::OutcomeUnknown.into()),
    };
    let event = DrawsEvent::Entered { id, entries };
    kit.record(Stamp::new(world, caller.identity()), event);
    kit.finish(world, paid, Vec::new(), cost);
    view(kit, id)
}

fn allowed<M: Memory>(
    kit: &DrawsKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: DrawId,
    entries: &[Entry],
    itself: bool,
) -> Result<(), DrawsError> {
    let draw = kit.product().get(id)?;
    let spec = draw.spec.get();
    if world.now().0 >= spec.closes_at || draw.closed.is_some() {
        return Err(DrawsError::ClosedForEntries);
    }
    match spec.entrants {
        Entrants::Anyone { each } if itself => {
            if kit.product().entries_of(id, caller.principal()) >= each {
                return Err(DrawsError::TooManyOfOne { each });
            }
        }
        Entrants::Creator { .. } if !itself => {
            if spec.creator != caller.principal().as_slice() {
                return Err(DrawsError::OtherEntrants);
            }
        }
        _ => return Err(DrawsError::OtherEntrants),
    }
    fits(&draw, entries)
}

fn fits(draw: &StoredDraw, entries: &[Entry]) -> Result<(), DrawsError> {
    let left = draw.spec.get().most_entries.saturating_sub(draw.entries());
    if entries.len() > left as usize {
        return Err(DrawsError::Full { left });
    }
    for (index, entry) in (draw.entries()..).zip(entries) {
        let checked = entry.check(index, &draw.spec);
        checked.map_err(DrawsError::of_entry)?;
    }
    Ok(())
}
