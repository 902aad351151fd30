//! A request on its way to a signature: requested, bound to a presignature, rerandomized. Each state consumes the one before.
//!
//! - Source: Shoup, eprint 2023/1019 (why a presignature has to be rerandomized by message and key); BIP-340, BIP-341, RFC 8032; steps 3 and 4 of
//!   `docs/protocols/threshold-schnorr.md`.
//! - In: message, tweak, presignature; then 32 bytes of randomness. Out: [`Rerandomized`], all public.
//! - The caller must guarantee the order: the binding is final in replicated state before the randomness is drawn, and the
//!   randomness is the same for all nodes, unpredictable, and never drawn twice for one presignature.

use crate::error::{Burn, SchnorrError};
use crate::ids::{KeyTranscriptId, SessionId};
use crate::presignature::PublicPresignature;
use crate::scheme::{OutputKey, Point, Scalar, Scheme};
use chainkey_algebra::ff::Field;
use chainkey_algebra::group::Group;
use chainkey_algebra::{Curve, Domain, Oracle};
use std::sync::Arc;

/// A request for a signature.
#[derive(Clone, Debug)]
pub struct SigningRequest<S: Scheme> {
    /// What tells this request from every other one, of any length.
    pub id: Vec<u8>,
    /// The transcript of the key that is asked to sign.
    pub key: KeyTranscriptId,
    /// The message itself, of any length.
    pub message: Vec<u8>,
    /// omega: the derived secret key is the master key plus this.
    pub tweak: Scalar<S>,
    /// The derived public key as its derivation says; checked against the tweak. With BIP-341 this is the internal key.
    pub derived_key: Point<S>,
    /// For BIP-340 the root of a script tree, if any; nothing for Ed25519.
    pub aux: S::Aux,
}

impl<S: Scheme> SigningRequest<S> {
    /// Binds the request to the one presignature that will be spent on it.
    pub fn bind(
        self,
        presignature: Arc<PublicPresignature<S>>,
    ) -> Result<BoundRequest<S>, SchnorrError> {
        let key = presignature.key();
        if key.id() != self.key {
            return Err(SchnorrError::OtherKey);
        }
        let derived = key.public_key() + S::Curve::mul_base(&self.tweak);
        if derived != self.derived_key || bool::from(derived.is_identity()) {
            return Err(SchnorrError::DerivedKey);
        }
        let output_key = S::output_key(&derived, &self.aux)?;
        Ok(BoundRequest {
            request: self,
            output_key,
            presignature,
        })
    }
}

/// A request bound to a presignature; waits for randomness.
#[derive(Debug)]
pub struct BoundRequest<S: Scheme> {
    request: SigningRequest<S>,
    output_key: OutputKey<S>,
    presignature: Arc<PublicPresignature<S>>,
}

impl<S: Scheme> BoundRequest<S> {
    /// Shifts the nonce by delta, which nobody knew when the request was bound. An error burns the presignature.
    pub fn rerandomize(self, randomness: &[u8; 32]) -> Result<Rerandomized<S>, SchnorrError> {
        let key = self.presignature.key();
        let mut stream = Oracle::new(Domain::SchnorrRerandomization)
            .bytes("scheme", S::NAME)
            .bytes("request", &self.request.id)
            .bytes("key transcript", key.id().0)
            .bytes("presignature", self.presignature.id().0)
            .bytes("randomness", randomness)
            .bytes("message", &self.request.message)
            .scalar::<S::Curve>("tweak", &self.request.tweak)
            .bytes("aux", S::aux_bytes(&self.request.aux))
            .point::<S::Curve>("master key", &key.public_key())
            .point::<S::Curve>("nonce", &self.presignature.nonce().constant())
            .stream();
        let delta = stream.scalar::<S::Curve>();
        let mut id = [0; 32];
        id.copy_from_slice(&stream.wide()[..32]);
        Rerandomized::with_shift(self, delta, SessionId(id))
    }
}

/// The public factors that make a share of s from shares of the key and of the nonce.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms<S: Scheme> {
    pub(crate) of_key: Scalar<S>,
    pub(crate) of_nonce: Scalar<S>,
    pub(crate) constant: Scalar<S>,
}

/// A bound request with its nonce: nodes make shares of it, anyone combines them.
#[derive(Debug)]
pub struct Rerandomized<S: Scheme> {
    bound: BoundRequest<S>,
    id: SessionId,
    nonce: Point<S>,
    terms: Terms<S>,
}

impl<S: Scheme> Rerandomized<S> {
    /// R = R0 + delta G, and e from R; s is linear in the shares, with factors that take account of every negation.
    fn with_shift(
        bound: BoundRequest<S>,
        delta: Scalar<S>,
        id: SessionId,
    ) -> Result<Self, SchnorrError> {
        let shifted = bound.presignature.nonce().constant() + S::Curve::mul_base(&delta);
        if bool::from(shifted.is_identity()) {
            return Err(SchnorrError::Burned(Burn::NonceAtInfinity));
        }
        let (nonce, of_nonce) = if S::negates(&shifted) {
            (-shifted, -Scalar::<S>::ONE)
        } else {
            (shifted, Scalar::<S>::ONE)
        };
        let OutputKey {
            point,
            sign,
            addend,
        } = bound.output_key;
        let challenge = S::challenge(&nonce, &point, &bound.request.message);
        let terms = Terms {
            of_key: challenge * sign,
            of_nonce,
            constant: challenge * (sign * bound.request.tweak + addend) + of_nonce * delta,
        };
        Ok(Rerandomized {
            bound,
            id,
            nonce,
            terms,
        })
    }

    /// The identity that every share of this session carries.
    pub fn id(&self) -> SessionId {
        self.id
    }

    /// The presignature that is spent.
    pub fn presignature(&self) -> &Arc<PublicPresignature<S>> {
        &self.bound.presignature
    }

    /// The key under which the signature will verify; with BIP-341 the output key.
    pub fn output_key(&self) -> &Point<S> {
        &self.bound.output_key.point
    }

    /// What is signed.
    pub fn message(&self) -> &[u8] {
        &self.bound.request.message
    }

    pub(crate) fn nonce(&self) -> &Point<S> {
        &self.nonce
    }

    /// s G as it has to be: R + e P.
    pub(crate) fn target(&self) -> Point<S> {
        let key = self.output_key();
        let challenge = S::challenge(&self.nonce, key, self.message());
        self.nonce + S::Curve::mul(key, &challenge)
    }

    pub(crate) fn terms(&self) -> &Terms<S> {
        &self.terms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dealer::Dealer;
    use crate::{Bip340, Ed25519};

    fn burns_when_the_shift_cancels_the_nonce<S: Scheme>() {
        let mut dealer = Dealer::<S>::new(4, 1);
        let dealing = dealer.deal();
        let request = dealer.request(b"message");
        let bound = request.bind(dealing.public.clone()).unwrap();
        let shift = -*dealing.nonce();
        let error = Rerandomized::with_shift(bound, shift, SessionId([1; 32])).unwrap_err();
        assert_eq!(error, SchnorrError::Burned(Burn::NonceAtInfinity));
    }

    #[test]
    fn burns_when_the_shift_cancels_the_nonce_of_either_scheme() {
        burns_when_the_shift_cancels_the_nonce::<Bip340>();
        burns_when_the_shift_cancels_the_nonce::<Ed25519>();
    }
}
