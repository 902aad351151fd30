//! What everyone may read: where to seal to, what is sealed, and after its time what opens it.
//!
//! - Reading changes nothing and costs the same however many messages there are. Before a bucket is released nothing here has its key.

use crate::bucket::{Bucket, CONTEXT};
use crate::error::TimelockError;
use crate::message::SealedView;
use crate::release::ReleasedView;
use crate::state::TimelockKit;
use candid::CandidType;
use canister_kit::encoding::Timestamp;
use canister_kit::runtime::Runtime;
use canister_kit::stable::Memory;
use serde::Deserialize;
use serde_bytes::ByteBuf;

/// Most messages of one answer.
const MAX_LISTED: u32 = 100;

/// Where to seal to, so that it opens at a time.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct BucketView {
    /// The bucket's number.
    pub bucket: u64,
    /// When it opens: at the time that was asked for, or less than a minute later.
    pub opens_at: u64,
    /// The identity to encrypt to.
    pub identity: ByteBuf,
    /// The public key to encrypt under: 96 bytes.
    pub public_key: ByteBuf,
    /// How many messages are sealed to it.
    pub messages: u64,
    /// Its key, once it is public.
    pub released: Option<ReleasedView>,
}

/// Where to seal to.
///
/// # Errors
/// [`TimelockError::KeyNotPrepared`].
pub fn bucket_for<M: Memory>(
    kit: &TimelockKit<M>,
    time: Timestamp,
) -> Result<BucketView, TimelockError> {
    let bucket = Bucket::for_time(time);
    let key = kit.product().totals().key;
    let key = key.ok_or(TimelockError::KeyNotPrepared)?;
    let known = kit.product().bucket(bucket).unwrap_or_default();
    Ok(BucketView {
        bucket: bucket.number(),
        opens_at: bucket.opens_at().0,
        identity: ByteBuf::from(bucket.input()),
        public_key: ByteBuf::from(key.of_context(CONTEXT).to_vec()),
        messages: known.messages,
        released: ReleasedView::of(bucket, &known),
    })
}

/// Messages of a bucket from a number on.
pub fn sealed_in<M: Memory>(
    kit: &TimelockKit<M>,
    bucket: Bucket,
    from: u64,
    limit: u32,
) -> Vec<SealedView> {
    let at_most = limit.min(MAX_LISTED) as usize;
    let ids = kit.product().sealed_in(bucket, from, at_most);
    let view = |id| Some(SealedView::of(id, &kit.product().message(id)?));
    ids.into_iter().filter_map(view).collect()
}

/// A message and what opens it.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct OpenedView {
    /// The message.
    pub message: SealedView,
    /// What was sealed.
    pub ciphertext: ByteBuf,
    /// The key of its bucket: 48 bytes.
    pub vetkey: ByteBuf,
}

/// A message whose time has come, and what opens it.
///
/// # Errors
/// [`TimelockError::NoSuchMessage`], [`TimelockError::TooEarly`], [`TimelockError::NotReleased`].
pub fn open<M: Memory>(
    kit: &TimelockKit<M>,
    world: &impl Runtime,
    id: u64,
) -> Result<OpenedView, TimelockError> {
    let message = crate::seal::view(kit, id)?;
    if world.now().0 < message.opens_at {
        return Err(TimelockError::TooEarly {
            at: message.opens_at,
        });
    }
    let bucket = message.bucket;
    let known = kit.product().bucket(Bucket::new(bucket));
    let key = known.and_then(|known| known.key);
    let key = key.ok_or(TimelockError::NotReleased { bucket })?;
    let ciphertext = kit.product().blobs().load(id, 0);
    Ok(OpenedView {
        message,
        ciphertext: ByteBuf::from(ciphertext.ok_or(TimelockError::NoSuchMessage)?),
        vetkey: ByteBuf::from(key.0.to_vec()),
    })
}
