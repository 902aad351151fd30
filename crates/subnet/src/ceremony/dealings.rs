//! The dealings of one ceremony: whose turn it is, what came, what was verified, and who vouched for it.
//!
//! In: dealings and vouchers out of blocks. Out: verified dealings, blames. The same for every threshold; what else is said about a dealing is the
//! type `S`. The caller must end every block with [`Dealings::verify`], and give no more dealings once there is a transcript.

use super::Blame;
use crate::broadcast::Step;
use chainkey_algebra::{Curve, NodeIndex};
use chainkey_idkg::{Dealing, DealingDigest, Kind, Params, PublicDealing, verify_all};
use std::collections::{BTreeMap, BTreeSet};

/// A verified dealing with what was said about it.
pub struct Dealt<C: Curve, K: Kind, S> {
    /// The dealing.
    pub dealing: PublicDealing<C, K>,
    /// The nodes that signed for having good shares of it.
    pub vouched_by: BTreeSet<NodeIndex>,
    /// What else was said.
    pub said: S,
}

/// The dealings of a ceremony.
pub struct Dealings<C: Curve, K: Kind, S> {
    /// What is dealt.
    pub params: Params<C, K>,
    began: Step,
    /// Steps after which all deal, if those on duty did not suffice.
    patience: u64,
    received: BTreeMap<NodeIndex, Dealing<C, K>>,
    /// Nodes that dealt something bad: they are not heard again.
    struck: BTreeSet<NodeIndex>,
    /// Those that hold in public, by their dealers.
    pub verified: BTreeMap<NodeIndex, Dealt<C, K, S>>,
}

impl<C: Curve, K: Kind, S> Dealings<C, K, S> {
    /// None yet.
    pub fn new(params: Params<C, K>, began: Step, patience: u64) -> Self {
        Dealings {
            params,
            began,
            patience,
            received: BTreeMap::new(),
            struck: BTreeSet::new(),
            verified: BTreeMap::new(),
        }
    }

    /// Whether this node should deal now: those on duty at once, just as many as are needed, and the others if these don't suffice. Duty goes
    /// around with the number of the transcript.
    pub fn are_due_from(&self, node: NodeIndex, now: Step) -> bool {
        let size = self.params.dealers().committee().size() as u64;
        let place = (u64::from(node.0) + self.params.id().number) % size;
        let on_duty = place < self.params.needed_dealings() as u64;
        !self.has(node) && (on_duty || now.0 >= self.began.0 + self.patience)
    }

    fn has(&self, node: NodeIndex) -> bool {
        self.verified.contains_key(&node) || self.received.contains_key(&node)
    }

    /// Takes a dealing; it is verified with the others of its block.
    pub fn take(&mut self, sender: NodeIndex, bytes: &[u8]) -> Result<(), Blame> {
        let received = self.received.get(&sender).map(Dealing::encode);
        let verified = self.verified.get(&sender);
        let before = received.or_else(|| Some(verified?.dealing.dealing().encode()));
        if before.is_some_and(|before| before != bytes) {
            return Err(Blame::new(sender, "dealt twice"));
        }
        if self.has(sender) || self.struck.contains(&sender) {
            return Ok(());
        }
        let received = Dealing::receive(&self.params, bytes);
        let received = received.map_err(|error| Blame::new(sender, error));
        let own = received.and_then(|dealing| match dealing.dealer() == sender {
            true => Ok(dealing),
            false => Err(Blame::new(sender, "sent the dealing of another node")),
        });
        match own {
            Ok(dealing) => {
                self.received.insert(sender, dealing);
                Ok(())
            }
            Err(blame) => {
                self.struck.insert(sender);
                Err(blame)
            }
        }
    }

    /// Notes that a node signed for dealings; whether this is news of any of these.
    pub fn vouch(&mut self, signer: NodeIndex, digests: &BTreeSet<DealingDigest>) -> bool {
        let mut news = false;
        for dealt in self.verified.values_mut() {
            if digests.contains(&dealt.dealing.digest()) {
                news |= dealt.vouched_by.insert(signer);
            }
        }
        news
    }

    /// Whether it is a verified dealing of this ceremony.
    pub fn know(&self, digest: &DealingDigest) -> bool {
        let mut dealt = self.verified.values();
        dealt.any(|dealt| dealt.dealing.digest() == *digest)
    }

    /// Verifies what came in a block: the dealings that hold, of which nothing but `unsaid` is said yet, and blames for the others.
    pub fn verify(&mut self, unsaid: impl Fn() -> S) -> (Vec<PublicDealing<C, K>>, Vec<Blame>) {
        let received: Vec<_> = std::mem::take(&mut self.received).into_values().collect();
        let dealers: Vec<NodeIndex> = received.iter().map(Dealing::dealer).collect();
        let (mut good, mut blames) = (Vec::new(), Vec::new());
        for (dealer, verdict) in dealers.into_iter().zip(verify_all(&self.params, received)) {
            match verdict {
                Ok(dealing) => {
                    good.push(dealing.clone());
                    let dealt = Dealt {
                        dealing,
                        vouched_by: BTreeSet::new(),
                        said: unsaid(),
                    };
                    self.verified.insert(dealer, dealt);
                }
                Err(error) => {
                    self.struck.insert(dealer);
                    blames.push(Blame::of_dealer(&self.params, dealer, error));
                }
            }
        }
        (good, blames)
    }
}
