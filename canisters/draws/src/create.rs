//! Making a draw.
//!
//! - What it does: checks the specification, begins a paid call, asks for facts about the canister, records the draw, and ends the call with its number. What a signature costs is paid here, so
//!   that nobody can make the canister pay later.
//! - Idempotent: a repeated request gets the draw that the first one made. A request whose outcome is unknown is taken up again, because a draw is recorded only in its last step.

use crate::draw::DrawId;
use crate::error::DrawsError;
use crate::event::DrawsEvent;
use crate::runtime::Outside;
use crate::shape::{DrawView, NewDraw};
use crate::state::DrawsKit;
use canister_kit::calls::CallError;
use canister_kit::encoding::{Cycles, Timestamp};
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::vetkd::VetKeys;
use canister_kit::{Begun, Caller, Paid, PaidCall, Refusal, Stamp};
use draw_proof::history::Facts;
use draw_proof::spec::{Source, Spec};

/// What a draw costs beside its signature: more than the network takes for ten years of storing it and for working out the longest outcome.
pub const COST: Cycles = Cycles(5_000_000_000);

/// How far ahead a draw may close: 400 days.
const REACH: u64 = 400 * Timestamp::DAY;

/// What became of the wish for a draw.
pub enum Started {
    /// It was made before.
    Done(DrawView),
    /// Make it.
    Run(Creation),
}

/// The right to make a draw.
pub struct Creation {
    caller: Caller,
    spec: Spec,
    cost: Cycles,
    paid: Paid,
}

/// A draw that can be recorded, or not.
pub struct Answered {
    creation: Creation,
    facts: Result<Facts, CallError>,
}

/// Begins.
///
/// # Errors
/// [`DrawsError::Spec`], [`DrawsError::ClosingTime`], [`DrawsError::NoSuchKey`], and as [`DrawsError::Refused`] every refusal of a call that pays.
pub fn begin<M: Memory>(
    kit: &mut DrawsKit<M>,
    world: &impl VetKeys,
    caller: Caller,
    request_id: Vec<u8>,
    wish: NewDraw,
) -> Result<Started, DrawsError> {
    let spec = Spec::parse(wish.spec(caller.principal())).map_err(DrawsError::of_spec)?;
    let cost = cost(kit, world, &spec)?;
    let encoded = spec.encode();
    let call = PaidCall {
        caller,
        method: "create",
        arguments: &encoded,
        request_id,
        most: cost,
        tokens: 1,
    };
    if kit.look_up(&call)?.is_none() {
        in_reach(world, spec.get().closes_at)?;
    }
    let paid = match kit.begin(world, call.clone())? {
        Begun::New(paid) => paid,
        Begun::Done(result) => return view(kit, read_id(&result)).map(Started::Done),
        Begun::Running => return Err(Refusal::RequestRunning.into()),
        // Nothing was recorded and nothing was paid to others.
        Begun::Unknown => kit.resume(world, call)?,
    };
    Ok(Started::Run(Creation {
        caller,
        spec,
        cost,
        paid,
    }))
}

fn cost<M: Memory>(
    kit: &DrawsKit<M>,
    world: &impl VetKeys,
    spec: &Spec,
) -> Result<Cycles, DrawsError> {
    match spec.get().source {
        Source::RawRand | Source::Beacon { .. } => Ok(COST),
        Source::Vrf | Source::VrfAndRawRand => {
            let fee = world.vetkd_fee(&kit.config().key_name);
            Ok(fee.ok_or(DrawsError::NoSuchKey)?.plus(COST))
        }
    }
}

fn in_reach(world: &impl Runtime, closes_at: u64) -> Result<(), DrawsError> {
    let (after, at_latest) = (world.now().0, world.now().after(REACH).0);
    match after < closes_at && closes_at <= at_latest {
        true => Ok(()),
        false => Err(DrawsError::ClosingTime { after, at_latest }),
    }
}

impl Creation {
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
            creation: self,
            facts,
        }
    }
}

/// Records the draw, if its closing time has not come meanwhile.
///
/// # Errors
/// [`DrawsError::Silent`] or [`DrawsError::ClosingTime`]: the request id may be used again.
pub fn end<M: Memory>(
    kit: &mut DrawsKit<M>,
    world: &impl Runtime,
    answered: Answered,
) -> Result<DrawView, DrawsError> {
    let Answered { creation, facts } = answered;
    let Creation {
        caller,
        spec,
        cost,
        paid,
    } = creation;
    let facts = facts.map_err(DrawsError::Silent);
    let facts = facts.and_then(|facts| in_reach(world, spec.get().closes_at).map(|()| facts));
    let facts = match facts {
        Ok(facts) => facts,
        Err(error) => {
            kit.withdraw(world, paid, Cycles::ZERO);
            return Err(error);
        }
    };
    let id = kit.product().next_id();
    let event = DrawsEvent::Created { id, spec, facts };
    kit.record(Stamp::new(world, caller.identity()), event);
    kit.finish(world, paid, id.0.to_be_bytes().to_vec(), cost);
    view(kit, id)
}

fn read_id(result: &[u8]) -> DrawId {
    match result.try_into() {
        Ok(bytes) => DrawId(u64::from_be_bytes(bytes)),
        Err(_) => panic!("the result of create is a number of 8 bytes"),
    }
}

/// A draw as it is now.
pub fn view<M: Memory>(kit: &DrawsKit<M>, id: DrawId) -> Result<DrawView, DrawsError> {
    Ok(DrawView::of(id, &kit.product().get(id)?))
}
