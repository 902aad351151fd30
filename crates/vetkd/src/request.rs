//! What is asked for: the key of an input under a derived key, encrypted to a transport key.
//!
//! docs/protocols/vetkd.md, step 3. Source: RFC 9380 and the message augmentation of draft-irtf-cfrg-bls-signature.

use crate::master_key::DerivedKey;
use crate::transport::TransportPublicKey;
use blstrs::{G1Affine, G1Projective};
use chainkey_algebra::Oracle;

/// The domain separation tag of derived keys.
pub const CIPHERSUITE: &[u8] = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_AUG_";

/// A request, with the input hashed to the curve once.
#[derive(Clone, Debug)]
pub struct Request {
    derived: DerivedKey,
    point: G1Affine,
    transport: TransportPublicKey,
}

impl Request {
    /// Hashes the input after the derived public key.
    pub(crate) fn new(derived: DerivedKey, input: &[u8], transport: TransportPublicKey) -> Self {
        let point = G1Projective::hash_to_curve(input, CIPHERSUITE, &derived.public_key());
        Request {
            derived,
            point: point.into(),
            transport,
        }
    }

    /// The derived public key as 96 bytes, compressed.
    pub fn public_key(&self) -> [u8; 96] {
        self.derived.public_key()
    }

    /// The key that the derived key is encrypted to.
    pub fn transport(&self) -> &TransportPublicKey {
        &self.transport
    }

    pub(crate) fn derived(&self) -> &DerivedKey {
        &self.derived
    }

    /// The input's point H.
    pub(crate) fn point(&self) -> &G1Affine {
        &self.point
    }

    /// Binds an oracle to everything that was asked for.
    pub(crate) fn absorbed_by(&self, oracle: Oracle) -> Oracle {
        oracle
            .bytes("scheme", b"vetkd")
            .bytes("derived key", self.derived.public_key())
            .bytes("input", self.point.to_compressed())
            .bytes("transport key", self.transport.to_bytes())
    }
}
