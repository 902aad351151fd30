//! The random tape: for each round that needs randomness, 32 bytes that nobody knew before.
//!
//! Source: protocols.md of the design, section 6; docs/protocols/threshold-bls.md, steps 9 and 10. The key has the low threshold and is made afresh each epoch, at
//! first use. A round without need makes no tape. In: rounds. Out: a stream of bytes for each. The caller must ask for a round's tape only
//! when everything that it decides is fixed.

use crate::agenda::Agenda;
use crate::ceremony::{Blame, CurveBoard, CurveNode};
use crate::message::CeremonyId;
use crate::threshold_signatures::PublicSignatures;
use chainkey_algebra::commitment::SimpleShare;
use chainkey_algebra::{BlsG2, Domain, NodeIndex, Oracle};
use chainkey_idkg::{Extraction, Params};
use chainkey_threshold_bls::Signature;
use chainkey_threshold_bls::beacon::{TapeSeed, tape_message};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::collections::BTreeMap;

/// Tapes of so many rounds are kept.
const KEPT_ROUNDS: u64 = 1000;

/// What all nodes know of the tape.
#[derive(Default)]
pub struct PublicTape {
    ceremony: Option<CeremonyId>,
    signatures: Option<PublicSignatures>,
    /// Rounds asked for while there was no key.
    early: Vec<u64>,
    /// Tapes of earlier epochs: a round has one tape for ever.
    past: BTreeMap<u64, Signature>,
}

impl PublicTape {
    /// Asks for the tape of a round.
    pub fn want(&mut self, round: u64) {
        if self.past.contains_key(&round) {
            return;
        }
        match &mut self.signatures {
            Some(signatures) => {
                signatures.want(round, tape_message(round));
                signatures.forget_below(round.saturating_sub(KEPT_ROUNDS));
            }
            None => self.early.push(round),
        }
    }

    /// What the next epoch goes on from: it makes a key of its own, and knows the tapes that are made.
    pub fn into_next(self) -> Self {
        let mut past = self.past;
        past.extend(
            self.signatures
                .into_iter()
                .flat_map(PublicSignatures::into_made),
        );
        if let Some(latest) = past.last_key_value().map(|(round, _)| *round) {
            past = past.split_off(&latest.saturating_sub(KEPT_ROUNDS));
        }
        PublicTape {
            ceremony: None,
            signatures: None,
            early: self.early,
            past,
        }
    }

    /// 32 bytes for one use in a round: block 0 of the tape's stream with the use as its nonce.
    pub fn draw(&self, round: u64, purpose: &[u8]) -> Option<[u8; 32]> {
        let made = self.signatures.as_ref().and_then(|all| all.made(round));
        let tape = self.past.get(&round).or(made)?;
        let seed = Oracle::new(Domain::TapeStream)
            .bytes("seed", TapeSeed::of(tape).to_bytes())
            .bytes("purpose", purpose)
            .digest();
        let mut bytes = [0; 32];
        ChaCha20Rng::from_seed(seed).fill_bytes(&mut bytes);
        Some(bytes)
    }

    /// What the nodes sign, and one node's share of the key, if it has one.
    pub fn signing<'a>(
        &'a self,
        own: &'a CurveNode<BlsG2>,
    ) -> Option<(&'a PublicSignatures, &'a SimpleShare<BlsG2>)> {
        let share = own.unmasked_share(self.ceremony?)?.shares().first()?;
        Some((self.signatures.as_ref()?, share))
    }

    /// Takes a share out of a block.
    pub fn take_share(&mut self, sender: NodeIndex, round: u64, bytes: &[u8]) -> Result<(), Blame> {
        match &mut self.signatures {
            Some(signatures) => signatures.take_share(sender, round, bytes),
            None => Ok(()),
        }
    }

    /// Ends a block.
    pub fn settle(&mut self, agenda: &mut Agenda, board: &mut CurveBoard<BlsG2>) -> Vec<Blame> {
        if self.signatures.is_none() && !self.early.is_empty() {
            self.make_key(agenda, board);
        }
        match &mut self.signatures {
            Some(signatures) => signatures.settle(),
            None => Vec::new(),
        }
    }

    fn make_key(&mut self, agenda: &mut Agenda, board: &mut CurveBoard<BlsG2>) {
        let Some(ceremony) = self.ceremony else {
            self.ceremony = agenda.begin(&mut board.unmasked, |id, members| {
                Params::random_unmasked(id, members, members, 1, Extraction::Sum)
            });
            return;
        };
        let transcript = board.unmasked_transcript(ceremony);
        let commitment = transcript.and_then(|transcript| transcript.commitments().first());
        let committee = agenda.members.committee();
        self.signatures = commitment.and_then(|key| PublicSignatures::new(committee, key));
        if self.signatures.is_some() {
            for round in std::mem::take(&mut self.early) {
                self.want(round);
            }
        }
    }
}
