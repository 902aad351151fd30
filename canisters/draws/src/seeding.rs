//! Drawing: what goes into the seed is fixed once, then the seed is made of it.
//!
//! - What it does, each step with the state looked at anew after its await:
//!   1. [`begin`]: the draw is closed, no seed is there, nobody else works on it; the attempt is recorded before anything random is asked for;
//!   2. [`Drawing::fix`] and [`keep`]: facts, the public key and, where the source has it, `raw_rand`; recorded once, and used by every later attempt;
//!   3. [`Drawing::sign`] and [`end`]: the signature, verified; seed and signature are recorded, nothing else.
//! - Specification: docs/protocols/draws.md, steps 11 to 15.
//! - Nobody can choose: a failed attempt leaves what was fixed, and vetKD has one signature for it. An attempt that was lost between 1 and 2 has shown nobody a fresh value that came
//!   from it but the nodes; all attempts are counted and published.
//! - It may be called while the canister is paused. The signature was paid for when the draw was made.

use crate::close::hold;
use crate::create::view;
use crate::draw::{DrawId, Fixed, Seed, Standing, StoredDraw};
use crate::error::DrawsError;
use crate::event::DrawsEvent;
use crate::runtime::Outside;
use crate::shape::DrawView;
use crate::state::DrawsKit;
use candid::Principal;
use canister_kit::calls::CallError;
use canister_kit::encoding::Timestamp;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::{Caller, Guard, KeyName, Stamp};
use draw_proof::beacon::Round;
use draw_proof::evidence::Evidence;
use draw_proof::history::Moment;
use draw_proof::spec::Source;
use draw_proof::vrf::{DRAWS_CONTEXT, VrfKey};

/// How long nobody tries again after an attempt has begun.
const BACK_OFF: u64 = 10 * Timestamp::SECOND;

/// What became of the wish to draw.
pub enum Started {
    /// It was drawn before.
    Done(DrawView),
    /// Draw it.
    Run(Box<Drawing>),
}

/// The right to draw a draw.
pub struct Drawing {
    caller: Caller,
    draw: StoredDraw,
    name: KeyName,
    canister: Principal,
    held: Guard<DrawId>,
}

/// What became of asking for what goes into the seed.
pub struct Asked {
    drawing: Drawing,
    /// Nothing where it is recorded already.
    fixed: Result<Option<Fixed>, CallError>,
}

/// A signature, unverified: 48 bytes, or none where the source has none.
pub struct Signed {
    drawing: Drawing,
    signature: Result<Vec<u8>, CallError>,
}

/// The state of a canister between two calls to others.
pub trait Door {
    /// Where it is kept.
    type Memory: Memory;

    /// Lends it.
    fn change<R>(&self, use_it: impl FnOnce(&mut DrawsKit<Self::Memory>) -> R) -> R;
}

/// Begins an attempt, and records it.
///
/// # Errors
/// [`DrawsError::NoSuchDraw`], [`DrawsError::NotClosed`], [`DrawsError::NotYet`] before the beacon's round, [`DrawsError::TriedJustNow`], [`DrawsError::BeingWorkedOn`], and those
/// of the quota.
pub fn begin<M: Memory>(
    kit: &mut DrawsKit<M>,
    world: &impl Runtime,
    caller: Caller,
    id: DrawId,
) -> Result<Started, DrawsError> {
    let draw = kit.product().get(id)?;
    match draw.standing() {
        Standing::Open => return Err(DrawsError::NotClosed),
        Standing::Drawn | Standing::Ended => return view(kit, id).map(Started::Done),
        Standing::Closed => {}
    }
    if let Source::Beacon { round, .. } = draw.spec.get().source {
        let at = Round(round).drawn_from().unwrap_or(u64::MAX);
        if world.now().0 < at {
            return Err(DrawsError::NotYet { at });
        }
    }
    let held = hold(kit, id)?;
    if let Some(tried_at) = draw.tried_at {
        let at = tried_at.after(BACK_OFF);
        if world.now() < at {
            return Err(DrawsError::TriedJustNow { at: at.0 });
        }
    }
    kit.take_quota(world, caller, 1)?;
    let event = DrawsEvent::Tried { id };
    kit.record(Stamp::new(world, caller.identity()), event);
    Ok(Started::Run(Box::new(Drawing {
        caller,
        draw: kit.product().get(id)?,
        name: kit.config().key_name.clone(),
        canister: world.canister(),
        held,
    })))
}

/// All of the attempt after its beginning.
///
/// # Errors
/// [`DrawsError::Silent`]: draw again, the result will be the same.
pub async fn drive(
    door: &impl Door,
    world: &impl Outside,
    drawing: Box<Drawing>,
) -> Result<DrawView, DrawsError> {
    let asked = drawing.fix(world).await;
    let drawing = door.change(|kit| keep(kit, world, asked))?;
    let signed = drawing.sign(world).await;
    door.change(|kit| end(kit, world, signed))
}

impl Drawing {
    fn id(&self) -> DrawId {
        *self.held.key()
    }

    fn source(&self) -> &Source {
        &self.draw.spec.get().source
    }

    /// Asks for what goes into the seed, unless it is recorded.
    async fn fix(self, world: &impl Outside) -> Asked {
        let fixed = match self.draw.fixed {
            Some(_) => Ok(None),
            None => self.ask(world).await.map(Some),
        };
        Asked {
            drawing: self,
            fixed,
        }
    }

    async fn ask(&self, world: &impl Outside) -> Result<Fixed, CallError> {
        let key = match self.source() {
            Source::RawRand => Vec::new(),
            Source::Vrf | Source::VrfAndRawRand => {
                checked(&world.vetkd_public_key(DRAWS_CONTEXT, &self.name).await?)?
            }
            Source::Beacon { canister, .. } => {
                let beacon = principal(canister)?;
                checked(&world.beacon_key(beacon, &self.name).await?)?
            }
        };
        let facts = world.facts().await?;
        // Last, so that what is recorded about the canister was asked for before the randomness came.
        let fresh = match self.source().takes_fresh() {
            true => world.raw_rand().await?.to_vec(),
            false => Vec::new(),
        };
        let at = world.now().0;
        let drawn = Moment { at, facts };
        Ok(Fixed { drawn, fresh, key })
    }

    /// Asks for the signature.
    async fn sign(self, world: &impl Outside) -> Signed {
        let signature = match self.source() {
            Source::RawRand => Ok(Vec::new()),
            Source::Vrf | Source::VrfAndRawRand => match self.vrf_input() {
                Some(input) => {
                    let signed = world.published_vetkey(DRAWS_CONTEXT, &input, &self.name);
                    signed.await.map(|signature| signature.to_vec())
                }
                None => Err(CallError::new(0, "what goes into the seed is not fixed")),
            },
            Source::Beacon { canister, round } => match principal(canister) {
                Ok(beacon) => world.beacon_round(beacon, *round).await,
                Err(error) => Err(error),
            },
        };
        Signed {
            drawing: self,
            signature,
        }
    }

    fn vrf_input(&self) -> Option<[u8; 32]> {
        let canister = self.canister.as_slice();
        let name = self.name.to_string();
        let commitment = self.draw.commitment(self.id(), canister, &name)?;
        Some(commitment.vrf_input(&self.draw.fixed.as_ref()?.fresh))
    }

    /// The seed that a signature leads to, if it is the right one.
    fn seed(&self, signature: Vec<u8>) -> Result<Seed, CallError> {
        let (canister, name) = (self.canister.as_slice(), self.name.to_string());
        let commitment = self.draw.commitment(self.id(), canister, &name);
        let both = commitment.zip(self.draw.fixed.as_ref());
        let (commitment, fixed) =
            both.ok_or_else(|| CallError::new(0, "what goes into the seed is not fixed"))?;
        let proven = Evidence::of(self.source(), &fixed.fresh, &signature).and_then(|evidence| {
            let key = match self.source().is_signed() {
                true => Some(VrfKey::parse(&fixed.key)?),
                false => None,
            };
            commitment.seed(self.source(), &evidence, key.as_ref())
        });
        let seed = proven.map_err(|error| CallError::new(0, error))?;
        Ok(Seed { signature, seed })
    }
}

/// Records what goes into the seed, unless it is recorded already; then that counts.
fn keep<M: Memory>(
    kit: &mut DrawsKit<M>,
    world: &impl Runtime,
    asked: Asked,
) -> Result<Drawing, DrawsError> {
    let Asked { mut drawing, fixed } = asked;
    let id = drawing.id();
    let fixed = match fixed {
        Ok(fixed) => fixed,
        Err(error) => return Err(failed(kit, world, &drawing, error)),
    };
    let unfixed = kit.product().get(id)?.fixed.is_none();
    if let Some(fixed) = fixed.filter(|_| unfixed) {
        let stamp = Stamp::new(world, drawing.caller.identity());
        kit.record(stamp, DrawsEvent::Fixed { id, fixed });
    }
    drawing.draw = kit.product().get(id)?;
    Ok(drawing)
}

/// Verifies and records the seed.
fn end<M: Memory>(
    kit: &mut DrawsKit<M>,
    world: &impl Runtime,
    signed: Signed,
) -> Result<DrawView, DrawsError> {
    let Signed { drawing, signature } = signed;
    let id = drawing.id();
    let seed = match signature.and_then(|signature| drawing.seed(signature)) {
        Ok(seed) => seed,
        Err(error) => return Err(failed(kit, world, &drawing, error)),
    };
    if kit.product().get(id)?.standing() == Standing::Closed {
        let stamp = Stamp::new(world, drawing.caller.identity());
        kit.record(stamp, DrawsEvent::Drawn { id, seed });
    }
    view(kit, id)
}

fn failed<M: Memory>(
    kit: &mut DrawsKit<M>,
    world: &impl Runtime,
    drawing: &Drawing,
    error: CallError,
) -> DrawsError {
    let event = DrawsEvent::Failed {
        id: drawing.id(),
        error: error.clone(),
    };
    kit.record(Stamp::new(world, drawing.caller.identity()), event);
    DrawsError::Silent(error)
}

fn checked(told: &[u8]) -> Result<Vec<u8>, CallError> {
    let key = VrfKey::parse(told);
    key.map(|key| key.bytes().to_vec())
        .map_err(|error| CallError::new(0, error))
}

fn principal(bytes: &[u8]) -> Result<Principal, CallError> {
    Principal::try_from_slice(bytes).map_err(|error| CallError::new(0, error))
}
