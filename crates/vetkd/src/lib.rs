//! Verifiably encrypted threshold key derivation.
//!
//! - What it does: from a master key that nodes share, each of them makes a share of the key that belongs to a canister, a context and an
//!   input, encrypted to a transport key ([`EncryptedKeyShare::create`]). As many shares as the threshold are combined under the encryption and the result is
//!   checked once ([`MasterKey::combine`]); only if that fails are shares looked at singly. Nobody but the holder of the transport secret key sees the derived key.
//! - Source: Cerulli, Connolly, Neven, Preiss, Shoup, "vetKeys" (eprint 2023/616); interface specification, `vetkd_derive_key`. The
//!   steps: docs/protocols/vetkd.md.
//! - In and out: transport keys are compressed points of G1 (48 bytes), public keys of G2 (96 bytes), encrypted keys and their shares
//!   C1 || C2 || C3 (48 + 96 + 48 = 192 bytes).
//! - Security: deriving a key takes as many nodes as the threshold. A derived key is a BLS signature of the input under the derived public key,
//!   so it is unique and its holder can prove it right. The identity is accepted as transport key, and then nothing is encrypted
//!   ([`TransportPublicKey::hides`]). Shares are made in constant time; everything else works on public values, in variable time.
//! - Leaves out: how the shares of the master key came to be, who may ask for which key, and decryption, which is the client's.
//!
//! # How to use
//!
//! ```
//! use chainkey_algebra::commitment::{SimpleCommitment, SimpleShare};
//! use chainkey_algebra::{Committee, Polynomial};
//! use chainkey_vetkd::{EncryptedKeyShare, MasterKey, TransportPublicKey};
//! use rand_core::OsRng;
//!
//! // In place of a key ceremony, which no one node could do: a polynomial.
//! let committee = Committee::new(4)?;
//! let polynomial = Polynomial::random(committee.high(), &mut OsRng);
//! let master = MasterKey::new(committee, &SimpleCommitment::to(&polynomial))?;
//!
//! // The client makes a key pair and sends the public half.
//! let secret = ic_vetkeys::TransportSecretKey::from_seed(vec![7; 32])?;
//! let transport = TransportPublicKey::from_bytes(&secret.public_key())?;
//! let request = master.derive(&[1, 2, 3], b"context").request(b"input", transport);
//! let mut shares = Vec::new();
//! for node in committee.members().take(3) {
//!     let key_share = SimpleShare { value: polynomial.at(node) };
//!     shares.push((node, EncryptedKeyShare::create(&key_share, &request, &mut OsRng)));
//! }
//! let combined = master.combine(&request, &shares)?;
//! assert!(combined.culprits.is_empty());
//!
//! // The client decrypts and verifies.
//! let public_key = ic_vetkeys::DerivedPublicKey::deserialize(&request.public_key()).unwrap();
//! let encrypted = ic_vetkeys::EncryptedVetKey::deserialize(&combined.encrypted_key.to_bytes())?;
//! encrypted.decrypt_and_verify(&secret, &public_key, b"input")?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ciphertext;
mod combine;
mod encrypted_key;
mod error;
mod key_share;
mod master_key;
mod request;
mod transport;

pub use combine::Combined;
pub use encrypted_key::EncryptedKey;
pub use error::VetKdError;
pub use key_share::EncryptedKeyShare;
pub use master_key::{DerivedKey, MasterKey};
pub use request::{CIPHERSUITE, Request};
pub use transport::TransportPublicKey;
