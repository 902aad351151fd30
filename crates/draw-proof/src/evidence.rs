//! What shows where a seed came from: fresh bytes, a signature, or both.
//!
//! Source: docs/protocols/draws.md, steps 11, 12 and 24. In: bytes as a transcript has them. Out: evidence that is what the source has.

use crate::domain::Hash;
use crate::error::DrawProofError;
use crate::spec::Source;
use crate::vrf::SIGNATURE_BYTES;

/// What shows where a seed came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    fresh: Option<Hash>,
    signature: Option<[u8; SIGNATURE_BYTES]>,
}

impl Evidence {
    /// Of a source; bytes are empty where there is nothing.
    ///
    /// # Errors
    /// [`DrawProofError::Evidence`] if something is there that the source does not have, or the other way round.
    pub fn of(source: &Source, fresh: &[u8], signature: &[u8]) -> Result<Self, DrawProofError> {
        Ok(Self {
            fresh: exactly(source.takes_fresh(), fresh)?,
            signature: exactly(source.is_signed(), signature)?,
        })
    }

    /// The fresh bytes: 32, or none.
    pub fn fresh(&self) -> &[u8] {
        self.fresh.as_ref().map_or(&[], |fresh| fresh)
    }

    /// The signature.
    pub fn signature(&self) -> Option<&[u8; SIGNATURE_BYTES]> {
        self.signature.as_ref()
    }

    /// The signature as bytes: 48, or none.
    pub fn signature_bytes(&self) -> &[u8] {
        self.signature.as_ref().map_or(&[], |signature| signature)
    }
}

fn exactly<const N: usize>(wanted: bool, bytes: &[u8]) -> Result<Option<[u8; N]>, DrawProofError> {
    match (wanted, bytes.is_empty()) {
        (false, true) => Ok(None),
        (true, false) => {
            let array = bytes.try_into();
            array.map(Some).map_err(|_| DrawProofError::Evidence)
        }
        _ => Err(DrawProofError::Evidence),
    }
}
