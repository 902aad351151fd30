//! The one encoding of every value that is hashed or written down.
//!
//! Source: docs/protocols/draws.md, step 2. In and out: bytes. A [`Reader`] refuses everything that a [`Writer`] would not have written.

use crate::error::DrawProofError;

/// Writes values one after the other.
#[derive(Clone, Debug, Default)]
pub struct Writer(Vec<u8>);

impl Writer {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One byte.
    #[must_use]
    pub fn u8(mut self, value: u8) -> Self {
        self.0.push(value);
        self
    }

    /// Four bytes.
    #[must_use]
    pub fn u32(mut self, value: u32) -> Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// Eight bytes.
    #[must_use]
    pub fn u64(mut self, value: u64) -> Self {
        self.0.extend_from_slice(&value.to_be_bytes());
        self
    }

    /// Bytes as they are, whose number is fixed.
    #[must_use]
    pub fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    /// A byte string: its length, and its bytes. It is shorter than 4 GiB.
    #[must_use]
    pub fn bytes(self, bytes: &[u8]) -> Self {
        self.u32(bytes.len() as u32).raw(bytes)
    }

    /// What was written.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }
}

/// Reads values one after the other.
#[derive(Clone, Debug)]
pub struct Reader<'a> {
    left: &'a [u8],
}

impl<'a> Reader<'a> {
    /// From the first byte on.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes }
    }

    /// So many bytes as they are.
    ///
    /// # Errors
    /// [`DrawProofError::Short`].
    pub fn raw(&mut self, count: usize) -> Result<&'a [u8], DrawProofError> {
        let (taken, left) = self
            .left
            .split_at_checked(count)
            .ok_or(DrawProofError::Short)?;
        self.left = left;
        Ok(taken)
    }

    /// So many bytes, as an array.
    ///
    /// # Errors
    /// [`DrawProofError::Short`].
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], DrawProofError> {
        let bytes = self.raw(N)?;
        bytes.try_into().map_err(|_| DrawProofError::Short)
    }

    /// One byte.
    ///
    /// # Errors
    /// [`DrawProofError::Short`].
    pub fn u8(&mut self) -> Result<u8, DrawProofError> {
        self.array().map(u8::from_be_bytes)
    }

    /// Four bytes.
    ///
    /// # Errors
    /// [`DrawProofError::Short`].
    pub fn u32(&mut self) -> Result<u32, DrawProofError> {
        self.array().map(u32::from_be_bytes)
    }

    /// Eight bytes.
    ///
    /// # Errors
    /// [`DrawProofError::Short`].
    pub fn u64(&mut self) -> Result<u64, DrawProofError> {
        self.array().map(u64::from_be_bytes)
    }

    /// A byte string of at most so many bytes.
    ///
    /// # Errors
    /// [`DrawProofError::Short`] or [`DrawProofError::TooLong`].
    pub fn bytes(&mut self, at_most: usize) -> Result<&'a [u8], DrawProofError> {
        let length = self.u32()? as usize;
        match length <= at_most {
            true => self.raw(length),
            false => Err(DrawProofError::TooLong { length, at_most }),
        }
    }

    /// Whether a value follows.
    ///
    /// # Errors
    /// [`DrawProofError::Short`], or [`DrawProofError::Tag`] for a byte other than 0 and 1.
    pub fn is_some(&mut self) -> Result<bool, DrawProofError> {
        match self.u8()? {
            0 => Ok(false),
            1 => Ok(true),
            tag => Err(DrawProofError::Tag { tag }),
        }
    }

    /// How many bytes are left.
    pub fn left(&self) -> usize {
        self.left.len()
    }

    /// Nothing may be left.
    ///
    /// # Errors
    /// [`DrawProofError::LeftOver`].
    pub fn finish(self) -> Result<(), DrawProofError> {
        match self.left.len() {
            0 => Ok(()),
            bytes => Err(DrawProofError::LeftOver { bytes }),
        }
    }
}
