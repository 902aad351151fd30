//! What is recorded about the canister, at each of the three moments of a draw.
//!
//! Source: docs/protocols/draws.md, steps 8 and 9. In: what the management canister says (`canister_info`). Out: the history, which is a part of the seed, so that nobody can
//! write another one later.

use crate::domain::{Domain, Hash};
use crate::encoding::{Reader, Writer};
use crate::error::DrawProofError;
use minicbor::{Decode, Encode};

/// Facts about the canister's code and controllers.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Facts {
    /// How many changes of code and controllers there ever were.
    #[n(0)]
    pub total_changes: u64,
    /// When the code was changed last, in nanoseconds since 1970; nothing if that is not among the last 20 changes.
    #[n(1)]
    pub last_install: Option<u64>,
    /// The hash of the module.
    #[n(2)]
    #[cbor(with = "optional_hash")]
    pub module_hash: Option<Hash>,
}

/// A moment of a draw.
#[derive(Encode, Decode, Clone, Copy, Debug, PartialEq, Eq)]
#[cbor(map)]
pub struct Moment {
    /// Nanoseconds since 1970.
    #[n(0)]
    pub at: u64,
    /// What was so then.
    #[n(1)]
    pub facts: Facts,
}

/// Which of the three moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moments {
    /// The specification was fixed.
    Created,
    /// The entries were fixed.
    Closed,
    /// What goes into the seed was fixed.
    Drawn,
}

impl Moment {
    /// Writes it (step 9).
    #[must_use]
    pub fn write(&self, out: Writer) -> Writer {
        let facts = &self.facts;
        let out = out.u64(self.at).u64(facts.total_changes);
        let out = match facts.last_install {
            Some(time) => out.u8(1).u64(time),
            None => out.u8(0),
        };
        match &facts.module_hash {
            Some(hash) => out.u8(1).raw(hash),
            None => out.u8(0),
        }
    }

    /// Reads one.
    ///
    /// # Errors
    /// Those of [`Reader`].
    pub fn read(from: &mut Reader<'_>) -> Result<Self, DrawProofError> {
        Ok(Self {
            at: from.u64()?,
            facts: Facts {
                total_changes: from.u64()?,
                last_install: from.is_some()?.then(|| from.u64()).transpose()?,
                module_hash: from.is_some()?.then(|| from.array()).transpose()?,
            },
        })
    }
}

/// The three moments of a draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct History {
    /// When the specification was fixed.
    pub created: Moment,
    /// When the entries were fixed.
    pub closed: Moment,
    /// When what goes into the seed was fixed.
    pub drawn: Moment,
}

impl History {
    /// The hash that goes into the seed (step 9).
    pub fn hash(&self, key_name: &str) -> Hash {
        let encoded = |moment: &Moment| moment.write(Writer::new()).finish();
        Domain::History.hash(&[
            key_name.as_bytes(),
            &encoded(&self.created),
            &encoded(&self.closed),
            &encoded(&self.drawn),
        ])
    }
}

/// An optional hash in a stored record.
mod optional_hash {
    use super::Hash;
    use minicbor::decode::{Decoder, Error as DecodeError};
    use minicbor::encode::{Encoder, Error as EncodeError, Write};

    pub fn encode<C, W: Write>(
        hash: &Option<Hash>,
        out: &mut Encoder<W>,
        _: &mut C,
    ) -> Result<(), EncodeError<W::Error>> {
        match hash {
            Some(hash) => out.bytes(hash)?.ok(),
            None => out.null()?.ok(),
        }
    }

    pub fn decode<C>(from: &mut Decoder<'_>, _: &mut C) -> Result<Option<Hash>, DecodeError> {
        if from.datatype()? == minicbor::data::Type::Null {
            from.null()?;
            return Ok(None);
        }
        let hash = from.bytes()?.try_into();
        hash.map(Some)
            .map_err(|_| DecodeError::message("a hash has 32 bytes"))
    }
}
