//! The DER encoding of public keys, in which certificates and clients carry them.
//!
//! Source: interface specification, "Certificate", and RFC 5480's SubjectPublicKeyInfo: algorithm 1.3.6.1.4.1.44668.5.3.1.2.1, curve
//! 1.3.6.1.4.1.44668.5.3.2.1, then the compressed point as a bit string. There is just one encoding, of 133 bytes.

use crate::error::BlsError;
use crate::public_key::PublicKey;

/// Everything before the point: two sequences, two object identifiers, and the bit string's header.
const PREFIX: [u8; 37] = [
    0x30, 0x81, 0x82, // SEQUENCE of 130 bytes
    0x30, 0x1d, // SEQUENCE of 29 bytes
    0x06, 0x0d, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xdc, 0x7c, 0x05, 0x03, 0x01, 0x02, 0x01, 0x06,
    0x0c, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0xdc, 0x7c, 0x05, 0x03, 0x02, 0x01, 0x03, 0x61,
    0x00, // BIT STRING of 97 bytes, no unused bits
];

/// The key as 133 bytes.
pub fn encode(key: &PublicKey) -> [u8; 133] {
    let mut der = [0; 133];
    let (prefix, point) = der.split_at_mut(PREFIX.len());
    prefix.copy_from_slice(&PREFIX);
    point.copy_from_slice(&key.to_bytes());
    der
}

/// A key of 133 bytes.
pub fn decode(der: &[u8]) -> Result<PublicKey, BlsError> {
    match der.strip_prefix(&PREFIX) {
        Some(point) => PublicKey::from_bytes(point),
        None => Err(BlsError::NotDer),
    }
}
