//! A node's encrypted share of a derived key.
//!
//! docs/protocols/vetkd.md, step 4. In: the node's share of the master key, a request, randomness. Out: 192 bytes.

use crate::ciphertext::Ciphertext;
use crate::error::VetKdError;
use crate::request::Request;
use blstrs::G1Projective;
use chainkey_algebra::commitment::SimpleShare;
use chainkey_algebra::{BlsG1, BlsG2, Curve, Secret};
use group::Group;
use rand_core::{CryptoRng, RngCore};

/// A share of an encrypted key; its points are of the right groups, no equation was checked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EncryptedKeyShare {
    ciphertext: Ciphertext,
}

impl EncryptedKeyShare {
    /// Makes a node's share, in constant time. The randomness must be fresh: with the same for two inputs, the difference of two shares
    /// is not hidden.
    pub fn create(
        key_share: &SimpleShare<BlsG2>,
        request: &Request,
        rng: &mut (impl RngCore + CryptoRng),
    ) -> Self {
        let r = Secret::<BlsG1>::random(rng);
        let derived = Secret::<BlsG1>::new(*key_share.value.expose() + request.derived().delta());
        let mut mask = BlsG1::mul(&request.transport().point().into(), r.expose());
        let mut part = BlsG1::mul(&request.point().into(), derived.expose());
        let ciphertext = Ciphertext {
            c1: r.public().into(),
            c2: BlsG2::mul_base(r.expose()).into(),
            c3: (mask + part).into(),
        };
        erase(&mut mask);
        erase(&mut part);
        EncryptedKeyShare { ciphertext }
    }

    /// A share of 192 bytes, C1 || C2 || C3; refuses points outside the prime-order subgroups and identities.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VetKdError> {
        Ok(EncryptedKeyShare {
            ciphertext: Ciphertext::from_bytes(bytes)?,
        })
    }

    /// The share as 192 bytes, C1 || C2 || C3.
    pub fn to_bytes(&self) -> [u8; 192] {
        self.ciphertext.to_bytes()
    }

    pub(crate) fn ciphertext(&self) -> &Ciphertext {
        &self.ciphertext
    }
}

/// Overwrites a point from which part of a key could be read, so that the write is not optimized away.
fn erase(point: &mut G1Projective) {
    *point = G1Projective::identity();
    std::hint::black_box(point);
}
