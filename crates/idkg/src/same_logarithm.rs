//! Proof that two points have the same logarithm to two bases, on the curve of the encryption keys.
//!
//! Source: Chaum and Pedersen (CRYPTO '92), made non-interactive by the oracle; written as challenge and response (64 bytes).
//! The first base is the generator. In: an oracle that has absorbed everything that the proof shall be bound to.

use crate::encryption::{Point, Scalar};
use chainkey_algebra::codec::{CodecError, Reader, Writer};
use chainkey_algebra::{Curve, Ed25519, Oracle, Secret};
use rand_core::{CryptoRng, RngCore};

/// The two points are `secret * G` and `secret * base`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Statement {
    pub(crate) base: Point,
    pub(crate) of_generator: Point,
    pub(crate) of_base: Point,
}

/// The proof does not hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct NotProved;

/// A proof of a [`Statement`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct SameLogarithm {
    challenge: Scalar,
    response: Scalar,
}

impl Statement {
    fn challenge(&self, oracle: Oracle, commitments: [Point; 2]) -> Scalar {
        let [first, second] = commitments;
        let points = [self.base, self.of_generator, self.of_base, first, second];
        oracle
            .points::<Ed25519>("same logarithm", &points)
            .into_scalar::<Ed25519>()
    }

    /// Proves the statement.
    pub(crate) fn prove(
        &self,
        oracle: Oracle,
        secret: &Secret<Ed25519>,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> SameLogarithm {
        let nonce = Secret::<Ed25519>::random(rng);
        let commitments = [nonce.public(), Ed25519::mul(&self.base, nonce.expose())];
        let challenge = self.challenge(oracle, commitments);
        let response = nonce.expose() + challenge * secret.expose();
        SameLogarithm {
            challenge,
            response,
        }
    }

    /// Checks a proof.
    pub(crate) fn verify(&self, oracle: Oracle, proof: &SameLogarithm) -> Result<(), NotProved> {
        let generator = Ed25519::mul_base(&proof.response);
        let first = generator - Ed25519::msm_vartime(&[proof.challenge], &[self.of_generator]);
        let second = Ed25519::msm_vartime(
            &[proof.response, -proof.challenge],
            &[self.base, self.of_base],
        );
        if self.challenge(oracle, [first, second]) == proof.challenge {
            Ok(())
        } else {
            Err(NotProved)
        }
    }
}

impl SameLogarithm {
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer
            .scalar::<Ed25519>(&self.challenge)
            .scalar::<Ed25519>(&self.response);
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, CodecError> {
        Ok(SameLogarithm {
            challenge: reader.scalar::<Ed25519>()?,
            response: reader.scalar::<Ed25519>()?,
        })
    }
}
