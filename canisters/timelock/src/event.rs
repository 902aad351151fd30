//! What can happen to sealed messages: the only way in which the state changes.
//!
//! - Stored as CBOR: [number, [fields]], inside the record that the kit makes of it. Numbers are never used again for something else.
//! - An event names size and hash of ciphertext, never the ciphertext. A key stands in an event only once its bucket is open.

use crate::bucket::{Bucket, VetKey};
use canister_kit::domain::Hash;
use canister_kit::own_key::OwnKey;
use minicbor::{Decode, Encode};

/// Something that happened.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub enum TimelockEvent {
    /// The canister's own public key was told, and is kept from now on.
    #[n(0)]
    KeyKept {
        /// The key.
        #[n(0)]
        key: OwnKey,
    },
    /// The stamp's caller has sealed a message, and paid for the bucket's key if it is the first.
    #[n(1)]
    Sealed {
        /// The message's number: the next one.
        #[n(0)]
        id: u64,
        /// To which bucket.
        #[n(1)]
        bucket: Bucket,
        /// Bytes of ciphertext.
        #[n(2)]
        bytes: u64,
        /// The SHA-256 of the ciphertext.
        #[n(3)]
        #[cbor(with = "minicbor::bytes")]
        hash: Hash,
    },
    /// The bucket is open, and the network is asked for its key.
    #[n(2)]
    KeyAsked {
        /// Which bucket's.
        #[n(0)]
        bucket: Bucket,
    },
    /// The key has come and was checked: everyone may know it.
    #[n(3)]
    Released {
        /// Which bucket's.
        #[n(0)]
        bucket: Bucket,
        /// The key.
        #[n(1)]
        key: VetKey,
    },
}
