//! The hashes by which the canister names ciphertext: docs/vault.md, "Hashes".

use sha2::{Digest, Sha256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Separates the root from every other hash.
const ROOT: &[u8] = b"\x0cvault/body/1";

/// The hash of a chunk.
pub fn hash(ciphertext: &[u8]) -> Hash {
    Sha256::digest(ciphertext).into()
}

/// The root over the hashes of a version's chunks, in order.
pub fn root(hashes: &[Hash]) -> Hash {
    let mut all = Sha256::new();
    all.update(ROOT);
    for hash in hashes {
        all.update(hash);
    }
    all.finalize().into()
}
