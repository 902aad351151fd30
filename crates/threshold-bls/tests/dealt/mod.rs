//! A key dealt by one hand, for tests and benchmarks: what no production path may do.

use chainkey_algebra::commitment::{SimpleCommitment, SimpleShare};
use chainkey_algebra::{BlsG2, Committee, NodeIndex, Polynomial, Threshold};
use chainkey_threshold_bls::{Level, Message, SignatureShare, VerificationKeys};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// A committee with a key.
pub struct Dealt {
    pub committee: Committee,
    pub keys: VerificationKeys,
    shares: Vec<SimpleShare<BlsG2>>,
}

impl Dealt {
    pub fn high(nodes: u16) -> Self {
        let committee = Committee::new(nodes).unwrap();
        Self::new(committee, Level::High, committee.high())
    }

    pub fn low(nodes: u16) -> Self {
        let committee = Committee::new(nodes).unwrap();
        Self::new(committee, Level::Low, committee.low())
    }

    fn new(committee: Committee, level: Level, threshold: Threshold) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(committee.size() as u64);
        let polynomial = Polynomial::random(threshold, &mut rng);
        let commitment = SimpleCommitment::to(&polynomial);
        let shares = committee.members().map(|node| SimpleShare {
            value: polynomial.at(node),
        });
        Dealt {
            committee,
            keys: VerificationKeys::new(committee, level, &commitment).unwrap(),
            shares: shares.collect(),
        }
    }

    pub fn key_share(&self, node: NodeIndex) -> &SimpleShare<BlsG2> {
        &self.shares[usize::from(node.0)]
    }

    /// The shares of all nodes, in order.
    pub fn sign(&self, message: &Message) -> Vec<(NodeIndex, SignatureShare)> {
        let sign = |node| (node, SignatureShare::sign(self.key_share(node), message));
        self.committee.members().map(sign).collect()
    }
}
