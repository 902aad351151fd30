//! What one node does in a ceremony, and what it keeps of it.
//!
//! In: the public side as of the last block. Out: what to say, and in the end the node's shares of the transcript. A node says again what did
//! not arrive, always the same: it never deals twice. The shares leave only as [`TranscriptShare`].

use super::PublicCeremony;
use crate::broadcast::Step;
use crate::liar::Lies;
use crate::message::{CeremonyId, Payload};
use crate::randomness::NodeRng;
use crate::repeated::{Repeated, is_due};
use chainkey_algebra::{Curve, NodeIndex};
use chainkey_idkg::faulty::{accuse, deal_wrong_for, open_wrong};
use chainkey_idkg::{
    DealerInput, Dealing, EncryptionSecret, Kind, Opened, OpenedDealing, PublicDealing,
    TranscriptShare, Vouched,
};
use std::collections::{BTreeMap, BTreeSet};

/// The node that acts: its index, its secret for the epoch, its own randomness, the time.
pub struct Dealer<'a> {
    /// Its index.
    pub index: NodeIndex,
    /// What decrypts its shares.
    pub secret: &'a EncryptionSecret,
    /// Its own randomness.
    pub rng: &'a mut NodeRng,
    /// The step.
    pub now: Step,
    /// How it lies; an honest node does not.
    pub lies: Lies,
}

/// What the node found in a dealing.
enum Finding<C: Curve, K: Kind> {
    Good(OpenedDealing<C, K>),
    /// The complaint in its wire form, until openings have restored the shares.
    Bad(Vec<u8>),
}

/// A node's side of a ceremony.
pub struct PrivateCeremony<C: Curve, K: Kind> {
    id: CeremonyId,
    dealing: Option<Repeated>,
    findings: BTreeMap<NodeIndex, Finding<C, K>>,
    groups_opened: usize,
    /// When something was said last about each dealer.
    said: BTreeMap<NodeIndex, Step>,
    opened_for: BTreeMap<(NodeIndex, NodeIndex), Step>,
    share: Option<TranscriptShare<C, K>>,
}

impl<C: Curve, K: Kind> PrivateCeremony<C, K> {
    /// A node's side of a ceremony that begins.
    pub fn new(id: CeremonyId) -> Self {
        PrivateCeremony {
            id,
            dealing: None,
            findings: BTreeMap::new(),
            groups_opened: 0,
            said: BTreeMap::new(),
            opened_for: BTreeMap::new(),
            share: None,
        }
    }

    /// Forgets what a node does not write to disk. It can be found again in the blocks; the dealing is kept, for nobody may deal twice.
    pub fn restart(&mut self) {
        self.findings.clear();
        self.groups_opened = 0;
        self.dealing.iter_mut().for_each(Repeated::forget);
        self.said.clear();
        self.opened_for.clear();
    }

    /// The node's shares of the transcript, once it has them.
    pub fn share(&self) -> Option<&TranscriptShare<C, K>> {
        self.share.as_ref()
    }

    /// Does what there is to do after a block. `input` are the node's shares that the operation starts from; none if the node lacks them, and
    /// then it does not deal.
    pub fn act(
        &mut self,
        node: &mut Dealer<'_>,
        public: &PublicCeremony<C, K>,
        input: Option<DealerInput<'_, C>>,
    ) -> (Vec<Payload>, Vec<Vouched>) {
        let mut payloads = Vec::new();
        if public.transcript().is_none() {
            payloads.extend(input.and_then(|input| self.deal(node, public, input)));
            if node.lies.second_dealing {
                self.dealing = None;
                payloads.extend(input.and_then(|input| self.deal(node, public, input)));
            }
        }
        let vouched = self.open(node, public, &mut payloads);
        payloads.extend(self.lie(node, public));
        self.answer_complaints(node, public, &mut payloads);
        self.restore(node, public);
        self.finish(node, public);
        (payloads, vouched)
    }

    fn deal(
        &mut self,
        node: &mut Dealer<'_>,
        public: &PublicCeremony<C, K>,
        input: DealerInput<'_, C>,
    ) -> Option<Payload> {
        if !public.is_due_from(node.index, node.now) {
            return None;
        }
        if self.dealing.is_none() {
            let params = public.params();
            let wrong = node
                .lies
                .wrong_for(node.index, params.receivers().committee());
            let dealing = if wrong.is_empty() {
                Dealing::create(params, node.index, input, node.rng)
            } else {
                deal_wrong_for(params, node.index, input, &wrong, node.rng)
            };
            self.dealing = Some(Repeated::new(dealing.ok()?.encode().to_vec()));
        }
        let ceremony = self.id;
        let bytes = self.dealing.as_mut()?.say(node.now)?;
        Some(Payload::Dealing { ceremony, bytes })
    }

    /// Opens new dealings, and says what became of those about which nothing of this node has arrived.
    fn open(
        &mut self,
        node: &mut Dealer<'_>,
        public: &PublicCeremony<C, K>,
        payloads: &mut Vec<Payload>,
    ) -> Vec<Vouched> {
        for group in &public.groups()[self.groups_opened..] {
            self.groups_opened += 1;
            let used = |dealing: &PublicDealing<C, K>| {
                public.transcript().is_none_or(|transcript| {
                    let mut dealings = transcript.dealings().iter();
                    dealings.any(|(dealer, _)| *dealer == dealing.dealer())
                })
            };
            // Late dealings that the transcript does without are not opened.
            if !group.dealings().iter().any(used) {
                continue;
            }
            let opened = group.open(node.index, node.secret, node.rng);
            let opened = opened.into_iter().flatten();
            for (dealing, opened) in group.dealings().iter().zip(opened) {
                let finding = match opened {
                    Opened::Good(opened) => Finding::Good(opened),
                    Opened::Bad(complaint) => Finding::Bad(complaint.encode()),
                };
                self.findings.insert(dealing.dealer(), finding);
            }
        }
        self.say(node, public, payloads)
    }

    /// Says what the node found in each dealing, until it has arrived.
    fn say(
        &mut self,
        node: &Dealer<'_>,
        public: &PublicCeremony<C, K>,
        payloads: &mut Vec<Payload>,
    ) -> Vec<Vouched> {
        let mut vouched = Vec::new();
        for (dealer, finding) in &self.findings {
            let dealer = *dealer;
            if !is_due(self.said.get(&dealer), node.now) {
                continue;
            }
            match finding {
                Finding::Good(opened)
                    if public.transcript().is_none()
                        && !public.is_supported_by(dealer, node.index) =>
                {
                    vouched.push(opened.vouch());
                    self.said.insert(dealer, node.now);
                }
                Finding::Bad(bytes) if public.complaint_of(dealer, node.index).is_none() => {
                    payloads.push(Payload::Complaint {
                        ceremony: self.id,
                        dealer,
                        bytes: bytes.clone(),
                    });
                    self.said.insert(dealer, node.now);
                }
                _ => {}
            }
        }
        vouched
    }

    /// What a node says that lies unasked: complaints about good dealings, and openings that nobody needs.
    fn lie(&self, node: &mut Dealer<'_>, public: &PublicCeremony<C, K>) -> Vec<Payload> {
        let mut payloads = Vec::new();
        let lies = node.lies;
        if lies.false_complaints == 0 && !lies.early_openings {
            return payloads;
        }
        let ceremony = self.id;
        for dealing in public.groups().iter().flat_map(|group| group.dealings()) {
            let dealer = dealing.dealer();
            let complaint = accuse(dealing, node.index, node.secret, node.rng);
            for _ in 0..lies.false_complaints {
                payloads.push(Payload::Complaint {
                    ceremony,
                    dealer,
                    bytes: complaint.encode(),
                });
            }
            if lies.early_openings {
                payloads.push(Payload::Opening {
                    ceremony,
                    dealer,
                    accuser: node.index,
                    bytes: complaint.encode(),
                });
            }
        }
        payloads
    }

    /// Opens own shares of dealings that others justly complained about.
    fn answer_complaints(
        &mut self,
        node: &Dealer<'_>,
        public: &PublicCeremony<C, K>,
        payloads: &mut Vec<Payload>,
    ) {
        for complaint in public.complaints() {
            let (dealer, accuser) = (complaint.dealer(), complaint.complainer());
            let Some(Finding::Good(opened)) = self.findings.get(&dealer) else {
                continue;
            };
            let said = self.opened_for.get(&(dealer, accuser));
            let arrived = public.has_opened(dealer, accuser, node.index);
            if arrived || accuser == node.index || !is_due(said, node.now) {
                continue;
            }
            let opening = if node.lies.wrong_openings {
                open_wrong(opened, complaint)
            } else {
                opened.answer(complaint)
            };
            if let Ok(opening) = opening {
                payloads.push(Payload::Opening {
                    ceremony: self.id,
                    dealer,
                    accuser,
                    bytes: opening.encode(),
                });
                self.opened_for.insert((dealer, accuser), node.now);
            }
        }
    }

    /// Restores shares of dealings that this node complained about.
    fn restore(&mut self, node: &Dealer<'_>, public: &PublicCeremony<C, K>) {
        let bad = self.findings.iter_mut();
        for (dealer, finding) in bad.filter(|(_, finding)| matches!(finding, Finding::Bad(_))) {
            let Some(dealing) = public.dealing(*dealer) else {
                continue;
            };
            let Some((complaint, openings)) = public.complaint_of(*dealer, node.index) else {
                continue;
            };
            if let Ok(restored) = dealing.restore(complaint, openings) {
                *finding = Finding::Good(restored);
            }
        }
    }

    /// Takes the node's shares as soon as the transcript is there and all its dealings are open.
    fn finish(&mut self, node: &Dealer<'_>, public: &PublicCeremony<C, K>) {
        let Some(transcript) = public.transcript() else {
            return;
        };
        if self.share.is_some() {
            return;
        }
        let good = self.findings.values().filter_map(|finding| match finding {
            Finding::Good(opened) => Some(opened.clone()),
            Finding::Bad(_) => None,
        });
        let good: Vec<_> = good.collect();
        self.share = transcript.share(node.index, &good).ok();
        if self.share.is_some() {
            // Others may still need openings of the dealings that are in use, and of no others.
            let used: BTreeSet<NodeIndex> =
                transcript.dealings().iter().map(|(by, _)| *by).collect();
            self.findings.retain(|dealer, _| used.contains(dealer));
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::{KeySource, StockTarget, Subnet, SubnetConfig};
    use chainkey_algebra::NodeIndex;
    use subnet_view::{Condition, Effect, KeyId, KeyScheme, Misbehaviour, PayloadKind, Rule};

    const LIAR: NodeIndex = NodeIndex(0);

    /// Four nodes, of which the liar cheats the next one and is the first to answer its complaint, so many steps into the making of presignatures.
    fn cheated(steps: u32, key: &KeyId) -> Subnet {
        let config = SubnetConfig {
            id: b"a subnet".to_vec(),
            nodes: 4,
            seed: [3; 32].into(),
            // Dealings of two slots, between which an error can be moved.
            stock: StockTarget { low: 2, slots: 2 },
            keys: KeySource::default(),
        };
        let mut subnet = Subnet::new(&config).unwrap();
        let rule = |lie, kind| Rule::always([LIAR], Effect::Corrupt(lie)).only(kind);
        subnet.faults_mut().rules = vec![
            rule(Misbehaviour::WrongShares(1), PayloadKind::Dealing),
            rule(Misbehaviour::WrongValue, PayloadKind::Opening),
        ];
        subnet.master_key(key).unwrap();
        for _ in 0..steps {
            subnet.step_for_tests();
        }
        subnet
    }

    /// Products need 2f + 1 dealers, which without the liar are all that are left: if the cheated one has no share of a factor, no presignature of this
    /// batch is ever made, and no other batch begun.
    #[test]
    fn a_liar_that_opens_wrong_shares_and_goes_stops_no_presignatures_whenever_it_goes() {
        let key = KeyId {
            scheme: KeyScheme::EcdsaSecp256k1,
            name: "key_1".into(),
        };
        let mut opened_wrong = 0;
        for steps in 0..24 {
            let mut subnet = cheated(steps, &key);
            subnet.faults_mut().set(LIAR, Condition::Crashed);
            subnet.refill();
            assert!(subnet.stock(&key) >= 2, "gone after {steps} steps");
            let wrong = "the share that node 0 opens is wrong";
            opened_wrong += subnet.blames().filter(|(_, what)| *what == wrong).count();
        }
        assert!(opened_wrong > 0);
    }
}
