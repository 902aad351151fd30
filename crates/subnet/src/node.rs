//! One node: what it alone knows, and what it does after each block.
//!
//! Security: the fields are private and no method hands a secret out; other parts of the program see only what the node says in
//! signed envelopes. Everything is erased when the node goes. In: the board. Out: an envelope a step. Its randomness comes from its own
//! seed, so that a run can be repeated; production seeds the nodes from the system's randomness.

use crate::agenda::Agenda;
use crate::board::Board;
use crate::broadcast::Step;
use crate::ceremony::Dealer;
use crate::curves::{Curves, NodeCurves};
use crate::lanes::{ByKey, OwnLane};
use crate::liar::Lies;
use crate::message::{Envelope, Payload, Place, ShareOf};
use crate::randomness::{NodeRng, Seed};
use crate::threshold_signatures::NodeSignatures;
use chainkey_algebra::NodeIndex;
use chainkey_idkg::acknowledged::Acknowledgement;
use chainkey_idkg::{EncryptionSecret, IdkgError, MemberKeys, Support};
use ed25519_dalek::SigningKey;
use rand_core::RngCore;
use zeroize::Zeroizing;

/// A node with its secrets.
pub struct Node {
    index: NodeIndex,
    signing: SigningKey,
    encryption: EncryptionSecret,
    rng: NodeRng,
    curves: NodeCurves,
    lanes: ByKey<OwnLane>,
    tape: NodeSignatures,
    beacon: NodeSignatures,
    certification: NodeSignatures,
    /// Its part in handing its shares over to the next epoch.
    handing_over: NodeCurves,
}

impl Node {
    /// A node that joins a subnet for an epoch, and its keys as the others get to know them.
    pub fn join(
        subnet: &[u8],
        index: NodeIndex,
        epoch: u64,
        seed: &Seed,
    ) -> Result<(Self, MemberKeys), IdkgError> {
        let own = seed.for_purpose(subnet, "node", [u64::from(index.0), epoch]);
        let mut rng = NodeRng::new(own);
        let mut secret = Zeroizing::new([0; 32]);
        rng.fill_bytes(secret.as_mut());
        let signing = SigningKey::from_bytes(&secret);
        Node::begin(index, epoch, signing, rng)
    }

    /// The same node in a later epoch: it keeps the key by which it is known and nothing else. Its randomness goes on from what this epoch's
    /// yields, so that nobody can come back from there to here.
    pub fn stay(&mut self, index: NodeIndex, epoch: u64) -> Result<(Self, MemberKeys), IdkgError> {
        let rng = NodeRng::new(self.rng.seed());
        Node::begin(index, epoch, self.signing.clone(), rng)
    }

    fn begin(
        index: NodeIndex,
        epoch: u64,
        signing: SigningKey,
        mut rng: NodeRng,
    ) -> Result<(Self, MemberKeys), IdkgError> {
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
            tape: NodeSignatures::default(),
            beacon: NodeSignatures::default(),
            certification: NodeSignatures::default(),
            handing_over: NodeCurves::default(),
        };
        Ok((node, keys))
    }

    /// The node goes down: what it had not written to disk is lost.
    pub fn crash(&mut self) {
        self.curves.restart();
        self.handing_over.restart();
        self.lanes.values_mut().for_each(OwnLane::restart);
        self.tape.restart();
        self.beacon.restart();
        self.certification.restart();
    }

    /// What the node says after the blocks that it has seen.
    pub fn act(&mut self, board: &Board, now: Step, lies: Lies) -> Vec<Payload> {
        let mut dealer = Dealer {
            index: self.index,
            secret: &self.encryption,
            rng: &mut self.rng,
            now,
            lies,
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
            payloads.extend(own.act(&mut dealer, lane, &mut self.curves));
        }
        let low_share = board.low_key.share(self.curves.bls());
        let tape = board.tape.signing().zip(low_share);
        payloads.extend(self.tape.act(&dealer, tape, ShareOf::Tape));
        let beacon = board.beacon.signing().zip(low_share);
        payloads.extend(self.beacon.act(&dealer, beacon, ShareOf::Beacon));
        let certified = board.certification.signing(&self.curves);
        let of = ShareOf::Certification;
        payloads.extend(self.certification.act(&dealer, certified, of));
        payloads
    }

    /// A handover begins; what was dealt in one that did not come to its end is forgotten.
    pub fn begin_handover(&mut self) {
        self.handing_over = NodeCurves::default();
    }

    /// What the node says to the members of the next epoch, on whose board these ceremonies are: it deals its shares.
    pub fn hand_over(&mut self, next: &Curves, now: Step, lies: Lies) -> Vec<Payload> {
        let mut dealer = Dealer {
            index: self.index,
            secret: &self.encryption,
            rng: &mut self.rng,
            now,
            lies,
        };
        let source = Some(&self.curves);
        self.handing_over
            .act_from(&mut dealer, next, source)
            .payloads
    }

    /// What the node keeps, for tests that show what several nodes could do together.
    #[cfg(test)]
    pub fn for_tests(&mut self) -> &mut NodeCurves {
        &mut self.curves
    }

    /// Signs what the node says to its committee.
    pub fn seal(&self, payloads: Vec<Payload>, agenda: &Agenda) -> Vec<u8> {
        let place = Place {
            subnet: &agenda.subnet,
            epoch: agenda.epoch,
        };
        self.seal_at(payloads, place)
    }

    /// Signs what the node says in a place.
    pub fn seal_at(&self, payloads: Vec<Payload>, place: Place<'_>) -> Vec<u8> {
        let sender = self.index;
        Envelope { sender, payloads }.seal(place, &self.signing)
    }
}
