//! What can go wrong in key generation, and who is to blame.
//!
//! One enum for the package. [`IdkgError::culprits`] names the nodes whose own message proves them faulty, provided that the caller had
//! authenticated who sent it; where nobody is named, the caller misused the package or has to wait for more messages.

use chainkey_algebra::codec::CodecError;
use chainkey_algebra::lagrange::InterpolationError;
use chainkey_algebra::{CommitteeError, NodeIndex};

/// What there was not enough of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Needed {
    /// Supports of one dealing.
    Supports,
    /// Dealings of one transcript.
    Dealings,
    /// Openings of one dealing.
    Openings,
    /// Acknowledgements of one dealing.
    Acknowledgements,
}

/// What of a dealing had another size than the parameters say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shape {
    /// The number of sharings.
    Batch,
    /// The coefficients of a commitment: the threshold.
    Coefficients,
    /// The number of receivers.
    Receivers,
    /// The encrypted scalars for one receiver.
    Scalars,
    /// The number of proofs.
    Proofs,
}

/// Why a step of key generation failed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum IdkgError {
    /// Bytes that are not a message.
    #[error("malformed message: {0}")]
    Malformed(#[from] CodecError),
    /// A set of nodes that can't be interpolated over.
    #[error(transparent)]
    Interpolation(#[from] InterpolationError),
    /// A committee of a size that can't be.
    #[error(transparent)]
    Committee(#[from] CommitteeError),
    /// Two members have the same key.
    #[error("{0} has a key that another member has already")]
    SharedKey(NodeIndex),
    /// The proof that comes with a registered encryption key does not hold.
    #[error(
        "the registered encryption key is not proved to be known, or stands for another node or epoch"
    )]
    UnprovedKey,
    /// A batch must be from 1 to [`crate::LARGEST_BATCH`].
    #[error("a batch has 1 to {limit} sharings, not {found}", limit = crate::LARGEST_BATCH)]
    BatchSize {
        /// What was asked for.
        found: usize,
    },
    /// The factors of a product belong to different committees.
    #[error("the factors are not shared among the same members")]
    DifferentMembers,
    /// The factors of a product have batches that can't be paired.
    #[error("{left} left factors can't be paired with {right} right ones")]
    Unpaired {
        /// Sharings on the left.
        left: usize,
        /// Sharings on the right.
        right: usize,
    },
    /// A transcript with another threshold than the operation is for.
    #[error("the operation is for a threshold of {expected}, the transcript has {found}")]
    ThresholdMismatch {
        /// What the operation is for.
        expected: usize,
        /// The transcript's.
        found: usize,
    },
    /// The dealer's own input is not what the operation deals.
    #[error("the shares handed in are not those that the operation deals")]
    WrongInput,
    /// A share that belongs to another node.
    #[error("the encryption secret is not that of {0}")]
    NotOwnKey(NodeIndex),
    /// Not a dealer of this transcript.
    #[error("{0} is not a dealer")]
    NotADealer(NodeIndex),
    /// Not a receiver of this transcript.
    #[error("{0} is not a receiver")]
    NotAReceiver(NodeIndex),
    /// Made for another transcript, epoch, committee or operation.
    #[error("the dealing of {dealer} is for another transcript")]
    OtherTranscript {
        /// Who dealt.
        dealer: NodeIndex,
    },
    /// A dealing of another shape than the parameters say.
    #[error("the dealing of {dealer} has {found} {shape:?} where {expected} are due")]
    WrongShape {
        /// Who dealt.
        dealer: NodeIndex,
        /// Of what.
        shape: Shape,
        /// As many as are due.
        expected: usize,
        /// As many as there are.
        found: usize,
    },
    /// The ephemeral key is not proved, or proved for another dealer, transcript or dealing.
    #[error("the ephemeral key of {dealer} is not proved")]
    BadEphemeral {
        /// Who dealt.
        dealer: NodeIndex,
    },
    /// The operation's own proof is missing or wrong.
    #[error("the proof in the dealing of {dealer} does not hold")]
    BadProof {
        /// Who dealt.
        dealer: NodeIndex,
    },
    /// The reshared value is not the dealer's committed share.
    #[error("{dealer} reshares another value than its share")]
    WrongConstant {
        /// Who dealt.
        dealer: NodeIndex,
    },
    /// A message about another dealing.
    #[error("{from} speaks of another dealing")]
    OtherDealing {
        /// Who sent it.
        from: NodeIndex,
    },
    /// The point that a complaint reveals is not proved.
    #[error("the complaint of {complainer} is not proved")]
    BadComplaint {
        /// Who complained.
        complainer: NodeIndex,
    },
    /// A complaint about a share that is good.
    #[error("{complainer} complains about a good share")]
    UnfoundedComplaint {
        /// Who complained.
        complainer: NodeIndex,
    },
    /// An opened share that does not open the commitment.
    #[error("the share that {opener} opens is wrong")]
    BadOpening {
        /// Who opened it.
        opener: NodeIndex,
    },
    /// A support or acknowledgement whose signature does not hold.
    #[error("the signature of {signer} does not hold")]
    BadSignature {
        /// Who is said to have signed.
        signer: NodeIndex,
    },
    /// Signed by a member of another committee than the dealing's.
    #[error("the signature of {signer} was checked against another committee")]
    OtherMembers {
        /// Who signed.
        signer: NodeIndex,
    },
    /// The same node stands twice where each counts once.
    #[error("{0} stands twice")]
    Duplicate(NodeIndex),
    /// More shares are revealed than may be: the value would not be secret.
    #[error("{dealer} reveals {found} shares where at most {limit} may be known")]
    TooMuchRevealed {
        /// Who dealt.
        dealer: NodeIndex,
        /// The most that may be.
        limit: usize,
        /// How many there are.
        found: usize,
    },
    /// A receiver has neither acknowledged its share nor is it revealed.
    #[error("{0} has neither acknowledged its share nor is it revealed")]
    NotCovered(NodeIndex),
    /// A revealed share does not open the commitment.
    #[error("{dealer} reveals a wrong share of {receiver}")]
    BadReveal {
        /// Who dealt.
        dealer: NodeIndex,
        /// Whose share it is.
        receiver: NodeIndex,
    },
    /// Too little to go on; wait for more.
    #[error("{found} {what:?} where {needed} are needed")]
    NotEnough {
        /// Of what.
        what: Needed,
        /// How many are needed.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// The node did not open a dealing that the transcript is made of.
    #[error("the dealing of {dealer} is part of the transcript and not opened")]
    NotOpened {
        /// Whose dealing is missing.
        dealer: NodeIndex,
    },
    /// The combination does not keep the public key; can't happen with verified dealings, and is refused all the same.
    #[error("resharing would change the public key")]
    PublicKeyChanged,
    /// The combined share does not open the transcript; can't happen with opened dealings, and is refused all the same.
    #[error("the combined share of {0} does not open the transcript")]
    WrongShare(NodeIndex),
}

impl IdkgError {
    /// The nodes that are proved faulty, by their place in the committee they act in (dealers or receivers).
    pub fn culprits(&self) -> Vec<NodeIndex> {
        match self {
            IdkgError::NotADealer(node)
            | IdkgError::NotAReceiver(node)
            | IdkgError::OtherTranscript { dealer: node }
            | IdkgError::WrongShape { dealer: node, .. }
            | IdkgError::BadEphemeral { dealer: node }
            | IdkgError::BadProof { dealer: node }
            | IdkgError::WrongConstant { dealer: node }
            | IdkgError::OtherDealing { from: node }
            | IdkgError::BadComplaint { complainer: node }
            | IdkgError::UnfoundedComplaint { complainer: node }
            | IdkgError::BadOpening { opener: node }
            | IdkgError::BadSignature { signer: node }
            | IdkgError::TooMuchRevealed { dealer: node, .. }
            | IdkgError::BadReveal { dealer: node, .. } => vec![*node],
            IdkgError::Malformed(_)
            | IdkgError::Interpolation(_)
            | IdkgError::Committee(_)
            | IdkgError::SharedKey(_)
            | IdkgError::UnprovedKey
            | IdkgError::BatchSize { .. }
            | IdkgError::DifferentMembers
            | IdkgError::Unpaired { .. }
            | IdkgError::ThresholdMismatch { .. }
            | IdkgError::WrongInput
            | IdkgError::NotOwnKey(_)
            | IdkgError::OtherMembers { .. }
            | IdkgError::Duplicate(_)
            | IdkgError::NotEnough { .. }
            | IdkgError::NotCovered(_)
            | IdkgError::NotOpened { .. }
            | IdkgError::PublicKeyChanged
            | IdkgError::WrongShare(_) => Vec::new(),
        }
    }
}
