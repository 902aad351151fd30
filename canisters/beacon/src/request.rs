//! Asking for a round, and paying for it.
//!
//! - What it does: checks label and round, begins a paid call, records the request, and ends the call. Whoever is the first to ask for a round pays what drawing it costs; others pay a small fixed
//!   amount. All of it happens in one message, so no outcome is ever unknown.
//! - Idempotent: a repeated request gets the round of the first one, as it is now.
//! - The caller's bytes never reach the signature: they are hashed with what it gave (docs/protocols/draws.md, step 14).

use crate::error::BeaconError;
use crate::event::BeaconEvent;
use crate::round::RoundView;
use crate::state::BeaconKit;
use canister_kit::encoding::{Cycles, Timestamp, to_cbor};
use canister_kit::stable::Memory;
use canister_kit::vetkd::VetKeys;
use canister_kit::{Begun, Caller, PaidCall, Refusal, Stamp};
use draw_proof::beacon::Round;

/// What a request costs beside the drawing: more than the network takes for ten years of storing it.
pub const COST: Cycles = Cycles(1_000_000_000);

/// Longest label, in bytes.
pub const MAX_LABEL_BYTES: usize = 64;

/// How far ahead a round can be asked for: 400 days.
const REACH: u64 = 400 * Timestamp::DAY;

/// A wish for randomness, as it came.
pub struct Wish {
    request_id: Vec<u8>,
    label: Vec<u8>,
    /// The next one where nothing is said.
    round: Option<u64>,
}

impl Wish {
    /// The caller's name for the request; what its randomness is hashed with; which round.
    pub fn of(request_id: Vec<u8>, label: Vec<u8>, round: Option<u64>) -> Self {
        Self {
            request_id,
            label,
            round,
        }
    }
}

/// Asks for a round.
///
/// # Errors
/// [`BeaconError::LabelLength`], [`BeaconError::RoundOutOfReach`], [`BeaconError::KeyNotPrepared`], [`BeaconError::NoSuchKey`], and as [`BeaconError::Refused`] every refusal of a
/// call that pays. Nothing has changed then.
pub fn request<M: Memory>(
    kit: &mut BeaconKit<M>,
    world: &impl VetKeys,
    caller: Caller,
    wish: Wish,
) -> Result<RoundView, BeaconError> {
    if wish.label.len() > MAX_LABEL_BYTES {
        return Err(BeaconError::LabelLength);
    }
    let fee = world.vetkd_fee(&kit.config().key_name);
    let fee = fee.ok_or(BeaconError::NoSuchKey)?;
    let arguments = to_cbor(&(
        wish.round,
        minicbor::bytes::ByteVec::from(wish.label.clone()),
    ));
    let call = PaidCall {
        caller,
        method: "request",
        arguments: &arguments,
        request_id: wish.request_id,
        most: fee.plus(COST),
        tokens: 1,
    };
    // What holds for new requests only is checked for new ones only.
    let round = match kit.look_up(&call)? {
        Some(_) => Round(0),
        None => reachable(kit, world, wish.round)?,
    };
    let paid = match kit.begin(world, call)? {
        Begun::New(paid) => paid,
        Begun::Done(result) => return view(kit, read_round(&result)),
        Begun::Running => return Err(Refusal::RequestRunning.into()),
        Begun::Unknown => return Err(Refusal::OutcomeUnknown.into()),
    };
    let cost = match kit.product().round(round) {
        Ok(_) => COST,
        Err(_) => fee.plus(COST),
    };
    let event = BeaconEvent::Requested {
        round: round.0,
        label: wish.label,
    };
    kit.record(Stamp::new(world, caller.identity()), event);
    kit.finish(world, paid, round.0.to_be_bytes().to_vec(), cost);
    view(kit, round)
}

/// The round that is wanted, if it can still be asked for: its time has not come.
fn reachable<M: Memory>(
    kit: &BeaconKit<M>,
    world: &impl VetKeys,
    wanted: Option<u64>,
) -> Result<Round, BeaconError> {
    kit.product().key()?;
    let now = world.now();
    let first = Round::after(now.0);
    let last = Round::after(now.after(REACH).0);
    let wanted = wanted.map_or(first, Round);
    match (first..=last).contains(&wanted) {
        true => Ok(wanted),
        false => Err(BeaconError::RoundOutOfReach {
            first: first.0,
            last: last.0,
        }),
    }
}

fn read_round(result: &[u8]) -> Round {
    match result.try_into() {
        Ok(bytes) => Round(u64::from_be_bytes(bytes)),
        Err(_) => panic!("the result of request is a round of 8 bytes"),
    }
}

fn view<M: Memory>(kit: &BeaconKit<M>, round: Round) -> Result<RoundView, BeaconError> {
    let stored = kit.product().round(round)?;
    Ok(RoundView::of(round, &stored))
}
