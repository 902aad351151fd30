//! Certification: the nodes' joint signature on the root hash of a state, when something asks for it.
//!
//! Source: interface specification, "Certificate"; protocols.md of the design, section 4. The key has the high threshold; it is the subnet's public key, made at its
//! first use. In: root hashes. Out: signatures. Leaves out: what the state is (execution).

use crate::agenda::Agenda;
use crate::ceremony::Blame;
use crate::curves::{Curves, NodeCurves};
use crate::message::CeremonyId;
use crate::threshold_signatures::PublicSignatures;
use chainkey_algebra::BlsG2;
use chainkey_algebra::commitment::SimpleShare;
use chainkey_threshold_bls::{Level, Message, PublicKey, Signature, certification};
use std::collections::VecDeque;

/// So many of the latest signatures are kept.
const KEPT_SIGNATURES: u64 = 16;

/// What all nodes know of certification.
#[derive(Default)]
pub struct PublicCertification {
    in_use: bool,
    ceremony: Option<CeremonyId>,
    signatures: Option<PublicSignatures>,
    next: u64,
    /// The latest roots asked for while there was no key.
    early: VecDeque<(u64, Message)>,
}

impl PublicCertification {
    /// Begins the ceremony that carries the key over to the next epoch, if it is made.
    pub fn reshare(
        &self,
        curves: &Curves,
        agenda: &mut Agenda,
        next: &mut Curves,
    ) -> Option<CeremonyId> {
        curves.reshare_high(self.ceremony?, agenda, next)
    }

    /// What the next epoch goes on from.
    pub fn into_next(self, ceremony: Option<CeremonyId>) -> Self {
        PublicCertification {
            in_use: self.in_use,
            ceremony,
            signatures: None,
            next: self.next,
            early: self.early,
        }
    }

    /// The ceremony that made the key.
    #[cfg(test)]
    pub fn ceremony(&self) -> Option<CeremonyId> {
        self.ceremony
    }

    /// Lets the nodes make the key.
    pub fn use_key(&mut self) {
        self.in_use = true;
    }

    /// The subnet's public key.
    pub fn public_key(&self) -> Option<&PublicKey> {
        self.signatures.as_ref().map(PublicSignatures::public_key)
    }

    /// Asks for a signature; the number by which it will be found.
    pub fn want(&mut self, root_hash: &[u8; 32]) -> u64 {
        self.in_use = true;
        let number = self.next;
        self.next += 1;
        let message = certification::message(root_hash);
        match &mut self.signatures {
            Some(signatures) => {
                signatures.want(number, message);
                signatures.forget_below(number.saturating_sub(KEPT_SIGNATURES));
            }
            None => {
                self.early.push_back((number, message));
                let excess = self.early.len().saturating_sub(KEPT_SIGNATURES as usize);
                self.early.drain(..excess);
            }
        }
        number
    }

    /// A signature.
    pub fn made(&self, number: u64) -> Option<&Signature> {
        self.signatures.as_ref()?.made(number)
    }

    /// What the nodes sign, and one node's share of the key, if it has one.
    pub fn signing<'a>(
        &'a self,
        own: &'a NodeCurves,
    ) -> Option<(&'a PublicSignatures, &'a SimpleShare<BlsG2>)> {
        let share = own.high_share(self.ceremony?)?;
        Some((self.signatures.as_ref()?, share))
    }

    /// What the nodes sign, to take shares out of a block.
    pub fn signing_mut(&mut self) -> Option<&mut PublicSignatures> {
        self.signatures.as_mut()
    }

    /// Ends a block.
    pub fn settle(&mut self, agenda: &mut Agenda, curves: &mut Curves) -> Vec<Blame> {
        if self.in_use && self.ceremony.is_none() {
            self.ceremony = curves.begin_high(agenda);
        }
        if self.signatures.is_none() {
            let key = self.ceremony.and_then(|id| curves.high_key(id));
            let committee = agenda.members.committee();
            self.signatures =
                key.and_then(|key| PublicSignatures::new(committee, Level::High, key));
        }
        let Some(signatures) = &mut self.signatures else {
            return Vec::new();
        };
        for (number, message) in std::mem::take(&mut self.early) {
            signatures.want(number, message);
        }
        signatures.settle()
    }
}
