//! One node: what it alone knows, and what it does after each block.
//!
//! Security: the fields are private and no method hands a secret out; other parts of the program see only what the node says in
//! signed envelopes. Everything is erased when the node goes. In: the board. Out: an envelope a step. Its randomness comes from its own
//! seed, so that a run can be repeated; production seeds the nodes from the system's randomness.

use crate::agenda::Agenda;
use crate::board::Board;
use crate::broadcast::Step;
use crate::ceremony::Dealer;
use crate::certification::NodeCertification;
use crate::curves::NodeCurves;
use crate::lanes::{ByKey, OwnLane};
use crate::message::Payload;
use crate::tape::NodeTape;
use chainkey_algebra::{Domain, NodeIndex, Oracle};
use chainkey_idkg::acknowledged::Acknowledgement;
use chainkey_idkg::{EncryptionSecret, IdkgError, MemberKeys, Support};
use ed25519_dalek::SigningKey;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use zeroize::Zeroizing;

/// A node with its secrets.
pub struct Node {
    index: NodeIndex,
    signing: SigningKey,
    encryption: EncryptionSecret,
    rng: ChaCha20Rng,
    curves: NodeCurves,
    lanes: ByKey<OwnLane>,
    tape: NodeTape,
    certification: NodeCertification,
}

impl Node {
    /// A node that joins for an epoch, and its keys as the others get to know them.
    pub fn join(
        index: NodeIndex,
        epoch: u64,
        seed: &[u8; 32],
    ) -> Result<(Self, MemberKeys), IdkgError> {
        let own = Oracle::new(Domain::NodeRandomness)
            .bytes("seed", seed)
            .number("node", u64::from(index.0))
            .number("epoch", epoch)
            .digest();
        let mut rng = ChaCha20Rng::from_seed(own);
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(secret.as_mut());
        let signing = SigningKey::from_bytes(&secret);
        let encryption = EncryptionSecret::generate(epoch, &mut rng);
        let registration = encryption.register(&signing.verifying_key(), &mut rng);
        let keys = registration.verify(&signing.verifying_key(), epoch)?;
        let node = Node {
            index,
            signing,
            encryption,
            rng,
            curves: NodeCurves::default(),
            lanes: ByKey::new(),
            tape: NodeTape::default(),
            certification: NodeCertification::default(),
        };
        Ok((node, keys))
    }

    /// What the node says after the blocks that it has seen.
    pub fn act(&mut self, board: &Board, now: Step) -> Vec<Payload> {
        let mut dealer = Dealer {
            index: self.index,
            secret: &self.encryption,
            rng: &mut self.rng,
            now,
        };
        let said = self.curves.act(&mut dealer, &board.curves);
        let mut payloads = said.payloads;
        if !said.supported.is_empty() {
            let support = Support::sign(self.index, &self.signing, said.supported);
            let bytes = support.encode();
            payloads.push(Payload::Support { bytes });
        }
        if !said.acknowledged.is_empty() {
            let signed = Acknowledgement::sign(self.index, &self.signing, said.acknowledged);
            let bytes = signed.encode();
            payloads.push(Payload::Acknowledgement { bytes });
        }
        for (key, lane) in &board.lanes {
            let own = self.lanes.entry(key.clone());
            let own = own.or_insert_with(|| OwnLane::of(lane));
            payloads.extend(own.act(&dealer, lane, &mut self.curves));
        }
        payloads.extend(self.tape.act(&dealer, &board.tape, self.curves.bls()));
        let certification = &board.certification;
        payloads.extend(self.certification.act(&dealer, certification, &self.curves));
        payloads
    }

    /// Signs what the node says.
    pub fn seal(&self, payloads: Vec<Payload>, agenda: &Agenda) -> Vec<u8> {
        let envelope = crate::message::Envelope {
            sender: self.index,
            payloads,
        };
        let place = crate::message::Place {
            subnet: &agenda.subnet,
            epoch: agenda.epoch,
        };
        envelope.seal(place, &self.signing)
    }
}
