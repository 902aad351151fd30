//! The names by which keys, presignatures and sessions are told apart.
//!
//! The caller must guarantee: no two key transcripts, and no two presignatures, have the same identity (digests of transcripts have
//! this property).

/// The identity of the transcript that shares the master key now; another one after each resharing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct KeyTranscriptId(pub [u8; 32]);

/// The identity of a presignature.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct PresignatureId(pub [u8; 32]);

/// The identity of one signing: a digest over all that goes into it. A share carries it, so that it fits nowhere else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct SessionId(pub [u8; 32]);
