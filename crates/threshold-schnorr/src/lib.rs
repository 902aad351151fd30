//! Threshold Schnorr signatures: BIP-340 with BIP-341 output keys, and Ed25519; robust, from presignatures that fit any f + 1 signers.
//!
//! - What it does: nodes that share a key make shares of a signature; anyone combines f + 1 of them. No node, and no combiner, ever holds
//!   the key or the nonce.
//! - Source: Shoup, "The many faces of Schnorr", eprint 2023/1019; Groth and Shoup, eprint 2022/506; BIP-340, BIP-341, RFC 8032;
//!   `docs/protocols/threshold-schnorr.md` numbers the steps.
//! - In: transcripts as their public commitments, a node's shares of them, a request, 32 bytes of randomness. Out: 64 bytes in the form of the
//!   scheme's standard.
//! - The caller must guarantee: a request is bound to a presignature, finally, before the randomness is drawn; a presignature's share is
//!   taken out of its store for good before it signs.
//! - Leaves out: making transcripts (`chainkey-idkg`), derivation of tweaks (`key-path`), network, storage, randomness.
//!
//! # How to use
//!
//! ```
//! use chainkey_algebra::{Committee, Curve, NodeIndex, Secp256k1};
//! use chainkey_threshold_schnorr::*;
//! # use chainkey_algebra::{Polynomial, commitment::*};
//! # use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
//! # let mut rng = ChaCha20Rng::seed_from_u64(1);
//! # let committee = Committee::new(4)?;
//! # // Polynomials take the place of the transcripts that key generation makes.
//! # let x = Polynomial::<Secp256k1>::random(committee.low(), &mut rng);
//! # let k = Polynomial::<Secp256k1>::random(committee.low(), &mut rng);
//! # let (key_commitment, key_id) = (SimpleCommitment::to(&x), KeyTranscriptId([1; 32]));
//! # let nonce_commitment = SimpleCommitment::to(&k);
//! # let key_share_of = |node| SimpleShare { value: x.at(node) };
//! # let nonce_share_of = |node| SimpleShare { value: k.at(node) };
//! // Everyone knows the transcripts' commitments; each node has its shares.
//! let key = MasterKey::<Bip340>::new(key_id, committee, key_commitment)?;
//! let presignature = PublicPresignature::new(PresignatureId([2; 32]), key.clone(), nonce_commitment)?;
//!
//! // A request is bound to the presignature; randomness comes after that.
//! let tweak = 9u64.into();
//! let request = SigningRequest {
//!     id: b"request 1".to_vec(),
//!     key: key_id,
//!     message: b"any length".to_vec(),
//!     tweak,
//!     derived_key: key.public_key() + Secp256k1::mul_base(&tweak),
//!     aux: Some(TaprootRoot::new(&[])?), // or None, for plain BIP-340
//! };
//! let session = request.bind(presignature.clone())?.rerandomize(&[0xcd; 32])?;
//!
//! // Each node spends its part on a share; anyone combines.
//! let mut combiner = Combiner::new(&session);
//! for node in [NodeIndex(0), NodeIndex(3)] {
//!     let key_share = KeyShare::new(key.clone(), node, key_share_of(node))?;
//!     let own = PresignatureShare::new(presignature.clone(), node, nonce_share_of(node))?;
//!     let message = own.sign(&key_share, &session)?.encode();
//!     combiner.add(SignatureShare::decode(&message)?)?;
//! }
//! let signature = combiner.combine()?;
//! Bip340::verify(session.output_key(), b"any length", &signature)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod bip340;
mod combiner;
mod ed25519;
mod error;
mod ids;
mod presignature;
mod scheme;
mod session;
mod share;
mod taproot;

#[cfg(test)]
#[path = "../tests/dealer/mod.rs"]
mod dealer;
#[cfg(test)]
extern crate self as chainkey_threshold_schnorr;

pub use bip340::Bip340;
pub use combiner::Combiner;
pub use ed25519::Ed25519;
pub use error::{Burn, SchnorrError};
pub use ids::{KeyTranscriptId, PresignatureId, SessionId};
pub use presignature::{KeyShare, MasterKey, PresignatureShare, PublicPresignature};
pub use scheme::{OutputKey, Point, Scalar, Scheme};
pub use session::{BoundRequest, Rerandomized, SigningRequest};
pub use share::{SignatureShare, VerifiedShare};
pub use taproot::TaprootRoot;
