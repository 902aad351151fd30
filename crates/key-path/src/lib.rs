//! Derivation of canisters' keys from master keys, offline and exactly as the management canister derives them.
//!
//! - What it does: public keys, chain codes and the additive tweaks that a threshold signer needs, for ECDSA on secp256k1 and secp256r1,
//!   BIP-340 and Ed25519 ([`derive()`]) and for vetKD ([`vetkd`], [`transport_key`]); Taproot's output keys ([`taproot`]); the master public keys that the
//!   world knows ([`masters`]). The steps: docs/protocols/key-derivation.md.
//! - In and out: encodings only: compressed SEC 1 (33 bytes), RFC 8032 (32 bytes), compressed G2 (96 bytes), big-endian scalars
//!   (32 bytes). No point or scalar type of any library is in the interface, so that engine and canisters share it.
//! - Security: additive derivation means that one derived secret key and its tweak give the master secret key; whoever holds shares must
//!   never put a derived key together. Everything here is public, and runs in variable time.
//! - Leaves out: hardened derivation, which needs secret keys. [`published_test_keys`] holds published secrets and is for the dealer
//!   of test networks only.
//!
//! # How to use
//!
//! ```
//! use key_path::{derive, masters, Path, Scheme, MASTER_CHAIN_CODE};
//!
//! let master = masters::public_key(masters::Network::Mainnet, Scheme::EcdsaSecp256k1, "key_1").unwrap();
//! let canister_id = [0, 0, 0, 0, 1, 0xa0, 0, 4, 1, 1];
//! let path = Path::of_canister(&canister_id, [b"wallet".to_vec(), b"7".to_vec()])?;
//! let derived = derive(Scheme::EcdsaSecp256k1, master, &MASTER_CHAIN_CODE, &path)?;
//! assert_eq!(derived.public_key.len(), 33);
//!
//! // A canister's own key, and what is derived below it, is the same key.
//! let own = derive(Scheme::EcdsaSecp256k1, master, &MASTER_CHAIN_CODE, &Path::of_canister(&canister_id, [])?)?;
//! let below = Path::below([b"wallet".to_vec(), b"7".to_vec()])?;
//! let again = derive(Scheme::EcdsaSecp256k1, &own.public_key, &own.chain_code, &below)?;
//! assert_eq!(again.public_key, derived.public_key);
//! # Ok::<(), key_path::KeyPathError>(())
//! ```

mod derive;
mod ed25519;
mod error;
pub mod masters;
mod path;
pub mod published_test_keys;
mod slip10;
pub mod taproot;
pub mod transport_key;
pub mod vetkd;

pub use derive::{Derived, MASTER_CHAIN_CODE, Scheme, derive};
pub use error::KeyPathError;
pub use path::{LONGEST_PATH, Path};
