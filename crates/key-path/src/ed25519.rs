//! Derivation of Ed25519 keys.
//!
//! Source: interface specification, `schnorr_public_key`; docs/protocols/key-derivation.md, steps 6 and 7. In: an RFC 8032 public
//! key. Out: the derived key. Keys outside the prime-order subgroup are refused: no master key is one.

use crate::derive::Derived;
use crate::path::Path;
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity;
use hkdf::Hkdf;
use sha2::Sha512;

/// Derives along the path; `None` if the bytes are not the canonical encoding of a public key in the prime-order subgroup.
pub fn derive(bytes: &[u8], chain_code: &[u8; 32], path: &Path) -> Option<Derived> {
    let mut key = decode(bytes)?;
    let mut chain_code = *chain_code;
    let mut sum = Scalar::ZERO;
    for element in path.elements() {
        let input = [key.compress().as_bytes(), element].concat();
        let mut output = [0; 96];
        // 96 bytes are far below the limit of 255 blocks.
        Hkdf::<Sha512>::new(Some(&chain_code), &input)
            .expand(b"Ed25519", &mut output)
            .expect("HKDF gives 96 bytes");
        let (wide, next) = output.split_at(64);
        let tweak = scalar_from_wide(wide);
        key += EdwardsPoint::mul_base(&tweak);
        sum += tweak;
        chain_code.copy_from_slice(next);
    }
    Some(Derived {
        public_key: key.compress().to_bytes().to_vec(),
        chain_code,
        tweak: to_big_endian(&sum),
    })
}

fn decode(bytes: &[u8]) -> Option<EdwardsPoint> {
    let compressed = CompressedEdwardsY::from_slice(bytes).ok()?;
    let point = compressed.decompress()?;
    let usable = point.is_torsion_free() && !point.is_identity() && point.compress() == compressed;
    usable.then_some(point)
}

/// 64 bytes, as a big-endian number, modulo the order.
fn scalar_from_wide(bytes: &[u8]) -> Scalar {
    let mut wide = [0; 64];
    wide.copy_from_slice(bytes);
    wide.reverse();
    Scalar::from_bytes_mod_order_wide(&wide)
}

/// The scalar as 32 bytes, big endian.
pub fn to_big_endian(scalar: &Scalar) -> [u8; 32] {
    let mut bytes = scalar.to_bytes();
    bytes.reverse();
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};

    #[test]
    fn refuses_torsioned_small_and_non_canonical_keys() {
        let torsioned = ED25519_BASEPOINT_POINT + EIGHT_TORSION[1];
        assert!(decode(torsioned.compress().as_bytes()).is_none());
        for small in EIGHT_TORSION {
            assert!(decode(small.compress().as_bytes()).is_none());
        }
        // y = p + 3 stands for y = 3, if that is on the curve; no encoding above p is taken.
        for low in 0..19 {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (0xed + low, 0x7f);
            assert!(decode(&bytes).is_none());
        }
        assert!(decode(&[0; 31]).is_none());
        assert!(decode(ED25519_BASEPOINT_POINT.compress().as_bytes()).is_some());
    }
}
