//! Where a canister runs and which master key it asks the subnet for.
//!
//! - In and out: plain values, checked once at construction.
//! - The caller may rely on a [`KeyName`] being short, non-empty and of the key alphabet.
//! - Left out: whether the subnet really holds the key; only a call to it can tell.

use candid::CandidType;
use minicbor::{Decode, Encode};
use serde::Deserialize;
use std::fmt;
use thiserror::Error;

/// The only master key that a canister in production may use.
pub const PRODUCTION_KEY: &str = "key_1";

/// Longest accepted name of a master key, in bytes.
pub const MAX_KEY_NAME_BYTES: usize = 64;

/// The surroundings a canister was installed for. Fixed at installation.
#[derive(CandidType, Deserialize, Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(index_only)]
pub enum Environment {
    /// A network on the developer's machine.
    #[n(0)]
    Local,
    /// The public network with test keys; holds nothing of value.
    #[n(1)]
    Staging,
    /// The public network with [`PRODUCTION_KEY`]; holds value.
    #[n(2)]
    Production,
}

/// The name of a master key, such as `test_key_1`: 1 to 64 bytes of letters, digits and `_`.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(transparent)]
pub struct KeyName(#[n(0)] String);

impl KeyName {
    /// Checks a name that came from outside.
    ///
    /// # Errors
    /// Says what is wrong with the name; nothing is trimmed or repaired.
    pub fn parse(name: &str) -> Result<Self, KeyNameError> {
        if name.is_empty() {
            return Err(KeyNameError::Empty);
        }
        if name.len() > MAX_KEY_NAME_BYTES {
            return Err(KeyNameError::TooLong { bytes: name.len() });
        }
        match name
            .chars()
            .find(|letter| !letter.is_ascii_alphanumeric() && *letter != '_')
        {
            Some(letter) => Err(KeyNameError::Letter { letter }),
            None => Ok(Self(name.to_owned())),
        }
    }

    /// The name as it goes into a `key_id`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Why a text is no name of a master key.
#[derive(Error, Clone, Debug, PartialEq, Eq)]
pub enum KeyNameError {
    /// The text is empty.
    #[error("the key name is empty")]
    Empty,
    /// The text is longer than [`MAX_KEY_NAME_BYTES`].
    #[error("the key name has {bytes} bytes, at most {MAX_KEY_NAME_BYTES} are allowed")]
    TooLong {
        /// Length of the refused name.
        bytes: usize,
    },
    /// The text has a character outside the key alphabet.
    #[error("the key name contains {letter:?}; only letters, digits and '_' are allowed")]
    Letter {
        /// The first character that is not allowed.
        letter: char,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_the_names_of_real_keys() {
        for name in ["key_1", "test_key_1", "dfx_test_key"] {
            assert_eq!(KeyName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn refuses_names_outside_the_key_alphabet() {
        assert_eq!(KeyName::parse(""), Err(KeyNameError::Empty));
        assert_eq!(
            KeyName::parse("key 1"),
            Err(KeyNameError::Letter { letter: ' ' })
        );
        let long = "k".repeat(MAX_KEY_NAME_BYTES + 1);
        assert_eq!(
            KeyName::parse(&long),
            Err(KeyNameError::TooLong { bytes: 65 })
        );
    }
}
