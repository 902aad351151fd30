//! The random beacon and the random tape: low-threshold signatures that nobody can predict or choose.
//!
//! Source: "The Internet Computer for Geeks" (eprint 2022/087), 5.5 and 7; docs/protocols/threshold-bls.md, steps 7 to 10. Since a key and a message have just
//! one signature, the value is fixed before anyone knows it, and f nodes can neither learn nor change it. In: heights and what came
//! before. Out: messages for [`crate::SignatureShare::sign`], and what follows from their signatures.
//! The caller must release shares of the tape only after the block of its height is final, and may make beacons only where one is needed: the
//! parent is the last beacon that was made.

use crate::message::Message;
use crate::public_key::{PublicKey, Signature};
use chainkey_algebra::{Domain, Oracle};

/// What a beacon is chained to: the hash of its parent, or of the key that began the chain.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct BeaconHash([u8; 32]);

impl BeaconHash {
    /// The start of a chain under a key.
    pub fn genesis(key: &PublicKey) -> Self {
        let oracle = Oracle::new(Domain::Beacon).bytes("genesis", key.to_bytes());
        BeaconHash(oracle.digest())
    }

    /// The 32 bytes, as they are stored.
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// A hash as it was stored.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        BeaconHash(bytes)
    }
}

/// The message whose signature is the beacon at a height above its parent.
pub fn beacon_message(height: u64, parent: &BeaconHash) -> Message {
    Message::new(&message_bytes(height, parent))
}

fn message_bytes(height: u64, parent: &BeaconHash) -> [u8; 32] {
    let oracle = Oracle::new(Domain::Beacon)
        .number("height", height)
        .bytes("parent", parent.0);
    oracle.digest()
}

/// A beacon.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Beacon {
    /// Where it stands.
    pub height: u64,
    /// What it was chained to.
    pub parent: BeaconHash,
    /// The signature of [`beacon_message`].
    pub signature: Signature,
}

impl Beacon {
    /// The 32 bytes that were signed, for whoever verifies.
    pub fn message_bytes(&self) -> [u8; 32] {
        message_bytes(self.height, &self.parent)
    }

    /// What the next beacon is chained to.
    pub fn hash(&self) -> BeaconHash {
        let oracle = Oracle::new(Domain::Beacon)
            .number("height", self.height)
            .bytes("parent", self.parent.0)
            .bytes("signature", self.signature.to_bytes());
        BeaconHash(oracle.digest())
    }
}

/// The message whose signature is the tape at a height.
pub fn tape_message(height: u64) -> Message {
    let oracle = Oracle::new(Domain::Tape).number("height", height);
    Message::new(&oracle.digest())
}

/// The seed of the stream of random numbers that a tape stands for. Public once the tape is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TapeSeed([u8; 32]);

impl TapeSeed {
    /// The seed of a tape, from the signature of [`tape_message`].
    pub fn of(tape: &Signature) -> Self {
        let oracle = Oracle::new(Domain::TapeStream).bytes("tape", tape.to_bytes());
        TapeSeed(oracle.digest())
    }

    /// The 32 bytes that seed the stream.
    pub fn to_bytes(self) -> [u8; 32] {
        self.0
    }
}
