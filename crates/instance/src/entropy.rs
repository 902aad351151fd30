//! Where the nodes of subnets draw their secrets from.
//!
//! The operating system, unless a run is to be repeated bit by bit: then from the instance's seed, which is no secret, so that such keys protect
//! nothing. In: the choice. Out: one seed for the nodes of one subnet, which nobody else gets: neither execution nor any client. Leaves out: how
//! each node draws its own from it (`chainkey-subnet`).

use crate::identity;
use chainkey_execution::ids::SubnetId;
use rand_core::{OsRng, RngCore};
use zeroize::Zeroizing;

/// Where secrets come from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Entropy {
    /// The operating system: every run has other keys.
    #[default]
    System,
    /// The instance's seed: the same seed and inputs give the same keys, signatures and random bytes, to everyone.
    Seed,
}

/// What the nodes of one subnet draw from: 32 bytes, erased when dropped, never shown.
pub struct NodeSeed(Zeroizing<[u8; 32]>);

impl NodeSeed {
    /// The seed of the nodes of a subnet that is created as number `index`.
    pub fn draw(entropy: Entropy, seed: u64, index: u64, subnet: SubnetId) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        match entropy {
            Entropy::System => OsRng.fill_bytes(bytes.as_mut()),
            Entropy::Seed => *bytes = identity::repeatable_node_seed(seed, index, subnet),
        }
        NodeSeed(bytes)
    }

    /// The bytes, for the nodes only.
    pub(crate) fn expose(&self) -> &[u8; 32] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(entropy: Entropy, index: u64) -> [u8; 32] {
        *NodeSeed::draw(entropy, 7, index, identity::subnet_id(7, index)).expose()
    }

    #[test]
    fn the_system_gives_every_subnet_and_run_another_seed() {
        assert_ne!(draw(Entropy::System, 0), draw(Entropy::System, 0));
    }

    #[test]
    fn a_repeatable_seed_differs_by_subnet_and_is_not_the_public_one() {
        assert_eq!(draw(Entropy::Seed, 0), draw(Entropy::Seed, 0));
        assert_ne!(draw(Entropy::Seed, 0), draw(Entropy::Seed, 1));
        assert_ne!(draw(Entropy::Seed, 0), identity::subnet_seed(7, 0));
    }
}
