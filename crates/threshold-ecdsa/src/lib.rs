//! Threshold ECDSA over secp256k1 and secp256r1: robust, from presignatures that fit any f + 1 signers, with additive tweaks.
//!
//! - What it does: nodes that share a key make shares of a signature; anyone combines f + 1 of them. No node, and no combiner, ever holds
//!   the key or the nonce.
//! - Source: Groth and Shoup, eprint 2022/506 (the protocol) and 2021/1330 (why it is rerandomized); `docs/protocols/threshold-ecdsa.md` numbers the steps.
//! - In: transcripts as their public commitments, a node's shares of them, a request, 32 bytes of randomness. Out: 64 bytes, r || s, low s.
//! - The caller must guarantee: a request is bound to a presignature, finally, before the randomness is drawn; a presignature's secrets are
//!   taken out of their store for good before they sign.
//! - Leaves out: making transcripts (`chainkey-idkg`), derivation of tweaks (`key-path`), network, storage, randomness.
//!
//! # How to use
//!
//! ```
//! use chainkey_algebra::{Committee, Curve, NodeIndex, Secp256k1};
//! use chainkey_threshold_ecdsa::*;
//! # use chainkey_algebra::{Polynomial, Secret, commitment::*};
//! # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
//! # let mut rng = ChaCha20Rng::seed_from_u64(1);
//! # let committee = Committee::new(4)?;
//! # let mut share = |value: u64| {
//! #     let secret = Secret::<Secp256k1>::new(value.into());
//! #     let values = Polynomial::sharing(&secret, committee.low(), &mut rng);
//! #     let masks = Polynomial::random(committee.low(), &mut rng);
//! #     (values, masks)
//! # };
//! # // Numbers take the place of the transcripts that key generation makes.
//! # let ((x, _), (kappa, _), lambda) = (share(7), share(5), share(3));
//! # let (kappa_lambda, x_lambda) = (share(15), share(21));
//! # let pedersen = |(values, masks): &(_, _)| PedersenCommitment::to(values, masks);
//! # let opening = |(values, masks): &(Polynomial<_>, Polynomial<_>), node| PedersenShare {
//! #     value: values.at(node),
//! #     mask: masks.at(node),
//! # };
//! # let (key_commitment, key_id) = (SimpleCommitment::to(&x), KeyTranscriptId([1; 32]));
//! # let commitments = PresignatureCommitments {
//! #     kappa: SimpleCommitment::to(&kappa),
//! #     lambda: pedersen(&lambda),
//! #     kappa_lambda: pedersen(&kappa_lambda),
//! #     x_lambda: pedersen(&x_lambda),
//! # };
//! # let secrets_of = |node| PresignatureSecrets {
//! #     lambda: opening(&lambda, node),
//! #     kappa_lambda: opening(&kappa_lambda, node),
//! #     x_lambda: opening(&x_lambda, node),
//! # };
//! // Everyone knows the transcripts' commitments; each node has its shares.
//! let key = MasterKey::<Secp256k1>::new(key_id, committee, key_commitment)?;
//! let presignature = PublicPresignature::new(PresignatureId([2; 32]), key.clone(), commitments)?;
//! let node = NodeIndex(0);
//! let own = PresignatureShare::new(presignature.clone(), node, secrets_of(node))?;
//! let other = PresignatureShare::new(presignature.clone(), NodeIndex(3), secrets_of(NodeIndex(3)))?;
//!
//! // A request is bound to the presignature; randomness comes after that.
//! let tweak = 9u64.into();
//! let request = SigningRequest {
//!     id: b"request 1".to_vec(),
//!     key: key_id,
//!     message_hash: [0xab; 32],
//!     tweak,
//!     derived_key: key.public_key() + Secp256k1::mul_base(&tweak),
//! };
//! let session = request.bind(presignature)?.rerandomize(&[0xcd; 32])?;
//!
//! // Each node spends its part on a share, and sends its encoding.
//! let messages = [own.sign(&session)?.encode(), other.sign(&session)?.encode()];
//!
//! // Anyone combines.
//! let mut combiner = Combiner::new(&session);
//! for message in messages {
//!     combiner.add(SignatureShare::decode(&message)?)?;
//! }
//! let signature = combiner.combine()?;
//! signature.verify(session.derived_key(), session.message_hash())?;
//! assert_eq!(signature.to_bytes().len(), 64);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod combiner;
mod error;
mod ids;
mod presignature;
mod session;
mod share;
mod signature;

#[cfg(test)]
#[path = "../tests/dealer/mod.rs"]
mod dealer;
#[cfg(test)]
extern crate self as chainkey_threshold_ecdsa;

pub use combiner::Combiner;
pub use error::{Burn, EcdsaError};
pub use ids::{KeyTranscriptId, PresignatureId, SessionId};
pub use presignature::{
    MasterKey, PresignatureCommitments, PresignatureSecrets, PresignatureShare, PublicPresignature,
};
pub use session::{BoundRequest, Rerandomized, SigningRequest};
pub use share::{SignatureShare, VerifiedShare};
pub use signature::Signature;
