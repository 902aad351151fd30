//! The random tape: 32 bytes that nobody knew before, for each height that somebody wants one of.
//!
//! Source: protocols.md of the design, section 6; docs/protocols/threshold-bls.md, steps 9 and 10; docs/protocols/subnet.md, step 9. The key is
//! [`LowKey`]. Heights are the subnet's own count of the tapes that it was asked for, and each is given
//! out once: what is bound at a height can be decided by the tape of a greater one only, whatever rounds those who ask are in. In: wants. Out: a stream of
//! bytes for each height.

use crate::agenda::Agenda;
use crate::ceremony::{Blame, CurveBoard};
use crate::low_key::LowKey;
use crate::message::RequestId;
use crate::threshold_signatures::PublicSignatures;
use chainkey_algebra::{BlsG2, Domain, Oracle};
use chainkey_threshold_bls::Signature;
use chainkey_threshold_bls::beacon::{TapeSeed, tape_message};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::collections::BTreeMap;

/// So many tapes are kept.
const KEPT_TAPES: u64 = 1000;

/// The number of a tape. Greater ones were wanted later; 0 is none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Height(pub u64);

/// What bytes of a tape are for: different uses get different bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Purpose<'a> {
    /// The nonce of a request.
    Nonce(RequestId),
    /// Something that the caller does in a round.
    Round(u64, &'a [u8]),
}

/// What all nodes know of the tape.
#[derive(Default)]
pub struct PublicTape {
    signatures: Option<PublicSignatures>,
    /// The last height that was wanted, and perhaps known to some since.
    latest: Height,
    /// Whether the tape of that height is not made yet.
    is_pending: bool,
    made: BTreeMap<Height, Signature>,
    /// The tapes that rounds got.
    of_rounds: BTreeMap<u64, Height>,
}

impl PublicTape {
    /// The last height that was wanted. Nobody knows anything of the tapes of greater ones.
    pub fn latest(&self) -> Height {
        self.latest
    }

    /// Wants the tape of a height that was never wanted. An older one that is still pending is given up: this one serves whoever waits for it.
    pub fn want_next(&mut self) -> Height {
        self.latest.0 += 1;
        self.is_pending = true;
        self.want_latest();
        let first = Height(self.latest.0.saturating_sub(KEPT_TAPES));
        self.made = self.made.split_off(&first);
        self.of_rounds.retain(|_, height| *height >= first);
        self.latest
    }

    /// The tape that a round has got, if it is made or being made.
    pub fn of_round(&self, round: u64) -> Option<Height> {
        let height = *self.of_rounds.get(&round)?;
        let pending = self.is_pending && height == self.latest;
        Some(height).filter(|height| pending || self.made.contains_key(height))
    }

    /// Gives a new tape to a round.
    pub fn want_for_round(&mut self, round: u64) -> Height {
        let height = self.want_next();
        self.of_rounds.insert(round, height);
        height
    }

    fn want_latest(&mut self) {
        if self.is_pending
            && let Some(signatures) = &mut self.signatures
        {
            let Height(number) = self.latest;
            signatures.forget_below(number);
            signatures.want(number, tape_message(number));
        }
    }

    /// What the next epoch goes on from: it makes a key of its own, and knows the tapes that are made. One that was pending is given up.
    pub fn into_next(self) -> Self {
        PublicTape {
            signatures: None,
            is_pending: false,
            ..self
        }
    }

    /// 32 bytes for one use: block 0 of the tape's stream with the use as its nonce.
    pub fn draw(&self, height: Height, purpose: Purpose<'_>) -> Option<[u8; 32]> {
        let tape = self.made.get(&height)?;
        let seed = Oracle::new(Domain::TapeStream).bytes("seed", TapeSeed::of(tape).to_bytes());
        let seed = match purpose {
            Purpose::Nonce(request) => seed.number("nonce of request", request.0),
            Purpose::Round(round, what) => seed.number("round", round).bytes("purpose", what),
        };
        let mut bytes = [0; 32];
        ChaCha20Rng::from_seed(seed.digest()).fill_bytes(&mut bytes);
        Some(bytes)
    }

    /// What the nodes sign.
    pub fn signing(&self) -> Option<&PublicSignatures> {
        self.signatures.as_ref()
    }

    /// The same, to take shares out of a block.
    pub fn signing_mut(&mut self) -> Option<&mut PublicSignatures> {
        self.signatures.as_mut()
    }

    /// Ends a block.
    pub fn settle(
        &mut self,
        key: &mut LowKey,
        agenda: &mut Agenda,
        board: &mut CurveBoard<BlsG2>,
    ) -> Vec<Blame> {
        if self.signatures.is_none() && self.is_pending {
            self.signatures = key.signatures(agenda, board);
            self.want_latest();
        }
        let Some(signatures) = &mut self.signatures else {
            return Vec::new();
        };
        let blames = signatures.settle();
        if let Some(tape) = signatures.made(self.latest.0) {
            self.made.insert(self.latest, *tape);
            self.is_pending = false;
        }
        blames
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_height_is_given_out_once_and_a_round_whose_tape_was_given_up_gets_another_one() {
        let mut tape = PublicTape::default();
        assert_eq!(tape.of_round(7), None);
        let first = tape.want_for_round(7);
        assert_eq!((first, tape.of_round(7)), (Height(1), Some(first)));
        // Something is bound, and its tape takes the place of the one that is not made.
        let label = tape.latest();
        let second = tape.want_next();
        assert!(second > label);
        assert_eq!(tape.of_round(7), None);
        let third = tape.want_for_round(7);
        assert!(third > second);
        // The next epoch makes no tape of an old height.
        let mut next = tape.into_next();
        assert_eq!(next.of_round(7), None);
        assert!(next.want_for_round(7) > third);
    }

    #[test]
    fn no_more_rounds_are_remembered_than_tapes_are_kept() {
        let mut tape = PublicTape::default();
        for round in 0..3 * KEPT_TAPES {
            tape.want_for_round(round);
        }
        assert!(tape.of_rounds.len() as u64 <= KEPT_TAPES + 1);
        assert_eq!(tape.latest(), Height(3 * KEPT_TAPES));
    }
}
