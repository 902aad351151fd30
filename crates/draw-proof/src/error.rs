//! Why something is no part of a draw, or no proof of one.

use crate::history::Moments;
use thiserror::Error;

/// Why something is no part of a draw, or no proof of one.
#[derive(Error, Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawProofError {
    /// The bytes end too early.
    #[error("the bytes end too early")]
    Short,
    /// Bytes are left after the last value.
    #[error("{bytes} bytes are left over")]
    LeftOver {
        /// How many.
        bytes: usize,
    },
    /// A byte string is longer than it may be.
    #[error("a byte string of {length} bytes; it has at most {at_most}")]
    TooLong {
        /// Its length.
        length: usize,
        /// The most.
        at_most: usize,
    },
    /// A byte stands for none of the choices.
    #[error("the byte {tag} stands for nothing here")]
    Tag {
        /// The byte.
        tag: u8,
    },
    /// The bytes do not begin as a transcript of a known version does.
    #[error("this is no transcript of version 1")]
    Magic,
    /// A specification's title.
    #[error("a title has 1 to 100 bytes of UTF-8 without control characters")]
    Title,
    /// A principal of the wrong length.
    #[error("a principal has 1 to 29 bytes here")]
    Principal,
    /// A number of a specification is out of its bounds.
    #[error("{what} is {value}; it is between {at_least} and {at_most}")]
    Bounds {
        /// Which number.
        what: &'static str,
        /// What it is.
        value: u64,
        /// The least.
        at_least: u64,
        /// The most.
        at_most: u64,
    },
    /// The round of the beacon is not later than the close.
    #[error("the beacon's round is not drawn after the close")]
    EarlyRound,
    /// An entry's label.
    #[error("a label has at most 64 bytes")]
    Label,
    /// An entry's weight.
    #[error("entry {index} has a weight that the specification does not allow")]
    Weight {
        /// Which entry.
        index: u32,
    },
    /// An entry is of nobody where everyone enters for themselves.
    #[error("entry {index} is of nobody, where everyone enters for themselves")]
    Nobody {
        /// Which entry.
        index: u32,
    },
    /// Somebody has more entries than the specification allows.
    #[error("entry {index} is one more than its person may have")]
    TooManyOfOne {
        /// The first that is too many.
        index: u32,
    },
    /// There are more entries than the specification allows.
    #[error("{count} entries; the specification allows {at_most}")]
    TooManyEntries {
        /// How many there are.
        count: u32,
        /// The most.
        at_most: u32,
    },
    /// The moments are not in order, or the close is before its time.
    #[error("the moment {0:?} is before its time")]
    Order(Moments),
    /// The name of the master key.
    #[error("the name of a master key has 1 to 64 letters, digits or '_'")]
    KeyName,
    /// The entries do not have the root.
    #[error("the entries do not have the root that was committed to")]
    Root,
    /// The proof does not lead from the entry to the root.
    #[error("the proof does not lead from the entry to the root")]
    EntryProof,
    /// Fresh bytes or a signature are there where the source has none, or the other way round.
    #[error("the evidence is not what the source has")]
    Evidence,
    /// The network has no master key of that name that this code knows.
    #[error("no master key of that name is known; give it")]
    UnknownMasterKey,
    /// What was given is no master key.
    #[error("the bytes are no master key of vetKD (96 bytes)")]
    BadMasterKey,
    /// The signature is not the one of the input.
    #[error("the signature is not the one of this draw under the canister's key")]
    Signature,
    /// The seed gives another outcome.
    #[error("the seed gives another outcome")]
    Outcome,
    /// There were no attempts to derive the seed.
    #[error("a seed takes one attempt at least")]
    Attempts,
    /// The last hash is another.
    #[error("the transcript does not have the hash that it ends with")]
    Digest,
}
