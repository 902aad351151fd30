//! BIP-341: the tweak that commits an output key to a script tree.
//!
//! Source: BIP-341, "Constructing and spending Taproot outputs" and the wallet vectors. In: a Merkle root, and the internal key's x. Out: the tweak
//! h = taggedhash("TapTweak", x(P) || root), which has to be below the order.

use crate::bip340::tagged_hash;
use crate::error::SchnorrError;
use chainkey_algebra::{Curve, Secp256k1};

/// The Merkle root of a script tree: 32 bytes, or none for a key that no script can spend.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaprootRoot(Vec<u8>);

impl TaprootRoot {
    /// A root; empty or 32 bytes.
    pub fn new(root: &[u8]) -> Result<Self, SchnorrError> {
        match root.len() {
            0 | 32 => Ok(TaprootRoot(root.to_vec())),
            other => Err(SchnorrError::TaprootRoot(other)),
        }
    }

    /// The root as it is hashed.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn tweak(
        &self,
        internal_key: &[u8; 32],
    ) -> Result<<Secp256k1 as Curve>::Scalar, SchnorrError> {
        scalar(&tagged_hash(b"TapTweak", &[internal_key, &self.0]))
    }
}

/// A hash that is not below the order is no tweak.
fn scalar(hash: &[u8; 32]) -> Result<<Secp256k1 as Curve>::Scalar, SchnorrError> {
    Secp256k1::scalar_from_bytes(hash).map_err(|_| SchnorrError::TaprootTweak)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_hash_that_is_not_below_the_order() {
        let mut order = Secp256k1::scalar_to_bytes(&-<Secp256k1 as Curve>::Scalar::ONE);
        scalar(&order).unwrap();
        order[31] += 1;
        assert_eq!(scalar(&order), Err(SchnorrError::TaprootTweak));
        assert_eq!(scalar(&[0xff; 32]), Err(SchnorrError::TaprootTweak));
    }

    #[test]
    fn a_root_is_empty_or_has_32_bytes() {
        for length in 0..70 {
            let root = TaprootRoot::new(&vec![7; length]);
            let good = length == 0 || length == 32;
            assert_eq!(root.is_ok(), good);
            if !good {
                assert_eq!(root, Err(SchnorrError::TaprootRoot(length)));
            }
        }
    }
}
