//! How protocol messages are written as bytes: one canonical encoding, read strictly.
//!
//! Numbers are big endian; byte strings carry their length (4 bytes); points and scalars have their curve's fixed length and none. What is
//! read must be used up: a message with bytes left over is refused, so that no message has two encodings.

use crate::curve::{Curve, DecodeError};

/// Why bytes are not a message.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CodecError {
    /// The message ends too early.
    #[error("the message ends after {0} bytes where more were announced")]
    TooShort(usize),
    /// Bytes are left over.
    #[error("{0} bytes are left over after the message")]
    TooLong(usize),
    /// A list or string is longer than can be.
    #[error("a length of {found} was announced where at most {limit} can be")]
    TooMany {
        /// What was announced.
        found: usize,
        /// What can be.
        limit: usize,
    },
    /// A tag that stands for nothing.
    #[error("{0} is not the tag of any variant")]
    UnknownTag(u8),
    /// A scalar or a point that may not be used.
    #[error(transparent)]
    Element(#[from] DecodeError),
}

/// Writes a message.
#[derive(Default)]
pub struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// An empty message.
    pub fn new() -> Self {
        Writer::default()
    }

    /// One byte: tags and flags.
    pub fn u8(&mut self, value: u8) -> &mut Self {
        self.bytes.push(value);
        self
    }

    /// Two bytes: node indices.
    pub fn u16(&mut self, value: u16) -> &mut Self {
        self.raw(value.to_be_bytes())
    }

    /// Four bytes: lengths.
    pub fn u32(&mut self, value: u32) -> &mut Self {
        self.raw(value.to_be_bytes())
    }

    /// Eight bytes: heights and epochs.
    pub fn u64(&mut self, value: u64) -> &mut Self {
        self.raw(value.to_be_bytes())
    }

    /// Bytes whose length both sides know.
    pub fn raw(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.bytes.extend_from_slice(bytes.as_ref());
        self
    }

    /// The length of a list that follows. Lists here are far below 2^32.
    pub fn length(&mut self, length: usize) -> &mut Self {
        self.u32(length as u32)
    }

    /// Bytes after their length.
    pub fn bytes(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.length(bytes.as_ref().len()).raw(bytes)
    }

    /// A point.
    pub fn point<C: Curve>(&mut self, point: &C::Point) -> &mut Self {
        self.raw(C::point_to_bytes(point))
    }

    /// Points after their number.
    pub fn points<C: Curve>(&mut self, points: &[C::Point]) -> &mut Self {
        self.length(points.len());
        for point in C::encode_all(points) {
            self.raw(point);
        }
        self
    }

    /// A public scalar.
    pub fn scalar<C: Curve>(&mut self, scalar: &C::Scalar) -> &mut Self {
        self.raw(C::scalar_to_bytes(scalar))
    }

    /// The message.
    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Reads a message.
pub struct Reader<'a> {
    rest: &'a [u8],
    read: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the start of a message.
    pub fn new(bytes: &'a [u8]) -> Self {
        Reader {
            rest: bytes,
            read: 0,
        }
    }

    /// The next `count` bytes.
    pub fn raw(&mut self, count: usize) -> Result<&'a [u8], CodecError> {
        let (bytes, rest) = self
            .rest
            .split_at_checked(count)
            .ok_or(CodecError::TooShort(self.read + self.rest.len()))?;
        self.rest = rest;
        self.read += count;
        Ok(bytes)
    }

    /// The next bytes as an array.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], CodecError> {
        let mut array = [0; N];
        array.copy_from_slice(self.raw(N)?);
        Ok(array)
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, CodecError> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Result<u16, CodecError> {
        Ok(u16::from_be_bytes(self.array()?))
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32, CodecError> {
        Ok(u32::from_be_bytes(self.array()?))
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> Result<u64, CodecError> {
        Ok(u64::from_be_bytes(self.array()?))
    }

    /// The length of a list, at most `limit`.
    pub fn length(&mut self, limit: usize) -> Result<usize, CodecError> {
        let found = self.u32()? as usize;
        if found > limit {
            return Err(CodecError::TooMany { found, limit });
        }
        Ok(found)
    }

    /// Bytes after their length, at most `limit`.
    pub fn bytes(&mut self, limit: usize) -> Result<&'a [u8], CodecError> {
        let length = self.length(limit)?;
        self.raw(length)
    }

    /// A point of the prime-order subgroup, not the identity.
    pub fn point<C: Curve>(&mut self) -> Result<C::Point, CodecError> {
        Ok(C::point_from_bytes(self.raw(C::POINT_BYTES)?)?)
    }

    /// Points after their number, at most `limit`.
    pub fn points<C: Curve>(&mut self, limit: usize) -> Result<Vec<C::Point>, CodecError> {
        let length = self.length(limit)?;
        (0..length).map(|_| self.point::<C>()).collect()
    }

    /// A scalar below the order.
    pub fn scalar<C: Curve>(&mut self) -> Result<C::Scalar, CodecError> {
        Ok(C::scalar_from_bytes(self.raw(32)?)?)
    }

    /// Ends the message: nothing may be left.
    pub fn finish(self) -> Result<(), CodecError> {
        match self.rest.len() {
            0 => Ok(()),
            left => Err(CodecError::TooLong(left)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Secp256k1;

    #[test]
    fn what_is_written_is_read_and_nothing_else() {
        let point = k256::ProjectivePoint::GENERATOR;
        let mut writer = Writer::new();
        writer
            .u16(7)
            .bytes(b"abc")
            .points::<Secp256k1>(&[point, point.double()]);
        let bytes = writer.finish();
        let read = |bytes: &[u8]| {
            let mut reader = Reader::new(bytes);
            let number = reader.u16()?;
            let string = reader.bytes(3)?.to_vec();
            let points = reader.points::<Secp256k1>(2)?;
            reader.finish().map(|()| (number, string, points))
        };
        let expected = (7, b"abc".to_vec(), vec![point, point.double()]);
        assert_eq!(read(&bytes), Ok(expected));
        let short = bytes.len() - 1;
        assert_eq!(read(&bytes[..short]), Err(CodecError::TooShort(short)));
        let long = [&bytes[..], &[0]].concat();
        assert_eq!(read(&long), Err(CodecError::TooLong(1)));
    }

    #[test]
    fn a_length_that_cannot_be_is_refused_before_anything_is_read() {
        let refused = Reader::new(&[0xff; 8]).bytes(100);
        let found = 0xffff_ffff;
        assert_eq!(refused, Err(CodecError::TooMany { found, limit: 100 }));
    }
}
