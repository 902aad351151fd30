//! Closing a draw: its entries are fixed, and what the canister is then.
//!
//! - What it does: from the closing time on anyone closes; facts are asked for, the state is looked at anew, and root and moment are recorded. Nothing random has been asked for before.
//! - It may be called while the canister is paused: it ends what was begun.

use crate::create::view;
use crate::draw::{DrawId, Standing};
use crate::error::DrawsError;
use crate::event::DrawsEvent;
use crate::runtime::Outside;
use crate::shape::DrawView;
use crate::state::DrawsKit;
use canister_kit::calls::CallError;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::{Caller, Guard, Stamp};
use draw_proof::history::Facts;

/// What became of the wish to close.
pub enum Started {
    /// It was closed before.
    Done(DrawView),
    /// Close it.
    Run(Closing),
}

/// The right to close a draw.
pub struct Closing {
    caller: Caller,
    held: Guard<DrawId>,
}

/// A closing with the facts, if they came.
pub struct Answered {
    closing: Closing,
    facts: Result<Facts, CallError>,
}

/// Begins.
///
/// # Errors
/// [`DrawsError::NoSuchDraw`], [`DrawsError::NotYet`], [`DrawsError::BeingWorkedOn`], and those of the quota.
pub fn begin<M: Memory>(
    kit: &mut DrawsKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: DrawId,
) -> Result<Started, DrawsError> {
    let draw = kit.product().get(id)?;
    if draw.standing() != Standing::Open {
        return view(kit, id).map(Started::Done);
    }
    let at = draw.spec.get().closes_at;
    if world.now().0 < at {
        return Err(DrawsError::NotYet { at });
    }
    kit.take_quota(world, caller, 1)?;
    let held = hold(kit, id)?;
    Ok(Started::Run(Closing { caller, held }))
}

/// The lock of a draw, for whoever works on it.
///
/// # Errors
/// [`DrawsError::BeingWorkedOn`], or [`DrawsError::Refused`] while as many draws are being worked on as the canister keeps track of.
pub fn hold<M: Memory>(kit: &DrawsKit<M>, id: DrawId) -> Result<Guard<DrawId>, DrawsError> {
    let working = kit.product().working();
    match working.holds(&id) {
        true => Err(DrawsError::BeingWorkedOn),
        false => Ok(working.hold(id)?),
    }
}

impl Closing {
    /// Asks for the facts, and hands over what came.
    ///
    /// # Errors
    /// Those of `end`.
    pub async fn run(
        self,
        world: &impl Outside,
        end: impl FnOnce(Answered) -> Result<DrawView, DrawsError>,
    ) -> Result<DrawView, DrawsError> {
        end(self.ask(world).await)
    }

    async fn ask(self, world: &impl Outside) -> Answered {
        let facts = world.facts().await;
        Answered {
            closing: self,
            facts,
        }
    }
}

/// Records the close.
///
/// # Errors
/// [`DrawsError::Silent`]: close again.
pub fn end<M: Memory>(
    kit: &mut DrawsKit<M>,
    world: &impl Runtime,
    answered: Answered,
) -> Result<DrawView, DrawsError> {
    let Answered { closing, facts } = answered;
    let facts = facts.map_err(DrawsError::Silent)?;
    let id = *closing.held.key();
    let draw = kit.product().get(id)?;
    if draw.standing() == Standing::Open {
        let root = draw.peaks.root();
        let event = DrawsEvent::Closed { id, facts, root };
        kit.record(Stamp::new(world, closing.caller.identity()), event);
    }
    view(kit, id)
}
