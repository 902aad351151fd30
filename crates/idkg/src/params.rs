//! What a transcript shall be: identity, dealers, receivers, batch and operation, agreed on before anybody deals.
//!
//! Source: docs/protocols/idkg.md, section 1. Each operation has its own constructor, whose arguments and result type allow just the
//! combinations that exist: `Params<C, Masked>` is a Random or a product, `Params<C, Unmasked>` a RandomUnmasked or a reshare.
//! Thresholds are not arguments: below f + 1 shares a faulty minority could read the secret, and above it complaints could not
//! restore a share, so that such keys go through [`crate::acknowledged`].
//! The caller must guarantee that a [`TranscriptId`] is never used for two transcripts.

use crate::error::IdkgError;
use crate::kind::{Kind, Masked, Unmasked};
use crate::members::Members;
use crate::transcript::Transcript;
use chainkey_algebra::{Curve, Domain, NodeIndex, Oracle, Threshold};
use std::marker::PhantomData;
use std::sync::Arc;

/// As many sharings as one dealing may make.
pub const LARGEST_BATCH: usize = 1000;

/// A transcript's name, never used twice.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct TranscriptId {
    /// The subnet that makes it.
    pub subnet: Vec<u8>,
    /// The epoch in which it is made.
    pub epoch: u64,
    /// Its number in the epoch.
    pub number: u64,
}

/// How the dealings of random values become random sharings.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extraction {
    /// One sharing for each slot of the batch: the sum of at least f + 1 dealings.
    Sum,
    /// d - f sharings for each slot out of d >= 2f + 1 dealings (f of the dealers); see the module `extraction`.
    Matrix,
}

/// How many shares determine a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// f + 1: made and reshared with [`Params`].
    Low,
    /// 2f + 1: made and reshared with [`crate::acknowledged::HighParams`].
    High,
}

impl Level {
    pub(crate) fn threshold(self, members: &Members) -> Threshold {
        match self {
            Level::Low => members.committee().low(),
            Level::High => members.committee().high(),
        }
    }

    /// Refuses what is shared among the members with another threshold.
    pub(crate) fn expect(self, members: &Members, threshold: Threshold) -> Result<(), IdkgError> {
        let (expected, found) = (self.threshold(members).shares(), threshold.shares());
        if expected == found {
            Ok(())
        } else {
            Err(IdkgError::ThresholdMismatch { expected, found })
        }
    }
}

/// What is dealt.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Operation<C: Curve> {
    /// Random values that nobody knows, masked or not as the kind says.
    Random(Extraction),
    /// A masked value is shared anew and becomes unmasked.
    ReshareOfMasked(Transcript<C, Masked>),
    /// An unmasked value is shared anew, perhaps among others.
    ReshareOfUnmasked(Transcript<C, Unmasked>),
    /// Products of unmasked and masked values, slot by slot; a single left value multiplies every right one.
    UnmaskedTimesMasked(Transcript<C, Unmasked>, Transcript<C, Masked>),
}

/// The parameters of a transcript; cheap to clone.
#[derive(Clone, Debug)]
pub struct Params<C: Curve, K: Kind> {
    inner: Arc<Inner<C>>,
    kind: PhantomData<K>,
}

#[derive(Debug)]
struct Inner<C: Curve> {
    id: TranscriptId,
    dealers: Arc<Members>,
    receivers: Arc<Members>,
    threshold: Threshold,
    batch: usize,
    operation: Operation<C>,
    context: [u8; 32],
}

impl<C: Curve> Params<C, Masked> {
    /// Random: `batch` masked values (times the gain of the extraction) that nobody knows.
    pub fn random(
        id: TranscriptId,
        dealers: &Arc<Members>,
        receivers: &Arc<Members>,
        batch: usize,
        extraction: Extraction,
    ) -> Result<Self, IdkgError> {
        let operation = Operation::Random(extraction);
        Params::at(Level::Low, id, dealers, receivers, batch, operation)
    }

    /// UnmaskedTimesMasked: each right value times the left one in its slot, or times the only left one. The members are the factors' own.
    pub fn product(
        id: TranscriptId,
        left: &Transcript<C, Unmasked>,
        right: &Transcript<C, Masked>,
    ) -> Result<Self, IdkgError> {
        let members = left.receivers();
        if members != right.receivers() {
            return Err(IdkgError::DifferentMembers);
        }
        let (lefts, rights) = (left.len(), right.len());
        if lefts != 1 && lefts != rights {
            return Err(IdkgError::Unpaired {
                left: lefts,
                right: rights,
            });
        }
        // A sum of two degrees above 2f would need more dealings than honest dealers are sure to make.
        Level::Low.expect(members, left.threshold())?;
        Level::Low.expect(members, right.threshold())?;
        let operation = Operation::UnmaskedTimesMasked(left.clone(), right.clone());
        Params::at(Level::Low, id, members, members, rights, operation)
    }
}

impl<C: Curve> Params<C, Unmasked> {
    /// RandomUnmasked: `batch` values (times the gain of the extraction) that nobody knows, each with its public point. The last dealer can
    /// choose among several outcomes: good for nonces that are rerandomized, not for keys.
    pub fn random_unmasked(
        id: TranscriptId,
        dealers: &Arc<Members>,
        receivers: &Arc<Members>,
        batch: usize,
        extraction: Extraction,
    ) -> Result<Self, IdkgError> {
        let operation = Operation::Random(extraction);
        Params::at(Level::Low, id, dealers, receivers, batch, operation)
    }

    /// ReshareOfMasked: the members of the old transcript share its values anew, unmasked.
    pub fn reshare_of_masked(
        id: TranscriptId,
        old: &Transcript<C, Masked>,
        receivers: &Arc<Members>,
    ) -> Result<Self, IdkgError> {
        Params::reshare(Level::Low, id, old, receivers, Operation::ReshareOfMasked)
    }

    /// ReshareOfUnmasked: the members of the old transcript share its values anew, perhaps among others; public keys stay.
    pub fn reshare_of_unmasked(
        id: TranscriptId,
        old: &Transcript<C, Unmasked>,
        receivers: &Arc<Members>,
    ) -> Result<Self, IdkgError> {
        Params::reshare(Level::Low, id, old, receivers, Operation::ReshareOfUnmasked)
    }
}

impl<C: Curve, K: Kind> Params<C, K> {
    /// The members of an old transcript share its values anew, with the same threshold.
    pub(crate) fn reshare<O: Kind>(
        level: Level,
        id: TranscriptId,
        old: &Transcript<C, O>,
        receivers: &Arc<Members>,
        operation: impl FnOnce(Transcript<C, O>) -> Operation<C>,
    ) -> Result<Self, IdkgError> {
        level.expect(old.receivers(), old.threshold())?;
        let (dealers, operation) = (old.receivers(), operation(old.clone()));
        Params::at(level, id, dealers, receivers, old.len(), operation)
    }

    /// Any threshold; the constructors see to it that it suits the operation.
    pub(crate) fn at(
        level: Level,
        id: TranscriptId,
        dealers: &Arc<Members>,
        receivers: &Arc<Members>,
        batch: usize,
        operation: Operation<C>,
    ) -> Result<Self, IdkgError> {
        let threshold = level.threshold(receivers);
        if batch == 0 || batch > LARGEST_BATCH {
            return Err(IdkgError::BatchSize { found: batch });
        }
        let mut oracle = Oracle::new(Domain::TranscriptParams)
            .bytes("subnet", &id.subnet)
            .number("epoch", id.epoch)
            .number("number", id.number)
            .number("curve", C::ID as u64)
            .number("kind", u64::from(K::TAG))
            .bytes("dealers", dealers.digest())
            .bytes("receivers", receivers.digest())
            .number("threshold", threshold.shares() as u64)
            .number("batch", batch as u64)
            .bytes("operation", operation.name());
        for operand in operation.operands() {
            oracle = oracle.bytes("operand", operand);
        }
        let context = oracle.digest();
        let inner = Arc::new(Inner {
            id,
            dealers: dealers.clone(),
            receivers: receivers.clone(),
            threshold,
            batch,
            operation,
            context,
        });
        Ok(Params {
            inner,
            kind: PhantomData,
        })
    }

    /// The transcript's name.
    pub fn id(&self) -> &TranscriptId {
        &self.inner.id
    }

    /// Who deals.
    pub fn dealers(&self) -> &Arc<Members> {
        &self.inner.dealers
    }

    /// Who receives shares.
    pub fn receivers(&self) -> &Arc<Members> {
        &self.inner.receivers
    }

    /// Shares that determine a value of the new transcript.
    pub fn threshold(&self) -> Threshold {
        self.inner.threshold
    }

    /// Sharings in each dealing.
    pub fn batch(&self) -> usize {
        self.inner.batch
    }

    /// What is dealt.
    pub fn operation(&self) -> &Operation<C> {
        &self.inner.operation
    }

    /// The digest of all of this, which every message is bound to.
    pub fn context(&self) -> &[u8; 32] {
        &self.inner.context
    }

    /// How many usable dealings make a transcript.
    pub fn needed_dealings(&self) -> usize {
        let dealers = self.dealers().committee();
        match self.operation() {
            Operation::Random(Extraction::Sum) => dealers.low().shares(),
            Operation::Random(Extraction::Matrix) => dealers.high().shares(),
            Operation::ReshareOfMasked(old) => old.threshold().shares(),
            Operation::ReshareOfUnmasked(old) => old.threshold().shares(),
            Operation::UnmaskedTimesMasked(left, right) => {
                left.threshold().shares() + right.threshold().shares() - 1
            }
        }
    }

    pub(crate) fn expect_dealer(&self, node: NodeIndex) -> Result<(), IdkgError> {
        if self.dealers().committee().contains(node) {
            Ok(())
        } else {
            Err(IdkgError::NotADealer(node))
        }
    }
}

impl<C: Curve> Operation<C> {
    /// The operation's name, as it goes into the digest of the parameters.
    pub fn name(&self) -> &'static str {
        match self {
            Operation::Random(Extraction::Sum) => "random",
            Operation::Random(Extraction::Matrix) => "random, extracted",
            Operation::ReshareOfMasked(_) => "reshare of masked",
            Operation::ReshareOfUnmasked(_) => "reshare of unmasked",
            Operation::UnmaskedTimesMasked(..) => "unmasked times masked",
        }
    }

    fn operands(&self) -> Vec<&[u8; 32]> {
        match self {
            Operation::Random(_) => Vec::new(),
            Operation::ReshareOfMasked(old) => vec![old.digest()],
            Operation::ReshareOfUnmasked(old) => vec![old.digest()],
            Operation::UnmaskedTimesMasked(left, right) => vec![left.digest(), right.digest()],
        }
    }
}
