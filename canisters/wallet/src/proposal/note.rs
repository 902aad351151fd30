//! What a proposer writes beside a proposal.
//!
//! - In: text from a caller. Out: at most 500 bytes of UTF-8 without control characters other than line breaks.

use candid::CandidType;
use minicbor::{Decode, Encode};
use serde::Deserialize;
use thiserror::Error;

/// Longest note, in bytes.
pub const MAX_NOTE_BYTES: usize = 500;

/// A checked note.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(transparent)]
pub struct Note(#[n(0)] String);

impl Note {
    /// Checks a note.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(note: String) -> Result<Self, NoteError> {
        if note.len() > MAX_NOTE_BYTES {
            return Err(NoteError::TooLong {
                bytes: note.len() as u64,
                at_most: MAX_NOTE_BYTES as u64,
            });
        }
        match note
            .chars()
            .any(|letter| letter.is_control() && letter != '\n')
        {
            true => Err(NoteError::NotPlain),
            false => Ok(Self(note)),
        }
    }

    /// The note.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a note is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum NoteError {
    /// It is too long.
    #[error("shorten the note from {bytes} to at most {at_most} bytes of UTF-8")]
    TooLong {
        /// Its length.
        bytes: u64,
        /// The longest note.
        at_most: u64,
    },
    /// It has control characters.
    #[error("leave control characters out of the note")]
    NotPlain,
}
