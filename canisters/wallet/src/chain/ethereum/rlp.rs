//! Lists of RLP, field by field.
//!
//! - Specification: Yellow Paper, appendix B: numbers are strings of bytes without leading zeros, zero is the empty one.
//! - In: fields. Out: the list with its head.

use alloy_rlp::{Encodable, Header};

/// The fields of a list so far.
#[derive(Default)]
pub struct List(Vec<u8>);

impl List {
    /// Adds a number.
    pub fn number(mut self, number: impl Into<u128>) -> Self {
        number.into().encode(&mut self.0);
        self
    }

    /// Adds a number of up to 256 bits, given as 32 bytes, big endian. Every 256th part of a signature begins with a zero.
    pub fn long_number(self, number: &[u8; 32]) -> Self {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        self.bytes(&number[zeros..])
    }

    /// Adds bytes as they are.
    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        bytes.encode(&mut self.0);
        self
    }

    /// Adds a list.
    pub fn list(mut self, list: List) -> Self {
        self.0.extend(list.encoded());
        self
    }

    /// The list.
    pub fn encoded(self) -> Vec<u8> {
        let head = Header {
            list: true,
            payload_length: self.0.len(),
        };
        let mut bytes = Vec::with_capacity(head.length_with_payload());
        head.encode(&mut bytes);
        bytes.extend(self.0);
        bytes
    }
}
