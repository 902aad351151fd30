//! Taproot's output keys.
//!
//! Source: BIP-341, "Constructing and spending Taproot outputs"; docs/protocols/key-derivation.md, step 11. `schnorr_public_key` gives
//! the internal key; `sign_with_schnorr` with the auxiliary input `bip341` signs for the output key. In: an internal key and the root of
//! the script tree. Out: the output key.

use crate::error::KeyPathError;
use k256::elliptic_curve::PrimeField;
use k256::elliptic_curve::ops::MulByGenerator;
use k256::elliptic_curve::sec1::ToEncodedPoint;
use k256::{ProjectivePoint, PublicKey, Scalar};
use sha2::{Digest, Sha256};

/// What Bitcoin's output commits to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OutputKey {
    /// The x-coordinate, big endian: the witness program.
    pub x_only: [u8; 32],
    /// Whether the y-coordinate is odd; a script path's control block says so.
    pub odd: bool,
    /// What was added to the internal key with even y. Big endian, below the order.
    pub tweak: [u8; 32],
}

/// The output key of an internal key and the root of its script tree.
///
/// The internal key is its x-coordinate (32 bytes) or a compressed point (33 bytes), whose parity does not count. The root is empty for an
/// output without scripts, or has 32 bytes.
pub fn output_key(internal: &[u8], root: &[u8]) -> Result<OutputKey, KeyPathError> {
    let x = match internal {
        [2 | 3, x @ ..] if x.len() == 32 => x,
        x if x.len() == 32 => x,
        _ => return Err(KeyPathError::BadInternalKey),
    };
    let even = PublicKey::from_sec1_bytes(&[&[2], x].concat())
        .map_err(|_| KeyPathError::BadInternalKey)?;
    let tweak = tweak(x, root)?;
    let sum = even.to_projective() + ProjectivePoint::mul_by_generator(&tweak);
    let output = PublicKey::from_affine(sum.to_affine()).map_err(|_| KeyPathError::NoOutputKey)?;
    let encoded = output.to_encoded_point(true);
    let mut x_only = [0; 32];
    x_only.copy_from_slice(&encoded.as_bytes()[1..]);
    Ok(OutputKey {
        x_only,
        odd: encoded.as_bytes()[0] == 3,
        tweak: tweak.to_bytes().into(),
    })
}

/// TapTweak: the hash of the internal key's x-coordinate and the root as a scalar.
fn tweak(x: &[u8], root: &[u8]) -> Result<Scalar, KeyPathError> {
    if !root.is_empty() && root.len() != 32 {
        return Err(KeyPathError::BadTaprootRoot(root.len()));
    }
    let tag = Sha256::digest(b"TapTweak");
    let hash = Sha256::new()
        .chain_update(tag)
        .chain_update(tag)
        .chain_update(x)
        .chain_update(root)
        .finalize();
    Option::from(Scalar::from_repr(hash)).ok_or(KeyPathError::NoOutputKey)
}
