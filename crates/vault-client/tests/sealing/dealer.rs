//! Who derives keys in these tests, with a secret key, in place of a network.

use ic_bls12_381::hash_to_curve::{ExpandMsgXmd, HashToCurve};
use ic_bls12_381::{G1Affine, G1Projective, G2Affine, Scalar};
use sha2::Sha256;

/// Who derives keys in these tests.
pub struct Dealer(pub Scalar);

impl Dealer {
    pub fn public_key(&self) -> [u8; 96] {
        G2Affine::from(G2Affine::generator() * self.0).to_compressed()
    }

    pub fn derive(&self, transport: &[u8; 48], input: &[u8]) -> Vec<u8> {
        let message = [&self.public_key()[..], input].concat();
        let tag = b"BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_AUG_";
        let hashed =
            <G1Projective as HashToCurve<ExpandMsgXmd<Sha256>>>::hash_to_curve(message, tag);
        let transport = G1Affine::from_compressed(transport).unwrap();
        let blind = Scalar::from(12_345);
        let key = hashed * self.0 + transport * blind;
        let c1 = G1Affine::from(G1Affine::generator() * blind).to_compressed();
        let c2 = G2Affine::from(G2Affine::generator() * blind).to_compressed();
        [&c1[..], &c2, &G1Affine::from(key).to_compressed()].concat()
    }
}

/// The one of most tests.
pub fn dealer() -> Dealer {
    Dealer(Scalar::from(9_876_543_210))
}
