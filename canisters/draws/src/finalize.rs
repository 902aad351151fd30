//! The outcome, worked out step by step.
//!
//! - What it does: each call does at most so many steps (a weight that is loaded, or a value that is given), records the values, and at the end the transcript's hash. The outcome follows
//!   from the seed alone, so whoever calls, and however often, the values are the same.
//! - Specification: docs/protocols/draws.md, steps 16 to 21.
//! - It may be called while the canister is paused: a pause never keeps an outcome back.
//! - Work between two calls is on the heap ([`Workbench`]). After an upgrade it is done again up to the values that are recorded, in steps that count.

use crate::create::view;
use crate::draw::{DrawId, Standing, StoredDraw};
use crate::error::DrawsError;
use crate::event::DrawsEvent;
use crate::shape::DrawView;
use crate::state::DrawsKit;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::{Caller, Stamp};
use draw_proof::evaluation::{Evaluation, Step};
use std::collections::BTreeMap;

/// Most steps of one call.
pub const MAX_STEPS: u32 = 20_000;

/// How many outcomes are worked on at once; a large one takes 3 MiB of heap.
const PLACES: usize = 64;

/// How many weights are read at once.
const CHUNK: u32 = 500;

/// Outcomes that are being worked out.
#[derive(Default)]
pub struct Workbench {
    work: BTreeMap<DrawId, Work>,
    /// Grows with each use, so that the one that was left longest makes room.
    uses: u64,
}

struct Work {
    evaluation: Evaluation,
    used: u64,
}

impl Workbench {
    /// Takes the work on a draw, or begins it.
    fn take(&mut self, id: DrawId, begin: impl FnOnce() -> Evaluation) -> Evaluation {
        match self.work.remove(&id) {
            Some(work) => work.evaluation,
            None => begin(),
        }
    }

    /// Puts work back that is not done.
    fn put(&mut self, id: DrawId, evaluation: Evaluation) {
        if self.work.len() >= PLACES {
            let oldest = self.work.iter().min_by_key(|(_, work)| work.used);
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                self.work.remove(&oldest);
            }
        }
        self.uses += 1;
        let used = self.uses;
        self.work.insert(id, Work { evaluation, used });
    }
}

/// Does at most so many steps, and not more than [`MAX_STEPS`].
///
/// # Errors
/// [`DrawsError::NoSuchDraw`], [`DrawsError::NotDrawn`], and those of the quota.
pub fn finalize<M: Memory>(
    kit: &mut DrawsKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: DrawId,
    max_steps: u32,
) -> Result<DrawView, DrawsError> {
    let draw = kit.product().get(id)?;
    match draw.standing() {
        Standing::Open | Standing::Closed => return Err(DrawsError::NotDrawn),
        Standing::Ended => return view(kit, id),
        Standing::Drawn => {}
    }
    kit.take_quota(world, caller, 1)?;
    let Some(seed) = &draw.seed else {
        return Err(DrawsError::NotDrawn);
    };
    let begin = || Evaluation::new(draw.spec.get().kind, draw.entries(), seed.seed);
    let mut evaluation = kit.product().bench().borrow_mut().take(id, begin);
    let values = work(kit, id, &draw, &mut evaluation, max_steps.min(MAX_STEPS));
    let done = evaluation.given() == evaluation.length();
    if !done {
        kit.product().bench().borrow_mut().put(id, evaluation);
    }
    let stamp = Stamp::new(world, caller.identity());
    if !values.is_empty() {
        let values = values.iter().flat_map(|value| value.to_be_bytes());
        let values = values.collect();
        kit.record(stamp, DrawsEvent::Given { id, values });
    }
    if done {
        end(kit, world, stamp, id)?;
    }
    view(kit, id)
}

/// Does steps; the values that are not recorded yet.
fn work<M: Memory>(
    kit: &DrawsKit<M>,
    id: DrawId,
    draw: &StoredDraw,
    evaluation: &mut Evaluation,
    steps: u32,
) -> Vec<u32> {
    let mut values = Vec::new();
    let mut left = steps;
    while left > 0 {
        match evaluation.step() {
            Step::Weight { index } => {
                let at_most = left.min(CHUNK);
                let entries = kit.product().entries(id, index, at_most as usize);
                left = left.saturating_sub(entries.len() as u32);
                assert!(
                    !entries.is_empty(),
                    "entry {index} of draw {} is gone",
                    id.0
                );
                for entry in entries {
                    evaluation.load(entry.weight);
                }
            }
            Step::Value(value) => {
                left -= 1;
                if evaluation.given() > draw.given {
                    values.push(value);
                }
            }
            Step::Done => break,
        }
    }
    values
}

/// Records the transcript's hash.
fn end<M: Memory>(
    kit: &mut DrawsKit<M>,
    world: &impl Runtime,
    stamp: Stamp,
    id: DrawId,
) -> Result<(), DrawsError> {
    let draw = kit.product().get(id)?;
    let name = kit.config().key_name.to_string();
    let canister = world.canister();
    let header = draw.header(id, canister.as_slice(), &name);
    let tail = draw.tail(kit.product().outcome(id));
    let (header, tail) = header.zip(tail).ok_or(DrawsError::NotDrawn)?;
    let digest = tail.digest(&header.encode());
    kit.record(stamp, DrawsEvent::Ended { id, digest });
    Ok(())
}
