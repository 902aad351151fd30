//! Messages, hashed to the curve once.
//!
//! Source: RFC 9380, BLS12381G1_XMD:SHA-256_SSWU_RO_. docs/protocols/threshold-bls.md, step 2.

use blstrs::{G1Affine, G1Projective};

/// The domain separation tag of the signatures.
pub const CIPHERSUITE: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_";

/// What is signed: a message's point in G1.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Message {
    point: G1Affine,
}

impl Message {
    /// Hashes a message.
    pub fn new(message: &[u8]) -> Self {
        let point = G1Projective::hash_to_curve(message, CIPHERSUITE, &[]).into();
        Message { point }
    }

    pub(crate) fn point(&self) -> &G1Affine {
        &self.point
    }
}
