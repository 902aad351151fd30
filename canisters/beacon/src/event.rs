//! What can happen to the beacon: the only way in which it changes.
//!
//! - Stored as CBOR: [number, [fields]], inside the record that the kit makes of it. Numbers are never used again for something else.
//! - The caller makes every check before it records an event.

use canister_kit::calls::CallError;
use canister_kit::own_key::OwnKey;
use minicbor::{Decode, Encode};

/// Something that happened.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
pub enum BeaconEvent {
    /// The management canister told the canister's public key, which is kept from now on.
    #[n(0)]
    KeyKept {
        /// The key for the empty context.
        #[n(0)]
        key: OwnKey,
    },
    /// The stamp's caller has asked for a round, and paid for it if it was the first.
    #[n(1)]
    Requested {
        /// Which.
        #[n(0)]
        round: u64,
        /// What the caller gave: its randomness is hashed with it.
        #[n(1)]
        #[cbor(with = "minicbor::bytes")]
        label: Vec<u8>,
    },
    /// A round was drawn.
    #[n(2)]
    Drawn {
        /// Which.
        #[n(0)]
        round: u64,
        /// The signature; it was verified.
        #[n(1)]
        #[cbor(with = "minicbor::bytes")]
        signature: [u8; 48],
        /// The randomness that follows from it.
        #[n(2)]
        #[cbor(with = "minicbor::bytes")]
        randomness: [u8; 32],
    },
    /// An attempt to draw a round has failed. It can be tried again: the result is the same.
    #[n(3)]
    Failed {
        /// Which.
        #[n(0)]
        round: u64,
        /// Why.
        #[n(1)]
        error: CallError,
    },
}
