//! A master key dealt by one hand, for tests and benchmarks: what no production path may do.

use chainkey_algebra::commitment::{SimpleCommitment, SimpleShare};
use chainkey_algebra::{BlsG2, Committee, NodeIndex, Polynomial, Secret};
use chainkey_vetkd::{EncryptedKeyShare, MasterKey, Request};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// A committee with a master key.
pub struct Dealt {
    pub committee: Committee,
    pub master: MasterKey,
    polynomial: Polynomial<BlsG2>,
}

impl Dealt {
    /// A random key.
    pub fn new(nodes: u16) -> Self {
        let secret = Secret::random(&mut ChaCha20Rng::seed_from_u64(u64::from(nodes)));
        Self::sharing(nodes, &secret)
    }

    /// A known key.
    pub fn sharing(nodes: u16, secret: &Secret<BlsG2>) -> Self {
        let committee = Committee::new(nodes).unwrap();
        let mut rng = ChaCha20Rng::seed_from_u64(99);
        let polynomial = Polynomial::sharing(secret, committee.high(), &mut rng);
        let commitment = SimpleCommitment::to(&polynomial);
        Dealt {
            committee,
            master: MasterKey::new(committee, &commitment).unwrap(),
            polynomial,
        }
    }

    pub fn key_share(&self, node: NodeIndex) -> SimpleShare<BlsG2> {
        SimpleShare {
            value: self.polynomial.at(node),
        }
    }

    /// The shares of all nodes, in order.
    pub fn shares(&self, request: &Request) -> Vec<(NodeIndex, EncryptedKeyShare)> {
        let create = |node: NodeIndex| {
            let mut rng = ChaCha20Rng::seed_from_u64(1000 + u64::from(node.0));
            let share = self.key_share(node);
            (node, EncryptedKeyShare::create(&share, request, &mut rng))
        };
        self.committee.members().map(create).collect()
    }
}
