//! Rounds of the beacon: when they are drawn, and what their randomness is.
//!
//! Source: docs/protocols/draws.md, step 14. In: a round's number, and what the beacon publishes. Out: its randomness, and that of one request. Callers' bytes never reach the verifiable
//! random function; they are hashed with what it gave.

use crate::domain::{Domain, Hash};
use crate::error::DrawProofError;
use crate::vrf::{SIGNATURE_BYTES, VrfKey};

/// Nanoseconds from round to round: 30 s.
pub const PERIOD: u64 = 30_000_000_000;

/// A round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Round(pub u64);

impl Round {
    /// The first round that is drawn after a time.
    pub fn after(time: u64) -> Self {
        Self(time / PERIOD + 1)
    }

    /// From when on it can be drawn, in nanoseconds since 1970; nothing beyond the end of time.
    pub fn drawn_from(self) -> Option<u64> {
        self.0.checked_mul(PERIOD)
    }

    /// What the verifiable random function gets.
    pub fn input(self, beacon: &[u8]) -> Hash {
        Domain::BeaconRound.hash(&[beacon, &self.0.to_be_bytes()])
    }

    /// Its randomness, if the signature is the one of the round.
    ///
    /// # Errors
    /// [`DrawProofError::Signature`].
    pub fn randomness(
        self,
        beacon: &[u8],
        key: &VrfKey,
        signature: &[u8; SIGNATURE_BYTES],
    ) -> Result<Hash, DrawProofError> {
        key.output(&self.input(beacon), signature)
    }
}

/// The randomness of one request: different for each requester and label, and as public as the round's.
pub fn of_label(randomness: &Hash, requester: &[u8], label: &[u8]) -> Hash {
    Domain::BeaconLabel.hash(&[randomness, requester, label])
}
