//! The key of beacon and tape: f + 1 shares, made afresh in each epoch, at first use.
//!
//! Source: protocols.md of the design, sections 0 and 6. In: whether something needs it. Out: its commitment, a node's share of it. It is not handed over
//! to the next epoch, whose committee makes one of its own.

use crate::agenda::Agenda;
use crate::ceremony::{CurveBoard, CurveNode};
use crate::message::CeremonyId;
use crate::threshold_signatures::PublicSignatures;
use chainkey_algebra::BlsG2;
use chainkey_algebra::commitment::SimpleShare;
use chainkey_idkg::{Extraction, Params};
use chainkey_threshold_bls::Level;

/// The key, as far as it is made.
#[derive(Default)]
pub struct LowKey {
    ceremony: Option<CeremonyId>,
}

impl LowKey {
    /// Signatures under the key, none of them made yet; begins to make the key if nobody has.
    pub fn signatures(
        &mut self,
        agenda: &mut Agenda,
        board: &mut CurveBoard<BlsG2>,
    ) -> Option<PublicSignatures> {
        let Some(ceremony) = self.ceremony else {
            self.ceremony = agenda.begin(&mut board.unmasked, |id, members| {
                Params::random_unmasked(id, members, members, 1, Extraction::Sum)
            });
            return None;
        };
        let commitment = board.unmasked_transcript(ceremony)?.commitments().first()?;
        PublicSignatures::new(agenda.members.committee(), Level::Low, commitment)
    }

    /// One node's share of the key, if it has one.
    pub fn share<'a>(&self, own: &'a CurveNode<BlsG2>) -> Option<&'a SimpleShare<BlsG2>> {
        own.unmasked_share(self.ceremony?)?.shares().first()
    }
}
