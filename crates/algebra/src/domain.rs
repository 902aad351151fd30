//! Every domain tag of the project's own hashing, in one place.
//!
//! Source: protocols.md of the design, section 1: everything hashed goes through one typed oracle whose first input is one of these. Tags that
//! a standard fixes (BLS ciphersuites, BIP-340) stand where that standard is implemented. A tag is never used for two purposes.

/// What a hash is for.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Domain {
    /// The second generator H of a curve, whose logarithm nobody knows.
    SecondGenerator,
    /// Weights of a random linear combination that verifies many equations at once.
    BatchWeights,
    /// The identity of a transcript's parameters.
    TranscriptParams,
    /// The identity of a committee's members: their keys in order.
    Members,
    /// Proof that a node knows the secret of the encryption key that it registers.
    EncryptionKeyPossession,
    /// The identity of a dealing.
    Dealing,
    /// The identity of a transcript.
    Transcript,
    /// Masks that encrypt shares for their receivers.
    ShareEncryption,
    /// Proof that the dealer knows the logarithm of the ephemeral point.
    EphemeralPossession,
    /// The point from which the ephemeral key's second image is made.
    EphemeralPoint,
    /// Proof that a Simple and a Pedersen commitment hold the same value.
    SameValue,
    /// Proof that a commitment holds the product of two others.
    Product,
    /// Proof that two pairs of points have the same logarithm.
    SameLogarithm,
    /// What a node signs to support dealings.
    Support,
    /// What a node signs to acknowledge a share of a high-threshold dealing.
    Acknowledgement,
    /// What a node signs to accuse a dealer.
    Complaint,
    /// What a node signs to open its share of an accused dealer.
    Opening,
    /// The identity of a presignature.
    Presignature,
    /// The rerandomization of an ECDSA presignature.
    EcdsaRerandomization,
    /// The rerandomization of a Schnorr presignature.
    SchnorrRerandomization,
    /// The signed message of a beacon.
    Beacon,
    /// The signed message of a random tape.
    Tape,
    /// A stream of random numbers seeded by a tape.
    TapeStream,
    /// Proof of the validity of an encrypted key share.
    KeyShare,
    /// A node's signed message to others.
    NodeMessage,
    /// A node's secret stream of randomness, from its seed.
    NodeRandomness,
}

impl Domain {
    /// The tag that is hashed: ASCII, unique, versioned.
    pub fn tag(self) -> &'static str {
        match self {
            Domain::SecondGenerator => "chainkey/v1/second-generator",
            Domain::BatchWeights => "chainkey/v1/batch-weights",
            Domain::TranscriptParams => "chainkey/v1/transcript-params",
            Domain::Members => "chainkey/v1/members",
            Domain::EncryptionKeyPossession => "chainkey/v1/encryption-key-possession",
            Domain::Dealing => "chainkey/v1/dealing",
            Domain::Transcript => "chainkey/v1/transcript",
            Domain::ShareEncryption => "chainkey/v1/share-encryption",
            Domain::EphemeralPossession => "chainkey/v1/ephemeral-possession",
            Domain::EphemeralPoint => "chainkey/v1/ephemeral-point",
            Domain::SameValue => "chainkey/v1/same-value",
            Domain::Product => "chainkey/v1/product",
            Domain::SameLogarithm => "chainkey/v1/same-logarithm",
            Domain::Support => "chainkey/v1/support",
            Domain::Acknowledgement => "chainkey/v1/acknowledgement",
            Domain::Complaint => "chainkey/v1/complaint",
            Domain::Opening => "chainkey/v1/opening",
            Domain::Presignature => "chainkey/v1/presignature",
            Domain::EcdsaRerandomization => "chainkey/v1/ecdsa-rerandomization",
            Domain::SchnorrRerandomization => "chainkey/v1/schnorr-rerandomization",
            Domain::Beacon => "chainkey/v1/beacon",
            Domain::Tape => "chainkey/v1/tape",
            Domain::TapeStream => "chainkey/v1/tape-stream",
            Domain::KeyShare => "chainkey/v1/key-share",
            Domain::NodeMessage => "chainkey/v1/node-message",
            Domain::NodeRandomness => "chainkey/v1/node-randomness",
        }
    }
}
