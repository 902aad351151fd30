//! The one way in for every scheme whose keys are derived along a path.

use crate::error::KeyPathError;
use crate::path::Path;
use crate::{ed25519, slip10};
use k256::Secp256k1;
use p256::NistP256;

/// The chain code of a master key.
pub const MASTER_CHAIN_CODE: [u8; 32] = [0; 32];

/// A signature scheme of the management canister.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Scheme {
    /// `sign_with_ecdsa` on secp256k1.
    EcdsaSecp256k1,
    /// `sign_with_ecdsa` on secp256r1.
    EcdsaSecp256r1,
    /// `sign_with_schnorr`, BIP-340. Derived as for ECDSA; the parity of the key is taken care of in signing.
    Bip340Secp256k1,
    /// `sign_with_schnorr`, Ed25519.
    Ed25519,
}

/// A derived key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Derived {
    /// The public key: compressed SEC 1 (33 bytes), or RFC 8032 (32 bytes) for Ed25519.
    pub public_key: Vec<u8>,
    /// What further derivation starts from.
    pub chain_code: [u8; 32],
    /// The sum of the steps' tweaks: this key is the key that was started from plus tweak times the generator. Big endian, below
    /// the order. Not a secret.
    pub tweak: [u8; 32],
}

/// Derives from a public key and its chain code ([`MASTER_CHAIN_CODE`] for a master key) along a path.
///
/// The public key is compressed SEC 1 (33 bytes), or RFC 8032 (32 bytes) for Ed25519.
pub fn derive(
    scheme: Scheme,
    public_key: &[u8],
    chain_code: &[u8; 32],
    path: &Path,
) -> Result<Derived, KeyPathError> {
    let derived = match scheme {
        Scheme::EcdsaSecp256k1 | Scheme::Bip340Secp256k1 => {
            slip10::derive::<Secp256k1>(public_key, chain_code, path)
        }
        Scheme::EcdsaSecp256r1 => slip10::derive::<NistP256>(public_key, chain_code, path),
        Scheme::Ed25519 => ed25519::derive(public_key, chain_code, path),
    };
    derived.ok_or(KeyPathError::BadPublicKey(scheme))
}
