//! The vault's client: what members of a space do at their own machine, so that the canister sees neither plain text nor keys.
//!
//! - What it does: a [`Transport`] key for each request for a key; [`EpochKey`] out of the encrypted answer, verified; [`EpochKey::seal`] and [`EpochKey::open`] for items,
//!   [`EpochKey::seal_file`] and [`EpochKey::open_file`] for files in chunks; hashes and roots as the canister computes them ([`root`]).
//! - Specification: docs/vault.md; vetKeys are those of the official library ic-vetkeys, whose AES-256-GCM is used as it is.
//! - In and out: bytes; the caller brings them to the canister and back. Randomness is an argument.
//! - Security: keys live in memory only and are erased when they are dropped; so is decrypted text ([`Zeroizing`]). A transport key is used up by the
//!   one answer that it opens. What is sealed is bound to canister, space, item, version and epoch, a chunk also to its index and to how many there are.
//! - Left out: the network; who may do what, which the canister decides; hiding sizes, times and item ids.
//!
//! # How to use
//!
//! ```no_run
//! # fn call_derive_key(_: &[u8; 48]) -> Vec<u8> { Vec::new() }
//! # fn verification_key() -> Vec<u8> { Vec::new() }
//! use rand_core::OsRng;
//! use vault_client::{Place, SpaceKeys, Transport};
//!
//! let canister = [0, 0, 0, 0, 1, 0xa0, 0, 4, 1, 1];
//! let keys = SpaceKeys::of(&canister, 7, &verification_key())?;
//! let transport = Transport::fresh(&mut OsRng);
//! let answer = call_derive_key(&transport.public_key());
//! let key = keys.open(transport, &answer, 3)?;
//! let place = Place { item: b"note", version: 1 };
//! let ciphertext = key.seal(place, b"only for members", &mut OsRng)?;
//! assert_eq!(*key.open(place, &ciphertext)?, b"only for members");
//! # Ok::<(), vault_client::ClientError>(())
//! ```

mod error;
mod file;
mod hash;
mod key;
mod transport;

pub use error::ClientError;
pub use file::CHUNK;
pub use hash::{Hash, hash, root};
pub use key::{EpochKey, Place, SpaceKeys, input};
pub use transport::Transport;
pub use zeroize::Zeroizing;

/// The context of the vault's keys, under which its verification key is derived.
pub const CONTEXT: &[u8] = b"vault/storage/1";
