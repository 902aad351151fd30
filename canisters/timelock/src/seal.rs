//! Sealing a message to a bucket.
//!
//! - What it does: a paid call keeps the ciphertext, which was encrypted elsewhere; whoever seals first to a bucket pays for its key, too, so that releasing it
//!   later costs nobody anything.
//! - Idempotent: a repeated request gets the message that the first one sealed. All of it happens in one message.

#[cfg(test)]
mod tests;

use crate::bucket::{Bucket, MINUTE};
use crate::error::TimelockError;
use crate::event::TimelockEvent;
use crate::message::{SealedView, check};
use crate::state::TimelockKit;
use canister_kit::blobs::{BLOCK, blocks_of};
use canister_kit::calls::CallError;
use canister_kit::encoding::{Cycles, Timestamp, to_cbor};
use canister_kit::stable::Memory;
use canister_kit::vetkd::VetKeys;
use canister_kit::{Begun, Caller, PaidCall, Refusal, Stamp};
use serde_bytes::ByteBuf;
use sha2::{Digest, Sha256};

/// What a message costs beside its blocks.
pub const MESSAGE: Cycles = Cycles(200_000_000);

/// What a block of 4 KiB costs: more than the network takes for receiving it and for storing it for ten years.
const PER_BLOCK: Cycles = Cycles(170_000_000);

/// What releasing a bucket costs beside the network's fee for its key.
pub const RELEASE: Cycles = Cycles(200_000_000);

/// Messages of a bucket.
const MAX_MESSAGES: u64 = 10_000;

/// Blocks of all messages: 16 GiB.
const MAX_BLOCKS: u64 = (16 << 30) / BLOCK as u64;

/// The longest time that something is sealed for: ten years.
pub const LONGEST: u64 = 3650 * Timestamp::DAY;

/// What somebody wants to be sealed, as it came.
pub struct Wish {
    request_id: Vec<u8>,
    opens_at: Timestamp,
    ciphertext: Vec<u8>,
}

impl Wish {
    /// Joins what came.
    pub fn of(request_id: ByteBuf, opens_at: u64, ciphertext: ByteBuf) -> Self {
        Self {
            request_id: request_id.into_vec(),
            opens_at: Timestamp(opens_at),
            ciphertext: ciphertext.into_vec(),
        }
    }
}

/// Seals a message, or finds the one that the same request sealed.
///
/// # Errors
/// [`TimelockError::Length`], [`TimelockError::NoCiphertext`], [`TimelockError::KeyNotPrepared`], [`TimelockError::Time`],
/// [`TimelockError::BucketFull`], [`TimelockError::Full`], [`TimelockError::KeyUnavailable`] where there is no such key, and as
/// [`TimelockError::Refused`] every refusal of a call that pays. Nothing has changed then.
pub fn seal<M: Memory>(
    kit: &mut TimelockKit<M>,
    world: &impl VetKeys,
    caller: Caller,
    wish: Wish,
) -> Result<SealedView, TimelockError> {
    let bytes = check(&wish.ciphertext)?;
    let bucket = Bucket::for_time(wish.opens_at);
    let hash: [u8; 32] = Sha256::digest(&wish.ciphertext).into();
    let cost = cost(kit, world, bucket, bytes)?;
    let call = PaidCall {
        caller,
        method: "seal",
        arguments: &[to_cbor(&bucket), hash.to_vec()].concat(),
        request_id: wish.request_id,
        most: cost,
        tokens: 1,
    };
    if let Some(begun) = kit.look_up(&call)? {
        return ended(kit, begun);
    }
    check_bucket(kit, world.now(), bucket, bytes)?;
    let paid = match kit.begin(world, call)? {
        Begun::New(paid) => paid,
        other => return ended(kit, other),
    };
    let id = kit.product().next_message();
    kit.product().blobs().store(id, 0, &wish.ciphertext);
    let event = TimelockEvent::Sealed {
        id,
        bucket,
        bytes,
        hash,
    };
    kit.record(Stamp::new(world, caller.identity()), event);
    kit.finish(world, paid, id.to_be_bytes().to_vec(), cost);
    view(kit, id)
}

/// Whoever is the first in a bucket pays for its key.
fn cost<M: Memory>(
    kit: &TimelockKit<M>,
    world: &impl VetKeys,
    bucket: Bucket,
    bytes: u64,
) -> Result<Cycles, TimelockError> {
    let blocks = blocks_of(bytes) as u32;
    let message = MESSAGE.plus(PER_BLOCK.times(blocks));
    if kit.product().bucket(bucket).is_some() {
        return Ok(message);
    }
    let name = &kit.config().key_name;
    let no_key = || CallError::new(0, format!("there is no key {name}"));
    let fee = world.vetkd_fee(name);
    let fee = fee.ok_or_else(|| TimelockError::KeyUnavailable(no_key()))?;
    Ok(message.plus(fee).plus(RELEASE))
}

fn check_bucket<M: Memory>(
    kit: &TimelockKit<M>,
    now: Timestamp,
    bucket: Bucket,
    bytes: u64,
) -> Result<(), TimelockError> {
    let state = kit.product();
    state.totals().key.ok_or(TimelockError::KeyNotPrepared)?;
    let (opens_at, at_latest) = (bucket.opens_at(), now.after(LONGEST));
    if opens_at <= now || opens_at > at_latest.after(MINUTE) {
        return Err(TimelockError::Time {
            after: now.0,
            at_latest: at_latest.0,
        });
    }
    let messages = state.bucket(bucket).map_or(0, |known| known.messages);
    if messages >= MAX_MESSAGES {
        return Err(TimelockError::BucketFull {
            at_most: MAX_MESSAGES,
        });
    }
    match state.totals().blocks + blocks_of(bytes) > MAX_BLOCKS {
        true => Err(TimelockError::Full),
        false => Ok(()),
    }
}

fn ended<M: Memory>(kit: &TimelockKit<M>, begun: Begun) -> Result<SealedView, TimelockError> {
    match begun {
        Begun::Done(result) => match result.try_into() {
            Ok(id) => view(kit, u64::from_be_bytes(id)),
            Err(_) => panic!("the result of seal is a number of 8 bytes"),
        },
        Begun::Running => Err(Refusal::RequestRunning.into()),
        Begun::Unknown | Begun::New(_) => Err(Refusal::OutcomeUnknown.into()),
    }
}

/// A message, as everyone sees it before its time.
///
/// # Errors
/// [`TimelockError::NoSuchMessage`].
pub fn view<M: Memory>(kit: &TimelockKit<M>, id: u64) -> Result<SealedView, TimelockError> {
    let message = kit.product().message(id);
    let message = message.ok_or(TimelockError::NoSuchMessage)?;
    Ok(SealedView::of(id, &message))
}
