//! Transcripts: what all nodes know of shared values, and each node's shares of them.
//!
//! Source: docs/protocols/idkg.md, section 9. In: supported dealings. Out: the combined commitments, the same on every node that was given the same
//! dealings; and, with the dealings that a node opened, its shares, checked against these commitments.
//! The caller must guarantee that all nodes combine the same set of dealings (it stands in an ordered block).

use crate::batch_check::{BatchCheck, each_opens};
use crate::dealing::DealingDigest;
use crate::error::{IdkgError, Needed};
use crate::extraction::Combination;
use crate::kind::{Kind, Unmasked, combine_shares};
use crate::members::Members;
use crate::opened::OpenedDealing;
use crate::params::{Operation, Params, TranscriptId};
use crate::public::PublicDealing;
use crate::support::SupportedDealing;
use chainkey_algebra::commitment::SimpleCommitment;
use chainkey_algebra::{Curve, Domain, NodeIndex, Oracle, Threshold};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// The agreed result of an operation: commitments to one or several shared values. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Transcript<C: Curve, K: Kind> {
    inner: Arc<Inner<C, K>>,
}

#[derive(Debug)]
struct Inner<C: Curve, K: Kind> {
    id: TranscriptId,
    receivers: Arc<Members>,
    threshold: Threshold,
    batch: usize,
    digest: [u8; 32],
    dealings: Vec<(NodeIndex, DealingDigest)>,
    rows: Vec<Vec<C::Scalar>>,
    commitments: Vec<K::Commitment<C>>,
    check: BatchCheck<C, K>,
    /// The commitments at each receiver, made when first asked for.
    evaluations: OnceLock<Vec<Vec<C::Point>>>,
}

/// A node's shares of a transcript, checked against it.
#[derive(Clone, Debug)]
pub struct TranscriptShare<C: Curve, K: Kind> {
    node: NodeIndex,
    transcript: [u8; 32],
    shares: Vec<K::Share<C>>,
}

impl<C: Curve, K: Kind> PartialEq for Transcript<C, K> {
    fn eq(&self, other: &Self) -> bool {
        self.inner.digest == other.inner.digest
    }
}

impl<C: Curve, K: Kind> Eq for Transcript<C, K> {}

impl<C: Curve, K: Kind> Transcript<C, K> {
    /// Combines supported dealings. Sums and extractions take all, the others as many as they need, in the order of the dealers.
    pub fn new(
        params: &Params<C, K>,
        dealings: &[SupportedDealing<C, K>],
    ) -> Result<Self, IdkgError> {
        Transcript::combine(params, dealings.iter().map(SupportedDealing::public))
    }

    pub(crate) fn combine<'a>(
        params: &Params<C, K>,
        dealings: impl IntoIterator<Item = &'a PublicDealing<C, K>>,
    ) -> Result<Self, IdkgError> {
        let mut by_dealer = BTreeMap::new();
        for dealing in dealings {
            let dealer = dealing.dealer();
            if dealing.params().context() != params.context() {
                return Err(IdkgError::OtherTranscript { dealer });
            }
            if by_dealer.insert(dealer, dealing).is_some() {
                return Err(IdkgError::Duplicate(dealer));
            }
        }
        let needed = params.needed_dealings();
        let found = by_dealer.len();
        if found < needed {
            return Err(IdkgError::NotEnough {
                what: Needed::Dealings,
                needed,
                found,
            });
        }
        let taken = match params.operation() {
            Operation::Random(_) => found,
            _ => needed,
        };
        let dealings: Vec<_> = by_dealer.into_values().take(taken).collect();
        Transcript::of_dealings(params, &dealings)
    }

    fn of_dealings(
        params: &Params<C, K>,
        dealings: &[&PublicDealing<C, K>],
    ) -> Result<Self, IdkgError> {
        let dealers: Vec<NodeIndex> = dealings.iter().map(|dealing| dealing.dealer()).collect();
        let combination = Combination::of(params, &dealers)?;
        let rows = combination.rows(dealers.len());
        let mut slots = Vec::with_capacity(params.batch());
        for slot in 0..params.batch() {
            let dealt: Vec<_> = dealings
                .iter()
                .map(|dealing| &dealing.commitments()[slot])
                .collect();
            slots.extend(combination.commitments::<K>(&dealt));
        }
        let commitments: Vec<K::Commitment<C>> = slots.into_iter().flatten().collect();
        let mut oracle = Oracle::new(Domain::Transcript).bytes("context", params.context());
        for dealing in dealings {
            oracle = oracle
                .number("dealer", u64::from(dealing.dealer().0))
                .bytes("dealing", dealing.digest().0);
        }
        let digest = oracle.digest();
        let check = BatchCheck::new(&digest, commitments.len());
        let transcript = Transcript {
            inner: Arc::new(Inner {
                id: params.id().clone(),
                receivers: params.receivers().clone(),
                threshold: params.threshold(),
                batch: params.batch(),
                digest,
                dealings: dealings.iter().map(|d| (d.dealer(), d.digest())).collect(),
                rows,
                check,
                commitments,
                evaluations: OnceLock::new(),
            }),
        };
        transcript.keeps_public_key(params)?;
        Ok(transcript)
    }

    /// Step 9.3: after a reshare the public values are the old ones.
    fn keeps_public_key(&self, params: &Params<C, K>) -> Result<(), IdkgError> {
        let Operation::ReshareOfUnmasked(old) = params.operation() else {
            return Ok(());
        };
        let old = old.commitments().iter().map(|one| Unmasked::points(one)[0]);
        let new = self.commitments().iter().map(|one| K::points(one)[0]);
        if old.eq(new) {
            Ok(())
        } else {
            Err(IdkgError::PublicKeyChanged)
        }
    }

    /// Its name.
    pub fn id(&self) -> &TranscriptId {
        &self.inner.id
    }

    /// What stands for it in everything hashed: made of its parameters and dealings.
    pub fn digest(&self) -> &[u8; 32] {
        &self.inner.digest
    }

    /// Who holds shares.
    pub fn receivers(&self) -> &Arc<Members> {
        &self.inner.receivers
    }

    /// Shares that determine a value.
    pub fn threshold(&self) -> Threshold {
        self.inner.threshold
    }

    /// How many values are shared.
    pub fn len(&self) -> usize {
        self.inner.commitments.len()
    }

    /// Never: a transcript shares at least one value.
    pub fn is_empty(&self) -> bool {
        self.inner.commitments.is_empty()
    }

    /// The commitments, one for each value.
    pub fn commitments(&self) -> &[K::Commitment<C>] {
        &self.inner.commitments
    }

    /// The dealings that it is made of.
    pub fn dealings(&self) -> &[(NodeIndex, DealingDigest)] {
        &self.inner.dealings
    }

    /// The commitments to a node's shares, one for each value; nothing for a node that is no receiver.
    pub fn points_at(&self, node: NodeIndex) -> impl Iterator<Item = C::Point> + Clone + '_ {
        let evaluations = self.inner.evaluations.get_or_init(|| {
            let members = self.receivers().committee().members();
            members
                .map(|node| {
                    let commitments = self.commitments().iter();
                    commitments.map(|one| K::at(one, node)).collect()
                })
                .collect()
        });
        let points = evaluations.get(usize::from(node.0));
        points
            .map(Vec::as_slice)
            .unwrap_or_default()
            .iter()
            .copied()
    }

    /// A node's shares, out of the dealings that it opened or had restored; others than the transcript's are passed over.
    pub fn share(
        &self,
        node: NodeIndex,
        opened: &[OpenedDealing<C, K>],
    ) -> Result<TranscriptShare<C, K>, IdkgError> {
        let own: BTreeMap<DealingDigest, &OpenedDealing<C, K>> = opened
            .iter()
            .filter(|opened| opened.receiver() == node)
            .map(|opened| (opened.public().digest(), opened))
            .collect();
        let mut dealings = Vec::with_capacity(self.inner.dealings.len());
        for (dealer, digest) in &self.inner.dealings {
            let dealer = *dealer;
            let opened = own.get(digest).ok_or(IdkgError::NotOpened { dealer })?;
            dealings.push(opened.shares());
        }
        let shares = (0..self.inner.batch)
            .flat_map(|slot| self.inner.rows.iter().map(move |row| (slot, row)))
            .map(|(slot, row)| {
                let terms = row.iter().zip(&dealings);
                let of_slot = terms.map(|(factor, shares)| Some((*factor, shares.get(slot)?)));
                combine_shares::<C, K>(of_slot)
            })
            .collect::<Option<Vec<_>>>();
        // What the dealings determine, their digest, and with it the weights, has fixed.
        let shares = shares.ok_or(IdkgError::WrongShare(node))?;
        let commitments = || self.commitments().iter().collect();
        let open = self.inner.check.opens(node, shares.iter(), commitments);
        self.admit_if(open, node, shares)
    }

    /// Lets only shares through that open the transcript at a node, each by itself: for shares that come from elsewhere, such as a node's own disk.
    pub fn admit(
        &self,
        node: NodeIndex,
        shares: Vec<K::Share<C>>,
    ) -> Result<TranscriptShare<C, K>, IdkgError> {
        let open = each_opens::<C, K>(node, &shares, self.commitments());
        self.admit_if(open, node, shares)
    }

    fn admit_if(
        &self,
        open: bool,
        node: NodeIndex,
        shares: Vec<K::Share<C>>,
    ) -> Result<TranscriptShare<C, K>, IdkgError> {
        if !self.receivers().committee().contains(node) {
            return Err(IdkgError::NotAReceiver(node));
        }
        if !open {
            return Err(IdkgError::WrongShare(node));
        }
        Ok(TranscriptShare {
            node,
            transcript: self.inner.digest,
            shares,
        })
    }
}

impl<C: Curve> Transcript<C, Unmasked> {
    /// A transcript of published values, without dealings; see [`crate::published`].
    pub(crate) fn published(
        id: TranscriptId,
        receivers: &Arc<Members>,
        threshold: Threshold,
        commitments: Vec<SimpleCommitment<C>>,
    ) -> Self {
        let mut oracle = Oracle::new(Domain::Transcript)
            .bytes("published by", &id.subnet)
            .number("epoch", id.epoch)
            .number("number", id.number)
            .number("curve", C::ID as u64)
            .bytes("receivers", receivers.digest())
            .number("values", commitments.len() as u64);
        for commitment in &commitments {
            oracle = oracle.points::<C>("commitment", commitment.points());
        }
        let digest = oracle.digest();
        Transcript {
            inner: Arc::new(Inner {
                id,
                receivers: receivers.clone(),
                threshold,
                batch: commitments.len(),
                digest,
                dealings: Vec::new(),
                rows: Vec::new(),
                check: BatchCheck::new(&digest, commitments.len()),
                commitments,
                evaluations: OnceLock::new(),
            }),
        }
    }
}

impl<C: Curve, K: Kind> TranscriptShare<C, K> {
    /// Whose shares these are.
    pub fn node(&self) -> NodeIndex {
        self.node
    }

    /// The shares, one for each value.
    pub fn shares(&self) -> &[K::Share<C>] {
        &self.shares
    }

    /// Whether these are the shares of a node in a transcript.
    pub fn is_of(&self, transcript: &Transcript<C, K>, node: NodeIndex) -> bool {
        self.transcript == transcript.inner.digest && self.node == node
    }
}
