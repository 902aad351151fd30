//! The random oracle that everything hashed goes through: typed, length-prefixed, separated by domains.
//!
//! The input is a [`Domain`] and a sequence of named parts; each part is absorbed as length of name (1 byte), name, length of value (8 bytes,
//! big endian), value, so that no two different sequences absorb the same bytes. Out: a digest of 32 bytes (SHA-256), or a stream
//! of blocks SHA-256(digest || counter) from which scalars are reduced from 64 bytes (bias below 2^-250 for 256-bit orders).
//! Security: collisions cost 2^128 work.

use crate::curve::Curve;
use crate::domain::Domain;
use group::GroupEncoding;
use sha2::{Digest, Sha256};

/// An oracle that is absorbing its input.
#[derive(Clone)]
pub struct Oracle {
    hash: Sha256,
}

impl Oracle {
    /// An oracle for one purpose.
    pub fn new(domain: Domain) -> Self {
        let mut oracle = Oracle {
            hash: Sha256::new(),
        };
        oracle.absorb("domain", domain.tag().as_bytes());
        oracle
    }

    fn absorb(&mut self, name: &'static str, value: &[u8]) {
        // Names are literals of this project, all far below 256 bytes.
        self.hash.update([name.len() as u8]);
        self.hash.update(name.as_bytes());
        self.hash.update((value.len() as u64).to_be_bytes());
        self.hash.update(value);
    }

    /// Absorbs bytes.
    #[must_use]
    pub fn bytes(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        self.absorb(name, value.as_ref());
        self
    }

    /// Absorbs a number (8 bytes, big endian).
    #[must_use]
    pub fn number(self, name: &'static str, value: u64) -> Self {
        self.bytes(name, value.to_be_bytes())
    }

    /// Absorbs a point in its curve's compressed encoding.
    #[must_use]
    pub fn point<C: Curve>(self, name: &'static str, point: &C::Point) -> Self {
        self.bytes(name, point.to_bytes())
    }

    /// Absorbs points, each as a part of its own, after their number.
    #[must_use]
    pub fn points<C: Curve>(self, name: &'static str, points: &[C::Point]) -> Self {
        let oracle = self.number(name, points.len() as u64);
        C::encode_all(points)
            .iter()
            .fold(oracle, |oracle, point| oracle.bytes(name, point))
    }

    /// Absorbs a public scalar (32 bytes, big endian).
    #[must_use]
    pub fn scalar<C: Curve>(self, name: &'static str, scalar: &C::Scalar) -> Self {
        self.bytes(name, C::scalar_to_bytes(scalar))
    }

    /// The digest of everything absorbed.
    pub fn digest(self) -> [u8; 32] {
        self.hash.finalize().into()
    }

    /// The stream of everything absorbed.
    pub fn stream(self) -> OracleStream {
        OracleStream {
            seed: self.digest(),
            counter: 0,
        }
    }

    /// One scalar, uniform but for a bias below 2^-250.
    pub fn into_scalar<C: Curve>(self) -> C::Scalar {
        self.stream().scalar::<C>()
    }
}

/// The output of an [`Oracle`], as long as needed; erased when dropped, since it may be a key stream.
pub struct OracleStream {
    seed: [u8; 32],
    counter: u64,
}

impl Drop for OracleStream {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.seed);
    }
}

impl OracleStream {
    fn block(&mut self) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.seed);
        hash.update(self.counter.to_be_bytes());
        self.counter += 1;
        hash.finalize().into()
    }

    /// The next 64 bytes.
    pub fn wide(&mut self) -> [u8; 64] {
        let mut wide = [0; 64];
        wide[..32].copy_from_slice(&self.block());
        wide[32..].copy_from_slice(&self.block());
        wide
    }

    /// The next scalar.
    pub fn scalar<C: Curve>(&mut self) -> C::Scalar {
        C::scalar_from_wide(&self.wide())
    }

    /// The next 128-bit number as a scalar: a weight of a random linear combination, which fails to notice a wrong equation with
    /// probability 2^-128.
    pub fn weight<C: Curve>(&mut self) -> C::Scalar {
        let block = self.block();
        let mut half = [0; 16];
        half.copy_from_slice(&block[..16]);
        <C::Scalar as ff::PrimeField>::from_u128(u128::from_be_bytes(half))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_cannot_be_moved_across_their_borders() {
        let a = Oracle::new(Domain::Dealing)
            .bytes("a", b"xy")
            .bytes("b", b"z");
        let b = Oracle::new(Domain::Dealing)
            .bytes("a", b"x")
            .bytes("b", b"yz");
        assert_ne!(a.digest(), b.digest());
    }

    #[test]
    fn domains_separate() {
        let digest = |domain| Oracle::new(domain).bytes("a", b"x").digest();
        assert_ne!(digest(Domain::Dealing), digest(Domain::Transcript));
    }

    #[test]
    fn the_stream_does_not_repeat() {
        let mut stream = Oracle::new(Domain::BatchWeights).stream();
        assert_ne!(stream.wide(), stream.wide());
    }
}
