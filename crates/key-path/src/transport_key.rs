//! Transport keys of vetKD: the public keys to which derived keys are encrypted.
//!
//! - Source: interface specification, `vetkd_derive_key`: a compressed point of G1 (48 bytes).
//! - In: bytes from a caller. Out: a [`TransportKey`] that hides what is encrypted to it, or why it is none.
//! - Security: the identity is a transport key for the management canister too, and encrypts nothing. Whoever hands out secrets refuses it.
//! - Left out: whether somebody knows the secret key, and whether the key was used before.

use ic_bls12_381::G1Affine;

/// Bytes of a transport key.
pub const BYTES: usize = 48;

/// Why bytes are no transport key for a secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum TransportKeyError {
    /// It has another length than 48 bytes.
    #[error("a transport key has {BYTES} bytes, not {0}")]
    Length(usize),
    /// Not the compressed encoding of a point on the curve.
    #[error("the bytes are not the compressed encoding of a point of G1")]
    NotAPoint,
    /// The identity, which hides nothing.
    #[error("the identity hides nothing: everyone could read the key")]
    Identity,
    /// A point on the curve outside the subgroup of prime order.
    #[error("the point is not in the subgroup of prime order")]
    OutsideSubgroup,
}

/// A point of G1's subgroup of prime order that is not the identity, compressed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TransportKey([u8; BYTES]);

impl TransportKey {
    /// Checks bytes that came from outside.
    ///
    /// # Errors
    /// See [`TransportKeyError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, TransportKeyError> {
        let length = TransportKeyError::Length(bytes.len());
        let bytes: [u8; BYTES] = bytes.try_into().map_err(|_| length)?;
        let point: Option<G1Affine> = G1Affine::from_compressed_unchecked(&bytes).into();
        let point = point.ok_or(TransportKeyError::NotAPoint)?;
        if bool::from(point.is_identity()) {
            return Err(TransportKeyError::Identity);
        }
        match bool::from(point.is_torsion_free()) {
            true => Ok(Self(bytes)),
            false => Err(TransportKeyError::OutsideSubgroup),
        }
    }

    /// The encoding.
    pub fn to_bytes(self) -> [u8; BYTES] {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_of_the_subgroup_is_a_transport_key() {
        let bytes = G1Affine::generator().to_compressed();
        let key = TransportKey::parse(&bytes).unwrap();
        assert_eq!(key.to_bytes(), bytes);
    }

    #[test]
    fn refuses_the_identity_other_lengths_and_what_is_no_point() {
        let identity = G1Affine::identity().to_compressed();
        let refused = TransportKey::parse(&identity);
        assert_eq!(refused, Err(TransportKeyError::Identity));
        let mut bytes = G1Affine::generator().to_compressed();
        let refused = TransportKey::parse(&bytes[..47]);
        assert_eq!(refused, Err(TransportKeyError::Length(47)));
        // Without the flag of compression.
        bytes[0] &= 0x7f;
        let refused = TransportKey::parse(&bytes);
        assert_eq!(refused, Err(TransportKeyError::NotAPoint));
        // The identity with a stray bit.
        let mut stray = identity;
        stray[47] = 1;
        let refused = TransportKey::parse(&stray);
        assert_eq!(refused, Err(TransportKeyError::NotAPoint));
    }

    #[test]
    fn refuses_points_outside_the_subgroup() {
        // The cofactor of G1 is large: of the first points of the curve none is in the subgroup.
        let mut found = 0;
        for x in 1..=20_u8 {
            let mut bytes = [0; BYTES];
            bytes[0] = 0x80;
            bytes[47] = x;
            match TransportKey::parse(&bytes) {
                Err(TransportKeyError::OutsideSubgroup) => found += 1,
                other => assert_eq!(other, Err(TransportKeyError::NotAPoint), "x = {x}"),
            }
        }
        assert!(found > 3, "{found} of 20 are on the curve");
    }
}
