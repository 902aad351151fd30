//! What a verifier trusts.
//!
//! Source: docs/protocols/draws.md, steps 12 and 26. In: nothing, a master key, or a public key that the network told. Out: the public key under which a canister's signatures verify.

use crate::error::DrawProofError;
use crate::vrf::VrfKey;
use key_path::masters::{Network, vetkd_public_key};

/// What is trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrustAnchor {
    /// The master key of the public network that has the name which the transcript says.
    Mainnet,
    /// This master key, 96 bytes.
    Given(Vec<u8>),
    /// This public key of the canister that signed, for the context of its signatures, 96 bytes: what the network tells of a canister (`vetkd_public_key`), where nobody knows its master key.
    PublicKey(Vec<u8>),
}

impl TrustAnchor {
    /// From hexadecimal digits, of one of them; the public network without any.
    ///
    /// # Errors
    /// [`DrawProofError::BadMasterKey`] for other texts than 192 digits.
    pub fn of_hex(
        master_key: Option<&str>,
        public_key: Option<&str>,
    ) -> Result<Self, DrawProofError> {
        Ok(match (master_key, public_key) {
            (Some(text), _) => Self::Given(bytes_of(text)?),
            (None, Some(text)) => Self::PublicKey(bytes_of(text)?),
            (None, None) => Self::Mainnet,
        })
    }

    /// The public key of a canister for a context.
    pub(crate) fn key(
        &self,
        name: &str,
        canister: &[u8],
        context: &[u8],
    ) -> Result<VrfKey, DrawProofError> {
        let master = match self {
            Self::PublicKey(bytes) => return VrfKey::parse(bytes),
            Self::Given(bytes) => bytes,
            Self::Mainnet => {
                let known = vetkd_public_key(Network::Mainnet, name);
                &known.ok_or(DrawProofError::UnknownMasterKey)?[..]
            }
        };
        VrfKey::derive(master, canister, context)
    }
}

fn bytes_of(text: &str) -> Result<Vec<u8>, DrawProofError> {
    let pairs = text.trim().as_bytes().chunks(2);
    let byte = |pair: &[u8]| {
        let digits = std::str::from_utf8(pair).ok()?;
        // A sign is no digit.
        let plain = pair.len() == 2 && pair.iter().all(u8::is_ascii_hexdigit);
        plain.then(|| u8::from_str_radix(digits, 16).ok())?
    };
    let bytes: Option<Vec<u8>> = pairs.map(byte).collect();
    let bytes = bytes.filter(|bytes| bytes.len() == 96);
    bytes.ok_or(DrawProofError::BadMasterKey)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_digits_of_96_bytes_are_a_key_and_nothing_else_is() {
        let digits = "a9".repeat(96);
        let given = TrustAnchor::of_hex(Some(&digits), None);
        assert_eq!(given, Ok(TrustAnchor::Given(vec![0xa9; 96])));
        let public = TrustAnchor::of_hex(None, Some(&format!(" {digits}\n")));
        assert_eq!(public, Ok(TrustAnchor::PublicKey(vec![0xa9; 96])));
        assert_eq!(TrustAnchor::of_hex(None, None), Ok(TrustAnchor::Mainnet));
        for bad in ["", "a9", &digits[1..], &digits.replace("a9", "+9")] {
            let refused = TrustAnchor::of_hex(Some(bad), None);
            assert_eq!(refused, Err(DrawProofError::BadMasterKey));
        }
    }
}
