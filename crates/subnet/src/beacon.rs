//! The random beacon: a chain of values that nobody could predict or choose, made when somebody asks for the next one.
//!
//! Source: protocols.md of the design, section 6; docs/protocols/threshold-bls.md, step 7; docs/protocols/subnet.md, step 9. What ranks block makers elsewhere ranks
//! nobody here, since no blocks are made: nothing waits for a beacon but whoever asks for it. In: wants. Out: beacons, each chained to the one before, also over
//! epochs, whose keys are others.

use crate::agenda::Agenda;
use crate::ceremony::{Blame, CurveBoard};
use crate::low_key::LowKey;
use crate::threshold_signatures::PublicSignatures;
use chainkey_algebra::BlsG2;
use chainkey_threshold_bls::PublicKey;
use chainkey_threshold_bls::beacon::{Beacon, BeaconHash, beacon_message};

/// What all nodes know of the beacon.
#[derive(Default)]
pub struct PublicBeacon {
    signatures: Option<PublicSignatures>,
    /// The last one, with the key that it verifies with.
    last: Option<(Beacon, PublicKey)>,
    /// Whether the next one is wanted.
    is_pending: bool,
}

impl PublicBeacon {
    /// The last one, with the key that it verifies with.
    pub fn last(&self) -> Option<&(Beacon, PublicKey)> {
        self.last.as_ref()
    }

    /// The height of the last one; the first one's is 1.
    pub fn height(&self) -> u64 {
        self.last.as_ref().map_or(0, |(beacon, _)| beacon.height)
    }

    /// Wants the next one.
    pub fn want_next(&mut self) {
        self.is_pending = true;
    }

    /// What the next epoch goes on from.
    pub fn into_next(self) -> Self {
        PublicBeacon {
            signatures: None,
            ..self
        }
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
        if !self.is_pending {
            return Vec::new();
        }
        let height = self.height() + 1;
        if self.signatures.is_none() {
            self.signatures = key.signatures(agenda, board);
        }
        let Some(signatures) = &mut self.signatures else {
            return Vec::new();
        };
        let own = signatures.public_key().clone();
        let last = self.last.as_ref();
        let parent = last.map_or_else(|| BeaconHash::genesis(&own), |(last, _)| last.hash());
        signatures.forget_below(height);
        signatures.want(height, beacon_message(height, &parent));
        let blames = signatures.settle();
        if let Some(signature) = signatures.made(height) {
            let beacon = Beacon {
                height,
                parent,
                signature: *signature,
            };
            self.last = Some((beacon, own));
            self.is_pending = false;
        }
        blames
    }
}
