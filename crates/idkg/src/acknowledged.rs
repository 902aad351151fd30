//! Keys with a high threshold, 2f + 1: acknowledge or reveal.
//!
//! Source: Das, Xiang, Tomescu, Spiegelman, Pinkas, Ren, eprint 2023/1196; docs/protocols/idkg.md, section 10. With threshold 2f + 1 complaints can't
//! restore a share: 2f + 1 supports guarantee only f + 1 honest openings. So a dealing is usable with 2f + 1 signed acknowledgements
//! and the clear shares, revealed by the dealer, of the at most f receivers that did not acknowledge; everybody checks these. The adversary then
//! knows at most 2f values of a polynomial of degree 2f.
//!
//! - What this gives up against Groth's non-interactive key generation (eprint 2021/339): there, anyone sees from the dealing alone that every
//!   receiver can decrypt, also one that is offline, and the dealer need not be there afterwards. Here a dealer must wait for 2f + 1
//!   acknowledgements, and an absent receiver's share becomes public, which uses up the margin: while f receivers are absent and f others
//!   faulty, no further share may leak. In exchange it costs a hundredth, and no dealer can make decryption slow.
//! - Forward secrecy: shares are encrypted to a key for one epoch ([`crate::EncryptionSecret`]) that is erased after it.
//! - Bias: as for low thresholds, a key that nobody biased is Random, then ReshareOfMasked. RandomUnmasked alone lets the last dealer choose
//!   among public keys, which is harmless for BLS signatures and vetKD (docs/protocols/idkg.md, section 11) and not for other uses.
//! - The caller must guarantee that a dealer reveals once: two reveals of different shares together could exceed f, so what is revealed must not
//!   be made anew after a restart ([`KeptShares::reveal`] consumes what it needs).

use crate::dealing::{DealerInput, Dealing, DealingDigest};
use crate::error::{IdkgError, Needed};
use crate::kind::{Kind, Masked, Unmasked, read_shares, shares_of, write_shares};
use crate::members::Members;
use crate::opened::{OpenedDealing, Vouched};
use crate::params::{Extraction, Level, Operation, Params, TranscriptId};
use crate::public::PublicDealing;
use crate::support::{Support, VerifiedSupport};
use crate::transcript::Transcript;
use chainkey_algebra::codec::{Reader, Writer};
use chainkey_algebra::{Curve, Domain, NodeIndex};
use ed25519_dalek::SigningKey;
use rand_core::{CryptoRng, RngCore};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Parameters of a transcript with threshold 2f + 1.
#[derive(Clone, Debug)]
pub struct HighParams<C: Curve, K: Kind>(Params<C, K>);

/// What a dealer keeps until it knows whose shares it has to reveal; erased when dropped.
pub struct KeptShares<C: Curve, K: Kind> {
    pub(crate) digest: DealingDigest,
    pub(crate) dealer: NodeIndex,
    pub(crate) shares: BTreeMap<NodeIndex, Vec<K::Share<C>>>,
}

/// What a dealer makes: to send, and to keep.
#[derive(Debug)]
pub struct HighDealing<C: Curve, K: Kind> {
    /// To be sent to all.
    pub dealing: Dealing<C, K>,
    /// To be kept for the reveal.
    pub kept: KeptShares<C, K>,
}

/// A signature over dealings whose shares the signer holds; not yet checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Acknowledgement(Support);

/// An acknowledgement whose signature was checked against the keys of a committee.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifiedAcknowledgement(VerifiedSupport);

/// Shares that a dealer publishes; not yet checked.
#[derive(Clone, Debug)]
pub struct Reveal<C: Curve, K: Kind> {
    pub(crate) digest: DealingDigest,
    pub(crate) dealer: NodeIndex,
    pub(crate) shares: BTreeMap<NodeIndex, Vec<K::Share<C>>>,
}

/// A dealing of which every honest receiver has its shares.
#[derive(Clone, Debug)]
pub struct AcknowledgedDealing<C: Curve, K: Kind> {
    public: PublicDealing<C, K>,
    revealed: Arc<BTreeMap<NodeIndex, OpenedDealing<C, K>>>,
}

impl<C: Curve> HighParams<C, Masked> {
    /// Random: `batch` masked values that nobody knows.
    pub fn random(
        id: TranscriptId,
        dealers: &Arc<Members>,
        receivers: &Arc<Members>,
        batch: usize,
    ) -> Result<Self, IdkgError> {
        let operation = Operation::Random(Extraction::Sum);
        Params::at(Level::High, id, dealers, receivers, batch, operation).map(HighParams)
    }
}

impl<C: Curve> HighParams<C, Unmasked> {
    /// RandomUnmasked: `batch` values that nobody knows, each with its public point.
    pub fn random_unmasked(
        id: TranscriptId,
        dealers: &Arc<Members>,
        receivers: &Arc<Members>,
        batch: usize,
    ) -> Result<Self, IdkgError> {
        let operation = Operation::Random(Extraction::Sum);
        Params::at(Level::High, id, dealers, receivers, batch, operation).map(HighParams)
    }

    /// ReshareOfMasked, from a high threshold to a high threshold.
    pub fn reshare_of_masked(
        id: TranscriptId,
        old: &Transcript<C, Masked>,
        receivers: &Arc<Members>,
    ) -> Result<Self, IdkgError> {
        Params::reshare(Level::High, id, old, receivers, Operation::ReshareOfMasked).map(HighParams)
    }

    /// ReshareOfUnmasked, from a high threshold to a high threshold, perhaps among others; public keys stay.
    pub fn reshare_of_unmasked(
        id: TranscriptId,
        old: &Transcript<C, Unmasked>,
        receivers: &Arc<Members>,
    ) -> Result<Self, IdkgError> {
        Params::reshare(
            Level::High,
            id,
            old,
            receivers,
            Operation::ReshareOfUnmasked,
        )
        .map(HighParams)
    }
}

impl<C: Curve, K: Kind> HighParams<C, K> {
    /// The parameters by which dealings are verified. Dealings of a high threshold can't be supported, only acknowledged.
    pub fn params(&self) -> &Params<C, K> {
        &self.0
    }

    /// Deals; what is kept is needed for the reveal.
    pub fn deal(
        &self,
        dealer: NodeIndex,
        input: DealerInput<'_, C>,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<HighDealing<C, K>, IdkgError> {
        self.deal_keeping(dealer, input, &BTreeSet::new(), rng)
    }

    pub(crate) fn deal_keeping(
        &self,
        dealer: NodeIndex,
        input: DealerInput<'_, C>,
        wrong_for: &BTreeSet<NodeIndex>,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Result<HighDealing<C, K>, IdkgError> {
        let (dealing, plan) = Dealing::create_keeping(&self.0, dealer, input, wrong_for, rng)?;
        let mut shares = BTreeMap::new();
        for receiver in self.0.receivers().committee().members() {
            shares.insert(receiver, shares_of::<C, K>(plan.scalars(receiver)));
        }
        let digest = dealing.digest();
        let kept = KeptShares {
            digest,
            dealer,
            shares,
        };
        Ok(HighDealing { dealing, kept })
    }

    /// Combines acknowledged dealings into a transcript.
    pub fn transcript(
        &self,
        dealings: &[AcknowledgedDealing<C, K>],
    ) -> Result<Transcript<C, K>, IdkgError> {
        Transcript::combine(&self.0, dealings.iter().map(AcknowledgedDealing::public))
    }
}

impl Acknowledgement {
    /// Signs for the dealings whose shares this node found good. What others vouched for is left out.
    pub fn sign(
        signer: NodeIndex,
        key: &SigningKey,
        vouched: impl IntoIterator<Item = Vouched>,
    ) -> Self {
        Acknowledgement(Support::sign_as(
            Domain::Acknowledgement,
            signer,
            key,
            vouched,
        ))
    }

    /// Checks the signature.
    pub fn verify(self, members: &Members) -> Result<VerifiedAcknowledgement, IdkgError> {
        let verified = self.0.verify_as(Domain::Acknowledgement, members)?;
        Ok(VerifiedAcknowledgement(verified))
    }

    /// Who signed.
    pub fn signer(&self) -> NodeIndex {
        self.0.signer()
    }

    /// Signer (2 bytes), digests (a list of 32 bytes each, ascending), signature (64).
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// Reads what [`Acknowledgement::encode`] writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, IdkgError> {
        Support::decode(bytes).map(Acknowledgement)
    }
}

impl VerifiedAcknowledgement {
    /// Who signed.
    pub fn signer(&self) -> NodeIndex {
        self.0.signer()
    }

    /// The same, of the dealings for which this holds only.
    #[must_use]
    pub fn only(&self, holds: impl Fn(&DealingDigest) -> bool) -> Self {
        VerifiedAcknowledgement(self.0.only(holds))
    }

    /// The dealings that are acknowledged.
    pub fn digests(&self) -> &BTreeSet<DealingDigest> {
        self.0.digests()
    }
}

fn signers<C: Curve, K: Kind>(
    public: &PublicDealing<C, K>,
    acknowledgements: &[VerifiedAcknowledgement],
) -> Result<BTreeSet<NodeIndex>, IdkgError> {
    let supports = acknowledgements.iter().map(|one| &one.0);
    let signed = (Domain::Acknowledgement, Needed::Acknowledgements);
    VerifiedSupport::enough(public, supports, signed)
}

impl<C: Curve, K: Kind> KeptShares<C, K> {
    /// With 2f + 1 acknowledgements, the shares of those that did not acknowledge. Everything else is erased.
    pub fn reveal(
        mut self,
        public: &PublicDealing<C, K>,
        acknowledgements: &[VerifiedAcknowledgement],
    ) -> Result<Reveal<C, K>, (Self, IdkgError)> {
        if public.digest() != self.digest {
            let from = public.dealer();
            return Err((self, IdkgError::OtherDealing { from }));
        }
        match signers(public, acknowledgements) {
            Err(error) => Err((self, error)),
            Ok(signers) => {
                self.shares.retain(|node, _| !signers.contains(node));
                Ok(Reveal {
                    digest: self.digest,
                    dealer: self.dealer,
                    shares: self.shares,
                })
            }
        }
    }
}

impl<C: Curve, K: Kind> std::fmt::Debug for KeptShares<C, K> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<redacted shares of {:?}>", self.digest)
    }
}

impl<C: Curve, K: Kind> Reveal<C, K> {
    /// Which dealing it completes.
    pub fn digest(&self) -> DealingDigest {
        self.digest
    }

    /// Who dealt it.
    pub fn dealer(&self) -> NodeIndex {
        self.dealer
    }

    /// Digest of the dealing (32 bytes), dealer (2), and a list of: receiver (2), scalars (a list).
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::new();
        writer
            .raw(self.digest.0)
            .u16(self.dealer.0)
            .length(self.shares.len());
        for (node, shares) in &self.shares {
            writer.u16(node.0);
            write_shares::<C, K>(&mut writer, shares);
        }
        writer.finish()
    }

    /// Reads what [`Reveal::encode`] writes; receivers ascending.
    pub fn decode(bytes: &[u8]) -> Result<Self, IdkgError> {
        let mut reader = Reader::new(bytes);
        let digest = DealingDigest(reader.array()?);
        let dealer = NodeIndex(reader.u16()?);
        let mut shares = BTreeMap::new();
        for _ in 0..reader.length(100)? {
            let node = NodeIndex(reader.u16()?);
            if shares
                .last_key_value()
                .is_some_and(|(last, _)| *last >= node)
            {
                return Err(IdkgError::Duplicate(node));
            }
            shares.insert(node, read_shares::<C, K>(&mut reader)?);
        }
        reader.finish()?;
        Ok(Reveal {
            digest,
            dealer,
            shares,
        })
    }
}

impl<C: Curve, K: Kind> AcknowledgedDealing<C, K> {
    /// A dealing with acknowledgements and the shares of all the others: steps 10.1 to 10.3. Acknowledgements of other dealings are
    /// passed over; a receiver may have both acknowledged and its share revealed.
    pub fn new(
        public: PublicDealing<C, K>,
        acknowledgements: &[VerifiedAcknowledgement],
        reveal: Reveal<C, K>,
    ) -> Result<Self, IdkgError> {
        let dealer = public.dealer();
        let committee = public.params().receivers().committee();
        if reveal.digest != public.digest() || reveal.dealer != dealer {
            return Err(IdkgError::OtherDealing {
                from: reveal.dealer,
            });
        }
        let (limit, found) = (committee.faulty(), reveal.shares.len());
        if found > limit {
            return Err(IdkgError::TooMuchRevealed {
                dealer,
                limit,
                found,
            });
        }
        let signers = signers(&public, acknowledgements)?;
        let covered = |node: &NodeIndex| signers.contains(node) || reveal.shares.contains_key(node);
        if let Some(node) = committee.members().find(|node| !covered(node)) {
            return Err(IdkgError::NotCovered(node));
        }
        let mut revealed = BTreeMap::new();
        for (receiver, shares) in reveal.shares {
            let opened = public
                .admit_claimed(receiver, shares)
                .filter(|_| committee.contains(receiver))
                .ok_or(IdkgError::BadReveal { dealer, receiver })?;
            revealed.insert(receiver, opened);
        }
        Ok(AcknowledgedDealing {
            public,
            revealed: Arc::new(revealed),
        })
    }

    /// The dealing.
    pub fn public(&self) -> &PublicDealing<C, K> {
        &self.public
    }

    /// A receiver's shares, if they were revealed: it then need not have opened the dealing.
    pub fn revealed(&self, receiver: NodeIndex) -> Option<&OpenedDealing<C, K>> {
        self.revealed.get(&receiver)
    }
}
