//! BLS signatures under one threshold key: the tape's and the certification's.
//!
//! Source: docs/protocols/threshold-bls.md. In: messages by number, shares out of blocks. Out: signatures, verified. Leaves out: how the key came
//! to be, and when a message may be signed.

use crate::broadcast::Step;
use crate::ceremony::{Blame, Dealer};
use crate::message::{Payload, ShareOf};
use crate::repeated::is_due;
use crate::shares::Shares;
use chainkey_algebra::commitment::{SimpleCommitment, SimpleShare};
use chainkey_algebra::{BlsG2, Committee, NodeIndex};
use chainkey_threshold_bls::{
    Level, Message, PublicKey, Signature, SignatureShare, VerificationKeys,
};
use std::collections::BTreeMap;

/// A message that the nodes sign.
struct Wanted {
    message: Message,
    shares: Shares<SignatureShare>,
}

/// What all nodes know of the signatures under a key.
pub struct PublicSignatures {
    keys: VerificationKeys,
    wanted: BTreeMap<u64, Wanted>,
    made: BTreeMap<u64, Signature>,
}

impl PublicSignatures {
    /// No signatures yet, under the key of a commitment.
    pub fn new(
        committee: Committee,
        level: Level,
        commitment: &SimpleCommitment<BlsG2>,
    ) -> Option<Self> {
        Some(PublicSignatures {
            keys: VerificationKeys::new(committee, level, commitment).ok()?,
            wanted: BTreeMap::new(),
            made: BTreeMap::new(),
        })
    }

    /// The key.
    pub fn public_key(&self) -> &PublicKey {
        self.keys.public_key()
    }

    /// Lets the nodes sign a message.
    pub fn want(&mut self, number: u64, message: Message) {
        if !self.made.contains_key(&number) {
            self.wanted.entry(number).or_insert(Wanted {
                message,
                shares: Shares::default(),
            });
        }
    }

    /// The signature of a message.
    pub fn made(&self, number: u64) -> Option<&Signature> {
        self.made.get(&number)
    }

    /// Forgets signatures below a number, made or not.
    pub fn forget_below(&mut self, number: u64) {
        self.made = self.made.split_off(&number);
        self.wanted = self.wanted.split_off(&number);
    }

    /// Takes a share out of a block; a share of what is signed already is passed over.
    pub fn take_share(
        &mut self,
        sender: NodeIndex,
        number: u64,
        bytes: &[u8],
    ) -> Result<(), Blame> {
        let Some(wanted) = self.wanted.get_mut(&number) else {
            return Ok(());
        };
        let read = || SignatureShare::from_bytes(bytes).map(Some);
        wanted.shares.take(sender, read)
    }

    /// Ends a block: combines where there are enough shares.
    pub fn settle(&mut self) -> Vec<Blame> {
        let threshold = self.keys.threshold();
        let mut blames = Vec::new();
        for (number, wanted) in &mut self.wanted {
            let shares = &mut wanted.shares;
            if shares.kept().len() < threshold {
                continue;
            }
            let culprits = match self.keys.combine(&wanted.message, shares.kept()) {
                Ok(combined) => {
                    self.made.insert(*number, combined.signature);
                    combined.culprits
                }
                Err(error) => error.culprits().to_vec(),
            };
            blames.extend(shares.refuse(culprits, "sent a wrong share of a BLS signature"));
        }
        self.wanted
            .retain(|number, _| !self.made.contains_key(number));
        blames
    }
}

/// What one node said about the signatures under a key.
#[derive(Default)]
pub struct NodeSignatures {
    said: BTreeMap<u64, Step>,
}

impl NodeSignatures {
    /// Forgets what was said when, which a node does not write to disk.
    pub fn restart(&mut self) {
        self.said.clear();
    }

    /// Signs what is wanted and has not arrived, if there is a key of which the node has a share.
    pub fn act(
        &mut self,
        node: &Dealer<'_>,
        signing: Option<(&PublicSignatures, &SimpleShare<BlsG2>)>,
        of: impl Fn(u64) -> ShareOf,
    ) -> Vec<Payload> {
        let Some((public, key_share)) = signing else {
            return Vec::new();
        };
        self.said
            .retain(|number, _| public.wanted.contains_key(number));
        let mut payloads = Vec::new();
        for (number, wanted) in &public.wanted {
            let due = is_due(self.said.get(number), node.now);
            if !due || wanted.shares.has_heard(node.index) {
                continue;
            }
            let share = SignatureShare::sign(key_share, &wanted.message);
            self.said.insert(*number, node.now);
            payloads.push(Payload::Share {
                of: of(*number),
                bytes: share.to_bytes().to_vec(),
            });
        }
        payloads
    }
}
