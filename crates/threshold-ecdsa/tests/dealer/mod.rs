//! For tests and benchmarks only: a dealer who knows the secrets and shares them by plain Shamir, in place of key generation; and a
//! combiner whose every signature is verified by somebody else's library.

#![allow(dead_code)] // Each test file uses a part.

use chainkey_algebra::commitment::{PedersenCommitment, PedersenShare, SimpleCommitment};
use chainkey_algebra::{Committee, Curve, NodeIndex, Polynomial, Secp256k1, Secp256r1, Secret};
use chainkey_threshold_ecdsa::{
    Combiner, EcdsaError, KeyTranscriptId, MasterKey, PresignatureCommitments, PresignatureId,
    PresignatureSecrets, PresignatureShare, PublicPresignature, Rerandomized, Signature,
    SignatureShare, SigningRequest,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::sync::Arc;

/// A sharing whose secret the dealer knows.
struct Masked<C: Curve> {
    values: Polynomial<C>,
    masks: Polynomial<C>,
}

impl<C: Curve> Masked<C> {
    fn commitment(&self) -> PedersenCommitment<C> {
        PedersenCommitment::to(&self.values, &self.masks)
    }

    fn at(&self, node: NodeIndex) -> PedersenShare<C> {
        PedersenShare {
            value: self.values.at(node),
            mask: self.masks.at(node),
        }
    }
}

/// The values that a presignature shares.
#[derive(Clone, Copy)]
pub struct Values<S> {
    pub kappa: S,
    pub lambda: S,
    pub kappa_lambda: S,
    pub x_lambda: S,
}

/// A presignature whose values the dealer knows.
pub struct Dealing<C: Curve> {
    pub public: Arc<PublicPresignature<C>>,
    lambda: Masked<C>,
    kappa_lambda: Masked<C>,
    x_lambda: Masked<C>,
}

impl<C: Curve> Dealing<C> {
    /// A node's part; the dealer can make it as often as it likes.
    pub fn part(&self, node: NodeIndex) -> PresignatureShare<C> {
        let secrets = PresignatureSecrets {
            lambda: self.lambda.at(node),
            kappa_lambda: self.kappa_lambda.at(node),
            x_lambda: self.x_lambda.at(node),
        };
        PresignatureShare::new(self.public.clone(), node, secrets).unwrap()
    }
}

/// A committee with a key, and the dealer of its presignatures.
pub struct Dealer<C: Curve> {
    pub committee: Committee,
    pub key: Arc<MasterKey<C>>,
    pub secret_key: C::Scalar,
    pub rng: ChaCha20Rng,
    dealt: u64,
}

impl<C: Curve> Dealer<C> {
    pub fn new(nodes: u16, seed: u64) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        let committee = Committee::new(nodes).unwrap();
        let polynomial = Polynomial::<C>::random(committee.low(), &mut rng);
        let mut id = [0; 32];
        rng.fill_bytes(&mut id);
        let commitment = SimpleCommitment::to(&polynomial);
        Dealer {
            committee,
            key: MasterKey::new(KeyTranscriptId(id), committee, commitment).unwrap(),
            secret_key: *polynomial.coefficients()[0].expose(),
            rng,
            dealt: 0,
        }
    }

    pub fn scalar(&mut self) -> C::Scalar {
        *Secret::<C>::random(&mut self.rng).expose()
    }

    fn share(&mut self, value: C::Scalar) -> Masked<C> {
        let low = self.committee.low();
        Masked {
            values: Polynomial::sharing(&Secret::new(value), low, &mut self.rng),
            masks: Polynomial::random(low, &mut self.rng),
        }
    }

    /// Random values as they should be.
    pub fn values(&mut self) -> Values<C::Scalar> {
        let (kappa, lambda) = (self.scalar(), self.scalar());
        Values {
            kappa,
            lambda,
            kappa_lambda: kappa * lambda,
            x_lambda: self.secret_key * lambda,
        }
    }

    /// Shares these values, right or wrong, under an identity of their own.
    pub fn deal(&mut self, values: Values<C::Scalar>) -> Dealing<C> {
        self.dealt += 1;
        let mut id = [0; 32];
        id[24..].copy_from_slice(&self.dealt.to_be_bytes());
        let kappa = self.share(values.kappa);
        let lambda = self.share(values.lambda);
        let kappa_lambda = self.share(values.kappa_lambda);
        let x_lambda = self.share(values.x_lambda);
        let commitments = PresignatureCommitments {
            kappa: SimpleCommitment::to(&kappa.values),
            lambda: lambda.commitment(),
            kappa_lambda: kappa_lambda.commitment(),
            x_lambda: x_lambda.commitment(),
        };
        let key = self.key.clone();
        Dealing {
            public: PublicPresignature::new(PresignatureId(id), key, commitments).unwrap(),
            lambda,
            kappa_lambda,
            x_lambda,
        }
    }

    /// A presignature of random values.
    pub fn presignature(&mut self) -> Dealing<C> {
        let values = self.values();
        self.deal(values)
    }

    /// A request under a random tweak.
    pub fn request(&mut self, message_hash: [u8; 32]) -> SigningRequest<C> {
        let tweak = self.scalar();
        self.request_with_tweak(message_hash, tweak)
    }

    pub fn request_with_tweak(
        &self,
        message_hash: [u8; 32],
        tweak: C::Scalar,
    ) -> SigningRequest<C> {
        SigningRequest {
            id: b"request".to_vec(),
            key: self.key.id(),
            message_hash,
            tweak,
            derived_key: self.key.public_key() + C::mul_base(&tweak),
        }
    }

    /// A session of a fresh presignature, with every node's share.
    pub fn signed(&mut self, message_hash: [u8; 32]) -> (Rerandomized<C>, Vec<SignatureShare<C>>) {
        let dealing = self.presignature();
        let request = self.request(message_hash);
        self.signed_with(&dealing, request)
    }

    pub fn signed_with(
        &mut self,
        dealing: &Dealing<C>,
        request: SigningRequest<C>,
    ) -> (Rerandomized<C>, Vec<SignatureShare<C>>) {
        let mut randomness = [0; 32];
        self.rng.fill_bytes(&mut randomness);
        let bound = request.bind(dealing.public.clone()).unwrap();
        let session = bound.rerandomize(&randomness).unwrap();
        let members = self.committee.members();
        let shares = members.map(|node| dealing.part(node).sign(&session).unwrap());
        let shares = shares.collect();
        (session, shares)
    }
}

/// A curve with a verifier that is not ours.
pub trait Verifier: Curve {
    fn accepts(key: &Self::Point, hash: &[u8; 32], signature: &[u8; 64]) -> bool;
}

impl Verifier for Secp256k1 {
    fn accepts(key: &Self::Point, hash: &[u8; 32], signature: &[u8; 64]) -> bool {
        // The C library refuses the higher s.
        let key = secp256k1::PublicKey::from_slice(&Secp256k1::point_to_bytes(key)).unwrap();
        let signature = secp256k1::ecdsa::Signature::from_compact(signature).unwrap();
        let message = secp256k1::Message::from_digest(*hash);
        secp256k1::ecdsa::verify(&signature, message, &key).is_ok()
    }
}

impl Verifier for Secp256r1 {
    fn accepts(key: &Self::Point, hash: &[u8; 32], signature: &[u8; 64]) -> bool {
        use p256::ecdsa::signature::hazmat::PrehashVerifier;
        let key = Secp256r1::point_to_bytes(key);
        let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(&key).unwrap();
        let signature = p256::ecdsa::Signature::from_slice(signature).unwrap();
        signature.normalize_s().is_none() && key.verify_prehash(hash, &signature).is_ok()
    }
}

/// A combiner that lets nothing out that the other verifier does not accept.
pub struct Watched<'a, C: Curve> {
    session: &'a Rerandomized<C>,
    combiner: Combiner<'a, C>,
}

impl<C: Verifier> Watched<'_, C> {
    pub fn add(&mut self, share: SignatureShare<C>) -> Result<(), EcdsaError> {
        self.combiner.add(share)
    }

    pub fn combine(&mut self) -> Result<Signature<C>, EcdsaError> {
        let signature = self.combiner.combine()?;
        let (key, hash) = (self.session.derived_key(), self.session.message_hash());
        assert!(C::accepts(key, hash, &signature.to_bytes()));
        Ok(signature)
    }

    pub fn culprits(&self) -> Vec<NodeIndex> {
        self.combiner.culprits()
    }
}

/// A watched combiner that holds these shares.
pub fn combiner<C: Verifier>(
    session: &Rerandomized<C>,
    shares: impl IntoIterator<Item = SignatureShare<C>>,
) -> Watched<'_, C> {
    Watched {
        session,
        combiner: unwatched(session, shares),
    }
}

/// A combiner that holds these shares, as it is measured.
pub fn unwatched<C: Curve>(
    session: &Rerandomized<C>,
    shares: impl IntoIterator<Item = SignatureShare<C>>,
) -> Combiner<'_, C> {
    let mut combiner = Combiner::new(session);
    for share in shares {
        combiner.add(share).unwrap();
    }
    combiner
}

/// The share with one of its four scalars (0 to 3: nu, its mask, mu, its mask) replaced by another.
pub fn with_scalar<C: Curve>(
    share: &SignatureShare<C>,
    which: usize,
    change: impl FnOnce(C::Scalar) -> C::Scalar,
) -> SignatureShare<C> {
    let mut bytes = share.encode();
    let place = 34 + 32 * which;
    let field = &mut bytes[place..place + 32];
    let old = C::scalar_from_bytes(field).unwrap();
    field.copy_from_slice(&C::scalar_to_bytes(&change(old)));
    SignatureShare::decode(&bytes).unwrap()
}

/// The share under another header: as if made by `node` in `session`'s session.
pub fn relabelled<C: Curve>(
    share: &SignatureShare<C>,
    node: NodeIndex,
    session: &Rerandomized<C>,
) -> SignatureShare<C> {
    let mut bytes = share.encode();
    bytes[..2].copy_from_slice(&node.0.to_be_bytes());
    bytes[2..34].copy_from_slice(&session.id().0);
    SignatureShare::decode(&bytes).unwrap()
}
