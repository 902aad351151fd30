//! The transcript of a draw: all that is needed to check it, in one encoding.
//!
//! Source: docs/protocols/draws.md, steps 22 to 24. In: a header, entries and a tail, which a canister hands out one after the other, because the entries may be many; or
//! the bytes of all three. Out: bytes, or a [`Transcript`] that reads well and is not yet verified.

use crate::domain::{Domain, Hash};
use crate::encoding::{Reader, Writer};
use crate::entry::Entry;
use crate::error::DrawProofError;
use crate::evidence::Evidence;
use crate::history::Moment;
use crate::spec::{MAX_ENTRIES, MAX_PRINCIPAL_BYTES, Spec};
use crate::vrf::SIGNATURE_BYTES;

/// What a transcript begins with: its format, and the format's version.
const MAGIC: [u8; 8] = *b"ckdraws\x01";

/// Longest name of a master key, in bytes.
const MAX_KEY_NAME_BYTES: usize = 64;

/// Longest specification, in bytes: more than any has.
const MAX_SPEC_BYTES: usize = 300;

/// Fewest bytes of an entry.
const LEAST_ENTRY_BYTES: usize = 16;

/// What was fixed at the close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name of the master key.
    pub key_name: String,
    /// The canister that drew.
    pub canister: Vec<u8>,
    /// The draw's number there.
    pub draw: u64,
    /// What was drawn.
    pub spec: Spec,
    /// When the specification was fixed.
    pub created: Moment,
    /// When the entries were fixed.
    pub closed: Moment,
    /// How many entries there are.
    pub entries: u32,
}

impl Header {
    /// The encoding (step 22).
    pub fn encode(&self) -> Vec<u8> {
        let out = Writer::new()
            .raw(&MAGIC)
            .bytes(self.key_name.as_bytes())
            .bytes(&self.canister)
            .u64(self.draw)
            .bytes(&self.spec.encode());
        let out = self.closed.write(self.created.write(out));
        out.u32(self.entries).finish()
    }

    fn read(from: &mut Reader<'_>) -> Result<Self, DrawProofError> {
        if from.raw(MAGIC.len())? != MAGIC {
            return Err(DrawProofError::Magic);
        }
        let key_name = from.bytes(MAX_KEY_NAME_BYTES)?;
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        if key_name.is_empty() || !key_name.iter().all(plain) {
            return Err(DrawProofError::KeyName);
        }
        let header = Self {
            key_name: String::from_utf8_lossy(key_name).into_owned(),
            canister: from.bytes(MAX_PRINCIPAL_BYTES)?.to_vec(),
            draw: from.u64()?,
            spec: Spec::decode(from.bytes(MAX_SPEC_BYTES)?)?,
            created: Moment::read(from)?,
            closed: Moment::read(from)?,
            entries: from.u32()?,
        };
        if header.canister.is_empty() {
            return Err(DrawProofError::Principal);
        }
        if header.entries > MAX_ENTRIES {
            return Err(DrawProofError::TooManyEntries {
                count: header.entries,
                at_most: MAX_ENTRIES,
            });
        }
        Ok(header)
    }
}

/// What came after the close.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tail {
    /// The root of the entries.
    pub root: Hash,
    /// When what goes into the seed was fixed.
    pub drawn: Moment,
    /// Attempts to derive the seed, the last one included.
    pub attempts: u32,
    /// Fresh bytes and signature.
    pub evidence: Evidence,
    /// The outcome.
    pub outcome: Vec<u32>,
}

impl Tail {
    fn body(&self) -> Vec<u8> {
        let out = self.drawn.write(Writer::new()).u32(self.attempts);
        let out = out
            .bytes(self.evidence.fresh())
            .bytes(self.evidence.signature_bytes())
            .u32(self.outcome.len() as u32);
        let outcome = self.outcome.iter();
        outcome.fold(out, |out, value| out.u32(*value)).finish()
    }

    /// The hash that the transcript ends with (step 24); the header as it is encoded.
    pub fn digest(&self, header: &[u8]) -> Hash {
        Domain::Transcript.hash(&[header, &self.root, &self.body()])
    }

    /// The encoding (step 24).
    pub fn encode(&self, header: &[u8]) -> Vec<u8> {
        let body = self.body();
        let digest = Domain::Transcript.hash(&[header, &self.root, &body]);
        [&self.root[..], &body, &digest].concat()
    }
}

/// A transcript that reads well. Nothing of it has been verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// What was fixed at the close.
    pub header: Header,
    /// The entries.
    pub entries: Vec<Entry>,
    /// What came after.
    pub tail: Tail,
    /// The hash that the bytes end with.
    pub digest: Hash,
}

impl Transcript {
    /// Reads a transcript.
    ///
    /// # Errors
    /// Bytes that nobody following the format has written.
    pub fn decode(bytes: &[u8]) -> Result<Self, DrawProofError> {
        let mut from = Reader::new(bytes);
        let header = Header::read(&mut from)?;
        // Nothing is put aside for entries that cannot be there.
        let room = from.left() / LEAST_ENTRY_BYTES;
        let mut entries = Vec::with_capacity(room.min(header.entries as usize));
        for _ in 0..header.entries {
            entries.push(Entry::read(&mut from)?);
        }
        let root = from.array()?;
        let drawn = Moment::read(&mut from)?;
        let attempts = from.u32()?;
        let fresh = from.bytes(32)?;
        let signature = from.bytes(SIGNATURE_BYTES)?;
        let evidence = Evidence::of(&header.spec.get().source, fresh, signature)?;
        let count = from.u32()? as usize;
        let values = from.raw(count.checked_mul(4).ok_or(DrawProofError::Short)?)?;
        let value = |bytes: &[u8]| u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        let outcome = values.chunks_exact(4).map(value).collect();
        let digest = from.array()?;
        from.finish()?;
        Ok(Self {
            header,
            entries,
            tail: Tail {
                root,
                drawn,
                attempts,
                evidence,
                outcome,
            },
            digest,
        })
    }

    /// The encoding of all of it.
    pub fn encode(&self) -> Vec<u8> {
        let header = self.header.encode();
        let mut bytes = header.clone();
        for entry in &self.entries {
            bytes.extend_from_slice(&entry.encode());
        }
        bytes.extend_from_slice(&self.tail.encode(&header));
        bytes
    }
}
