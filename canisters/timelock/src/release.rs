//! Releasing a bucket: its key becomes public.
//!
//! - What it does: [`begin`] checks the time and records that the key is asked for; [`Release::run`] has the network derive it under a transport key that hides nothing; [`end`] checks
//!   that it is the bucket's key, and keeps it for everyone.
//! - Anyone may call, the anonymous principal included: a stated exception to the kit's rule. It pays for nothing that was not paid when somebody sealed, each
//!   bucket is released once, and a key that did not come is asked for again a minute later at the earliest.
//! - This is the only place of the code that derives under the context; before the time of a bucket no caller gets past [`begin`].

#[cfg(test)]
mod tests;

use crate::bucket::{Bucket, CONTEXT, Known, MINUTE, VetKey};
use crate::error::TimelockError;
use crate::event::TimelockEvent;
use crate::state::TimelockKit;
use candid::CandidType;
use canister_kit::calls::CallError;
use canister_kit::encoding::Identity;
use canister_kit::own_key::OwnKey;
use canister_kit::stable::Memory;
use canister_kit::vetkd::VetKeys;
use canister_kit::{Guard, KeyName, Stamp};
use key_path::vetkd::check_key;
use serde::Deserialize;
use serde_bytes::ByteBuf;

/// A bucket whose key is public.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct ReleasedView {
    /// Its number.
    pub bucket: u64,
    /// Its key: 48 bytes.
    pub vetkey: ByteBuf,
    /// When it became public, in nanoseconds since 1970.
    pub released_at: u64,
}

impl ReleasedView {
    /// The key of a bucket, if it is public.
    pub fn of(bucket: Bucket, known: &Known) -> Option<Self> {
        Some(Self {
            bucket: bucket.number(),
            vetkey: ByteBuf::from(known.key?.0.to_vec()),
            released_at: known.released_at?.0,
        })
    }
}

/// What comes of the wish to release.
pub enum Started {
    /// It is released.
    Ended(ReleasedView),
    /// The network is to be asked.
    Run(Release),
}

/// The right to ask for the key of a bucket that is open.
pub struct Release {
    bucket: Bucket,
    by: Identity,
    own: OwnKey,
    name: KeyName,
    held: Guard<Bucket>,
}

/// What the network told.
pub struct Told {
    release: Release,
    key: Result<[u8; 48], CallError>,
}

/// Checks that the bucket is open and paid for, and records that its key is asked for.
///
/// # Errors
/// [`TimelockError::NoSuchBucket`], [`TimelockError::TooEarly`], [`TimelockError::BeingReleased`], [`TimelockError::AskedBefore`].
pub fn begin<M: Memory>(
    kit: &mut TimelockKit<M>,
    world: &impl VetKeys,
    bucket: Bucket,
) -> Result<Started, TimelockError> {
    let (state, now) = (kit.product(), world.now());
    let known = state.bucket(bucket).ok_or(TimelockError::NoSuchBucket)?;
    if now < bucket.opens_at() {
        return Err(TimelockError::TooEarly {
            at: bucket.opens_at().0,
        });
    }
    if let Some(view) = ReleasedView::of(bucket, &known) {
        return Ok(Started::Ended(view));
    }
    let own = state.totals().key.ok_or(TimelockError::KeyNotPrepared)?;
    let held = state.releasing().hold(bucket);
    let held = held.map_err(|_| TimelockError::BeingReleased)?;
    let retry_at = known.asked_at.map(|asked| asked.after(MINUTE));
    if let Some(retry_at) = retry_at.filter(|retry_at| now < *retry_at) {
        return Err(TimelockError::AskedBefore {
            retry_at: retry_at.0,
        });
    }
    let release = Release {
        bucket,
        by: Identity(world.caller()),
        own,
        name: kit.config().key_name.clone(),
        held,
    };
    let stamp = Stamp::new(world, release.by);
    kit.record(stamp, TimelockEvent::KeyAsked { bucket });
    Ok(Started::Run(release))
}

impl Release {
    /// Asks the network.
    pub async fn run(self, world: &impl VetKeys) -> Told {
        let input = self.held.key().input();
        let key = world.published_vetkey(CONTEXT, &input, &self.name).await;
        Told { release: self, key }
    }
}

/// Checks the key, and keeps it for everyone.
///
/// # Errors
/// [`TimelockError::KeyUnavailable`] or [`TimelockError::KeyMalformed`]; nothing is kept then.
pub fn end<M: Memory>(
    kit: &mut TimelockKit<M>,
    world: &impl VetKeys,
    told: Told,
) -> Result<ReleasedView, TimelockError> {
    let Release {
        bucket, by, own, ..
    } = told.release;
    let key = told.key.map_err(TimelockError::KeyUnavailable)?;
    let public_key = own.of_context(CONTEXT);
    let checked = check_key(&public_key, &bucket.input(), &key);
    checked.map_err(|_| TimelockError::KeyMalformed)?;
    let key = VetKey(key);
    kit.record(
        Stamp::new(world, by),
        TimelockEvent::Released { bucket, key },
    );
    let known = kit.product().bucket(bucket);
    let view = known.and_then(|known| ReleasedView::of(bucket, &known));
    view.ok_or(TimelockError::NoSuchBucket)
}
