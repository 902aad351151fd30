//! For tests and benchmarks only: a dealer who knows the secrets and shares them by plain Shamir, in place of key generation; and a
//! combiner whose every signature is verified by somebody else's library.

#![allow(dead_code)] // Each test file uses a part.

use chainkey_algebra::commitment::{SimpleCommitment, SimpleShare};
use chainkey_algebra::{Committee, Curve, NodeIndex, Polynomial, Secret};
use chainkey_threshold_schnorr::{
    Bip340, Combiner, Ed25519, KeyShare, KeyTranscriptId, MasterKey, Point, PresignatureId,
    PresignatureShare, PublicPresignature, Rerandomized, Scalar, Scheme, SchnorrError,
    SignatureShare, SigningRequest,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::sync::Arc;

/// A presignature whose nonce the dealer knows.
pub struct Dealing<S: Scheme> {
    pub public: Arc<PublicPresignature<S>>,
    polynomial: Polynomial<S::Curve>,
}

impl<S: Scheme> Dealing<S> {
    /// The nonce before rerandomization.
    pub fn nonce(&self) -> &Scalar<S> {
        self.polynomial.coefficients()[0].expose()
    }

    /// A node's part; the dealer can make it as often as it likes.
    pub fn part(&self, node: NodeIndex) -> PresignatureShare<S> {
        let nonce = SimpleShare {
            value: self.polynomial.at(node),
        };
        PresignatureShare::new(self.public.clone(), node, nonce).unwrap()
    }
}

/// A committee with a key, and the dealer of its presignatures.
pub struct Dealer<S: Scheme> {
    pub committee: Committee,
    pub key: Arc<MasterKey<S>>,
    pub secret_key: Scalar<S>,
    pub key_shares: Vec<KeyShare<S>>,
    pub rng: ChaCha20Rng,
    dealt: u64,
}

impl<S: Scheme> Dealer<S> {
    pub fn new(nodes: u16, seed: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let secret = Secret::random(&mut rng);
        Self::with_key(nodes, rng, secret)
    }

    pub fn with_key(nodes: u16, mut rng: ChaCha20Rng, secret: Secret<S::Curve>) -> Self {
        let committee = Committee::new(nodes).unwrap();
        let polynomial = Polynomial::sharing(&secret, committee.low(), &mut rng);
        let mut id = [0; 32];
        rng.fill_bytes(&mut id);
        let commitment = SimpleCommitment::to(&polynomial);
        let key = MasterKey::new(KeyTranscriptId(id), committee, commitment).unwrap();
        let key_shares = committee.members().map(|node| {
            let value = polynomial.at(node);
            KeyShare::new(key.clone(), node, SimpleShare { value }).unwrap()
        });
        Dealer {
            committee,
            key_shares: key_shares.collect(),
            key,
            secret_key: *secret.expose(),
            rng,
            dealt: 0,
        }
    }

    pub fn scalar(&mut self) -> Scalar<S> {
        *Secret::<S::Curve>::random(&mut self.rng).expose()
    }

    /// A presignature with an identity of its own.
    pub fn deal(&mut self) -> Dealing<S> {
        self.dealt += 1;
        let mut id = [0; 32];
        id[24..].copy_from_slice(&self.dealt.to_be_bytes());
        let polynomial = Polynomial::random(self.committee.low(), &mut self.rng);
        let commitment = SimpleCommitment::to(&polynomial);
        let id = PresignatureId(id);
        Dealing {
            public: PublicPresignature::new(id, self.key.clone(), commitment).unwrap(),
            polynomial,
        }
    }

    /// A request under a random tweak.
    pub fn request(&mut self, message: &[u8]) -> SigningRequest<S> {
        let tweak = self.scalar();
        self.request_with_tweak(message, tweak)
    }

    pub fn request_with_tweak(&self, message: &[u8], tweak: Scalar<S>) -> SigningRequest<S> {
        SigningRequest {
            id: b"request".to_vec(),
            key: self.key.id(),
            message: message.to_vec(),
            tweak,
            derived_key: self.key.public_key() + S::Curve::mul_base(&tweak),
            aux: S::Aux::default(),
        }
    }

    /// A session of a fresh presignature, with every node's share.
    pub fn signed(&mut self, message: &[u8]) -> (Rerandomized<S>, Vec<SignatureShare<S>>) {
        let request = self.request(message);
        let dealing = self.deal();
        self.signed_with(&dealing, request)
    }

    pub fn signed_with(
        &mut self,
        dealing: &Dealing<S>,
        request: SigningRequest<S>,
    ) -> (Rerandomized<S>, Vec<SignatureShare<S>>) {
        let mut randomness = [0; 32];
        self.rng.fill_bytes(&mut randomness);
        let bound = request.bind(dealing.public.clone()).unwrap();
        let session = bound.rerandomize(&randomness).unwrap();
        let shares = self
            .key_shares
            .iter()
            .map(|key| dealing.part(key.node()).sign(key, &session).unwrap())
            .collect();
        (session, shares)
    }
}

/// A scheme with a verifier that is not ours.
pub trait Verifier: Scheme {
    fn accepts(key: &Point<Self>, message: &[u8], signature: &[u8; 64]) -> bool;
}

impl Verifier for Bip340 {
    fn accepts(key: &Point<Self>, message: &[u8], signature: &[u8; 64]) -> bool {
        let key = secp256k1::XOnlyPublicKey::from_byte_array(Bip340::key_to_bytes(key)).unwrap();
        let signature = secp256k1::schnorr::Signature::from_byte_array(*signature);
        secp256k1::schnorr::verify(&signature, message, &key).is_ok()
    }
}

impl Verifier for Ed25519 {
    fn accepts(key: &Point<Self>, message: &[u8], signature: &[u8; 64]) -> bool {
        let key = ed25519_dalek::VerifyingKey::from_bytes(&Ed25519::key_to_bytes(key)).unwrap();
        let signature = ed25519_dalek::Signature::from_bytes(signature);
        key.verify_strict(message, &signature).is_ok()
    }
}

/// A combiner that lets nothing out that the other verifier does not accept.
pub struct Watched<'a, S: Scheme> {
    session: &'a Rerandomized<S>,
    combiner: Combiner<'a, S>,
}

impl<S: Verifier> Watched<'_, S> {
    pub fn add(&mut self, share: SignatureShare<S>) -> Result<(), SchnorrError> {
        self.combiner.add(share)
    }

    pub fn combine(&mut self) -> Result<[u8; 64], SchnorrError> {
        let signature = self.combiner.combine()?;
        let (key, message) = (self.session.output_key(), self.session.message());
        assert!(S::accepts(key, message, &signature));
        Ok(signature)
    }

    pub fn culprits(&self) -> Vec<NodeIndex> {
        self.combiner.culprits()
    }
}

/// A watched combiner that holds these shares.
pub fn combiner<S: Verifier>(
    session: &Rerandomized<S>,
    shares: impl IntoIterator<Item = SignatureShare<S>>,
) -> Watched<'_, S> {
    Watched {
        session,
        combiner: unwatched(session, shares),
    }
}

/// A combiner that holds these shares, as it is measured.
pub fn unwatched<S: Scheme>(
    session: &Rerandomized<S>,
    shares: impl IntoIterator<Item = SignatureShare<S>>,
) -> Combiner<'_, S> {
    let mut combiner = Combiner::new(session);
    for share in shares {
        combiner.add(share).unwrap();
    }
    combiner
}

/// The share with another s.
pub fn with_scalar<S: Scheme>(
    share: &SignatureShare<S>,
    change: impl FnOnce(Scalar<S>) -> Scalar<S>,
) -> SignatureShare<S> {
    let mut bytes = share.encode();
    let old = S::Curve::scalar_from_bytes(&bytes[34..]).unwrap();
    bytes[34..].copy_from_slice(&S::Curve::scalar_to_bytes(&change(old)));
    SignatureShare::decode(&bytes).unwrap()
}

/// The share under another header: as if made by `node` in `session`'s session.
pub fn relabelled<S: Scheme>(
    share: &SignatureShare<S>,
    node: NodeIndex,
    session: &Rerandomized<S>,
) -> SignatureShare<S> {
    let mut bytes = share.encode();
    bytes[..2].copy_from_slice(&node.0.to_be_bytes());
    bytes[2..34].copy_from_slice(&session.id().0);
    SignatureShare::decode(&bytes).unwrap()
}
