//! The name that people give a wallet.
//!
//! - In: text from a caller. Out: 1 to 64 bytes of UTF-8 without control characters and without spaces at its ends, so that a name cannot
//!   imitate another one by what nobody sees at its borders.
//! - Left out: uniqueness. A wallet is known by its id.

use candid::CandidType;
use minicbor::{Decode, Encode};
use serde::Deserialize;
use thiserror::Error;

/// Longest name, in bytes.
pub const MAX_NAME_BYTES: usize = 64;

/// A checked name.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(transparent)]
pub struct Name(#[n(0)] String);

impl Name {
    /// Checks a name that came from outside; nothing is trimmed or repaired.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(name: String) -> Result<Self, NameError> {
        if name.is_empty() {
            return Err(NameError::Empty);
        }
        if name.len() > MAX_NAME_BYTES {
            return Err(NameError::TooLong {
                bytes: name.len() as u64,
                at_most: MAX_NAME_BYTES as u64,
            });
        }
        match name.trim() != name || name.chars().any(char::is_control) {
            true => Err(NameError::NotPlain),
            false => Ok(Self(name)),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a name is refused.
#[derive(CandidType, Deserialize, Error, Clone, Debug, PartialEq, Eq)]
pub enum NameError {
    /// It has no letter.
    #[error("give the wallet a name")]
    Empty,
    /// It is too long.
    #[error("shorten the name from {bytes} to at most {at_most} bytes of UTF-8")]
    TooLong {
        /// Its length.
        bytes: u64,
        /// The longest name.
        at_most: u64,
    },
    /// It begins or ends with white space, or has control characters.
    #[error("leave out control characters, and white space at the ends of the name")]
    NotPlain,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_1_to_64_bytes_that_people_can_see() {
        let parse = |name: &str| Name::parse(name.to_owned()).map(|name| name.0);
        assert_eq!(parse("Kasse 💰"), Ok("Kasse 💰".to_owned()));
        assert_eq!(parse(""), Err(NameError::Empty));
        let too_long = NameError::TooLong {
            bytes: 65,
            at_most: 64,
        };
        assert_eq!(parse(&"n".repeat(65)), Err(too_long));
        assert!(parse(&"n".repeat(64)).is_ok());
        for refused in [" a", "a ", "a\nb", "\u{7f}", "\u{a0}a"] {
            assert_eq!(parse(refused), Err(NameError::NotPlain), "{refused:?}");
        }
    }
}
