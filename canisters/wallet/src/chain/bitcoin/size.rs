//! Sizes of transactions before they are signed.
//!
//! - Specification: BIP-141, "Transaction size calculations"; BIP-144 for the bytes that are counted.
//! - Exact but for ECDSA signatures, which are counted with the most bytes that they can have: a threshold signer does not try again
//!   until `r` is small. So no signed transaction is larger than was counted, and none has a lower rate than was asked for.

use super::destination::Destination;
use super::utxo::UtxoKind;
use candid::CandidType;
use minicbor::{Decode, Encode};
use serde::Deserialize;

/// Bytes of an outpoint, an empty script and a sequence number.
const INPUT_BYTES: u64 = 32 + 4 + 1 + 4;

/// Most bytes of an ECDSA signature with a small `s` as DER (2 + 2 + 33 + 2 + 32), and the byte that says what it signs.
const ECDSA_BYTES: u64 = 71 + 1;

/// Bytes of a compressed key.
const KEY_BYTES: u64 = 33;

/// Bytes of a BIP-340 signature that signs everything.
const SCHNORR_BYTES: u64 = 64;

/// Four for every byte outside of witnesses, one for every byte in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Weight(pub u64);

impl Weight {
    /// A transaction with these inputs and these outputs.
    pub fn of_transaction(
        inputs: impl ExactSizeIterator<Item = UtxoKind>,
        outputs: impl ExactSizeIterator<Item = Destination>,
    ) -> Self {
        let version_and_lock_time = 4 + 4;
        let counts = count_bytes(inputs.len()) + count_bytes(outputs.len());
        let marker_and_flag = 2;
        let frame = 4 * (version_and_lock_time + counts) + marker_and_flag;
        let inputs: u64 = inputs.map(|kind| Self::of_input(kind).0).sum();
        let outputs: u64 = outputs.map(|to| Self::of_output(to).0).sum();
        Self(frame + inputs + outputs)
    }

    /// An input with its witness; a witness has a count, and every item of it a length.
    pub const fn of_input(kind: UtxoKind) -> Self {
        let witness = match kind {
            UtxoKind::P2wpkh => 1 + 1 + ECDSA_BYTES + 1 + KEY_BYTES,
            UtxoKind::P2tr => 1 + 1 + SCHNORR_BYTES,
        };
        Self(4 * INPUT_BYTES + witness)
    }

    /// An output.
    pub fn of_output(to: Destination) -> Self {
        Self(4 * to.output_bytes())
    }

    /// A quarter, rounded up: the size that fees are paid for.
    pub const fn virtual_bytes(self) -> VirtualBytes {
        VirtualBytes(self.0.div_ceil(4))
    }
}

/// The size that fees are paid for.
#[derive(
    CandidType, Deserialize, Encode, Decode, Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord,
)]
#[cbor(transparent)]
pub struct VirtualBytes(#[n(0)] pub u64);

/// Bytes in which a count is written.
fn count_bytes(count: usize) -> u64 {
    match count {
        0..=0xfc => 1,
        0xfd..=0xffff => 3,
        _ => 5,
    }
}
