//! Drawing a round that somebody asked and paid for.
//!
//! - What it does: [`begin`] checks that the round was asked for, that its time has come and that nobody else draws it; [`Drawing::run`] asks for the signature; [`end`] looks at the state
//!   anew, verifies the signature and records the round, or records that the attempt failed.
//! - Anyone may call, the anonymous principal included, which is nowhere else so: it costs the caller nothing and gives it nothing, and a beacon without a keeper goes on. The round was paid
//!   for when it was asked for, so nobody can make the canister pay by calling.
//! - The signature is unique: a repeated attempt, or one by another, brings the same round. Whoever could make attempts fail can delay a round, not choose it.
//! - Not before its time, whoever calls: there is no other way to a signature in this code.
//! - It may be called while the canister is paused: it ends what was begun.

use crate::error::BeaconError;
use crate::event::BeaconEvent;
use crate::round::RoundView;
use crate::state::BeaconKit;
use canister_kit::calls::CallError;
use canister_kit::encoding::{Identity, Timestamp};
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use canister_kit::vetkd::VetKeys;
use canister_kit::{Guard, KeyName, Stamp};
use draw_proof::beacon::Round;
use draw_proof::vrf::{BEACON_CONTEXT, VrfKey};

/// How long nobody tries again after a failure.
const BACK_OFF: u64 = 10 * Timestamp::SECOND;

/// What became of the wish to draw.
pub enum Started {
    /// It was drawn before.
    Drawn(RoundView),
    /// Draw it.
    Run(Drawing),
}

/// The right to draw a round.
pub struct Drawing {
    round: Round,
    by: Identity,
    name: KeyName,
    beacon: Vec<u8>,
    key: VrfKey,
    held: Guard<u64>,
}

/// A round with its signature, unverified.
pub struct Signed {
    drawing: Drawing,
    answer: Result<[u8; 48], CallError>,
}

/// Begins to draw.
///
/// # Errors
/// [`BeaconError::NoSuchRound`], [`BeaconError::NotYet`], [`BeaconError::TriedJustNow`], [`BeaconError::BeingDrawn`], or [`BeaconError::Refused`] while as many rounds are being drawn as the
/// canister keeps track of.
pub fn begin<M: Memory>(
    kit: &BeaconKit<M>,
    world: &impl Runtime,
    round: Round,
) -> Result<Started, BeaconError> {
    let stored = kit.product().round(round)?;
    if stored.drawn.is_some() {
        return Ok(Started::Drawn(RoundView::of(round, &stored)));
    }
    let at = round.drawn_from().unwrap_or(u64::MAX);
    if world.now().0 < at {
        return Err(BeaconError::NotYet { at });
    }
    if let Some(failed_at) = stored.failed_at {
        let at = failed_at.after(BACK_OFF);
        if world.now() < at {
            return Err(BeaconError::TriedJustNow { at: at.0 });
        }
    }
    let key = kit.product().key()?;
    let locks = kit.product().drawing();
    if locks.holds(&round.0) {
        return Err(BeaconError::BeingDrawn);
    }
    Ok(Started::Run(Drawing {
        round,
        by: Identity(world.caller()),
        name: kit.config().key_name.clone(),
        beacon: world.canister().as_slice().to_vec(),
        key,
        held: locks.hold(round.0)?,
    }))
}

impl Drawing {
    /// Asks for the signature, and hands over what came.
    ///
    /// # Errors
    /// Those of `end`.
    pub async fn run(
        self,
        world: &impl VetKeys,
        end: impl FnOnce(Signed) -> Result<RoundView, BeaconError>,
    ) -> Result<RoundView, BeaconError> {
        end(self.sign(world).await)
    }

    async fn sign(self, world: &impl VetKeys) -> Signed {
        let input = self.round.input(&self.beacon);
        let answer = world
            .published_vetkey(BEACON_CONTEXT, &input, &self.name)
            .await;
        Signed {
            drawing: self,
            answer,
        }
    }
}

/// Verifies and records what came.
///
/// # Errors
/// [`BeaconError::NotDrawn`]: the round can be drawn later.
pub fn end<M: Memory>(
    kit: &mut BeaconKit<M>,
    world: &impl Runtime,
    signed: Signed,
) -> Result<RoundView, BeaconError> {
    let Signed { drawing, answer } = signed;
    let Drawing {
        round,
        by,
        beacon,
        key,
        held,
        ..
    } = drawing;
    let stamp = Stamp::new(world, by);
    let stored = kit.product().round(round)?;
    if stored.drawn.is_some() {
        return Ok(RoundView::of(round, &stored));
    }
    let verified = answer.and_then(|signature| {
        let randomness = round.randomness(&beacon, &key, &signature);
        let randomness = randomness.map_err(|error| CallError::new(0, error))?;
        Ok((signature, randomness))
    });
    let (event, failure) = match verified {
        Ok((signature, randomness)) => {
            let event = BeaconEvent::Drawn {
                round: round.0,
                signature,
                randomness,
            };
            (event, None)
        }
        Err(error) => {
            let event = BeaconEvent::Failed {
                round: round.0,
                error: error.clone(),
            };
            (event, Some(error))
        }
    };
    kit.record(stamp, event);
    drop(held);
    match failure {
        Some(error) => Err(BeaconError::NotDrawn(error)),
        None => Ok(RoundView::of(round, &kit.product().round(round)?)),
    }
}
