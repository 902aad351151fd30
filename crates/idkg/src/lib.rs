//! Distributed key generation and resharing with verifiable secret sharing, generic over the curve.
//!
//! - What it does: five operations (Random, RandomUnmasked, ReshareOfMasked, ReshareOfUnmasked, UnmaskedTimesMasked), each on a batch of
//!   sharings, by which n = 3f + 1 nodes make and move secrets that no f of them know or can spoil.
//! - Source: Groth and Shoup, eprint 2022/506 and 2021/1330; the steps, numbered as the code cites them, stand in docs/protocols/idkg.md.
//! - In and out: messages are bytes. No network, clock or global randomness: an RNG is an argument.
//! - The caller must guarantee: that a dealing really comes from its dealer (it stands in a message signed by it), that a transcript's name is
//!   never used twice, and that all nodes combine the same dealings in the same order of steps (they stand in ordered blocks).
//! - What is verified in public ([`PublicDealing`], [`VerifiedSupport`], [`SupportedDealing`], [`Transcript`]) is cheap to clone and the same
//!   for everyone: nodes of one process may share it. What is private ([`EncryptionSecret`], [`OpenedDealing`], [`TranscriptShare`]) is not.
//! - Leaves out: who sends what when, and persistence.
//!
//! # How to use it
//!
//! ```
//! use chainkey_algebra::{NodeIndex, Secp256k1};
//! use chainkey_idkg::*;
//! use ed25519_dalek::SigningKey;
//! use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
//!
//! # fn main() -> Result<(), IdkgError> {
//! let rng = &mut ChaCha20Rng::seed_from_u64(1);
//! // Each node makes an encryption secret for the epoch and registers its key; everybody checks the registrations.
//! let epoch = 7;
//! let signing: Vec<SigningKey> = (1..=4).map(|seed| SigningKey::from_bytes(&[seed; 32])).collect();
//! let secrets: Vec<_> = (0..4).map(|_| EncryptionSecret::generate(epoch, rng)).collect();
//! let mut keys = Vec::new();
//! for (node, secret) in signing.iter().zip(&secrets) {
//!     let registration = secret.register(&node.verifying_key(), rng).encode();
//!     keys.push(Registration::decode(&registration)?.verify(&node.verifying_key(), epoch)?);
//! }
//! let members = Members::new(keys)?;
//!
//! // All agree on parameters, and at least f + 1 of them deal.
//! let id = TranscriptId { subnet: b"subnet".to_vec(), epoch, number: 1 };
//! let params: Params<Secp256k1, Unmasked> =
//!     Params::random_unmasked(id, &members, &members, 3, Extraction::Sum)?;
//! let mut sent = Vec::new();
//! for dealer in [NodeIndex(0), NodeIndex(2)] {
//!     sent.push(Dealing::create(&params, dealer, DealerInput::Nothing, rng)?.encode().to_vec());
//! }
//!
//! // Everybody verifies what is public, opens its own shares, and signs for what it found good.
//! let mut dealings = Vec::new();
//! for bytes in &sent {
//!     dealings.push(Dealing::receive(&params, bytes)?.verify(&params)?);
//! }
//! let mut opened = vec![Vec::new(); 4];
//! let mut supports = Vec::new();
//! for (node, secret) in members.committee().members().zip(&secrets) {
//!     let own = &mut opened[usize::from(node.0)];
//!     for dealing in &dealings {
//!         match dealing.open(node, secret, rng)? {
//!             Opened::Good(good) => own.push(good),
//!             // To be sent to all; see `Complaint::verify`, `OpenedDealing::answer` and `PublicDealing::restore`.
//!             Opened::Bad(complaint) => panic!("{complaint:?}"),
//!         }
//!     }
//!     let vouched = own.iter().map(OpenedDealing::vouch);
//!     let support = Support::sign(node, &signing[usize::from(node.0)], vouched).encode();
//!     supports.push(Support::decode(&support)?.verify(&members)?);
//! }
//!
//! // At 2f + 1 supports each, the dealings make a transcript, and each node has its shares.
//! let mut usable = Vec::new();
//! for dealing in dealings {
//!     usable.push(SupportedDealing::new(dealing, &supports)?);
//! }
//! let transcript = Transcript::new(&params, &usable)?;
//! let share = transcript.share(NodeIndex(3), &opened[3])?;
//! assert_eq!(transcript.commitments().len(), 3);
//! assert!(transcript.commitments()[0].check(NodeIndex(3), share.shares()[0].clone()).is_ok());
//! # Ok(())
//! # }
//! ```

#[cfg(test)]
extern crate self as chainkey_idkg;

pub mod acknowledged;
#[cfg(test)]
mod attacks;
mod batch_check;
mod complaint;
mod dealing;
mod encryption;
mod equations;
mod error;
mod extraction;
pub mod faulty;
mod kind;
mod layout;
mod members;
mod opened;
mod params;
mod proof;
mod public;
pub mod published;
mod same_logarithm;
mod support;
mod transcript;

pub use complaint::{Complaint, Opening, VerifiedComplaint, VerifiedOpening};
pub use dealing::{DealerInput, Dealing, DealingDigest};
pub use encryption::{EncryptionKey, EncryptionSecret, MemberKeys, Registration};
pub use error::{IdkgError, Needed, Shape};
pub use kind::{Kind, Masked, Unmasked};
pub use members::Members;
pub use opened::{Opened, OpenedDealing, Vouched};
pub use params::{Extraction, LARGEST_BATCH, Level, Operation, Params, TranscriptId};
pub use public::{PublicDealing, PublicDealings, verify_all};
pub use support::{Support, SupportedDealing, VerifiedSupport};
pub use transcript::{Transcript, TranscriptShare};
