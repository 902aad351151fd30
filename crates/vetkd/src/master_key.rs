//! The public side of a shared master key, and of the keys derived from it.
//!
//! docs/protocols/vetkd.md, steps 1 and 2. In: a committee and the commitment that a key ceremony ended with; a canister's id and a
//! context. Out: derived public keys, and what is needed to ask for derived keys.

use crate::error::VetKdError;
use crate::request::Request;
use crate::transport::TransportPublicKey;
use blstrs::{G2Affine, G2Prepared, G2Projective, Scalar};
use chainkey_algebra::commitment::SimpleCommitment;
use chainkey_algebra::robust::{SharedKey, SharesError};
use chainkey_algebra::{BlsG2, Committee, Curve, NodeIndex};
use key_path::vetkd::{canister_tweak, context_tweak};

/// What is needed to derive public keys, and to check and combine shares.
#[derive(Clone, Debug)]
pub struct MasterKey {
    shared: SharedKey<BlsG2>,
    public_key: G2Affine,
    leading: G2Prepared,
}

impl MasterKey {
    /// The threshold must be the high one. Evaluates the commitment at every node: some 10 ms for 40 nodes, once for each key.
    pub fn new(
        committee: Committee,
        commitment: &SimpleCommitment<BlsG2>,
    ) -> Result<Self, VetKdError> {
        let shared = SharedKey::new(committee, committee.high(), commitment)?;
        Ok(MasterKey {
            public_key: shared.public().into(),
            leading: G2Affine::from(shared.leading()).into(),
            shared,
        })
    }

    /// The master public key as 96 bytes, compressed.
    pub fn public_key(&self) -> [u8; 96] {
        self.public_key.to_compressed()
    }

    /// How many shares make a key.
    pub fn threshold(&self) -> usize {
        self.shared.threshold()
    }

    /// The key of a canister and a context. Worth keeping for the next request.
    pub fn derive(&self, canister_id: &[u8], context: &[u8]) -> DerivedKey {
        let first = scalar(&canister_tweak(&self.public_key(), canister_id));
        let canister_key = G2Projective::from(self.public_key) + BlsG2::mul_base(&first);
        let canister_key = G2Affine::from(canister_key);
        let second = scalar(&context_tweak(&canister_key.to_compressed(), context));
        let public_key = BlsG2::mul_base(&second) + canister_key;
        let shift = public_key - G2Projective::from(self.public_key);
        let public_key = G2Affine::from(public_key);
        DerivedKey {
            public_key,
            shift,
            prepared: public_key.into(),
            delta: first + second,
        }
    }

    /// The public key of a node's share of a derived key.
    pub(crate) fn node_key(
        &self,
        node: NodeIndex,
        derived: &DerivedKey,
    ) -> Result<G2Prepared, SharesError> {
        let own = self.shared.of_node(node)?;
        Ok(G2Affine::from(own + derived.shift).into())
    }

    pub(crate) fn shared(&self) -> &SharedKey<BlsG2> {
        &self.shared
    }

    /// The commitment to the highest coefficient of a polynomial that is not constant. Derivation leaves it as it is.
    pub(crate) fn leading(&self) -> Option<&G2Prepared> {
        (self.threshold() > 1).then_some(&self.leading)
    }
}

/// A tweak as a scalar.
fn scalar(bytes: &[u8; 32]) -> Scalar {
    BlsG2::scalar_from_bytes(bytes).expect("a tweak is below the order")
}

/// The public side of a derived key.
#[derive(Clone, Debug)]
pub struct DerivedKey {
    public_key: G2Affine,
    prepared: G2Prepared,
    /// delta times the generator.
    shift: G2Projective,
    delta: Scalar,
}

impl DerivedKey {
    /// The derived public key as 96 bytes, compressed: what `vetkd_public_key` answers.
    pub fn public_key(&self) -> [u8; 96] {
        self.public_key.to_compressed()
    }

    /// What was added to the master key. Not a secret.
    pub(crate) fn delta(&self) -> &Scalar {
        &self.delta
    }

    pub(crate) fn prepared(&self) -> &G2Prepared {
        &self.prepared
    }

    /// Asks for the key of an input, encrypted to a transport key.
    pub fn request(&self, input: &[u8], transport: TransportPublicKey) -> Request {
        Request::new(self.clone(), input, transport)
    }
}
