//! The verifiable random function: a vetKey as a unique signature, and its hash.
//!
//! Source: docs/protocols/draws.md, steps 12 and 13; docs/protocols/vetkd.md, steps 3 and 8. Only vetKD is unique: ECDSA, BIP-340 and Ed25519 signatures of canisters are fresh each time, and make
//! no such function. In: a master key, or the canister's derived key; an input; a signature. Out: 32 bytes that nobody could have chosen, and that agree with `ic-vetkeys`.

use crate::domain::Hash;
use crate::error::DrawProofError;
use hkdf::Hkdf;
use sha2::Sha256;

/// The context of the seeds of draws. Nothing else is derived under it.
pub const DRAWS_CONTEXT: &[u8] = b"chain-key-suite/draws/vrf/1";
/// The context of the beacon's rounds. Nothing else is derived under it.
pub const BEACON_CONTEXT: &[u8] = b"chain-key-suite/beacon/vrf/1";

/// Separates the hash of signatures.
const OUTPUT_INFO: &[u8] = b"ic-vetkd-bls12-381-g2-vrf";

/// Bytes of a public key: compressed in G2.
pub const PUBLIC_KEY_BYTES: usize = 96;
/// Bytes of a signature: compressed in G1.
pub const SIGNATURE_BYTES: usize = 48;

/// The public key of a canister for a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VrfKey([u8; PUBLIC_KEY_BYTES]);

impl VrfKey {
    /// Derives it from a master key, offline.
    ///
    /// # Errors
    /// [`DrawProofError::BadMasterKey`].
    pub fn derive(master: &[u8], canister: &[u8], context: &[u8]) -> Result<Self, DrawProofError> {
        let derived = key_path::vetkd::derive(master, canister, context);
        derived
            .map(|key| Self(key.public_key))
            .map_err(|_| DrawProofError::BadMasterKey)
    }

    /// The key as the management canister tells it to the canister itself.
    ///
    /// # Errors
    /// [`DrawProofError::BadMasterKey`]: not a point of G2's prime-order subgroup, or the identity.
    pub fn parse(bytes: &[u8]) -> Result<Self, DrawProofError> {
        let checked = key_path::vetkd::derive_below(bytes, &[]);
        checked
            .map(|key| Self(key.public_key))
            .map_err(|_| DrawProofError::BadMasterKey)
    }

    /// The encoding.
    pub fn bytes(&self) -> &[u8; PUBLIC_KEY_BYTES] {
        &self.0
    }

    /// Checks a signature, and gives the function's value (step 13).
    ///
    /// # Errors
    /// [`DrawProofError::Signature`].
    pub fn output(
        &self,
        input: &[u8],
        signature: &[u8; SIGNATURE_BYTES],
    ) -> Result<Hash, DrawProofError> {
        key_path::vetkd::check_key(&self.0, input, signature)
            .map_err(|_| DrawProofError::Signature)?;
        let mut message = Vec::new();
        for part in [&signature[..], &self.0, input] {
            message.extend_from_slice(&(part.len() as u64).to_be_bytes());
            message.extend_from_slice(part);
        }
        let mut output = [0; 32];
        // 32 bytes are far below the limit of 255 blocks.
        Hkdf::<Sha256>::new(None, &message)
            .expand(OUTPUT_INFO, &mut output)
            .expect("HKDF gives 32 bytes");
        Ok(output)
    }
}
