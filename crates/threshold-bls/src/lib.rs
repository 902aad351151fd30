//! Threshold BLS signatures on BLS12-381, and the random beacon and tape made of them.
//!
//! - What it does: nodes sign with their shares of a key ([`SignatureShare::sign`]); anyone combines as many shares as the key's
//!   threshold and verifies the signature once ([`VerificationKeys::combine`]); only if that fails are shares looked at singly and their makers named.
//!   Certification and the keys' DER encoding ([`certification`], [`der`]), beacon and tape ([`beacon`]).
//! - Source: Boneh, Lynn, Shacham (ASIACRYPT 2001); Boldyreva (PKC 2003) for the threshold scheme; the ciphersuite
//!   `BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_NUL_` of draft-irtf-cfrg-bls-signature. The steps: docs/protocols/threshold-bls.md.
//! - In and out: signatures and shares are compressed points of G1 (48 bytes), public keys of G2 (96 bytes; 133 in DER).
//! - Security: forging needs as many shares as the threshold. Points outside the prime-order subgroups and identities are refused when decoded.
//!   Signing runs in constant time; everything else works on public values, in variable time.
//! - Leaves out: how the shares came to be (a key is its commitment), who sends them, and which message deserves a signature.
//!
//! # How to use
//!
//! ```
//! use chainkey_algebra::commitment::{SimpleCommitment, SimpleShare};
//! use chainkey_algebra::{Committee, Polynomial};
//! use chainkey_threshold_bls::{Level, Message, SignatureShare, VerificationKeys};
//! use rand_core::OsRng;
//!
//! // In place of a key ceremony, which no one node could do: a polynomial.
//! let committee = Committee::new(4)?;
//! let polynomial = Polynomial::random(committee.high(), &mut OsRng);
//! let keys = VerificationKeys::new(committee, Level::High, &SimpleCommitment::to(&polynomial))?;
//!
//! let message = Message::new(b"hello");
//! let mut shares = Vec::new();
//! for node in committee.members().take(3) {
//!     let key_share = SimpleShare { value: polynomial.at(node) };
//!     shares.push((node, SignatureShare::sign(&key_share, &message)));
//! }
//! let combined = keys.combine(&message, &shares)?;
//! assert!(combined.culprits.is_empty());
//! keys.public_key().verify(&message, &combined.signature.to_bytes())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod beacon;
pub mod certification;
mod combine;
pub mod der;
mod error;
mod message;
mod pairing_product;
mod public_key;
mod share;
mod verification_keys;

pub use combine::Combined;
pub use error::BlsError;
pub use message::{CIPHERSUITE, Message};
pub use public_key::{PublicKey, Signature};
pub use share::SignatureShare;
pub use verification_keys::{Level, VerificationKeys};
