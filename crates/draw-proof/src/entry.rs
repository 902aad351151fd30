//! Entries: who takes part, and with which weight.
//!
//! Source: docs/protocols/draws.md, step 5. In: what somebody entered, or its encoding. Out: a leaf of the tree of entries.
//! The caller checks entries against the specification: [`Entry::check`] those of one entry; how many there are, together and of each
//! person, it counts itself.

use crate::domain::{Domain, Hash};
use crate::encoding::{Reader, Writer};
use crate::error::DrawProofError;
use crate::spec::{Entrants, MAX_PRINCIPAL_BYTES, Spec};
use minicbor::{Decode, Encode};

/// Longest label, in bytes.
pub const MAX_LABEL_BYTES: usize = 64;

/// An entry.
#[derive(Encode, Decode, Clone, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Entry {
    /// A principal of at most 29 bytes; empty for nobody, where the creator enters.
    #[n(0)]
    #[cbor(with = "minicbor::bytes")]
    pub who: Vec<u8>,
    /// Anything, of at most [`MAX_LABEL_BYTES`]: a ticket's number, chosen numbers, a hash.
    #[n(1)]
    #[cbor(with = "minicbor::bytes")]
    pub label: Vec<u8>,
    /// At least 1.
    #[n(2)]
    pub weight: u64,
}

impl Entry {
    /// Checks the rules that an entry keeps by itself; `index` is its place.
    ///
    /// # Errors
    /// [`DrawProofError::Principal`], [`DrawProofError::Label`], [`DrawProofError::Weight`] or [`DrawProofError::Nobody`].
    pub fn check(&self, index: u32, spec: &Spec) -> Result<(), DrawProofError> {
        if self.who.len() > MAX_PRINCIPAL_BYTES {
            return Err(DrawProofError::Principal);
        }
        if self.label.len() > MAX_LABEL_BYTES {
            return Err(DrawProofError::Label);
        }
        let most_weight = match spec.get().entrants {
            Entrants::Anyone { .. } if self.who.is_empty() => {
                return Err(DrawProofError::Nobody { index });
            }
            Entrants::Anyone { .. } => 1,
            Entrants::Creator { most_weight } => most_weight,
        };
        match (1..=most_weight).contains(&self.weight) {
            true => Ok(()),
            false => Err(DrawProofError::Weight { index }),
        }
    }

    /// The encoding (step 5).
    pub fn encode(&self) -> Vec<u8> {
        Writer::new()
            .bytes(&self.who)
            .bytes(&self.label)
            .u64(self.weight)
            .finish()
    }

    /// Reads one of several encodings.
    ///
    /// # Errors
    /// Those of [`Reader`].
    pub fn read(from: &mut Reader<'_>) -> Result<Self, DrawProofError> {
        Ok(Self {
            who: from.bytes(MAX_PRINCIPAL_BYTES)?.to_vec(),
            label: from.bytes(MAX_LABEL_BYTES)?.to_vec(),
            weight: from.u64()?,
        })
    }

    /// The leaf at a place (step 5).
    pub fn leaf(&self, index: u32) -> Hash {
        Domain::Leaf.hash(&[&u64::from(index).to_be_bytes(), &self.encode()])
    }
}
