//! Why a key can't be derived.

use crate::derive::Scheme;
use crate::path::LONGEST_PATH;

/// Why a key can't be derived.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum KeyPathError {
    /// A caller's path has more elements than the management canister takes.
    #[error("a derivation path has at most {LONGEST_PATH} elements, not {0}")]
    PathTooLong(usize),
    /// The public key to derive from is not one: wrong length or prefix, not on the curve, outside the prime-order subgroup, or the
    /// identity.
    #[error("the bytes are not the compressed encoding of a public key for {0:?}")]
    BadPublicKey(Scheme),
    /// The public key to derive from is not a point of G2's prime-order subgroup, or the identity.
    #[error("the bytes are not the compressed encoding of a public key for vetKD (96 bytes)")]
    BadVetKdKey,
    /// A published key is not the one of the input: not a point of G1's prime-order subgroup (48 bytes), or another.
    #[error("this is not the vetKey of the input under that public key")]
    OtherVetKey,
    /// The internal key is not the x-coordinate (32 bytes) or the compressed encoding (33 bytes) of a point.
    #[error("the bytes are not an internal key of Taproot")]
    BadInternalKey,
    /// BIP-341: the root of the script tree is empty or a hash.
    #[error("a Taproot root has 0 or 32 bytes, not {0}")]
    BadTaprootRoot(usize),
    /// BIP-341: the tweak is not below the order, or leads to the point at infinity. Nobody can find such an input.
    #[error("this Taproot root has no output key")]
    NoOutputKey,
}
