//! A request on its way to a signature: requested, bound to a presignature, rerandomized. Each state consumes the one before.
//!
//! - Source: Groth and Shoup, eprint 2021/1330 (why additive derivation needs rerandomized presignatures) and 2022/506; steps 3 and 4
//!   of `docs/protocols/threshold-ecdsa.md`.
//! - In: message hash, tweak, presignature; then 32 bytes of randomness. Out: [`Rerandomized`], all public.
//! - The caller must guarantee the order: the binding is final in replicated state before the randomness is drawn, and the
//!   randomness is the same for all nodes, unpredictable, and never drawn twice for one presignature.

use crate::error::{Burn, EcdsaError};
use crate::ids::{KeyTranscriptId, SessionId};
use crate::presignature::PublicPresignature;
use crate::signature::{reduce, x_coordinate};
use chainkey_algebra::ff::Field;
use chainkey_algebra::group::Group;
use chainkey_algebra::{Curve, Domain, Oracle};
use std::sync::Arc;

/// A request for a signature.
#[derive(Clone, Debug)]
pub struct SigningRequest<C: Curve> {
    /// What tells this request from every other one, of any length.
    pub id: Vec<u8>,
    /// The transcript of the key that is asked to sign.
    pub key: KeyTranscriptId,
    /// The 32 bytes that are signed; a hash of the message.
    pub message_hash: [u8; 32],
    /// omega: the derived secret key is the master key plus this.
    pub tweak: C::Scalar,
    /// The derived public key as its derivation says; checked against the tweak.
    pub derived_key: C::Point,
}

impl<C: Curve> SigningRequest<C> {
    /// Binds the request to the one presignature that will be spent on it.
    pub fn bind(
        self,
        presignature: Arc<PublicPresignature<C>>,
    ) -> Result<BoundRequest<C>, EcdsaError> {
        let key = presignature.key();
        if key.id() != self.key {
            return Err(EcdsaError::OtherKey);
        }
        let derived = key.public_key() + C::mul_base(&self.tweak);
        if derived != self.derived_key || bool::from(derived.is_identity()) {
            return Err(EcdsaError::DerivedKey);
        }
        Ok(BoundRequest {
            request: self,
            presignature,
        })
    }
}

/// A request bound to a presignature; waits for randomness.
#[derive(Debug)]
pub struct BoundRequest<C: Curve> {
    request: SigningRequest<C>,
    presignature: Arc<PublicPresignature<C>>,
}

impl<C: Curve> BoundRequest<C> {
    /// Shifts the nonce by delta, which nobody knew when the request was bound. An error burns the presignature.
    pub fn rerandomize(self, randomness: &[u8; 32]) -> Result<Rerandomized<C>, EcdsaError> {
        let key = self.presignature.key();
        let mut stream = Oracle::new(Domain::EcdsaRerandomization)
            .number("curve", C::ID as u64)
            .bytes("request", &self.request.id)
            .bytes("key transcript", key.id().0)
            .bytes("presignature", self.presignature.id().0)
            .bytes("randomness", randomness)
            .bytes("message hash", self.request.message_hash)
            .scalar::<C>("tweak", &self.request.tweak)
            .point::<C>("master key", &key.public_key())
            .point::<C>("kappa", &self.presignature.commitments.kappa.constant())
            .stream();
        let delta = stream.scalar::<C>();
        let mut id = [0; 32];
        id.copy_from_slice(&stream.wide()[..32]);
        Rerandomized::with_shift(self, delta, SessionId(id))
    }
}

/// The public factors from which every share of a session is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms<S> {
    pub(crate) delta: S,
    pub(crate) rho: S,
    pub(crate) theta: S,
}

/// A bound request with its nonce: nodes make shares of it, anyone combines them.
#[derive(Debug)]
pub struct Rerandomized<C: Curve> {
    bound: BoundRequest<C>,
    id: SessionId,
    nonce: C::Point,
    terms: Terms<C::Scalar>,
}

impl<C: Curve> Rerandomized<C> {
    /// R = kappa G + delta G, rho = x(R) mod q, theta = e + rho omega.
    pub(crate) fn with_shift(
        bound: BoundRequest<C>,
        delta: C::Scalar,
        id: SessionId,
    ) -> Result<Self, EcdsaError> {
        let kappa = bound.presignature.commitments.kappa.constant();
        let nonce = kappa + C::mul_base(&delta);
        let rho = rho::<C>(&nonce)?;
        let theta = reduce::<C>(&bound.request.message_hash) + rho * bound.request.tweak;
        Ok(Rerandomized {
            bound,
            id,
            nonce,
            terms: Terms { delta, rho, theta },
        })
    }

    /// The identity that every share of this session carries.
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// The presignature that is spent.
    pub fn presignature(&self) -> &Arc<PublicPresignature<C>> {
        &self.bound.presignature
    }

    /// The key under which the signature will verify.
    pub fn derived_key(&self) -> &C::Point {
        &self.bound.request.derived_key
    }

    /// What is signed.
    pub fn message_hash(&self) -> &[u8; 32] {
        &self.bound.request.message_hash
    }

    /// nu R - mu (e G + rho P): the identity if and only if nu / mu is the signature's s. Public values, variable time.
    pub(crate) fn residue(&self, nu: C::Scalar, mu: C::Scalar) -> C::Point {
        let hash = reduce::<C>(self.message_hash());
        C::msm_vartime(
            &[nu, -mu * self.terms.rho],
            &[self.nonce, *self.derived_key()],
        ) - C::mul_base(&(mu * hash))
    }

    pub(crate) fn terms(&self) -> &Terms<C::Scalar> {
        &self.terms
    }
}

/// The first half of the signature.
fn rho<C: Curve>(nonce: &C::Point) -> Result<C::Scalar, EcdsaError> {
    if bool::from(nonce.is_identity()) {
        return Err(EcdsaError::Burned(Burn::NonceAtInfinity));
    }
    let rho = reduce::<C>(&x_coordinate::<C>(nonce));
    if bool::from(rho.is_zero()) {
        return Err(EcdsaError::Burned(Burn::RhoZero));
    }
    Ok(rho)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chainkey_algebra::{Secp256k1, Secp256r1};

    #[test]
    fn burns_when_the_nonce_is_at_infinity() {
        let infinity = k256::ProjectivePoint::IDENTITY;
        let burn = EcdsaError::Burned(Burn::NonceAtInfinity);
        assert_eq!(rho::<Secp256k1>(&infinity), Err(burn));
    }

    #[test]
    fn burns_when_rho_is_zero() {
        // secp256r1 has points with x = 0.
        let mut bytes = [0; 33];
        bytes[0] = 2;
        let nonce = Secp256r1::point_from_bytes(&bytes).unwrap();
        let burn = EcdsaError::Burned(Burn::RhoZero);
        assert_eq!(rho::<Secp256r1>(&nonce), Err(burn));
    }
}
