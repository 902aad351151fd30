//! A message: what is known of something that is sealed.
//!
//! - In: ciphertext as a caller brings it, checked to have the form that the official library gives it. Out: what is stored, and what everyone sees.
//! - Ciphertext of identity-based encryption, by ic-vetkeys: 8 bytes "IC IBE" 0 1, a point of G2 (96 bytes), 32 bytes, and the text masked.

use crate::bucket::Bucket;
use crate::error::TimelockError;
use candid::{CandidType, Principal};
use canister_kit::domain::Hash;
use canister_kit::encoding::{Identity, Timestamp};
use key_path::vetkd::derive_below;
use minicbor::{Decode, Encode};
use serde::Deserialize;
use serde_bytes::ByteBuf;

/// How ciphertext begins.
const HEADER: &[u8] = b"IC IBE\0\x01";

/// What ciphertext has more than its text.
const OVERHEAD: u64 = 8 + 96 + 32;

/// Longest ciphertext, in bytes: below the 2 MiB of a message.
pub const MAX_BYTES: u64 = 1_900_000;

/// Whether bytes have the form of ciphertext. Nobody can tell to which identity, nor what is in it.
///
/// # Errors
/// [`TimelockError::Length`] or [`TimelockError::NoCiphertext`].
pub fn check(ciphertext: &[u8]) -> Result<u64, TimelockError> {
    let bytes = ciphertext.len() as u64;
    if !(OVERHEAD..=MAX_BYTES).contains(&bytes) {
        return Err(TimelockError::Length {
            bytes,
            at_least: OVERHEAD,
            at_most: MAX_BYTES,
        });
    }
    let point = derive_below(&ciphertext[HEADER.len()..HEADER.len() + 96], &[]);
    match ciphertext.starts_with(HEADER) && point.is_ok() {
        true => Ok(bytes),
        false => Err(TimelockError::NoCiphertext),
    }
}

/// What is known of a message.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Message {
    /// With which others it opens.
    #[n(0)]
    pub bucket: Bucket,
    /// Who sealed it.
    #[n(1)]
    pub by: Identity,
    /// When.
    #[n(2)]
    pub at: Timestamp,
    /// Bytes of ciphertext.
    #[n(3)]
    pub bytes: u64,
    /// The SHA-256 of the ciphertext.
    #[n(4)]
    #[cbor(with = "minicbor::bytes")]
    pub hash: Hash,
}

canister_kit::stored!(Message, "a message");

/// A message as everyone sees it before its time. Times are in nanoseconds since 1970.
#[derive(CandidType, Deserialize, Clone, Debug, PartialEq, Eq)]
pub struct SealedView {
    /// Its number.
    pub id: u64,
    /// With which others it opens.
    pub bucket: u64,
    /// When.
    pub opens_at: u64,
    /// Who sealed it.
    pub by: Principal,
    /// When.
    pub sealed_at: u64,
    /// Bytes of ciphertext.
    pub bytes: u64,
    /// The SHA-256 of the ciphertext.
    pub hash: ByteBuf,
}

impl SealedView {
    /// A message with its number.
    pub fn of(id: u64, message: &Message) -> Self {
        Self {
            id,
            bucket: message.bucket.number(),
            opens_at: message.bucket.opens_at().0,
            by: message.by.0,
            sealed_at: message.at.0,
            bytes: message.bytes,
            hash: ByteBuf::from(message.hash.to_vec()),
        }
    }
}
